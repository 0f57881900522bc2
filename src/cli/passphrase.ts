import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

const VARIABLE = 'VLLM_TRIAGE_PASSPHRASE';

/**
 * The passphrase somebody gave with `--passphrase-file` or in VLLM_TRIAGE_PASSPHRASE; never as an argument, which every
 * process of the machine may read. A line break at the end of the file is none of it.
 * @returns `''` for none
 * @throws Error that names the file, if it cannot be read or is empty
 */
export async function givenPassphrase(file: string | undefined, environment: NodeJS.ProcessEnv): Promise<string> {
  if (file === undefined) return environment[VARIABLE] ?? '';
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`cannot read ${file}: ${error.code === 'ENOENT' ? 'no such file' : error.message}`);
  });
  const passphrase = text.replace(/\r?\n$/, '');
  if (passphrase === '') throw new Error(`${file} holds no passphrase`);
  return passphrase;
}

/** Asks whoever sits at the terminal, without showing what is typed. @returns `''` where nobody does */
export async function askPassphrase(question: string): Promise<string> {
  if (!process.stdin.isTTY) return '';
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  const typed = await lines.question('');
  lines.close();
  process.stderr.write('\n');
  return typed;
}
