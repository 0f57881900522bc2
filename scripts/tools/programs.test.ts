import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { adviceFor, findProgram } from './programs.js';

const folder = mkdtempSync(join(tmpdir(), 'vllm-triage-programs-'));
afterAll(() => rmSync(folder, { recursive: true }));

function program(...path: string[]): string {
  const file = join(folder, ...path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, '');
  chmodSync(file, 0o755);
  return file;
}

const shell = program('a', 'chromium-headless-shell');
const full = program('b', 'chromium');
const own = program('own-browser');
const PATH = [join(folder, 'a'), join(folder, 'b')].join(delimiter);

describe('findProgram', () => {
  test.each([
    ['the variable comes first', { PATH, VLLM_TRIAGE_CHROMIUM: own }, own],
    ['then the preferred name, wherever on PATH it is', { PATH }, full],
    ['then the next name', { PATH: join(folder, 'a') }, shell],
    ['a variable that leads nowhere is not passed over', { PATH, VLLM_TRIAGE_CHROMIUM: join(folder, 'gone') }, null],
    ['an empty variable is none', { PATH, VLLM_TRIAGE_CHROMIUM: '' }, full],
    ['nothing on PATH', { PATH: '' }, null],
    ['no PATH', {}, null],
  ])('%s', (_name, environment, expected) => {
    expect(findProgram('chromium', environment)).toBe(expected);
  });
});

test('promtool is looked for beside a Prometheus that was named', () => {
  const prometheus = program('release', 'prometheus');
  const promtool = program('release', 'promtool');
  expect(findProgram('promtool', { PATH, VLLM_TRIAGE_PROMETHEUS: prometheus })).toBe(promtool);
});

describe('adviceFor', () => {
  test.each([
    ['missing', {}, 'install the Debian package prometheus'],
    ['named wrongly', { VLLM_TRIAGE_PROMETHEUS: 'gone' }, 'VLLM_TRIAGE_PROMETHEUS names gone'],
  ])('%s', (_name, environment, part) => {
    expect(adviceFor('prometheus', environment)).toContain(part);
  });
});
