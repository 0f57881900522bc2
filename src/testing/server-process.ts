import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';

const READY_WITHIN_MS = 20_000;

export interface ServerProgram {
  /** As a person calls it. */
  readonly title: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Answers with success once it is ready. */
  readonly ready: string;
  /** Its own, removed when it has stopped. */
  readonly folder: string;
}

/**
 * Starts a server and waits until it answers; it ends with this process at the latest.
 * @returns what stops it
 * @throws an Error with the last it wrote if it ends, or is not ready within 20 s
 */
export async function startServerProcess(server: ServerProgram): Promise<() => Promise<void>> {
  const { title, program, args, ready, folder } = server;
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-2000);
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const killed = () => child.kill('SIGKILL');
  process.once('exit', killed);
  const stop = async (): Promise<void> => {
    process.removeListener('exit', killed);
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const deadline = Date.now() + READY_WITHIN_MS;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`${title} ended at once: ${log}`);
      const answers = await fetch(ready).then(
        (response) => response.ok,
        () => false,
      );
      if (answers) return stop;
      if (Date.now() > deadline) throw new Error(`${title} was not ready within ${READY_WITHIN_MS / 1000} s: ${log}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } catch (error) {
    await stop();
    throw error;
  }
}
