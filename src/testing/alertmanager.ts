import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, need, type RunningPrometheus } from './prometheus.ts';
import { startServerProcess } from './server-process.ts';

/**
 * Starts an Alertmanager on a free port of 127.0.0.1, which passes on at once what it hears.
 * @param pager address its notifications are posted to
 * @throws an Error with what to install if `alertmanager` cannot be found: a test that needs it does not skip
 */
export async function startAlertmanager(pager: string): Promise<RunningPrometheus> {
  const program = need('alertmanager');
  const folder = await mkdtemp(join(tmpdir(), 'vllm-triage-alertmanager-'));
  const config = join(folder, 'alertmanager.yml');
  await writeFile(
    config,
    [
      'route: { receiver: pager, group_by: [pathology, severity], group_wait: 0s, group_interval: 1s }',
      `receivers: [{ name: pager, webhook_configs: [{ url: '${pager}', send_resolved: true }] }]`,
      '',
    ].join('\n'),
  );
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const stop = await startServerProcess({
    title: 'Alertmanager',
    program,
    args: [
      `--config.file=${config}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ],
    ready: `${url}/-/ready`,
    folder,
  });
  return { url, stop };
}
