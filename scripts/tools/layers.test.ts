import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ESLint } from 'eslint';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ARROWS } from '../../eslint.config.js';
import { isTestFile, reachOf } from './rooms.js';

const root = resolve(import.meta.dirname, '../..');
const eslint = new ESLint({ cwd: root });
// The first file pays for loading the parser and the plugins.
beforeAll(() => faults('src/core/base/x.ts', ''), 60_000);

/** Rule ids of the errors ESLint finds in a file that exists only here. */
async function faults(path: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: join(root, path) });
  expect(result, 'the file was linted, not ignored').toBeDefined();
  return (result?.messages ?? []).map((message) => message.ruleId ?? message.message);
}

const uses = (address: string) => `import type { It } from '${address}';\nexport type Mine = It;\n`;

describe('the drawing', () => {
  test('has no circle, and every arrow ends at a room', () => {
    expect(reachOf(ARROWS).size).toBe(Object.keys(ARROWS).length);
  });
  test.each([
    ['a circle', { a: ['b'], b: ['a'] }],
    ['an arrow to nowhere', { a: ['b'] }],
  ])('%s is refused', (_name, arrows: Record<string, string[]>) => {
    expect(() => reachOf(arrows)).toThrow();
  });
});

describe('a room that looks where it may not', () => {
  test.each([
    ['signals → evidence', 'src/core/signals/x.ts', '../evidence/evidence.ts'],
    ['base → signals', 'src/core/base/x.ts', '../signals/signal.ts'],
    ['knobs → signals', 'src/core/knobs/x.ts', '../signals/signal.ts'],
    ['promql → evidence', 'src/core/promql/x.ts', '../evidence/evidence.ts'],
    ['exposition → promql', 'src/core/exposition/x.ts', '../promql/compile.ts'],
    ['evidence → detectors', 'src/core/evidence/x.ts', '../detectors/detector.ts'],
    ['evidence → verdict', 'src/core/evidence/x.ts', '../verdict/profiles.ts'],
    ['detectors → verdict', 'src/core/detectors/overload/x.ts', '../../verdict/verdict.ts'],
    ['detectors → sources', 'src/core/detectors/overload/x.ts', '../../../sources/source.ts'],
    ['verdict → panels', 'src/core/verdict/x.ts', '../panels/panel.ts'],
    ['panels → sources', 'src/core/panels/x.ts', '../../sources/source.ts'],
    ['sources → state', 'src/sources/x.ts', '../state/queries.ts'],
    ['sources → app', 'src/sources/x.ts', '../app/app.tsx'],
    ['state → ui', 'src/state/x.ts', '../ui/banner.tsx'],
    ['ui → state', 'src/ui/x.tsx', '../state/queries.ts'],
    ['ui → sources', 'src/ui/x.tsx', '../sources/source.ts'],
    ['cli → state', 'src/cli/x.ts', '../state/url.ts'],
    ['anything → testing', 'src/sources/x.ts', '../testing/prometheus.ts'],
    ['a test in core → sources', 'src/core/evidence/x.test.ts', '../../sources/source.ts'],
    ['core → React', 'src/core/evidence/x.ts', 'react'],
    ['core → node:fs', 'src/core/evidence/x.ts', 'node:fs'],
    ['core → any package', 'src/core/evidence/x.ts', 'valibot'],
    ['core → package.json', 'src/core/verdict/x.ts', '../../../package.json'],
    ['sources → node:fs', 'src/sources/recording/x.ts', 'node:fs'],
    ['sources → React', 'src/sources/x.ts', 'react'],
    ['ui outside charts → recharts', 'src/ui/panels/x.tsx', 'recharts'],
    ['ui → React Query', 'src/ui/x.tsx', '@tanstack/react-query'],
    ['app → React Query', 'src/app/x.tsx', '@tanstack/react-query'],
    ['app → a package nobody decided on', 'src/app/x.tsx', 'left-pad'],
  ])('%s', async (_name, path, address) => {
    expect(await faults(path, uses(address))).toContain('house/rooms');
  });

  test.each([
    ['export from', "export * from '../detectors/detector.ts';"],
    ['export name from', "export { it } from '../detectors/detector.ts';"],
    ['import()', "export const it = () => import('../detectors/detector.ts');"],
    ["typeof import('…')", "export type It = typeof import('../detectors/detector.ts');"],
    ['new URL', "export const it = new URL('../detectors/detector.ts', import.meta.url);"],
  ])('by way of %s', async (_name, code) => {
    expect(await faults('src/core/evidence/x.ts', code)).toContain('house/rooms');
  });

  test.each([
    ['a room nobody drew', 'src/utils/x.ts'],
    ['a core room nobody drew', 'src/core/helpers/x.ts'],
    ['a file beside the rooms', 'src/helpers.ts'],
  ])('%s is refused', async (_name, path) => {
    expect(await faults(path, 'export const it = 1;\n')).toContain('house/rooms');
  });
});

describe('the core is given its world', () => {
  test.each([
    ['Date.now()', 'no-restricted-properties'],
    ['Math.random()', 'no-restricted-properties'],
    ['new Date()', 'no-restricted-syntax'],
    ["console.log('x')", 'no-console'],
    ["fetch('x')", 'no-restricted-globals'],
    ['setTimeout(() => 1)', 'no-restricted-globals'],
    ['process.env', 'no-restricted-globals'],
  ])('%s is refused', async (expression, rule) => {
    expect(await faults('src/core/evidence/x.ts', `export const it = () => ${expression};\n`)).toContain(rule);
  });
  test('new Date(t) is not', async () => {
    expect(await faults('src/core/evidence/x.ts', 'export const it = (t: number) => new Date(t);\n')).toEqual([]);
  });
});

describe('what is allowed passes', () => {
  test.each([
    ['detectors → evidence', 'src/core/detectors/overload/x.ts', '../../evidence/evidence.ts'],
    ['detectors → base, over several arrows', 'src/core/detectors/x.ts', '../base/grid.ts'],
    ['ui/charts → recharts', 'src/ui/charts/x.tsx', 'recharts'],
    ['state → React Query', 'src/state/x.ts', '@tanstack/react-query'],
    ['cli → sources', 'src/cli/x.ts', '../sources/source.ts'],
    ['a test in core → Node', 'src/core/evidence/x.test.ts', 'node:fs'],
    ['a test in core → testing', 'src/core/evidence/x.test.ts', '../../testing/prometheus.ts'],
  ])('%s', async (_name, path, address) => {
    expect(await faults(path, uses(address))).toEqual([]);
  });
});

describe('the checks look at something', () => {
  test('ESLint reaches every source file, with the room rule on', async () => {
    const files = sourceFiles('src');
    expect(files.length).toBeGreaterThan(20);
    for (const file of files) {
      expect(await eslint.isPathIgnored(join(root, file)), file).toBe(false);
      const config = await eslint.calculateConfigForFile(join(root, file));
      expect(config.rules['house/rooms']?.[0], file).toBe(2);
    }
  }, 60_000);

  // In a folder of their own outside the repository, so that no other run trips over them.
  const elsewhere = mkdtempSync(join(tmpdir(), 'vllm-triage-layers-'));
  afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

  test('a circle between two files is found', async () => {
    writeFileSync(join(elsewhere, 'a.ts'), "import { b } from './b.ts';\nexport const a = () => b;\n");
    writeFileSync(join(elsewhere, 'b.ts'), "import { a } from './a.ts';\nexport const b = () => a;\n");
    const there = new ESLint({ cwd: elsewhere, overrideConfigFile: join(root, 'eslint.config.js') });
    const results = await there.lintFiles(['*.ts']);
    expect(results.map((result) => result.messages.map((message) => message.ruleId))).toEqual([
      ['import-x/no-cycle'],
      ['import-x/no-cycle'],
    ]);
  });

  test('the compiler refuses the world in the core', () => {
    const lines = [
      "fetch('x');",
      'document.title;',
      'process.env;',
      'setTimeout(() => 1);',
      "console.log('x');",
      'localStorage.length;',
    ];
    writeFileSync(join(elsewhere, 'probe.ts'), `${lines.join('\n')}\nexport {};\n`);
    writeFileSync(
      join(elsewhere, 'tsconfig.json'),
      JSON.stringify({ extends: join(root, 'src/core/tsconfig.json'), include: ['probe.ts'] }),
    );
    const said = tsc('--project', elsewhere, '--pretty', 'false', '--incremental', 'false');
    const refused = new Set([...said.matchAll(/probe\.ts\((\d+),/g)].map((match) => Number(match[1])));
    expect([...refused].sort()).toEqual(lines.map((_, index) => index + 1));
  }, 60_000);

  test('the compiler reads every file of the core', () => {
    const read = new Set(tsc('--project', join(root, 'src/core'), '--listFilesOnly').split(/\r?\n/));
    const files = sourceFiles('src/core').filter((file) => !isTestFile(file));
    expect(files.length).toBeGreaterThan(20);
    expect(files.filter((file) => !read.has(join(root, file)))).toEqual([]);
  }, 60_000);
});

function tsc(...args: string[]): string {
  return spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...args], {
    cwd: root,
    encoding: 'utf8',
  }).stdout;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name));
}
