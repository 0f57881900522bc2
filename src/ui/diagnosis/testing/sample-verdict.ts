import { fact } from '../../../core/detectors/finding.ts';
import type { Finding, Remedy } from '../../../core/detectors/detector.ts';
import type { RankedFinding, Verdict } from '../../../core/verdict/verdict.ts';

/** For tests of components only; the page judges real evidence. */
const GRID = { from: 1_795_571_400, step: 5, count: 4 };

const FINDING: RankedFinding = {
  pathology: 'kv-cache-thrashing',
  title: 'KV cache thrashing',
  variant: null,
  state: 'detected',
  score: 1,
  confidence: 0.9,
  raw: 0.9,
  severity: 'critical',
  scope: { kind: 'fleet', instances: ['vllm-0'] },
  since: GRID.from + 5,
  until: GRID.from + 15,
  strength: [0, 0.5, 1, 1],
  facts: [
    fact({
      says: '2.6 preemptions per finish',
      figure: '2.6',
      label: 'preemptions per finished request',
      compared: 'normal < 0.1',
      unit: 'ratio',
      trend: [0, 1, 2, 3],
    }),
  ],
  because: '',
  missing: [],
  ask: '',
  story: { changed: null, broke: { at: GRID.from + 5, title: 'The KV cache filled', says: 'usage 0.97' }, hurts: null },
  remedies: [
    {
      title: 'Fit the answers to the cache',
      knob: 'max-num-seqs',
      from: 64,
      to: 24,
      flag: `--max-num-seqs 24 --override-generation-config '{"max_new_tokens": 384}'`,
      why: 'They do not fit.',
      steps: [{ sum: '19,200 × 0.92', result: '17,664 tokens' }],
      expect: 'output rises',
      risk: 'answers stop at 384 tokens',
      verify: 'preemptions fall',
      needsRestart: true,
    },
    {
      title: 'Add a replica',
      knob: null,
      from: null,
      to: null,
      flag: null,
      why: 'More pools.',
      steps: [],
      expect: '',
      risk: 'a GPU',
      verify: '',
      needsRestart: false,
    },
  ],
  willNotHelp: [{ title: 'More seats', why: 'memory decides' }],
  lede: '239 requests wait.',
  role: 'primary',
  model: 'm',
  explains: ['overload'],
};

const OUT: Finding = {
  ...FINDING,
  pathology: 'engine-stall',
  title: 'Engine stalled',
  state: 'ruled-out',
  because: '27 steps/s',
};

export const SICK: Verdict = {
  at: GRID.from + 15,
  grid: GRID,
  selector: '{}',
  models: ['m'],
  instances: ['vllm-0'],
  profile: 'chat',
  status: 'critical',
  headline: 'KV cache thrashing on vllm-0',
  lede: '239 requests wait. None of 75 answers started within 500 ms.',
  findings: [
    FINDING,
    {
      ...FINDING,
      pathology: 'overload',
      title: 'Overload',
      role: 'contributing',
      severity: 'warning',
      confidence: 0.5,
      remedies: [],
    },
  ],
  plan: {
    steps: [{ remedy: FINDING.remedies[0] as Remedy, for: ['kv-cache-thrashing'] }],
    heldBack: [
      {
        pathology: 'overload',
        title: 'Refuse above 40 requests',
        because: 'Overload follows from KV cache thrashing; look again when that is gone.',
      },
    ],
  },
  motion: {
    replica: 'vllm-0',
    movement: 'slow',
    requests: 61,
    perRequest: 0.6,
    growth: null,
    written: null,
    full: null,
    largest: null,
    capacity: null,
    says: 'It is not hung, only slow: each of 61 running requests gets a token every 1.7 s.',
  },
  ruledOut: [OUT],
  cannotTell: [
    {
      ...OUT,
      pathology: 'memory-leak',
      title: 'Memory leak',
      state: 'cannot-tell',
      because: '',
      ask: 'Watch it for 6 h.',
    },
  ],
  earlier: [],
  textbook: [
    {
      pathology: 'kv-cache-thrashing',
      rule: 'KV > 0.95',
      fires: false,
      because: 'evictions 0.9/s',
      disagrees: 'the limit is absolute',
    },
    { pathology: 'memory-leak', rule: 'memory rises', fires: null, because: 'not measured', disagrees: '' },
  ],
  assurances: [],
  attainment: [],
  signals: { present: [], renamed: [], absent: [], stale: [], frozen: [], disabled: [] },
  warnings: [],
};

export const WELL: Verdict = {
  ...SICK,
  status: 'healthy',
  headline: 'Calm, and nobody waits',
  lede: 'All 255 answers started within 500 ms.',
  findings: [],
  assurances: [
    fact({
      says: 'nobody waited',
      figure: '0',
      label: 'waiting, in every scrape',
      unit: 'requests',
      trend: [0, 0, 0, 0],
    }),
  ],
};

export const BLIND: Verdict = {
  ...SICK,
  status: 'unknown',
  headline: 'Cannot tell yet: too few scrapes',
  lede: 'Rates need at least 25 s.',
  findings: [],
};
