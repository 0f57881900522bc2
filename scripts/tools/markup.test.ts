import { join, resolve } from 'node:path';
import { ESLint } from 'eslint';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const eslint = new ESLint({ cwd: root });

/** Rule ids of the errors ESLint finds in a file that exists only here. */
async function faults(path: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: join(root, path) });
  return (result?.messages ?? []).map((message) => message.ruleId ?? message.message);
}

test.each([
  [
    'an element that takes HTML',
    'src/ui/x.tsx',
    'export const X = () => <p dangerouslySetInnerHTML={{ __html: "x" }} />;',
    'house/no-markup',
  ],
  [
    'the same as a property',
    'src/ui/x.tsx',
    'export const x = { dangerouslySetInnerHTML: { __html: "x" } };',
    'house/no-markup',
  ],
  [
    'a frame that takes HTML',
    'src/ui/x.tsx',
    'export const X = () => <iframe title="x" srcDoc="x" />;',
    'house/no-markup',
  ],
  ['innerHTML', 'src/app/x.ts', 'document.body.innerHTML = "x";', 'house/no-markup'],
  ['innerHTML by its name', 'src/app/x.ts', 'document.body["innerHTML"] = "x";', 'house/no-markup'],
  ['outerHTML', 'src/embed/x.ts', 'document.body.outerHTML = "x";', 'house/no-markup'],
  ['insertAdjacentHTML', 'src/ui/x.ts', 'document.body.insertAdjacentHTML("beforeend", "x");', 'house/no-markup'],
  ['document.write', 'src/main.tsx', 'document.write("x");', 'house/no-markup'],
  ['a parser of HTML', 'src/state/x.ts', 'new DOMParser();', 'house/no-markup'],
  ['eval', 'src/core/base/x.ts', 'eval("x");', 'no-eval'],
  ['eval by another way', 'src/ui/x.ts', 'globalThis.eval("x");', 'no-eval'],
  ['a function made of text', 'src/sources/x.ts', 'export const f = new Function("x");', 'no-new-func'],
  ['a timer with text', 'src/ui/x.ts', 'setTimeout("x", 1);', 'no-implied-eval'],
  ['an address that is code', 'src/ui/x.ts', 'export const x = "javascript:alert(1)";', 'no-script-url'],
])('%s is refused', async (_, path, code, rule) => {
  expect(await faults(path, code)).toContain(rule);
});

test('text given to React, and a stream that is written to, are not', async () => {
  const code = 'export const X = ({ a }: { a: string }) => <p title={a}>{a}</p>;\nprocess.stdout.write("x");';
  expect((await faults('src/ui/x.tsx', code)).filter((rule) => rule === 'house/no-markup')).toEqual([]);
});
