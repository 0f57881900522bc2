import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** An input that once was too much for a parser, or stands for a kind of such. */
export interface CorpusCase {
  readonly name: string;
  readonly text: string;
}

/** The regressions of one parser: a JSON file with name → input, so that bytes no editor shows stand there in plain sight. */
export function corpusOf(parser: string): readonly CorpusCase[] {
  const file = fileURLToPath(new URL(`./corpus/${parser}.json`, import.meta.url));
  if (!existsSync(file)) return [];
  return Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>).map(([name, text]) => ({
    name,
    text,
  }));
}

/** The parsers that have a corpus. */
export function corpora(): readonly string[] {
  return readdirSync(fileURLToPath(new URL('./corpus', import.meta.url)))
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length));
}
