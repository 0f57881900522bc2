import { sayCount, sayList, sig } from '../base/say.ts';
import { maxOf } from '../base/statistics.ts';
import type { Remedy } from '../detectors/detector.ts';
import { replicaLine } from '../evidence/lines.ts';
import type { Applied } from './comparison.ts';
import { labelsOf } from './configuration.ts';
import type { Side } from './side.ts';

/** Settings that stand among the labels of the KV cache's configuration under a name of their own. */
const LABELS: Readonly<Record<string, string>> = { 'kv-cache-dtype': 'cache_dtype' };

/** Whether a remedy was followed, as far as metrics and what was told show. What nothing shows is said to be not visible. */
export function appliedOf(remedy: Remedy, before: Side, after: Side): Applied {
  const { knob, to } = remedy;
  const found =
    (knob === null ? null : givenOf(knob, to, after)) ??
    (knob === 'max-num-seqs' && typeof to === 'number' ? seatsOf(to, before, after) : null) ??
    (knob === null ? replicasOf(remedy, before, after) : labelOf(knob, to, after));
  if (found?.state === 'contradicted') return found;
  if (remedy.needsRestart && sameProcesses(before, after))
    return contradicted('no process was started anew, and it counts from a restart on');
  return found ?? { state: 'not-visible', says: 'the flag is not visible in the metrics' };
}

function visible(says: string): Applied {
  return { state: 'visible', says };
}

function contradicted(says: string): Applied {
  return { state: 'contradicted', says };
}

function givenOf(knob: string, to: Remedy['to'], { evidence }: Side): Applied | null {
  const given = evidence.knobs[knob];
  if (given === undefined || to === null) return null;
  const says = `${knob} is given as ${given}`;
  return String(given) === String(to) ? visible(says) : contradicted(`${says}, not ${to}`);
}

/** No metric carries max_num_seqs: a queue for seats shows it, and more that run than it allows contradict it. */
function seatsOf(to: number, before: Side, after: Side): Applied | null {
  const read = [...new Set(after.judged.engines.flatMap(({ admission: { seats } }) => (seats ? [seats.count] : [])))];
  if (read.length > 0) {
    const says = `${sayList(read.map(String))} seats read off`;
    return read.every((count) => count === to) ? visible(says) : contradicted(`${says}, not ${to}`);
  }
  const mostOf = ({ judged }: Side) => maxOf(judged.engines.map(({ trace }) => maxOf(trace.running ?? [])));
  const [was, is] = [mostOf(before), mostOf(after)];
  if (is === null) return null;
  if (is > to) return contradicted(`${sig(is)} ran at once, more than ${to} seats allow`);
  const seats = maxOf(before.judged.engines.map(({ admission }) => admission.seats?.count ?? null)) ?? was;
  return seats !== null && seats < to && is > seats
    ? visible(`up to ${sig(is)} ran at once, more than the ${sig(seats)} of before`)
    : { state: 'not-visible', says: `not visible in the metrics; at most ${sig(is)} ran at once, which ${to} allow` };
}

function replicasOf({ flag, to }: Remedy, before: Side, after: Side): Applied | null {
  if (flag !== null || typeof to !== 'number') return null;
  const [was, is] = [before.evidence.replicas.length, after.evidence.replicas.length];
  if (is >= to) return visible(`${sayCount(is, 'replica')} after ${was} before`);
  return contradicted(`${sayCount(is, 'replica')} after ${was} before, not ${to}`);
}

function labelOf(knob: string, to: Remedy['to'], after: Side): Applied | null {
  const name = LABELS[knob] ?? knob.replaceAll('-', '_');
  const is = labelsOf(after).get(name);
  if (is === undefined || to === null) return null;
  // `fp8` may be spelt out as `fp8_e4m3`.
  const same = typeof to === 'number' ? Number(is) === to : is.toLowerCase().startsWith(to.toLowerCase());
  return same ? visible(`${name} is ${is}`) : contradicted(`${name} is ${is}, not ${to}`);
}

/** Whether every replica of after began at the same second as before; false where no start is exposed. */
function sameProcesses(before: Side, after: Side): boolean {
  const last = ({ evidence }: Side, id: string) =>
    (replicaLine(evidence, 'process-start', id) ?? []).findLast((value) => value !== null) ?? null;
  const ids = after.evidence.replicas.map(({ id }) => id);
  return (
    ids.length > 0 &&
    ids.every((id) => {
      const [was, is] = [last(before, id), last(after, id)];
      return was !== null && is !== null && Math.abs(was - is) <= 1;
    })
  );
}
