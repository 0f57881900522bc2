import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { adviceFor, findProgram, type ProgramId, PROGRAMS } from '../../scripts/tools/programs.js';
import { later } from './copies.ts';
import { startServerProcess } from './server-process.ts';

/** A real Prometheus that runs for a test. */
export interface RunningPrometheus {
  readonly url: string;
  /** Ends the server and removes its data. */
  stop(): Promise<void>;
}

export interface PrometheusOptions {
  /** Paths of OpenMetrics files, plain or gzip; loaded as if they had been scraped. */
  readonly recordings: readonly string[];
  /** Seconds every sample is moved by, so that what is over happens now; default 0. */
  readonly moved?: number;
  /** Further flags, e.g. `--query.max-samples=100`. */
  readonly flags?: readonly string[];
}

/** Longer than any recording is old, so that retention deletes none. */
const RETENTION = '100y';

/**
 * Fills a Prometheus with recordings and starts it on a free port of 127.0.0.1.
 * @throws an Error with what to install if `prometheus` or `promtool` cannot be found: a test that needs them does not skip
 */
export async function startPrometheus(options: PrometheusOptions): Promise<RunningPrometheus> {
  const [prometheus, promtool] = [need('prometheus'), need('promtool')];
  const folder = await mkdtemp(join(tmpdir(), 'vllm-triage-prometheus-'));
  const data = join(folder, 'data');
  for (const [index, path] of options.recordings.entries()) {
    const bytes = await readFile(path);
    const text = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
    const file = join(folder, `${index}.om`);
    await writeFile(file, options.moved ? later(text.toString('utf8'), options.moved) : text);
    const made = spawnSync(promtool, ['tsdb', 'create-blocks-from', 'openmetrics', file, data], { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`promtool cannot load ${path}: ${made.stderr}`);
    await rm(file);
  }
  const config = join(folder, 'prometheus.yml');
  await writeFile(config, 'global: {}\n');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const stop = await startServerProcess({
    title: 'Prometheus',
    program: prometheus,
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${data}`,
      `--storage.tsdb.retention.time=${RETENTION}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
      ...(options.flags ?? []),
    ],
    ready: `${url}/-/ready`,
    folder,
  });
  return { url, stop };
}

/** The file of a program. @throws an Error with what to install if it cannot be found */
export function need(program: ProgramId): string {
  const file = findProgram(program, process.env);
  if (!file) throw new Error(`This test needs a real ${PROGRAMS[program].title}. ${adviceFor(program, process.env)}`);
  return file;
}

/** A port of 127.0.0.1 nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
