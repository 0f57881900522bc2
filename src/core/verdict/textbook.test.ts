import { expect, test } from 'vitest';
import { SCENES as SPIKE } from '../detectors/long-request-spike/scenes.ts';
import { SCENES as MISSES } from '../detectors/prefix-cache-misses/scenes.ts';
import { SCENES as SEATS } from '../detectors/seat-ceiling/scenes.ts';
import { SCENES as STARVED } from '../detectors/prefill-starvation/scenes.ts';
import { SCENES as THRASH } from '../detectors/kv-cache-thrashing/scenes.ts';
import { buildScene } from '../evidence/notation.ts';
import { diagnose } from './diagnose.ts';
import { targetsOf } from './profiles.ts';
import { textbookOf } from './textbook.ts';

const rulesOn = (evidence: Parameters<typeof diagnose>[0]) => diagnose(evidence, targetsOf('chat')).textbook;
const rule = (evidence: Parameters<typeof diagnose>[0], pathology: string) => {
  const found = rulesOn(evidence).find((t) => t.pathology === pathology);
  if (!found) throw new Error(pathology);
  return found;
};

test('seven rules, each once, with what was measured', () => {
  const rules = rulesOn(THRASH.sick);
  expect(rules.map((t) => t.pathology)).toEqual([
    'kv-cache-thrashing',
    'prefill-starvation',
    'gpu-underutilization',
    'memory-leak',
    'prefix-cache-misses',
    'kv-bound-queueing',
    'overload',
  ]);
  for (const t of rules) {
    expect(t.rule).not.toBe('');
    expect(t.because).not.toBe('');
    expect(t.because).not.toMatch(/NaN|undefined|Infinity|null/);
  }
});

test('agrees: hit rate below 0.1 with caching on', () => {
  expect(rule(MISSES.sick, 'prefix-cache-misses')).toMatchObject({ fires: true, disagrees: '' });
});

test('agrees: nothing fires on a healthy engine', () => {
  expect(rulesOn(THRASH.healthy).filter((t) => t.fires === true && t.pathology !== 'prefix-cache-misses')).toEqual([]);
});

test('stays silent in the middle of a storm: 0.9 preemptions/s are below its 10/s', () => {
  const result = rule(THRASH.sick, 'kv-cache-thrashing');
  expect(result.fires).toBe(false);
  expect(result.because).toContain('preemptions per second 0.9 (rule: > 10)');
  expect(result.disagrees).toMatch(/^stays silent in the middle of it: .*preemptions per finished request/);
});

test('fires although the cause is another: the rule for starvation describes any queue', () => {
  const result = rule(SEATS.sick, 'prefill-starvation');
  expect(result.fires).toBe(true);
  expect(result.disagrees).toMatch(/^fires although the cause is max_num_seqs ceiling: /);
  expect(rule(STARVED.sick, 'prefill-starvation')).toMatchObject({ fires: true, disagrees: '' });
});

test('fires although nothing is wrong: prompts that share nothing', () => {
  const result = rule(THRASH.healthy, 'prefix-cache-misses');
  expect(result.fires).toBe(true);
  expect(result.disagrees).toMatch(/^fires although nothing is wrong: /);
});

test('cannot run where a signal is missing, unless another condition already fails', () => {
  // Neither GPU utilization nor GPU memory is measured in these scenes.
  expect(rule(THRASH.sick, 'memory-leak')).toMatchObject({
    fires: null,
    because: 'GPU memory growth per hour is not measured',
  });
  const gpu = rule(THRASH.sick, 'gpu-underutilization');
  expect(gpu).toMatchObject({ fires: false, disagrees: '' });
  expect(gpu.because).toContain('GPU utilization is not measured');
  expect(rule(SPIKE.healthy, 'gpu-underutilization').fires).toBe(false);
});

test('GPU below a half, a small batch, no queue', () => {
  const idle = buildScene({
    steps: 40,
    lines: { 'gpu-utilization': '0.3', running: '2', waiting: '0' },
  });
  expect(textbookOf(idle, []).find((t) => t.pathology === 'gpu-underutilization')).toMatchObject({
    fires: true,
    because: 'GPU utilization 0.3 (rule: < 0.5); running p50 2 (rule: < 8); waiting 0 (rule: < 5)',
  });
});

test('any rise of GPU memory counts as steady', () => {
  const rising = buildScene({ lines: { 'gpu-memory-used': '7e10+1x40' } });
  expect(textbookOf(rising, []).find((t) => t.pathology === 'memory-leak')?.fires).toBe(true);
});

test('on empty evidence nothing can run', () => {
  const empty = { ...buildScene({ steps: 10 }), readings: {}, replicas: [] };
  expect(textbookOf(empty, []).map((t) => t.fires)).toEqual([null, null, null, null, null, null, null]);
});

test("runs on the textbook's own collector: evictions, decode batch, stated hit rate", () => {
  const scene = buildScene({
    steps: 60,
    lines: {
      waiting: '60',
      'kv-cache-usage': '0.97',
      'kv-cache-evictions': '20',
      'prefix-cache-hit-rate': '0.05',
      'gpu-utilization': '0.4',
    },
    histograms: {
      ttft: '4*3 ...',
      itl: '0.03*2000 ...',
      'batch-size': { bounds: [1, 2, 4, 8, 16], series: '3*30 ...' },
    },
  });
  const [thrashing, , gpu, , misses] = rulesOn(scene);
  expect(thrashing).toMatchObject({ fires: true });
  expect(thrashing?.because).toContain('evictions per second 20 (rule: > 10)');
  expect(gpu?.because).toMatch(/batch p50 3/);
  expect(misses?.because).toContain('hit rate 0.05');
});
