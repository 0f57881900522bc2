import { ExpositionError, type Parsed, parseExposition } from '../../core/exposition/parse.ts';
import { SourceError } from '../errors.ts';

/**
 * The samples of a text somebody saved. What is damaged is skipped and told.
 * @param warnings is added to: sentences
 * @throws SourceError 'unreadable' if no line is a sample
 */
export function parseText(text: string, name: string, warnings: string[]): Parsed {
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
    else if (!parsed.ended && isTimed(parsed) && looksLikeOpenMetrics(text)) {
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

function isTimed({ series }: Parsed): boolean {
  return series.some(({ times }) => times.some((time) => !Number.isNaN(time)));
}
