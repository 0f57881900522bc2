import { gzipSync } from 'node:zlib';
import { SourceError } from '../../../src/sources/errors.ts';
import { openFiles } from '../../../src/sources/files.ts';
import { unpack } from '../../../src/sources/recording/decompress.ts';
import { isTraceFile } from '../../../src/sources/traces/recognise.ts';
import { bytesOf, type FuzzedParser, textOfBytes } from '../parser.ts';
import { log, pages, platform, recording } from './metrics.ts';
import { snapshot } from './snapshot.ts';
import { nsysText, torchTrace } from './traces.ts';

const refuses = (error: unknown) => error instanceof SourceError;

/** A file of a kind nobody named: it is recognised, and opened by whoever recognises it. */
export const droppedFile: FuzzedParser = {
  id: 'dropped-file',
  title: 'files told by what is in them',
  seeds: () =>
    [recording, pages, log, torchTrace, nsysText]
      .flatMap((one) => one.seeds().slice(0, 2))
      .concat(snapshot.seeds().slice(-1)),
  words: [recording, log, torchTrace].flatMap(({ words }) => words.slice(0, 8)),
  read: (text) => openFiles({ name: 'a', files: [{ name: 'a', text }], warnings: [] }, platform),
  refuses,
};

/** Packed files, as bytes. */
export const gzip: FuzzedParser = {
  id: 'gzip',
  title: 'gzip files',
  seeds: () =>
    [recording, log]
      .map((one) => textOfBytes(gzipSync((one.seeds()[0] as string).slice(0, 800))))
      .concat(textOfBytes(gzipSync('a'.repeat(5000)))),
  words: ['\x1f\x8b', '\x1f\x8b\x08\0\0\0\0\0\0\x03', '\0\0\xff\xff'],
  // It rests before it tells the end, and unpacking is done elsewhere.
  together: 256,
  async read(text) {
    const bytes = bytesOf(text.replace(/[^\0-\xff]/g, '?'));
    await unpack(bytes);
    await isTraceFile(new Blob([bytes]));
  },
  refuses,
};
