import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a command ended with. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line in a process of its own, as `built-command.ts` built it. */
export function startCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): { readonly process: ChildProcessWithoutNullStreams; readonly ended: Promise<Ended> } {
  const child = spawn(process.execPath, ['dist/cli/vllm-triage.js', ...args], {
    cwd: root,
    env: { ...process.env, ...environment, NO_COLOR: '1' },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
  return { process: child, ended };
}
