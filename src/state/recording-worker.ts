import { SourceError } from '../sources/errors.ts';
import { mostOf, openFiles } from '../sources/files.ts';
import { unpack } from '../sources/recording/decompress.ts';
import type { Source } from '../sources/source.ts';
import type { Answer, Ask, Told } from './recordings.ts';

const opened = new Map<string, Source>();

/** A recording is not fetched and has no present: what its source asks of a platform is never used. */
const PLATFORM = { fetch: globalThis.fetch, now: () => Date.now() / 1000 };

async function answer(ask: Ask): Promise<Told> {
  if (ask.do === 'open') {
    const unpacked = await Promise.all(ask.files.map(({ bytes }) => unpack(new Uint8Array(bytes), mostOf)));
    const warnings = unpacked.flatMap((one) => one.warnings);
    const files = unpacked.map(({ text }, i) => ({ name: ask.files[i]?.name ?? ask.label, text }));
    const source = await openWith(warnings, () =>
      openFiles({ name: ask.label, files, warnings, passphrase: ask.passphrase }, PLATFORM),
    );
    opened.set(ask.key, source);
    return { kind: source.kind, frozen: source.frozen ?? null };
  }
  const source = opened.get(ask.key);
  if (!source) throw new SourceError('unreadable', 'The recording is no longer open.');
  if (ask.do === 'pages') return (await source.pages?.()) ?? [];
  return source.read(ask.request, new AbortController().signal);
}

/** A file that is cut short may hold nothing that can be judged: then the cut is the reason, and is said first. */
async function openWith(warnings: readonly string[], open: () => Promise<Source>): Promise<Source> {
  try {
    return await open();
  } catch (error) {
    if (error instanceof SourceError && warnings.length > 0)
      throw new SourceError(error.problem, [...warnings, error.message].join(' '), error.status);
    throw error;
  }
}

globalThis.onmessage = ({ data }: MessageEvent<Ask>) => {
  answer(data).then(
    (result) => send({ id: data.id, result }),
    (error: unknown) => {
      const told = error instanceof SourceError ? error : new SourceError('unreadable', String(error));
      send({ id: data.id, problem: told.problem, message: told.message, status: told.status });
    },
  );
};

function send(message: Answer): void {
  (globalThis as unknown as DedicatedWorkerGlobalScope).postMessage(message);
}
