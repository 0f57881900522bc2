import { type Matcher, parseSelector, SelectorError } from '../core/signals/selector.ts';
import { SourceError } from './errors.ts';

/**
 * The matchers of a selector somebody typed.
 * @throws SourceError 'bad-query' where it cannot be read
 */
export function matchersOf(selector: string): readonly Matcher[] {
  try {
    return parseSelector(selector);
  } catch (error) {
    if (error instanceof SelectorError)
      throw new SourceError('bad-query', `The selector cannot be read: ${error.message}.`);
    throw error;
  }
}
