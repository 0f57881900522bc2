import { looksLikeLog, openLog } from './log/source.ts';
import { splitTime } from './pages/named-time.ts';
import { isPageText, openPages } from './pages/source.ts';
import { openRecording } from './recording/source.ts';
import { SourceError } from './errors.ts';
import { MOST_CHARACTERS } from './snapshot/carry.ts';
import { looksLikeSnapshot, openSnapshot } from './snapshot/source.ts';
import { looksLikeTrace } from './traces/recognise.ts';
import type { Source, SourcePlatform } from './source.ts';

/** A file somebody dropped, picked or pasted, unpacked. */
export interface TextFile {
  readonly name: string;
  readonly text: string;
}

export interface TextFiles {
  /** Shown in the source bar. */
  readonly name: string;
  readonly files: readonly TextFile[];
  /** What unpacking had to say. */
  readonly warnings: readonly string[];
  /** Of a snapshot that is locked; `''` for none. */
  readonly passphrase?: string | undefined;
}

/** What a text can be. */
interface FileKind {
  readonly title: string;
  recognises(text: string): boolean;
  /** Characters it may unpack to; whatever can be held if left out. */
  readonly most?: number;
  open(files: TextFiles, platform: SourcePlatform): Source | Promise<Source>;
}

/** The first that recognises a text reads it. The recording comes last: it says what was expected where nothing fits. */
const FILE_KINDS: readonly FileKind[] = [
  {
    title: 'a snapshot',
    recognises: looksLikeSnapshot,
    most: MOST_CHARACTERS,
    open: ({ files, passphrase }) => {
      const [file, ...more] = files;
      if (!file || more.length > 0) throw new SourceError('unreadable', 'One snapshot is opened at a time.');
      return openSnapshot(file.text, passphrase);
    },
  },
  {
    title: 'a /metrics page',
    recognises: isPageText,
    open: ({ files, warnings }, platform) =>
      openPages({ pages: files.map(({ name, text }) => ({ text, ...splitTime(name) })), warnings }, platform),
  },
  {
    title: 'a GPU profile',
    recognises: looksLikeTrace,
    open: ({ name }) => {
      throw new SourceError(
        'unreadable',
        `${name} is a GPU profile, which holds no metrics of a server. Drop it on the start page by itself, or read it with: vllm-triage trace ${name}`,
      );
    },
  },
  {
    title: 'a server log',
    recognises: looksLikeLog,
    open: openLog,
  },
  {
    title: 'a recording',
    recognises: () => true,
    open: ({ name, files, warnings }, platform) =>
      openRecording(
        { name, texts: files.map(({ text }) => text), names: files.map((file) => file.name), warnings },
        platform,
      ),
  },
];

/** Characters a packed file may unpack to, told from how its text starts; nothing if any that can be held will do. */
export function mostOf(start: string): number | undefined {
  return FILE_KINDS.find((kind) => kind.recognises(start))?.most;
}

/**
 * Opens files of a kind nobody named, told by what is in them and not by their names.
 * @throws SourceError 'unreadable' for files of two kinds at once, and what the source of the kind throws
 */
export async function openFiles(given: TextFiles, platform: SourcePlatform): Promise<Source> {
  const kinds = given.files.map(({ text }) => FILE_KINDS.find((kind) => kind.recognises(text)) as FileKind);
  const [kind = FILE_KINDS.at(-1) as FileKind] = kinds;
  const other = kinds.findIndex((one) => one !== kind);
  if (other >= 0)
    throw new SourceError(
      'unreadable',
      `${given.files[0]?.name} is ${kind.title} and ${given.files[other]?.name} is ${kinds[other]?.title}. Give files of one kind at a time.`,
    );
  return kind.open(given, platform);
}
