import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

const assets = fileURLToPath(new URL('../../dist/app/assets/', import.meta.url));

/** Scripts one script cannot start without, itself among them. */
function closureOf(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, next] of textOf(file).matchAll(/(?:from|import)\s*["']\.\/([\w-]+\.js)["']/g))
    closureOf(next as string, seen);
  return seen;
}

function textOf(file: string): string {
  return readFileSync(`${assets}${file}`, 'utf8');
}

/** The one built script that holds a text its source is known by. */
function scriptWith(text: string | RegExp): string {
  const found = readdirSync(assets).filter(
    (file) => file.endsWith('.js') && (typeof text === 'string' ? textOf(file).includes(text) : text.test(file)),
  );
  expect(found, `scripts with ${text}`).toHaveLength(1);
  return found[0] as string;
}

function kilobytesOf(files: Iterable<string>): number {
  return [...files].reduce((sum, file) => sum + gzipSync(readFileSync(`${assets}${file}`)).length, 0) / 1000;
}

/** What the browser must have before it can start the page. */
function pageScripts(): Set<string> {
  const html = readFileSync(`${assets}../index.html`, 'utf8');
  const [, entry] = /<script[^>]* src="\.\/assets\/([\w-]+\.js)"/.exec(html) ?? [];
  return closureOf(entry as string);
}

/** What the worker loads on the way to the verdict on a Prometheus: itself, what reads it and what judges. */
function workerScripts(): Set<string> {
  const worker = scriptWith(/^reader-worker-/);
  const needed = [...textOf(worker).matchAll(/import\(["'`]\.\/([\w-]+\.js)["'`]\)/g)]
    .map(([, file]) => file as string)
    .filter((file) => file.startsWith('judge-') || textOf(file).includes('label/__name__/values'));
  expect(needed).toHaveLength(2);
  return new Set([worker, ...needed].flatMap((file) => [...closureOf(file)]));
}

test('the first verdict needs no more script than it has to, the worker that judges counted in', () => {
  if (!existsSync(assets)) throw new Error('The page is not built: run `npm run build` first.');
  const page = pageScripts();
  const worker = workerScripts();
  expect(page.size).toBeGreaterThan(5);
  const [ofPage, ofWorker] = [kilobytesOf(page), kilobytesOf(worker)];
  // Ratchets, to be lowered. The aim is 150 kB in all: React is 68 of them, and detectors with the words of what they find are 110.
  expect(ofPage).toBeLessThan(145);
  expect(ofPage + ofWorker).toBeLessThan(303);
});

test('charts, other pages, menus and dialogs, and what judges, are not among the scripts the page starts with', () => {
  const texts = [...pageScripts()].map(textOf).join('');
  // Each stands in exactly one script of its own, so that the name of a part that is gone does not pass for its absence.
  const parts = {
    charts: 'recharts-wrapper',
    menus: 'menu.itemSelect',
    'the start page': 'data-library-row',
    'what judges': 'Running requests outgrow the KV cache',
  };
  for (const [part, text] of Object.entries(parts)) {
    expect(
      readdirSync(assets).some((file) => file.endsWith('.js') && textOf(file).includes(text)),
      part,
    ).toBe(true);
    expect(texts.includes(text), part).toBe(false);
  }
});
