import { stepsIn, timeAt } from '../base/grid.ts';
import { sig } from '../base/say.ts';
import { SETTINGS } from '../signals/settings.ts';
import type { Evidence } from './evidence.ts';
import { replicaLine } from './lines.ts';

/** Something somebody or something else did, at one time. */
export interface Happened {
  /** Unix seconds of the first grid time that shows it. */
  readonly at: number;
  /** Deployment or alert, by name. */
  readonly name: string;
}

/** Changes of deployments within the window: each time the generation counts up. Empty without kube-state-metrics. */
export function deploysIn(evidence: Evidence): Happened[] {
  return (evidence.readings.deploys?.lines ?? []).flatMap(({ part, values }) => {
    let last: number | null = null;
    return values.flatMap((value, i) => {
      if (value === null) return [];
      const counted = last !== null && value > last;
      last = value;
      return counted ? [{ at: timeAt(evidence.grid, i), name: part }] : [];
    });
  });
}

/** Alerts of the server's own rules that began to fire within the window; one that fired from the first sample on is no event. */
export function alertsIn(evidence: Evidence): Happened[] {
  const { grid } = evidence;
  return (evidence.readings['alerts-firing']?.lines ?? []).flatMap(({ part, values }) => {
    // While it does not fire the series is not there at all.
    const at = values.findIndex((value, i) => value !== null && value > 0 && i > 0 && (values[i - 1] ?? null) === null);
    return at < 0 ? [] : [{ at: timeAt(grid, at), name: part }];
  });
}

/** Versions that took the place of others: a container image under another tag beside or after the one before it. */
export function imagesIn(evidence: Evidence): Happened[] {
  const seen = new Map<string, string>();
  const lines = (evidence.readings.images?.lines ?? [])
    .map(({ part, values }) => ({ ...versionOf(part), first: values.findIndex((value) => (value ?? 0) > 0) }))
    .filter(({ first }) => first >= 0)
    .sort((a, b) => a.first - b.first);
  return lines.flatMap(({ repository, version, first }) => {
    const before = seen.get(repository);
    seen.set(repository, version);
    return before === undefined || first === 0
      ? []
      : [{ at: timeAt(evidence.grid, first), name: `image ${before} → ${version}` }];
  });
}

/** Characters of a digest by which people tell images apart. */
const DIGEST = 12;

/** An image's name without and with what tells its versions apart: `registry/name:tag`, `name@sha256:…`. */
function versionOf(image: string): { readonly repository: string; readonly version: string } {
  const digest = image.indexOf('@');
  if (digest >= 0)
    return {
      repository: image.slice(0, digest),
      version: image
        .slice(digest + 1)
        .replace(/^\w+:/, '')
        .slice(0, DIGEST),
    };
  const tag = image.lastIndexOf(':');
  return tag > image.lastIndexOf('/')
    ? { repository: image.slice(0, tag), version: image.slice(tag + 1) }
    : { repository: image, version: 'latest' };
}

/** A setting that became another one. */
export interface ConfigChange {
  /** Unix seconds of the first grid time that shows it. */
  readonly at: number;
  readonly replica: string;
  /** `block size 16 → 32`, several joined by commas. */
  readonly says: string;
}

/** Ratio by which a count of KV blocks must move to be told: memory is measured anew at every start and comes out a little different. */
const SAME_COUNT = 0.02;
const COUNTS: ReadonlySet<string> = new Set(['num_gpu_blocks', 'kv_cache_memory_bytes']);
/** Seconds after the start of the window from which a replica has joined it; earlier it was scraped late. */
const JOINED = 60;

/**
 * Settings of the KV cache that changed within the window: of an engine that began anew under its address, and of one that joined
 * with other settings than all that were there before it, as pods of a new revision do. Ascending.
 */
export function configChangesIn(evidence: Evidence): ConfigChange[] {
  const { grid, replicas } = evidence;
  const { labels = [], earlier = [] } = evidence.readings['cache-config'] ?? {};
  const settings = new Map(labels.map((info) => [info.replica, info.labels]));
  const first = new Map(
    replicas.map(({ id }) => [id, (replicaLine(evidence, 'running', id) ?? []).findIndex((value) => value !== null)]),
  );
  const change = (replica: string, at: number, before: Labels, after: Labels): ConfigChange[] => {
    const says = differences(before, after);
    return says === '' ? [] : [{ at, replica, says }];
  };
  const anew = replicas.flatMap(({ id }) => {
    const lives = earlier.filter((info) => info.replica === id);
    return lives.flatMap((life, k) =>
      change(id, life.until, life.labels, lives[k + 1]?.labels ?? settings.get(id) ?? {}),
    );
  });
  const joined = replicas.flatMap(({ id, model }) => {
    const at = first.get(id) ?? -1;
    const own = settings.get(id);
    if (!own || at <= stepsIn(grid, JOINED)) return [];
    const others = replicas.filter((other) => other.model === model && (first.get(other.id) ?? -1) === 0);
    const before = shared(others.map((other) => settings.get(other.id) ?? {}));
    return change(id, timeAt(grid, at), before, own);
  });
  return [...anew, ...joined].sort((a, b) => a.at - b.at);
}

type Labels = Readonly<Record<string, string>>;

/** What all of them agree on. */
function shared(all: readonly Labels[]): Labels {
  const [one = {}, ...others] = all;
  return Object.fromEntries(
    Object.entries(one).filter(([label, value]) => others.every((other) => other[label] === value)),
  );
}

/** Settings both tell and tell differently, in words. */
function differences(before: Labels, after: Labels): string {
  return Object.entries(SETTINGS)
    .flatMap(([label, title]) => {
      const [was, is] = [before[label], after[label]];
      if (was === undefined || is === undefined || was === is) return [];
      const [a, b] = [Number(was), Number(is)];
      if (COUNTS.has(label) && Math.abs(b - a) <= SAME_COUNT * Math.max(a, b)) return [];
      const say = (text: string) =>
        COUNTS.has(label) && text !== '' && Number.isFinite(Number(text)) ? sig(Number(text)) : text;
      return [`${title} ${say(was)} → ${say(is)}`];
    })
    .join(', ');
}
