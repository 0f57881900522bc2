import { endOf } from '../../core/base/grid.ts';
import { sliceEvidence, restrictToModel, trimEvidence } from '../../core/evidence/slice.ts';
import { SourceError } from '../errors.ts';
import type { Frozen, Source } from '../source.ts';
import { readSnapshot } from './carry.ts';

/** A snapshot, opened: it never asks anybody anything. */
export interface SnapshotSource extends Source {
  readonly frozen: Frozen;
}

/**
 * Opens a snapshot from a link or from the text of a file. `read` gives the stored evidence, narrowed to the range and the
 * model asked for; a selector cannot narrow what was stored, so another one than the stored is refused.
 * @param passphrase `''` for none
 * @throws SourceError 'unreadable', or 'locked' where it wants a passphrase or another one
 */
export async function openSnapshot(text: string, passphrase = ''): Promise<SnapshotSource> {
  const { snapshot, damage } = await readSnapshot(text, passphrase);
  const { schema: _, evidence: stored, ...rest } = snapshot;
  const label = stored.source.label === '' ? 'snapshot' : `snapshot of ${stored.source.label}`;
  // A reduced snapshot is not judged again, so no part of it can be either.
  const whole = snapshot.reduced === null && damage.length === 0;
  return {
    kind: 'snapshot',
    label,
    frozen: { ...rest, damage },
    read: async (request, abort) => {
      if (abort.aborted) throw new SourceError('aborted', 'The read was called off.');
      if (!whole) return stored;
      const { from, to, selector, model, knobs } = request;
      if (selector !== '' && selector !== stored.selector)
        throw new SourceError(
          'bad-query',
          `A snapshot holds what was measured for ${stored.selector === '' ? 'everything' : stored.selector} and cannot be narrowed by ${selector}.`,
        );
      if (typeof to === 'number' && to < stored.grid.from)
        throw new SourceError('empty', 'This snapshot begins after the time asked for.');
      if (typeof from === 'number' && from > endOf(stored.grid))
        throw new SourceError('empty', 'This snapshot ends before the time asked for.');
      const until = typeof to === 'number' ? sliceEvidence(stored, to) : stored;
      const part = typeof from === 'number' ? trimEvidence(until, from) : until;
      const narrowed = model === undefined ? part : restrictToModel(part, model);
      if (narrowed.replicas.length === 0 && stored.replicas.length > 0)
        throw new SourceError('empty', `This snapshot has no engine that serves ${model}.`);
      return Object.keys(knobs).length === 0 ? narrowed : { ...narrowed, knobs: { ...narrowed.knobs, ...knobs } };
    },
  };
}

/** Whether a text is a snapshot, a link to one, or what is left of one. */
export function looksLikeSnapshot(text: string): boolean {
  const start = text.slice(0, 4096);
  return /(^|#)snapshot=/.test(start) || /^\s*\d{1,4}[a-z]?\.[\w-]{20}/.test(start);
}
