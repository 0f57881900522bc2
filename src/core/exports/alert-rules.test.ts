import { expect, test } from 'vitest';
import { checkRules, firstFirings, testRules } from '../../testing/promtool.ts';
import { ALERTS } from '../detectors/alerts.ts';
import { DETECTORS } from '../detectors/index.ts';
import { buildScene } from '../evidence/notation.ts';
import { PROFILES, targetsOf } from '../verdict/profiles.ts';
import { alertFile, type AlertFileOptions } from './alert-rules.ts';
import type { RuleFile } from './rule-file.ts';
import { ruleTests } from './rule-tests.ts';
import { scenesOf } from './scenes.ts';
import { namesOf } from './scope.ts';
import { testSeries, UnwritableSelectorError } from './test-series.ts';

const PLAIN: AlertFileOptions = {
  selector: '{job="vllm",namespace=~"prod|stage"}',
  evidence: null,
  targets: PROFILES.chat,
  knobs: {},
  page: 'https://triage.example/vllm',
  prometheus: 'http://prometheus:9090/p',
};

const rulesOf = (file: RuleFile) => file.groups.flatMap(({ rules }) => rules.flatMap((r) => ('alert' in r ? [r] : [])));
const onlyThose = (file: RuleFile, wanted: (name: string, pathology: string | undefined) => boolean): RuleFile => ({
  groups: file.groups
    .map((group) => ({
      ...group,
      rules: group.rules.filter((r) => 'alert' in r && wanted(r.alert, r.labels.pathology)),
    }))
    .filter(({ rules }) => rules.length > 0),
});

test('every detector has its alerts, or says what it would take', () => {
  expect(ALERTS.map(({ pathology }) => pathology)).toEqual(DETECTORS.map(({ id }) => id));
  const { file, left } = alertFile(PLAIN);
  expect(left).toEqual([
    {
      pathology: 'cuda-graph-cliff',
      because: 'the largest captured batch is in no metric: give --knob max-cudagraph-capture-size=N',
    },
  ]);
  for (const { id } of DETECTORS.filter(({ id }) => id !== 'cuda-graph-cliff')) {
    const own = rulesOf(file).filter(({ labels }) => labels.pathology === id);
    expect(own.length, id).toBeGreaterThan(0);
    for (const { alert } of own) expect(alert.startsWith(id), alert).toBe(true);
  }
});

test.each(['chat', 'code-completion', 'rag', 'agentic', 'batch', 'custom'] as const)(
  'promtool takes the rules of %s, with every knob and a link that carries range and scope',
  (profile) => {
    const knobs = { 'max-num-seqs': 64, 'max-cudagraph-capture-size': 24, 'shared-prefix-tokens': 800 };
    const { file } = alertFile({ ...PLAIN, targets: targetsOf(profile), knobs });
    const told = checkRules(file);
    expect(told.ok, told.says).toBe(true);
    const rules = rulesOf(file);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    expect(rules.some(({ alert }) => alert.startsWith('slo-'))).toBe(true);
    for (const { alert, labels, annotations } of rules) {
      expect(annotations.link, alert).toContain(
        'https://triage.example/vllm/?prometheus=http%3A%2F%2Fprometheus%3A9090%2Fp&selector=',
      );
      if (labels.pathology !== undefined) expect(annotations.runbook, alert).toContain('## What to do');
    }
  },
);

test("the textbook's four stand as they are, marked, with the reason ours differs", () => {
  const textbook = rulesOf(alertFile(PLAIN).file).filter(({ labels }) => labels.origin === 'textbook');
  expect(textbook.map(({ alert, for: holds, labels }) => `${alert} ${holds} ${labels.severity}`)).toEqual([
    'HighTTFT 300s warning',
    'KVCacheNearFull 120s critical',
    'QueueBuildUp 180s warning',
    'LowThroughput 300s warning',
  ]);
  const names = rulesOf(alertFile(PLAIN).file).map(({ alert }) => alert);
  for (const { annotations } of textbook) {
    const ours = /See ([a-z0-9-]+):/.exec(annotations.description ?? '')?.[1];
    expect(names).toContain(ours);
  }
});

// Each from its own sick scene as the source, so that the rule knows what an operator's would: seats, pool, knobs.
test.each(ALERTS.map(({ pathology }) => pathology).filter((id) => id !== 'cuda-graph-cliff'))(
  '%s fires on its sick scene, not before the onset, and is silent on the healthy one',
  (pathology) => {
    const sick = scenesOf(pathology).scenes.sick;
    if (!sick) throw new Error('every detector has a sick scene');
    const options: AlertFileOptions = { ...PLAIN, selector: '', evidence: sick, knobs: sick.knobs };
    const file = onlyThose(alertFile(options).file, (_, of) => of === pathology);
    let ran = 0;
    for (const length of ['minutes', 'hours'] as const) {
      const tests = ruleTests(options, 'rules.yml', length, [pathology]);
      if (tests.tests.length === 0) continue;
      ran += tests.tests.length;
      const told = testRules(file, tests);
      expect(told.ok, told.says).toBe(true);
    }
    expect(ran).toBeGreaterThanOrEqual(2);
  },
);

test('the CUDA-graph edge fires beyond the size that was told, and not below it', () => {
  const { sick, healthy } = scenesOf('cuda-graph-cliff').scenes;
  if (!sick || !healthy) throw new Error('both scenes are there');
  const options = { ...PLAIN, selector: '', knobs: { 'max-cudagraph-capture-size': 24 } };
  const file = onlyThose(alertFile(options).file, (name) => name === 'cuda-graph-cliff');
  const firings = (scene: typeof sick) =>
    firstFirings(file, testSeries(scene, namesOf(options), [], 1), 5, (scene.grid.count - 1) * 5);
  expect(firings(sick).get('cuda-graph-cliff')).toBeGreaterThan(320);
  expect(firings(healthy).size).toBe(0);
});

test('a leak shows at rest, by the rule that needs no hours', () => {
  const rests = scenesOf('memory-leak').scenes.rests;
  if (!rests) throw new Error('the scene is there');
  const options = { ...PLAIN, selector: '' };
  const file = onlyThose(alertFile(options).file, (name) => name === 'memory-leak-kv-blocks');
  const series = testSeries(rests, namesOf(options), [], 1);
  expect([...firstFirings(file, series, 15, (rests.grid.count - 1) * 15).keys()]).toEqual(['memory-leak-kv-blocks']);
});

test('burn rates: half of all first tokens late is a page once an hour is known, three in a hundred are nothing', () => {
  const scene = (late: string) =>
    buildScene({
      step: 15,
      steps: 480,
      lines: { running: '4', waiting: '0' },
      histograms: { ttft: `0.1*2x239 ${late} ...`, 'time-per-output-token': '0.03*2' },
    });
  const options = { ...PLAIN, selector: '' };
  const file = onlyThose(alertFile(options).file, (name) => name.startsWith('slo-ttft'));
  const firings = (late: string) =>
    firstFirings(file, testSeries(scene(late), namesOf(options), [], 1), 15, 479 * 15).get('slo-ttft-fast');
  expect(firings('2*1.9,0.1*0.1')).toBeGreaterThan(3600 + 1700);
  expect(firings('2*0.06,0.1*1.94')).toBeUndefined();
});

test('burn rates: the pairs of hours and days each ring at their own speed, and only once half their window is known', () => {
  const HOURS = 80;
  const every = 300;
  const steps = (HOURS * 3600) / every;
  const late = (share: number) =>
    buildScene({
      step: every,
      steps,
      lines: { running: '4', waiting: '0' },
      histograms: { ttft: `2*${2 * share},0.1*${2 * (1 - share)}`, 'time-per-output-token': '0.03*2' },
    });
  const options = { ...PLAIN, selector: '' };
  const file = onlyThose(alertFile(options).file, (name) => /^slo-ttft-(slow|ticket)$/.test(name));
  const firings = (share: number) =>
    firstFirings(file, testSeries(late(share), namesOf(options), [], 1), every, (steps - 1) * every, every);
  // The budget is 5 %: six times it within hours, once within days, and 3 % is what it is for.
  const fast = firings(0.4);
  expect(fast.get('slo-ttft-slow')).toBeGreaterThanOrEqual(3 * 3600);
  expect(fast.get('slo-ttft-slow')).toBeLessThan(4 * 3600);
  const slow = firings(0.08);
  expect([...slow.keys()]).toEqual(['slo-ttft-ticket']);
  expect(slow.get('slo-ttft-ticket')).toBeGreaterThanOrEqual(36 * 3600);
  expect(firings(0.03).size).toBe(0);
});

test('under the batch profile a backlog is the plan', () => {
  const { left } = alertFile({ ...PLAIN, targets: targetsOf('batch') });
  expect(left.map(({ pathology }) => pathology)).toEqual([
    'overload',
    'seat-ceiling',
    'kv-bound-queueing',
    'cuda-graph-cliff',
  ]);
});

test('renamed metrics are asked for by the names the source has', () => {
  const evidence = buildScene({ lines: { running: '1', 'kv-cache-usage': '0.5' } });
  const readings = {
    ...evidence.readings,
    'kv-cache-usage': { ...evidence.readings['kv-cache-usage'], metrics: ['ray_vllm_gpu_cache_usage_perc'] },
  } as typeof evidence.readings;
  const { file } = alertFile({ ...PLAIN, evidence: { ...evidence, readings } });
  const rule = rulesOf(file).find(({ alert }) => alert === 'kv-cache-thrashing');
  expect(rule?.expr).toContain('ray_vllm_gpu_cache_usage_perc{');
  expect(rule?.expr).not.toContain('vllm:kv_cache_usage_perc');
});

test('tests carry the labels the selector asks for, and refuse one that no label could meet', () => {
  const [first] = ruleTests(PLAIN, 'r.yml', 'minutes', ['kv-cache-thrashing']).tests;
  for (const { series } of first?.input_series ?? []) expect(series).toMatch(/job="vllm".*namespace="prod"/);
  expect(() => ruleTests({ ...PLAIN, selector: '{job!=""}' }, 'r.yml', 'minutes')).toThrow(UnwritableSelectorError);
});
