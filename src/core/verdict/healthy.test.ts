import { describe, expect, test } from 'vitest';
import { buildScene, type SceneText } from '../evidence/notation.ts';
import { diagnose } from './diagnose.ts';
import { targetsOf } from './profiles.ts';

/** Three replicas at ease: 4 run on each, 1 request/s, prompts of 500 tokens, answers of 150. */
const EASE = {
  replicas: ['vllm-0', 'vllm-1', 'vllm-2'],
  steps: 120,
  lines: {
    running: '4 5 4 3 4 4 5 ...',
    waiting: '0',
    'kv-cache-usage': '0.3',
    preemptions: '0',
    'finished{stop}': '1',
    'output-tokens': '150',
    'prompt-tokens': '500',
    'prefix-cache-queries': '500',
    'prefix-cache-hits': '0',
    'process-start': '1799990000',
  },
  histograms: {
    ttft: '0.1*1',
    itl: '0.025..0.03*146,0.088*4',
    'time-per-output-token': '0.027*1',
    e2e: '4.2*1',
    'queue-time': '0.01*1',
    'prefill-time': '0.09*1',
    'prompt-length': '400..600*1',
    'output-length': '120..180*1',
    'step-tokens': '4..510*37',
  },
  labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '4000', enable_prefix_caching: 'True' } },
} satisfies SceneText;

const say = (scene: SceneText, profile: 'chat' | 'batch' = 'chat') => {
  const { status, headline, lede } = diagnose(buildScene(scene), targetsOf(profile));
  return { status, headline, lede };
};
const IDLE = {
  ...EASE,
  lines: {
    ...EASE.lines,
    running: '4x19 2 1 0 ...',
    'finished{stop}': '1x19 0.5 0.2 0 ...',
    'output-tokens': '150x19 70 20 0 ...',
    'prompt-tokens': '500x19 0 ...',
    'prefix-cache-queries': '500x19 0 ...',
  },
  histograms: Object.fromEntries(Object.entries(EASE.histograms).map(([id, text]) => [id, `${text}x19 - ...`])),
} satisfies SceneText;

describe('healthy says which kind of calm it is', () => {
  test('at ease', () => {
    expect(say(EASE)).toMatchObject({ status: 'healthy', headline: 'Calm, and nobody waits' });
  });

  test('idle', () => {
    expect(say(IDLE)).toMatchObject({ status: 'healthy', headline: 'Idle: nothing runs and nothing waits' });
  });

  test('full cache, nobody waiting: high usage is no symptom', () => {
    const full = say({ ...EASE, lines: { ...EASE.lines, 'kv-cache-usage': '0.95' } });
    expect(full).toMatchObject({ status: 'healthy', headline: 'KV cache full, and nobody waits' });
    expect(full.lede).toContain('0.95');
  });

  test('a ramp that the fleet follows, with its numbers', () => {
    const ramp = say({ ...EASE, lines: { ...EASE.lines, running: '2+0.08x119' } });
    expect(ramp).toMatchObject({ status: 'healthy', headline: 'Traffic climbs, and the fleet follows' });
    expect(ramp.lede).toMatch(/^Running \d+(\.\d+)? → \d+(\.\d+)? over this window/);
  });

  test('a backlog under the batch profile, with its output', () => {
    const batch = say({ ...EASE, lines: { ...EASE.lines, waiting: '200-1x119', running: '60' } }, 'batch');
    expect(batch).toMatchObject({ status: 'healthy', headline: expect.stringMatching(/^Backlog of \d+ by plan/) });
    expect(batch.lede).toMatch(/^450 tokens\/s come out\./);
  });

  test('a rolling restart: each replica once, never two away at the same time', () => {
    const lines: Record<string, string> = { ...EASE.lines };
    [0, 1, 2].forEach((k) => {
      const from = 20 + 25 * k;
      lines[`up@vllm-${k}`] = `1x${from - 1} 0x8 1 ...`;
      lines[`process-start@vllm-${k}`] = `1799990000x${from - 1} _x8 ${1_800_000_000 - (110 - from) * 5} ...`;
    });
    const rolling = say({ ...EASE, lines });
    expect(rolling).toMatchObject({
      status: 'healthy',
      headline: 'Rolling restart: all 3 replicas in turn, and nobody waits',
    });
    expect(rolling.lede).toMatch(/^At most 1 of 3 away at the same time\./);
  });

  test('scaled to zero: idle until the last sample, and no scrape failed', () => {
    const gone = { ...IDLE, lines: { ...IDLE.lines, 'sample-age': '1x89 6+5x29' } } satisfies SceneText;
    expect(say(gone)).toMatchObject({ status: 'healthy', headline: 'Scaled to zero: all 3 replicas left idle' });
    expect(diagnose(buildScene(gone), targetsOf('chat')).warnings.join()).toContain(
      'If none was scaled down on purpose',
    );
  });

  test.each([
    ['torn from its work', { ...EASE, lines: { ...EASE.lines, 'sample-age': '1x89 6+5x29' } }],
    ['idle, but its scrape fails', { ...IDLE, lines: { ...IDLE.lines, up: '1x89 0 ...' } }],
  ] as const)('%s: nobody sees it, so it is not healthy', (_, scene) => {
    expect(say(scene).status).not.toBe('healthy');
  });
});
