/**
 * Writes public/library/index.json: what the start page says about each recording. Every number is computed from the
 * recordings; only the sentences around them stand here. Run: npx tsx scripts/build-library.ts
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { timesOf, type Values } from '../src/core/base/grid.ts';
import { sayCount, sayDuration, sig } from '../src/core/base/say.ts';
import { DETECTORS } from '../src/core/detectors/index.ts';
import type { Evidence } from '../src/core/evidence/evidence.ts';
import { fleetHistogram, fleetLine, replicaLine } from '../src/core/evidence/lines.ts';
import type { SignalId } from '../src/core/signals/index.ts';
import { openRecording } from '../src/sources/recording/source.ts';

const FOLDER = fileURLToPath(new URL('../public/library/', import.meta.url));
/** The last scrape shows clients being cut off when the recording stops; so many seconds are left out of numbers. */
const CUT = 6;
/** Points of a sparkline of 176 px. */
const POINTS = 96;

interface Truth {
  readonly name: string;
  readonly primary: readonly string[];
  readonly start: number;
  readonly onset: number | null;
  readonly lasts: number | null;
  readonly replicas: number;
  readonly flags: readonly string[];
  readonly says: string;
}

interface Told {
  readonly says: string;
  readonly lines: readonly Values[];
  readonly label: string;
  /** How the highest value reads; `null` for the plain number. */
  readonly max?: string;
}

/** Order on the page: the commonest first, the healthy one last. */
const ORDER = [
  'kv-cache-thrashing',
  'kv-bound-queueing',
  'seat-ceiling',
  'overload',
  'long-request-spike',
  'prefix-cache-collapse',
  'load-imbalance',
  'engine-stall',
];

class Numbers {
  readonly evidence: Evidence;
  readonly truth: Truth | null;
  /** Unix seconds. */
  readonly onset: number;
  readonly end: number;
  readonly #times: readonly number[];

  constructor(evidence: Evidence, truth: Truth | null) {
    this.evidence = evidence;
    this.truth = truth;
    this.#times = timesOf(evidence.grid);
    this.end = (this.#times.at(-1) as number) - CUT;
    this.onset = truth?.onset == null ? this.end : truth.start + truth.onset;
  }

  line(id: SignalId, replica?: string): Values {
    const line = replica === undefined ? fleetLine(this.evidence, id) : replicaLine(this.evidence, id, replica);
    return (line ?? []).map((value, i) => ((this.#times[i] as number) <= this.end ? value : null));
  }

  /** Mean of a ratio of two rates, histogram sum by count: seconds per first token, and so on. */
  meanLine(id: SignalId): Values {
    const histogram = fleetHistogram(this.evidence, id);
    return this.#times.map((time, i) => {
      const count = histogram?.count[i] ?? null;
      const sum = histogram?.sum[i] ?? null;
      return time > this.end || count === null || sum === null || count <= 1e-9 ? null : sum / count;
    });
  }

  meanOf(id: SignalId, from: number, to: number): number {
    const histogram = fleetHistogram(this.evidence, id);
    return this.#sum(histogram?.sum ?? [], from, to) / Math.max(1e-9, this.#sum(histogram?.count ?? [], from, to));
  }

  most(values: Values): number {
    return Math.max(0, ...values.map((value) => value ?? 0));
  }

  mean(values: Values, from: number, to: number): number {
    const part = this.#within(values, from, to);
    return part.reduce((a, b) => a + b, 0) / Math.max(1, part.length);
  }

  /** Events behind a rate between two times. */
  events(id: SignalId, from: number, to: number): number {
    return this.#sum(fleetLine(this.evidence, id) ?? [], from, to) * this.evidence.grid.step;
  }

  /** Share of first tokens later than a bucket edge. */
  lateShare(edge: number, from: number, to: number): number {
    const histogram = fleetHistogram(this.evidence, 'ttft');
    const k = histogram?.bounds.indexOf(edge) ?? -1;
    return (
      1 -
      this.#sum(histogram?.cumulative[k] ?? [], from, to) / Math.max(1e-9, this.#sum(histogram?.count ?? [], from, to))
    );
  }

  flag(name: string): string {
    const at = this.truth?.flags.indexOf(name) ?? -1;
    return at < 0 ? '?' : (this.truth?.flags[at + 1] ?? '?');
  }

  #within(values: Values, from: number, to: number): number[] {
    return values.filter(
      (value, i): value is number =>
        value !== null && (this.#times[i] as number) > from && (this.#times[i] as number) <= to,
    );
  }

  #sum(values: Values, from: number, to: number): number {
    return this.#within(values, from, to).reduce((a, b) => a + b, 0);
  }
}

/** One sentence and one line per kind of story. */
const STORIES: Readonly<Record<string, (n: Numbers) => Told>> = {
  'kv-cache-thrashing': (n) => ({
    says: `Answers grow long in a pool of ${n.flag('--num-gpu-blocks-override')} blocks: ${sayCount(n.events('preemptions', n.onset, n.end), 'preemption')}.`,
    lines: [n.line('preemptions')],
    label: 'preemptions per s',
  }),
  'kv-bound-queueing': (n) => ({
    says: `Long prompts in a small pool: ${sig(n.most(n.line('waiting')))} wait in order, ${sayCount(n.events('preemptions', n.onset, n.end), 'preemption')} in all.`,
    lines: [n.line('waiting')],
    label: 'waiting',
  }),
  'seat-ceiling': (n) => ({
    says: `${sig(n.most(n.line('running')))} of ${n.flag('--max-num-seqs')} seats taken with KV at ${sig(n.mean(n.line('kv-cache-usage'), n.onset, n.end))}: ${sig(n.most(n.line('waiting')))} wait for a seat.`,
    lines: [n.line('waiting')],
    label: 'waiting',
  }),
  overload: (n) => ({
    says: `More work than the engine can do: ${sig(n.most(n.line('waiting')))} wait, a token takes ${sayDuration(n.meanOf('itl', 0, n.onset))} → ${sayDuration(n.meanOf('itl', n.end - 60, n.end))}.`,
    lines: [n.line('waiting')],
    label: 'waiting',
  }),
  'long-request-spike': (n) => ({
    says: `A few huge prompts among short ones: ${Math.round(n.lateShare(0.5, n.onset, n.end) * 100)} % of first tokens come later than 0.5 s.`,
    lines: [n.meanLine('ttft')],
    label: 'TTFT mean',
    max: `${sig(n.most(n.meanLine('ttft')))} s`,
  }),
  'prefix-cache-collapse': (n) => {
    const queried = n.line('prefix-cache-queries');
    const hits = n
      .line('prefix-cache-hits')
      .map((hit, i) => ((queried[i] ?? 0) > 1e-9 && hit !== null ? hit / (queried[i] as number) : null));
    return {
      says: `Hit rate ${n.mean(hits, 0, n.onset).toFixed(2)} → ${n.mean(hits, n.end - 60, n.end).toFixed(2)} at once: TTFT mean ${sayDuration(n.meanOf('ttft', 0, n.onset))} → ${sayDuration(n.meanOf('ttft', n.end - 60, n.end))}.`,
      lines: [hits],
      label: 'hit rate',
    };
  },
  'load-imbalance': (n) => {
    const lines = n.evidence.replicas
      .map((replica) => n.line('running', replica.id))
      .sort((a, b) => n.mean(b, n.onset, n.end) - n.mean(a, n.onset, n.end));
    return {
      says: `${n.evidence.replicas.length === 2 ? 'Two' : n.evidence.replicas.length} replicas, one gets nearly everything: ${sig(Math.round(n.mean(lines[0] ?? [], n.end - 60, n.end)))} against ${sig(Math.round(n.mean(lines.at(-1) ?? [], n.end - 60, n.end)))} running.`,
      lines,
      label: 'running, both',
    };
  },
  'engine-stall': (n) => ({
    says: `The engine freezes for ${sayDuration(n.truth?.lasts ?? 0)}; the health check still answers.`,
    lines: [n.line('output-tokens')],
    label: 'output tok/s',
  }),
  healthy: (n) => ({
    says: `Calm chat traffic: ${sig(Math.round(n.mean(n.line('running'), 0, n.end)))} running, ${n.most(n.line('waiting')) < 1 ? 'nobody waits' : `at most ${sig(n.most(n.line('waiting')))} wait`}, TTFT mean ${sayDuration(n.meanOf('ttft', 0, n.end))}.`,
    lines: [n.line('running')],
    label: 'running',
  }),
};

async function entryOf(file: string, truth: Truth | null) {
  const name = file.replace(/\.om\.gz$/, '');
  const source = openRecording(
    { name, texts: [gunzipSync(readFileSync(FOLDER + file)).toString()] },
    { fetch, now: () => 0 },
  );
  const evidence = await source.read(
    { from: 'start', to: 'end', selector: '', knobs: {} },
    new AbortController().signal,
  );
  const numbers = new Numbers(evidence, truth);
  const kind = truth?.primary[0] ?? '';
  const told: Told = (STORIES[kind] ?? untold)(numbers);
  const every = Math.max(1, Math.ceil(evidence.grid.count / POINTS));
  const lines = told.lines.map((line) => thin(line, every));
  const onset =
    truth?.onset == null ? null : (truth.start + truth.onset - evidence.grid.from) / evidence.grid.step / every;
  return {
    kind,
    entry: {
      name,
      title: DETECTORS.find((detector) => detector.id === kind)?.title ?? (kind === 'healthy' ? 'Healthy' : name),
      says: told.says,
      lines,
      label: told.label,
      max: `max ${told.max ?? sig(numbers.most(told.lines.flat()))}`,
      duration: Math.round((evidence.grid.count - 1) * evidence.grid.step),
      replicas: evidence.replicas.length,
      to: cutOff(numbers) ? Math.floor(numbers.end) : null,
      onset: onset === null ? null : Number(onset.toFixed(2)),
    },
  };
}

/** Whether everybody leaves at once in the last scrape: the recording was stopped, nothing got well. */
function cutOff(n: Numbers): boolean {
  const running = fleetLine(n.evidence, 'running') ?? [];
  const last = running.at(-1) ?? null;
  const before = running.slice(-12, -2).filter((value) => value !== null);
  return last !== null && before.length > 0 && last < Math.min(...before) / 2;
}

/** A recording nobody told the truth about: its queue, and no claim. */
function untold(n: Numbers): Told {
  return {
    says: n.truth
      ? `${n.truth.says[0]?.toUpperCase()}${n.truth.says.slice(1)}.`
      : `At most ${sig(n.most(n.line('waiting')))} waiting and ${sig(n.most(n.line('running')))} running.`,
    lines: [n.line('waiting')],
    label: 'waiting',
  };
}

/** The highest value of every few points, so that a spike stays one. Three digits are enough for a picture. */
function thin(line: Values, every: number): (number | null)[] {
  const out: (number | null)[] = [];
  for (let i = 0; i < line.length; i += every) {
    const part = line.slice(i, i + every).filter((value) => value !== null);
    out.push(part.length === 0 ? null : Number(Math.max(...part).toPrecision(3)));
  }
  return out;
}

const truths = JSON.parse(readFileSync(`${FOLDER}truth.json`, 'utf8')) as Truth[];
const told = await Promise.all(
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.om.gz'))
    .map((file) => entryOf(file, truths.find((truth) => `${truth.name}.om.gz` === file) ?? null)),
);
const place = (kind: string) =>
  kind === 'healthy' ? ORDER.length + 1 : ORDER.includes(kind) ? ORDER.indexOf(kind) : ORDER.length;
told.sort((a, b) => place(a.kind) - place(b.kind) || a.entry.name.localeCompare(b.entry.name));
writeFileSync(`${FOLDER}index.json`, `${JSON.stringify({ recordings: told.map((one) => one.entry) })}\n`);
for (const { entry } of told)
  process.stdout.write(`${entry.name.padEnd(18)} ${entry.title}: ${entry.says} (${entry.max})\n`);
