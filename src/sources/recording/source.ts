import type { Parsed } from '../../core/exposition/parse.ts';
import { buildStore } from '../../core/exposition/store.ts';
import { SourceError } from '../errors.ts';
import type { Source, SourcePlatform } from '../source.ts';
import { identityOf, stemOf } from '../pages/replica.ts';
import { enginesIn, type Extent, extentOf, intervalOf, readStored, type Stored } from './stored.ts';
import { parseText } from './text.ts';

export interface RecordingFile {
  /** Shown in the source bar: a file name. */
  readonly name: string;
  /** OpenMetrics or Prometheus text with timestamps, decompressed; one or several. */
  readonly texts: readonly string[];
  /** Name of each text's file, where there are several. */
  readonly names?: readonly string[];
  /** What decompressing had to say. */
  readonly warnings?: readonly string[];
}

export interface Recording extends Source {
  /** First and last scrape, unix seconds. */
  extent(): Extent;
  /** What could not be read of the file: sentences. */
  readonly warnings: readonly string[];
}

/**
 * Opens a recording: scraped pages with timestamps in one text, as `promtool tsdb dump`-like tools and our own recorder write
 * them. Reads it at once; `read` then only evaluates. A file cut in half gives what is whole of it, with a warning.
 * A text whose series lack `instance` is taken as one target by the name of its file, unless it goes on with the process of another.
 * @throws SourceError 'unreadable' if no line is a sample or none has a timestamp, 'empty' if no metric is vLLM's
 */
export function openRecording(file: RecordingFile, platform: SourcePlatform): Recording {
  void platform;
  const warnings: string[] = [...(file.warnings ?? [])];
  const parsed = file.texts.map((text, i) => parseText(text, file.names?.[i] ?? file.name, warnings));
  const instances = instancesOf(parsed, file, warnings);
  const store = buildStore(
    parsed.map((one, i) => {
      const instance = instances[i] ?? null;
      return { parsed: one, ...(instance === null ? {} : { labels: { instance } }) };
    }),
  );
  if (parsed.every((one) => one.samples === 0)) {
    throw new SourceError('empty', `${file.name} holds no samples.`);
  }
  if (store.metrics.size === 0) {
    throw new SourceError(
      'unreadable',
      `The samples in ${file.name} have no timestamps, so it is a single page and not a recording.`,
    );
  }
  if (enginesIn(store).length === 0) {
    const seen = [...store.metrics.keys()].slice(0, 3).join(', ');
    throw new SourceError(
      'empty',
      `${file.name} holds no vLLM metric; expected names like vllm:num_requests_running, found ${seen}.`,
    );
  }
  if (store.untimed > 0) warnings.push(`${store.untimed} samples of ${file.name} have no timestamp and were left out.`);
  const stored: Stored = {
    store,
    kind: 'recording',
    label: file.name,
    extent: extentOf(store),
    interval: intervalOf(store),
    warnings,
  };

  return {
    kind: 'recording',
    label: file.name,
    warnings,
    extent: () => stored.extent,
    read: async (request, abort) => {
      if (abort.aborted) throw new SourceError('aborted', 'The read was called off.');
      return readStored(stored, request);
    },
  };
}

/** What the target of each text is called, `null` where its own labels tell. Several files without labels are told apart by their names. */
function instancesOf(parsed: readonly Parsed[], file: RecordingFile, warnings: string[]): readonly (string | null)[] {
  const several = parsed.length > 1;
  const identities = parsed.map(identityOf);
  const names = parsed.map((one, i) => {
    if (one.series.some(({ labels }) => labels.instance)) return null;
    const first = identities.findIndex(({ key, dated }) => dated && key === identities[i]?.key);
    const place = first === -1 ? i : first;
    return several ? stemOf(file.names?.[place] ?? `${file.name} ${place + 1}`) : file.name;
  });
  const called = [...new Set(names.filter((name) => name !== null))];
  if (several && called.length > 0)
    warnings.push(
      `${called.length === 1 ? 'A file' : `${called.length} files`} without an instance label: the ${called.length === 1 ? 'replica is' : 'replicas are'} called ${called.join(', ')} after ${called.length === 1 ? 'it' : 'them'}.`,
    );
  return names;
}
