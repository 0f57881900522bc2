import { DETECTORS } from '../detectors/index.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { freshnessOf } from '../evidence/freshness.ts';
import { type SignalId, signalById } from '../signals/index.ts';
import { spellingsOf } from '../signals/spellings.ts';
import type { Verdict } from './verdict.ts';

/** The ledger of a verdict: what it rests on, what is old, and which pathologies each absence leaves unjudged. */
export function signalsOf(evidence: Evidence): Verdict['signals'] {
  const present: SignalId[] = [];
  const renamed: { signal: SignalId; as: string }[] = [];
  const absent: SignalId[] = [];
  for (const reading of Object.values(evidence.readings)) {
    if (reading.state === 'present' || reading.state === 'partial') present.push(reading.signal);
    else if (reading.state === 'renamed') renamed.push({ signal: reading.signal, as: reading.metrics[0] ?? '' });
    // What only a log tells is missing nowhere else.
    else if (spellingsOf(signalById(reading.signal)).length > 0) absent.push(reading.signal);
  }
  const { stale, frozen } = freshnessOf(evidence);
  const listed = (old: ReadonlyMap<SignalId, readonly string[]>) =>
    [...old].map(([signal, instances]) => ({ signal, instances }));
  return {
    present,
    renamed,
    absent,
    stale: listed(stale),
    frozen: listed(frozen),
    disabled: absent.flatMap((signal) => {
      const pathologies = DETECTORS.filter(({ needs }) => needs.includes(signal)).map(({ id }) => id);
      return pathologies.length === 0 ? [] : [{ signal, pathologies }];
    }),
  };
}
