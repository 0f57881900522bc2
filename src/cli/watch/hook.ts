import { spawn } from 'node:child_process';
import type { WatchEvent } from '../../core/watch/event.ts';

const ENDS_WITHIN_MS = 30_000;

/**
 * Runs the operator's command for one event: the event as JSON on its standard input, the outlines in its environment. What the
 * metrics say reaches it as data alone and never as part of the command. Its output goes to stderr, since stdout is ours.
 * @returns what went wrong, one sentence; `null` for nothing. Never throws.
 */
export function runHook(command: string, event: WatchEvent, stop: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(command, {
      shell: true,
      stdio: ['pipe', 2, 2],
      env: {
        ...process.env,
        VLLM_TRIAGE_EVENT: event.event,
        VLLM_TRIAGE_STATUS: event.after.status,
        VLLM_TRIAGE_PRIMARY: event.after.primary ?? '',
        VLLM_TRIAGE_HEADLINE: event.after.headline,
      },
      signal: AbortSignal.any([stop, AbortSignal.timeout(ENDS_WITHIN_MS)]),
    });
    child.once('error', (error) =>
      resolve(error.name === 'AbortError' ? '--exec: ended after 30 s' : `--exec: ${error.message}`),
    );
    child.once('close', (code) => resolve(code === 0 ? null : `--exec: ended with ${code ?? 'a signal'}`));
    // A command need not read what it is told.
    child.stdin?.on('error', () => {});
    child.stdin?.end(`${JSON.stringify(event)}\n`);
  });
}
