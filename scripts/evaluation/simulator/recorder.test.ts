import { describe, expect, it } from 'vitest';
import { openRecording } from '../../../src/sources/recording/source.ts';
import { crash, set } from './acts.ts';
import { uniform } from './lengths.ts';
import { WATCH_DEFAULTS } from './recorder.ts';
import { play, type Scenario } from './scenario.ts';
import { drained, planOf } from './testing.ts';

const platform = { fetch: globalThis.fetch, now: () => 0 };
const textOf = (scenario: Scenario): string => play(scenario).recorder?.text() ?? '';
const last = (text: string, start: string): number => {
  const line =
    text
      .split('\n')
      .filter((one) => one.startsWith(start))
      .at(-1) ?? '';
  return Number(/\} (\S+) /.exec(line)?.[1]);
};
const chat = { rate: 2, prompt: uniform(100, 300), output: uniform(30, 60) };

describe('the text of a simulated fleet', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(textOf(drained())).toBe(textOf(drained()));
    expect(textOf(drained())).not.toBe(textOf(drained({ seed: 6 })));
  });

  it('says what the books say', () => {
    const outcome = play(drained());
    const text = outcome.recorder?.text() ?? '';
    const metrics = outcome.fleet.replicas[0]?.metrics;
    const jobs = outcome.clients.book.jobs.reduce((a, b) => a + b, 0);
    expect(last(text, 'vllm:generation_tokens_total{')).toBe(metrics?.generationTokens);
    expect(last(text, 'vllm:prompt_tokens_total{')).toBe(metrics?.promptTokens);
    expect(last(text, 'vllm:e2e_request_latency_seconds_count{')).toBe(jobs);
    expect(last(text, 'http_requests_total{')).toBe(jobs);
    expect(last(text, 'llm_d_epp_request_total{')).toBe(jobs);
  });

  it('has histograms that only grow, over buckets and over time', () => {
    const text = textOf(drained());
    const before = new Map<string, number>();
    let cumulative = 0;
    for (const line of text.split('\n')) {
      const match = /^(vllm:\w+)_bucket\{le="([^"]+)".*\} (\S+) \S+$/.exec(line);
      if (!match) continue;
      const [, name, le, value] = match as unknown as [string, string, string, string];
      const now = Number(value);
      if (le === '0.3' || le === '0.001' || le === '0.01' || le === '1.0')
        cumulative = before.has(`${name} ${le}`) ? 0 : cumulative;
      expect(now).toBeGreaterThanOrEqual(before.get(`${name} ${le}`) ?? 0);
      before.set(`${name} ${le}`, now);
      if (le === '+Inf') cumulative = 0;
      else {
        expect(now).toBeGreaterThanOrEqual(cumulative);
        cumulative = now;
      }
    }
    expect(before.size).toBeGreaterThan(150);
  });

  const stories: Record<string, Scenario> = {
    'release 0.32, everything watched': drained({ watch: { ...WATCH_DEFAULTS, from: 0, lean: false } }),
    'release 0.11': drained({ replicas: [planOf({}, '0.11')] }),
    'release 0.9': drained({ replicas: [planOf({}, '0.9')] }),
    'release 0.8, with _ for :': drained({
      replicas: [planOf({}, '0.8')],
      watch: { ...WATCH_DEFAULTS, separator: '_' },
    }),
    speculation: drained({ replicas: [planOf({ speculation: { tokens: 3, draftCost: 0.04 } })] }),
    adapters: drained({
      replicas: [planOf({ maxLoras: 2 })],
      phases: [{ from: 0, traffic: [{ ...chat, adapters: [1, 1, 1, 1] }] }],
    }),
    'prefill and decode apart': drained({
      replicas: [
        { ...planOf(), role: 'prefill' },
        { ...planOf(), role: 'decode' },
      ],
    }),
    'a crash, lost scrapes, hosts': drained({
      replicas: [planOf(), planOf()],
      acts: [crash(40, 0, 20, 'OOMKilled'), set(60, 1, { slowness: 2, share: 0.5 })],
      watch: { ...WATCH_DEFAULTS, from: 0, lost: 0.1, site: 'hosts' },
    }),
  };
  for (const [name, story] of Object.entries(stories)) {
    it(`is read without a warning: ${name}`, () => {
      const recording = openRecording({ name, texts: [textOf({ ...story, seconds: 100 })] }, platform);
      expect(recording.warnings).toEqual([]);
      expect(recording.extent().to - recording.extent().from).toBeGreaterThan(40);
    });
  }

  it('begins again at zero after a crash, with a new start time', () => {
    const text = textOf(drained({ acts: [crash(40, 0, 20, 'Error')], seconds: 100 }));
    const values = (name: string) =>
      text
        .split('\n')
        .filter((line) => line.startsWith(name))
        .map((line) => Number(line.split(' ')[1]));
    expect(new Set(values('process_start_time_seconds{')).size).toBe(2);
    const tokens = values('vllm:generation_tokens_total{');
    expect(tokens.some((value, i) => i > 0 && value < (tokens[i - 1] as number))).toBe(true);
    expect(values('up{')).toContain(0);
    expect(values('kube_pod_container_status_restarts_total{').at(-1)).toBe(1);
  });
});
