import { ExpositionError, type Parsed, parseExposition } from '../../core/exposition/parse.ts';
import { buildStore } from '../../core/exposition/store.ts';
import { SourceError } from '../errors.ts';
import type { Source, SourcePlatform } from '../source.ts';
import { enginesIn, type Extent, extentOf, intervalOf, readStored, type Stored } from './stored.ts';

export interface RecordingFile {
  /** Shown in the source bar: a file name. */
  readonly name: string;
  /** OpenMetrics or Prometheus text with timestamps, decompressed; one or several. */
  readonly texts: readonly string[];
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
 * A text whose series lack `instance` is taken as one target by the name of the file.
 * @throws SourceError 'unreadable' if no line is a sample or none has a timestamp, 'empty' if no metric is vLLM's
 */
export function openRecording(file: RecordingFile, platform: SourcePlatform): Recording {
  void platform;
  const warnings: string[] = [...(file.warnings ?? [])];
  const parsed = file.texts.map((text) => parse(text, file.name, warnings));
  const store = buildStore(
    parsed.map((one, i) => ({
      parsed: one,
      ...(one.series.some((series) => series.labels.instance)
        ? {}
        : { labels: { instance: file.texts.length > 1 ? `${file.name} ${i + 1}` : file.name } }),
    })),
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

function parse(text: string, name: string, warnings: string[]): Parsed {
  try {
    // A line the file breaks off in is left out: half a number is another number, and half a timestamp is in 1970.
    const cut = text.includes('\n') && !text.endsWith('\n') && !text.endsWith('# EOF');
    const parsed = parseExposition(cut ? text.slice(0, text.lastIndexOf('\n') + 1) : text);
    if (parsed.firstMalformed) {
      const { line, text: start } = parsed.firstMalformed;
      const what =
        parsed.malformed > 1
          ? `${parsed.malformed} lines of ${name} are no metric samples and were skipped; the first is`
          : `One line of ${name} is no metric sample and was skipped:`;
      warnings.push(`${what} line ${line}: ${start}`);
    }
    if (cut) warnings.push(`${name} ends early, inside a line. What is whole was read.`);
    else if (!parsed.ended && looksLikeOpenMetrics(text)) {
      warnings.push(`${name} ends early: the closing # EOF is missing. What is there was read.`);
    }
    return parsed;
  } catch (error) {
    if (error instanceof ExpositionError) {
      throw new SourceError('unreadable', `${name} is no metrics text: ${error.message}.`);
    }
    throw error;
  }
}

/** Timestamps with a decimal point exist in OpenMetrics alone, and that must end in `# EOF`. */
function looksLikeOpenMetrics(text: string): boolean {
  return / \d+\.\d+\s*$/.test(text.slice(-200));
}
