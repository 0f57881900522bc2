/** How a progress line of ours begins: back to the start of the line, which is emptied. */
const OWN = '\r\u001b[K';
/** What a terminal takes for orders, and what turns the direction of the text behind it. Line feeds and tabs stay. */
const ORDERS = /(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** The text as a terminal shows it and does nothing else. Names and sentences of a source may hold anything. */
export function printable(text: string): string {
  const own = text.startsWith(OWN) ? OWN : '';
  return own + text.slice(own.length).replace(ORDERS, '\ufffd');
}

/** Lets only printable text through to a terminal. What goes to a file or a pipe is data and stays as it is. */
export function guardTerminal(stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>): void {
  if (!stream.isTTY) return;
  const write = stream.write.bind(stream) as (chunk: unknown, ...rest: unknown[]) => boolean;
  stream.write = ((chunk: unknown, ...rest: unknown[]) =>
    write(typeof chunk === 'string' ? printable(chunk) : chunk, ...rest)) as typeof stream.write;
}
