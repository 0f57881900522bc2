import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { freePort, need, type RunningPrometheus } from './prometheus.ts';
import { startServerProcess } from './server-process.ts';

/** Longer than any recording is old; the format knows no more than this. */
const RETENTION = '100y';

/**
 * Starts VictoriaMetrics on a free port of 127.0.0.1 and imports recordings through its API, as if they had been scraped.
 * @param recordings paths of OpenMetrics files, plain or gzip
 * @param flags further flags; by default it keeps 60 labels of a series, since `vllm:cache_config_info` has more than the usual 30
 * @throws an Error with what to install if `victoria-metrics` cannot be found: a test that needs it does not skip
 */
export async function startVictoriaMetrics(
  recordings: readonly string[],
  flags: readonly string[] = ['-maxLabelsPerTimeseries=60'],
): Promise<RunningPrometheus> {
  const program = need('victoria-metrics');
  const folder = await mkdtemp(join(tmpdir(), 'vllm-triage-victoria-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const stop = await startServerProcess({
    title: 'VictoriaMetrics',
    program,
    args: [
      `-storageDataPath=${join(folder, 'data')}`,
      `-httpListenAddr=127.0.0.1:${port}`,
      `-retentionPeriod=${RETENTION}`,
      '-loggerLevel=ERROR',
      ...flags,
    ],
    ready: `${url}/health`,
    folder,
  });
  try {
    for (const path of recordings) await load(url, path);
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Its import wants milliseconds where OpenMetrics writes seconds. */
async function load(url: string, path: string): Promise<void> {
  const bytes = await readFile(path);
  const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString();
  const lines = text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.replace(/ ([\d.]+)$/, (_, seconds: string) => ` ${Math.round(Number(seconds) * 1000)}`));
  const answer = await fetch(`${url}/api/v1/import/prometheus`, { method: 'POST', body: lines.join('\n') });
  if (!answer.ok) throw new Error(`VictoriaMetrics cannot load ${path}: ${answer.status} ${await answer.text()}`);
  // Fresh series are searchable once they are on disk.
  await fetch(`${url}/internal/force_flush`);
}
