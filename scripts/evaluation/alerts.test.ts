import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { alertRows } from './alerts.ts';
import { alertsPage } from './report/alerts.ts';

/** Seconds from the onset in which an alert named after what really happened has to fire: the product's promise. */
const WITHIN = 120;

const rows = await alertRows();

test.each(rows.filter(({ truth }) => truth.primary.includes('healthy')).map((row) => [row.truth.name, row] as const))(
  '%s is healthy: no alert of ours fires',
  (_, { ours }) => {
    expect([...ours.keys()]).toEqual([]);
  },
);

test.each(rows.filter(({ truth }) => !truth.primary.includes('healthy')).map((row) => [row.truth.name, row] as const))(
  '%s rings within two minutes of the onset, under one of the names it may have',
  (_, { truth, ours }) => {
    const right = [...ours].filter(([name]) => truth.primary.some((id) => name.startsWith(id)));
    expect(right.length).toBeGreaterThan(0);
    const first = Math.min(...right.map(([, at]) => at));
    expect(first).toBeLessThanOrEqual(WITHIN);
    // Where the same trouble was there in a milder form, it may ring before.
    if (truth.calm !== false) expect(first).toBeGreaterThanOrEqual(0);
  },
);

test('docs/alerts.md says what the rules of today do; `npm run alerts` writes it anew', async () => {
  expect(await readFile(new URL('../../docs/alerts.md', import.meta.url), 'utf8')).toBe(alertsPage(rows));
});
