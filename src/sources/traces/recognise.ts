import { NSYS_HEADER } from '../../core/traces/nsys.ts';
import { plainBytes } from './plain.ts';

/** A profile of many ranks describes its process groups before its first event. */
const HEAD = 262_144;
const KINETO = /^[\s\uFEFF]*(?:\{[\s\S]*?"(?:traceEvents|deviceProperties)"\s*:|\[\s*\{[^{}]*"ph"\s*:)/;
const SQLITE = /^SQLite format 3\0/;

/** Whether a text, or the beginning of one, is that of a GPU profile; told by what is in it and not by a name. */
export function looksLikeTrace(text: string): boolean {
  const head = text.slice(0, HEAD);
  return KINETO.test(head) || SQLITE.test(head) || NSYS_HEADER.test(head.slice(0, 8192));
}

/** The same of a file, packed or not, of which only the beginning is read. */
export async function isTraceFile(file: Blob): Promise<boolean> {
  const plain = plainBytes(file.slice(0, HEAD).stream(), () => {});
  const decoder = new TextDecoder();
  let head = '';
  try {
    for await (const chunk of plain.chunks) {
      head += decoder.decode(chunk, { stream: true });
      if (head.length >= HEAD) break;
    }
  } finally {
    await plain.close();
  }
  return looksLikeTrace(head);
}
