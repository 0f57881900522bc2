import type { Comparison } from '../core/compare/comparison.ts';
import type { Evidence } from '../core/evidence/evidence.ts';
import type { CompareAsk } from './report-worker.ts';
import { openRecordingFiles } from './recordings.ts';
import { useWritten } from './use-written.ts';

/** Two sides compared; each is judged whole. */
export function useCompare(asked: CompareAsk | null): Comparison | 'failed' | null {
  return useWritten<Comparison>(asked && { do: 'compare', ask: asked });
}

/** All that files of the viewer's own hold, of any kind the page opens. @throws SourceError for what cannot be read or compared */
export async function readFiles(files: readonly File[]): Promise<Evidence> {
  const name = files.map((file) => file.name).join(' + ');
  const bytes = await Promise.all(files.map(async (one) => ({ name: one.name, bytes: await one.arrayBuffer() })));
  // A key of its own: the file may be open on the page as well, in another version.
  const source = await openRecordingFiles(`compare/${name}`, name, bytes);
  const { frozen } = source;
  if (frozen && (frozen.reduced !== null || frozen.damage.length > 0))
    throw new Error(frozen.damage[0] ?? `${name} is reduced to one verdict, and holds too little to be compared.`);
  const everything = { from: 'start', to: 'end', selector: '', knobs: {} } as const;
  return source.read(everything, new AbortController().signal);
}
