import type { Comparison } from '../core/compare/comparison.ts';
import type { Evidence } from '../core/evidence/evidence.ts';
import type { CompareAsk } from './report-worker.ts';
import { readOnce } from './reader/desks.ts';
import { useWritten } from './use-written.ts';

/** Two sides compared; each is judged whole. */
export function useCompare(asked: CompareAsk | null): Comparison | 'failed' | null {
  return useWritten<Comparison>(asked && { do: 'compare', ask: asked });
}

/** All that files of the viewer's own hold, of any kind the page opens. @throws SourceError for what cannot be read or compared */
export async function readFiles(files: readonly File[]): Promise<Evidence> {
  const label = files.map((file) => file.name).join(' + ');
  const bytes = await Promise.all(files.map(async (one) => ({ name: one.name, bytes: await one.arrayBuffer() })));
  const { frozen, evidence } = await readOnce({ kind: 'files', label, files: bytes, passphrase: '' });
  if (frozen && (frozen.reduced !== null || frozen.damage.length > 0))
    throw new Error(frozen.damage[0] ?? `${label} is reduced to one verdict, and holds too little to be compared.`);
  return evidence;
}
