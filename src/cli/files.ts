import { readFile } from 'node:fs/promises';

/** @throws Error that names the file and why it cannot be read */
export async function bytesOf(file: string): Promise<Uint8Array> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`cannot read ${file}: ${error.code === 'ENOENT' ? 'no such file' : error.message}`);
  });
  return new Uint8Array(bytes);
}
