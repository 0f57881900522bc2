import { at, isObject, type Json, listAt, numberAt, textAt } from './json.ts';

/** What one event of a streamed answer brings. */
export type StreamEvent =
  | { readonly kind: 'output'; readonly usage: Usage | null }
  | { readonly kind: 'nothing'; readonly usage: Usage | null; readonly finished: boolean }
  | { readonly kind: 'error'; readonly says: string }
  | { readonly kind: 'done' };

/** Token counts as the server states them; the newest of a stream counts. */
export interface Usage {
  readonly prompt: number | null;
  readonly output: number | null;
}

/**
 * Reads the data of one server-sent event of `/v1/chat/completions` or `/v1/completions`. A role without text is no output, and
 * neither is a closing event with a reason and no text. An empty text in between is output: the server made a token that shows no
 * letters.
 * @returns an error event where the server reports one, or the data is no JSON
 */
export function readStreamEvent(data: string): StreamEvent {
  if (data.trim() === '[DONE]') return { kind: 'done' };
  let value: Json;
  try {
    value = JSON.parse(data) as Json;
  } catch {
    return { kind: 'error', says: `an event is no JSON: ${data.slice(0, 80)}` };
  }
  const error = at(value, 'error');
  if (error !== undefined && error !== null)
    return { kind: 'error', says: textAt(error, 'message') ?? (typeof error === 'string' ? error : 'no message') };
  const stated = at(value, 'usage');
  const usage = isObject(stated)
    ? { prompt: numberAt(stated, 'prompt_tokens'), output: numberAt(stated, 'completion_tokens') }
    : null;
  const [choice] = listAt(value, 'choices');
  const finished = textAt(choice, 'finish_reason') !== null;
  return hasOutput(choice, finished) ? { kind: 'output', usage } : { kind: 'nothing', usage, finished };
}

function hasOutput(choice: Json | undefined, finished: boolean): boolean {
  const delta = at(choice, 'delta');
  const texts = [
    at(choice, 'text'),
    at(delta, 'content'),
    // Both names are in use for what a model thinks before it answers.
    at(delta, 'reasoning_content'),
    at(delta, 'reasoning'),
  ].filter((text) => typeof text === 'string');
  if (texts.some((text) => text !== '')) return true;
  if (listAt(delta, 'tool_calls').length > 0) return true;
  return texts.length > 0 && !finished && textAt(delta, 'role') === null;
}
