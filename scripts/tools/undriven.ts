import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adviceFor, findProgram } from './programs.js';

/** A Chromium nobody drives: one that is driven reports each of its requests, which costs more than asking them. */
export interface Undriven {
  /** A new profile, named on the command line of each of its processes. */
  readonly folder: string;
  close(): Promise<void>;
}

/**
 * Starts a Chromium with one page open in it.
 * @param flags further ones
 * @throws an Error if there is no Chromium
 */
export async function openUndriven(
  address: string,
  { width, height }: { readonly width: number; readonly height: number },
  flags: readonly string[] = [],
): Promise<Undriven> {
  const chromium = findProgram('chromium', process.env);
  if (!chromium) throw new Error(`This needs a real Chromium. ${adviceFor('chromium', process.env)}`);
  const folder = await mkdtemp(join(tmpdir(), 'vllm-triage-undriven-'));
  const browser: ChildProcess = spawn(
    chromium,
    [
      '--headless=new',
      '--no-sandbox',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--user-data-dir=${folder}`,
      `--window-size=${width},${height}`,
      ...flags,
      address,
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise((resolve) => browser.once('close', resolve));
  return {
    folder,
    close: async () => {
      browser.kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
