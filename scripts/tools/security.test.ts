import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { PAGE_POLICY, PERMISSIONS } from '../../src/cli/serve/policy.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(root + path, 'utf8');

const rows = [...read('docs/security.md').matchAll(/^\|.+\| `([^`]+\.(?:test|spec)\.tsx?)` › (.+) \|$/gm)].map(
  ([, file = '', title = '']) => [file, title] as const,
);

test('docs/security.md names a test beside each promise', () => {
  const promises =
    read('docs/security.md')
      .split('## Promises')[1]
      ?.match(/^\|(?! promise \|)(?!---).+\|$/gm) ?? [];
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.length).toBe(promises.length);
});

test.each(rows)('%s has the test "%s"', (file, title) => {
  expect(existsSync(root + file)).toBe(true);
  // A title of a table of cases may hold a placeholder before it, behind it or in it.
  expect(read(file)).toContain(title);
});

test('docs/deploy.md gives the policy of serve, reading from its own origin only', () => {
  const policy = `${PAGE_POLICY.replace(' http: https:', '')}; frame-ancestors 'self'`;
  const given = [...read('docs/deploy.md').matchAll(/Content-Security-Policy "([^"]+)"/g)].map(([, text]) => text);
  expect(given).toEqual([policy, policy]);
  expect(read('docs/deploy.md')).toContain(`Permissions-Policy "${PERMISSIONS}"`);
});
