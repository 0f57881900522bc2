import type { Values } from '../base/grid.ts';
import type { Unit } from '../base/units.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { fleetHistogram, fleetLine, histogramMean, partsOf } from '../evidence/lines.ts';
import { type SignalId, SIGNALS, type CatalogueSignal } from '../signals/index.ts';

/** One number over time, of the fleet or of one replica. */
export interface Track {
  readonly signal: SignalId;
  /** What of the signal: its value, the mean of what a histogram observed, or how often it observed. */
  readonly quantity: 'value' | 'mean' | 'rate';
  /** Value of the signal's `by` label; `null` where it has none. */
  readonly part: string | null;
  /** What it is about: signals that tell the same story by several counters share it. */
  readonly subject: string;
  /** `null`: the whole fleet. */
  readonly replica: string | null;
  readonly title: string;
  readonly unit: Unit;
  /** Shares move by differences, everything else by factors. */
  readonly scale: 'factor' | 'difference';
  /** What moves it: work sent in, how the engine stands, or what people feel. */
  readonly role: 'input' | 'state' | 'outcome';
  /** Where no value is chance: a stretch is summed up or averaged as it is, and any difference counts. `null`: its median speaks for it. */
  readonly exact: 'total' | 'mean' | null;
  readonly values: Values;
}

/** Work sent in, and what is decided outside the engine: where a cause is looked for first. */
const INPUTS: ReadonlySet<SignalId> = new Set<SignalId>([
  'prompt-length',
  'output-length',
  'requested-output',
  'prefix-cache-hit-rate',
  'prompt-tokens',
  'gateway-requests',
  'process-start',
  'up',
  'gpu-sm-clock',
  'container-cpu-throttled',
  'lora-adapters',
]);
/** Signals that count the same thing, by what that is. The rest stand for themselves. */
const SUBJECTS: Readonly<Record<string, readonly SignalId[]>> = {
  arrivals: ['gateway-requests', 'http-requests', 'prefix-cache-queries', 'prompt-tokens'],
  queue: ['waiting', 'waiting-by-reason', 'queue-time'],
  'prefix-cache': [
    'prefix-cache-hits',
    'prefix-cache-hit-rate',
    'cached-prompt-tokens',
    'computed-prompt-tokens',
    'computed-prompt-length',
  ],
  'output-length': ['output-length', 'requested-output'],
  pace: ['itl', 'time-per-output-token', 'decode-time'],
  residence: ['e2e', 'inference-time'],
  preemptions: ['preemptions', 'request-preemptions'],
  batch: ['running', 'batch-size', 'step-tokens'],
  speculation: ['spec-drafts', 'spec-draft-tokens', 'spec-accepted-tokens', 'spec-accepted-by-position'],
  transfer: ['kv-transfer-time', 'kv-transfer-bytes', 'kv-transfer-failures', 'kv-transfer-expired', 'kv-fetch-stage'],
  gpu: ['gpu-utilization', 'gpu-sm-active', 'gpu-power'],
  scrapes: ['up', 'scrape-duration'],
};
const SUBJECT_OF = new Map(
  Object.entries(SUBJECTS).flatMap(([subject, ids]) => ids.map((id) => [id, subject] as const)),
);

/** Ages, clocks and constants: they say how it was measured, not what happened. */
const LEFT_OUT: ReadonlySet<SignalId> = new Set<SignalId>([
  'sample-age',
  'process-start',
  'container-last-end',
  'deploys',
  'alerts-firing',
]);

/**
 * Everything of the evidence that can be compared over time: each signal of the fleet and of each replica (a single one is the
 * fleet), histograms as their mean, arrivals as the rate of first tokens, and shares that are two counters divided.
 */
export function tracksOf(evidence: Evidence): Track[] {
  const replicas = evidence.replicas.map(({ id }) => id);
  const whose: (string | null)[] = replicas.length > 1 ? [null, ...replicas] : [null];
  return SIGNALS.filter((signal) => !LEFT_OUT.has(signal.id) && evidence.readings[signal.id] !== undefined)
    .flatMap((signal) => whose.flatMap((replica) => tracksOfSignal(evidence, signal, replica)))
    .concat(whose.flatMap((replica) => [...sharesOf(evidence, replica), ...restartsOf(evidence, replica)]))
    .filter(({ values }) => values.some((value) => value !== null));
}

function tracksOfSignal(evidence: Evidence, signal: CatalogueSignal, replica: string | null): Track[] {
  const { id, title, unit, kind } = signal;
  const of = replica === null ? undefined : [replica];
  const role = INPUTS.has(id) ? 'input' : signal.family === 'latency' ? 'outcome' : 'state';
  const subject = SUBJECT_OF.get(id) ?? id;
  const exact = id === 'up' ? 'mean' : null;
  const base = { signal: id, part: null, exact, subject, replica, title, unit, role } as const;
  switch (kind) {
    case 'info':
    case 'age':
      return [];
    case 'histogram': {
      const histogram = fleetHistogram(evidence, id, of);
      if (!histogram) return [];
      const mean: Track = { ...base, quantity: 'mean', scale: 'factor', values: histogramMean(histogram, 1) };
      if (id !== 'ttft') return [mean];
      const arrivals: Track = {
        ...base,
        quantity: 'rate',
        title: 'Requests that got their first token',
        unit: 'requests-per-second',
        scale: 'factor',
        role: 'input',
        subject: 'arrivals',
        values: histogram.count,
      };
      return [mean, arrivals];
    }
    case 'gauge':
    case 'counter': {
      const parts = signal.by === undefined ? [null] : partsOf(evidence, id);
      return parts.flatMap((part) => {
        const values = fleetLine(evidence, id, of, part ?? undefined);
        const titled = part === null || part === '' ? title : `${title} (${part})`;
        return values
          ? [
              {
                ...base,
                part,
                subject: id === 'finished' ? `finished ${part ?? ''}` : subject,
                title: titled,
                quantity: 'value',
                scale: unit === 'ratio' ? 'difference' : 'factor',
                values,
              },
            ]
          : [];
      });
    }
    default:
      return kind satisfies never;
  }
}

interface Share {
  readonly hits: SignalId;
  readonly of: SignalId;
  readonly title: string;
  readonly role: Track['role'];
}

const SHARES: readonly Share[] = [
  {
    hits: 'prefix-cache-hits',
    of: 'prefix-cache-queries',
    title: 'Share of prompt found in the prefix cache',
    role: 'input',
  },
  { hits: 'spec-accepted-tokens', of: 'spec-draft-tokens', title: 'Share of drafts accepted', role: 'input' },
];

function sharesOf(evidence: Evidence, replica: string | null): Track[] {
  const of = replica === null ? undefined : [replica];
  return SHARES.flatMap(({ hits, of: whole, title, role }) => {
    const [part, all] = [fleetLine(evidence, hits, of), fleetLine(evidence, whole, of)];
    if (!part || !all) return [];
    const values = part.map((hit, i) => {
      const queries = all[i] ?? null;
      return hit === null || queries === null || queries <= 0 ? null : Math.min(1, hit / queries);
    });
    return [
      {
        signal: hits,
        quantity: 'value',
        exact: null,
        part: null,
        subject: SUBJECT_OF.get(hits) ?? hits,
        replica,
        title,
        unit: 'ratio',
        scale: 'difference',
        role,
        values,
      } as const,
    ];
  });
}

/** Starts of the process at each grid time, after its first. */
function restartsOf(evidence: Evidence, replica: string | null): Track[] {
  const lines = (evidence.readings['process-start']?.lines ?? []).filter(
    (line) => replica === null || line.replica === replica,
  );
  if (lines.length === 0) return [];
  const starts = lines.map(({ values }) => {
    let last: number | null = null;
    return values.map((value) => {
      const anew = value !== null && last !== null && Math.abs(value - last) > 1;
      last = value ?? last;
      return anew ? 1 : 0;
    });
  });
  return [
    {
      signal: 'process-start',
      quantity: 'value',
      exact: 'total',
      part: null,
      subject: 'restarts',
      replica,
      title: 'Starts of the process',
      unit: 'count',
      scale: 'factor',
      role: 'input',
      values: Array.from({ length: evidence.grid.count }, (_, i) =>
        starts.reduce<number>((sum, line) => sum + (line[i] as number), 0),
      ),
    },
  ];
}
