import { type Document, isAlias, isCollection, parseAllDocuments, visit } from 'yaml';
import type { Json } from '../../core/loadtest/json.ts';
import { isObject } from '../../core/loadtest/json.ts';
import { readLoadRecords } from '../../core/loadtest/read.ts';
import { readRecords, type Records } from '../../core/loadtest/records.ts';
import type { LoadRun } from '../../core/loadtest/run.ts';
import { type Saturation, saturationOf } from '../../core/loadtest/saturation.ts';
import { SourceError } from '../errors.ts';
import { unpack } from '../recording/decompress.ts';

/** A run with what follows from its single requests, which are left behind: a file may hold a hundred thousand. */
export interface LoadTest {
  readonly run: Omit<LoadRun, 'requests'> & { readonly requests: null };
  readonly saturation: Saturation | null;
}

export interface LoadTests {
  readonly tests: readonly LoadTest[];
  readonly warnings: readonly string[];
}

/**
 * Reads one file of results, packed or not, JSON or YAML.
 * @throws SourceError 'unreadable' where there is no run in it
 */
export async function readLoadFile(name: string, bytes: Uint8Array): Promise<LoadTests> {
  const { text, warnings: unpacking } = await unpack(bytes, undefined, 'end');
  const records = /^\s*[[{]/.test(text) ? readRecords(text) : readYaml(text);
  const { runs, warnings } = readLoadRecords(records, name);
  const all = [...unpacking.map((says) => `${name}: ${says}`), ...warnings];
  if (runs.length === 0)
    throw new SourceError('unreadable', [`${name} holds no load-test result we know.`, ...all].join(' '));
  const tests = runs.map((run) => ({ run: { ...run, requests: null }, saturation: saturationOf(run) }));
  return { tests, warnings: all };
}

/** Characters of the longest YAML: reading it takes a hundred times as long as JSON, and what tools write once per run is far below. */
const MOST_YAML = 16_000_000;

/** Lists and keys opened one inside the other on one line: what tools write opens two, and the reader takes the square of their number. */
const NESTED = /(?:[?:-] ){32}/;

function readYaml(text: string): Records {
  if (text.length > MOST_YAML)
    throw new SourceError(
      'unreadable',
      `This is YAML of more than ${MOST_YAML / 1e6} MB. Give the JSON of the same run.`,
    );
  if (NESTED.test(text)) return { records: [], unreadable: [1], cut: false };
  try {
    // Without pretty errors, which look up the line of each: a file of quotes alone has a hundred thousand.
    const documents = parseAllDocuments(text, { logLevel: 'error', prettyErrors: false });
    const list = Array.isArray(documents) ? documents : [];
    const damaged = list.flatMap(({ errors }) => errors.slice(0, 1).map(({ pos }) => lineAt(text, pos[0])));
    if (list.some(hasCollectionAsKey)) return { records: [], unreadable: [damaged[0] ?? 1], cut: false };
    const values = list.map((document) => document.toJS({ maxAliasCount: 100 }) as Json);
    return { records: values.filter(isObject), unreadable: damaged.slice(0, 1), cut: false };
  } catch {
    // Of YAML that refers to what is not there, refers to itself without end, or is nested too deep, the reader makes errors of its own.
    return { records: [], unreadable: [1], cut: false };
  }
}

/** No tool writes such keys, and the reader writes each of them as text, one inside the other: the cube of their depth. */
function hasCollectionAsKey(document: Document.Parsed): boolean {
  let found = false;
  visit(document, {
    Pair: (_, { key }) => {
      found = isCollection(key) || isAlias(key);
      return found ? visit.BREAK : undefined;
    },
  });
  return found;
}

/** Line of a place in a text, from 1. */
function lineAt(text: string, place: number): number {
  return text.slice(0, place).split('\n').length;
}
