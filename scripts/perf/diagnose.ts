import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** How long to wait for one fleet before it is said that there is no verdict. */
const PATIENCE_MS = 60_000;

/** How long judging alone takes, without reading and drawing. */
export interface DiagnoseFigures {
  readonly replicas: number;
  readonly signals: number;
  readonly points: number;
  /** Status and pathology. */
  readonly said: string;
  /** The first run, and the middle one of those after it. */
  readonly first: Duration;
  readonly middle: Duration;
}

/** Milliseconds on the clock, and of the process' own time. */
export interface Duration {
  readonly wall: number;
  readonly cpu: number;
}

/**
 * Judges a fleet in a process of its own, so that nothing else is in its memory and it can be given up; compiled as the command line
 * is delivered, since what runs TypeScript as it stands adds calls of its own, a tenth of the time.
 * @returns the figures, or a sentence that says why there are none
 */
export async function measureDiagnose(size: number): Promise<DiagnoseFigures | string> {
  const outDir = await mkdtemp(join(tmpdir(), 'vllm-triage-diagnose-'));
  try {
    await build({
      configFile: false,
      logLevel: 'error',
      publicDir: false,
      ssr: { noExternal: true },
      build: {
        ssr: fileURLToPath(new URL('diagnose-process.ts', import.meta.url)),
        outDir,
        target: 'node20',
        minify: false,
        rolldownOptions: { output: { entryFileNames: 'diagnose.mjs', codeSplitting: false } },
      },
    });
    return await judgedBeside(join(outDir, 'diagnose.mjs'), size);
  } finally {
    await rm(outDir, { recursive: true });
  }
}

function judgedBeside(file: string, size: number): Promise<DiagnoseFigures | string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [file, String(size)], { timeout: PATIENCE_MS }, (error, stdout, stderr) => {
      if (error === null) resolve(JSON.parse(stdout) as DiagnoseFigures);
      else if (error.killed) resolve(`no verdict within ${PATIENCE_MS / 1000} s`);
      else resolve(`the process ended: ${stderr.trim().split('\n').at(-1) ?? ''}`);
    });
  });
}
