import { mostOf, openFiles } from '../../sources/files.ts';
import { unpack } from '../../sources/recording/decompress.ts';
import { SourceError } from '../../sources/errors.ts';
import type { Source, SourcePlatform } from '../../sources/source.ts';
import type { NamedBytes } from './messages.ts';

/**
 * Opens one or several files, packed or not, of whatever kind they are.
 * @throws SourceError if they are of no kind there is
 */
export async function openPacked(
  label: string,
  files: readonly NamedBytes[],
  passphrase: string,
  platform: SourcePlatform,
): Promise<Source> {
  const unpacked = await Promise.all(files.map(({ bytes }) => unpack(new Uint8Array(bytes), mostOf)));
  const warnings = unpacked.flatMap((one) => one.warnings);
  const texts = unpacked.map(({ text }, i) => ({ name: files[i]?.name ?? label, text }));
  try {
    return await openFiles({ name: label, files: texts, warnings, passphrase }, platform);
  } catch (error) {
    // A file that is cut short may hold nothing that can be judged: then the cut is the reason, and is said first.
    if (error instanceof SourceError && warnings.length > 0)
      throw new SourceError(error.problem, [...warnings, error.message].join(' '), error.status);
    throw error;
  }
}
