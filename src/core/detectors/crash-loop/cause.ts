import { timeAt, type Values } from '../../base/grid.ts';
import { sayDuration, sayShare, sig } from '../../base/say.ts';
import { maxOf, median, minOf } from '../../base/statistics.ts';
import type { Judged } from '../../evidence/judged.ts';
import { fleetLine, replicaLine } from '../../evidence/lines.ts';
import { lastSeen } from '../../evidence/trace.ts';
import type { Fact } from '../detector.ts';
import { fact } from '../finding.ts';
import { gaugeOf } from '../trace-back.ts';
import { type End, justBefore } from './ends.ts';

/** What the log, or the metrics around an end, say about why; most ends leave no reason in metrics. */
export type Cause =
  | {
      readonly kind: 'host-memory';
      readonly killed: boolean;
      readonly peak: number | null;
      readonly limit: number | null;
      readonly fact: Fact;
    }
  | { readonly kind: 'gpu'; readonly code: number; readonly fact: Fact }
  | { readonly kind: 'probe'; readonly took: number; readonly fact: Fact }
  | { readonly kind: 'long-prompt'; readonly tokens: number; readonly fact: Fact }
  | {
      readonly kind: 'logged';
      /** The kind of trouble, as `serverlog` names it. */
      readonly trouble: string;
      /** The error as the log has it; empty where it names none. */
      readonly words: string;
      /** What it died of, for a sentence. */
      readonly says: string;
      /** Whether any process of the host is seen at work within the window. */
      readonly served: boolean;
      readonly fact: Fact;
    };

/** Share of the container's limit from which the kernel may kill at any moment. */
const NEAR_LIMIT = 0.95;
/** A page this slow fails probes with the default time-out of 1 s. */
const SLOW_PAGE = 1;
/** Tokens per running request against before, and at least: a prompt that stands out enough to be named. */
const LONGER = 3;
const LONG = 8000;
/** Seconds around the end within which a driver's error belongs to it. */
const AROUND = 90;

/** @returns the strongest hint, `null` where neither log nor metrics say anything */
export function causeOf(judged: Judged, end: End): Cause | null {
  return (
    logged(judged, end) ??
    hostMemory(judged, end) ??
    gpuError(judged, end) ??
    slowProbe(judged, end) ??
    longPrompt(judged, end)
  );
}

/** What a process died of, by kind of trouble: as a figure, which has room for one short word, and in a sentence. */
const DIED_OF: Readonly<Record<string, readonly [figure: string, says: string]>> = {
  'out-of-memory': ['OOM', 'GPU memory ran out'],
  'cache-too-small': ['too small', 'the KV cache is too small for one request of --max-model-len'],
  'gpu-error': ['GPU', 'the GPU reported an error'],
  killed: ['killed', 'somebody killed the process, mostly the kernel for its memory'],
  'port-taken': ['port', 'its port is taken by another process'],
  error: ['error', 'an error was thrown'],
};
/** Characters of an error that are shown in a fact, and in a sentence. */
const SHOWN = 160;
const SAID = 100;

/** The log's own word stands before anything that is inferred. */
function logged(judged: Judged, end: End): Cause | null {
  if (end.logged === null) return null;
  const { kind, words } = end.logged;
  const ids = end.host.engines.map((e) => e.id);
  const [figure, says] = DIED_OF[kind] ?? ['unnamed', 'the engine died, and the log names no error'];
  return {
    kind: 'logged',
    trouble: kind,
    words,
    says: kind === 'error' ? cut(words, SAID) : says,
    served: end.host.engines.some((e) => lastSeen(e.trace) >= 0),
    fact: fact({
      signal: 'logged-ends',
      says: words === '' ? says : `${says}: ${cut(words, SHOWN)}`,
      figure,
      label: 'is what it died of, says its log',
      detail: words,
      observed: end.host.logged.length,
      expected: 0,
      unit: 'count',
      trend: fleetLine(judged.evidence, 'logged-ends', ids),
    }),
  };
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

function hostMemory(judged: Judged, end: End): Cause | null {
  const ids = end.host.engines.map((e) => e.id);
  const killed = fleetLine(judged.evidence, 'container-last-end', ids, 'OOMKilled')?.[judged.end] === 1;
  const limit = maxOf(fleetLine(judged.evidence, 'container-memory-limit', ids) ?? []);
  const [from, to] = justBefore(judged, end);
  const memory = fleetLine(judged.evidence, 'container-memory', ids);
  const peak = maxOf(memory?.slice(from, to + 1) ?? []);
  const near = limit !== null && limit > 0 && peak !== null && peak >= NEAR_LIMIT * limit;
  if (!killed && !near) return null;
  const share = near || (limit !== null && limit > 0 && peak !== null) ? (peak as number) / (limit as number) : null;
  return {
    kind: 'host-memory',
    killed,
    peak,
    limit: limit !== null && limit > 0 ? limit : null,
    fact: fact({
      signal: killed ? 'container-last-end' : 'container-memory',
      says: killed
        ? 'the kernel killed the container for its memory'
        : `the container used ${sayShare(share ?? 0)} of its memory limit`,
      figure: killed ? 'OOMKilled' : sayShare(share ?? 0),
      label: killed ? 'is why the container last ended' : 'of its memory limit just before',
      compared: share === null ? 'a planned stop is Completed' : `limit ${sig((limit as number) / 2 ** 30)} GiB`,
      detail:
        share === null
          ? 'host memory, not GPU memory'
          : `${sig((peak as number) / 2 ** 30)} GiB of host memory just before; GPU memory is another matter`,
      observed: killed ? 1 : share,
      expected: null,
      unit: killed ? 'count' : 'ratio',
      query: gaugeOf(judged, end.host.engines, killed ? 'container-last-end' : 'container-memory'),
      trend: memory,
      limit: limit !== null && limit > 0 ? limit : null,
    }),
  };
}

function gpuError(judged: Judged, end: End): Cause | null {
  const line = fleetLine(
    judged.evidence,
    'gpu-xid',
    end.host.engines.map((e) => e.id),
  );
  const code = line && changedNear(judged, line, end);
  if (!code) return null;
  return {
    kind: 'gpu',
    code,
    fact: fact({
      signal: 'gpu-xid',
      says: `the GPU driver reported XID ${code} around the end`,
      figure: `XID ${code}`,
      label: 'reported by the GPU driver around the end',
      compared: 'none before',
      detail: 'the GPU, its memory or its link failed',
      observed: code,
      expected: 0,
      unit: 'count',
      query: gaugeOf(judged, end.host.engines, 'gpu-xid'),
      trend: line,
    }),
  };
}

/** The new code, if the line changed to one around the end. */
function changedNear(judged: Judged, line: Values, end: End): number | null {
  let last: number | null = null;
  for (const [i, v] of line.entries()) {
    if (v === null) continue;
    const near = Math.abs(timeAt(judged.grid, i) - end.departure.at) <= AROUND;
    if (near && v > 0 && last !== null && v !== last) return v;
    last = v;
  }
  return null;
}

function slowProbe(judged: Judged, end: End): Cause | null {
  const line = replicaLine(judged.evidence, 'scrape-duration', end.host.engines[0]?.id ?? '');
  const { last } = end.departure;
  const took = minOf(line?.slice(Math.max(0, last - 2), last + 1) ?? []);
  if (took === null || took < SLOW_PAGE) return null;
  return {
    kind: 'probe',
    took,
    fact: fact({
      signal: 'scrape-duration',
      says: `pages took ${sayDuration(took)} and more just before`,
      figure: sayDuration(took),
      label: 'for one page just before: probes time out',
      compared: 'a probe waits 1 s unless told otherwise',
      detail: 'a saturated server fails its probes and is killed',
      observed: took,
      expected: SLOW_PAGE,
      unit: 'seconds',
      query: gaugeOf(judged, end.host.engines, 'scrape-duration'),
      trend: line,
      limit: SLOW_PAGE,
    }),
  };
}

function longPrompt(judged: Judged, end: End): Cause | null {
  const { last } = end.departure;
  for (const engine of end.host.engines) {
    const held = engine.admission.tokensPerRunning;
    const usual = median(held.slice(0, Math.max(0, last - 2)));
    const tokens = maxOf(held.slice(Math.max(0, last - 2), last + 1));
    if (usual === null || tokens === null || tokens < LONG || tokens < LONGER * usual) continue;
    return {
      kind: 'long-prompt',
      tokens,
      fact: fact({
        signal: 'kv-cache-usage',
        says: `${sig(tokens)} tokens per running request just before, usually ${sig(usual)}`,
        figure: sig(tokens),
        label: 'tokens per running request just before',
        compared: `usually ${sig(usual)}`,
        detail: 'a prompt far longer than the others was in work: its activations may not have fitted',
        observed: tokens,
        expected: usual,
        unit: 'tokens',
        query: gaugeOf(judged, [engine], 'kv-cache-usage'),
        trend: engine.trace.usage,
      }),
    };
  }
  return null;
}
