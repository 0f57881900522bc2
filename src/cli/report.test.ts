import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startCommand } from '../testing/command.ts';

const recording = fileURLToPath(new URL('../../public/library/overload.om.gz', import.meta.url));

test('the health report in place of the verdict, with the exit code of the verdict', async () => {
  const { code, stdout } = await startCommand(['diagnose', '--recording', recording, '--report', '--format', 'json'])
    .ended;
  expect(code).toBe(1);
  const report = JSON.parse(stdout);
  expect(report.schema).toBe('vllm-triage/health-report/1');
  const [model] = report.models;
  expect(model).toMatchObject({ status: 'critical', model: 'tiny' });
  // More arrives than the engine can do: measured to be so, and played to be so.
  expect(model.headroom.high).toBeLessThan(model.headroom.now);
  const books = model.replicas[0].books as { id: string; balances: boolean | null }[];
  expect(books.find(({ id }) => id === 'queue')?.balances).toBe(false);
  expect(books.find(({ id }) => id === 'tokens')?.balances).toBe(true);
}, 30_000);
