import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { need } from '../testing/prometheus.ts';
import { GPU_EXPORTERS, scrapeConfig, type ScrapeConfigOptions } from './scrape-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'vllm-triage-scrape-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a real promtool says of a configuration. */
function check(text: string): { status: number | null; says: string } {
  const file = join(folder, 'prometheus.yml');
  writeFileSync(file, text);
  const run = spawnSync(need('promtool'), ['check', 'config', file], { encoding: 'utf8' });
  return { status: run.status, says: run.stdout + run.stderr };
}

const CASES: readonly (readonly [string, ScrapeConfigOptions])[] = [
  ['one server', { targets: ['vllm-0:8000'] }],
  ['pages behind https and on a path', { targets: ['https://a.example/metrics', 'http://b:8001/engine/metrics', 'c'] }],
  ['both kinds of GPU exporter', { targets: ['a:8000'], gpu: 'dcgm' }],
  ['nvidia-smi', { targets: ['a:8000', 'b:8000'], gpu: 'nvidia-smi', job: 'llm "prod"' }],
  ['an address of version 6', { targets: ['[fd00::1]:8000'] }],
];

describe('a real promtool accepts', () => {
  test.each(CASES)('%s', (_name, options) => {
    expect(check(scrapeConfig(options))).toMatchObject({ status: 0 });
  });

  test('and refuses what is none, so that the check means something', () => {
    expect(check(scrapeConfig({ targets: ['a:8000'] }).replace('5s', 'often')).status).not.toBe(0);
    expect(
      check(scrapeConfig({ targets: ['a:8000'] }).replace('scrape_timeout: 5s', 'scrape_timeout: 6s')).status,
    ).not.toBe(0);
  });
});

test('each address once, in a job per scheme and path, the GPU exporter on the hosts of the engines', () => {
  const text = scrapeConfig({
    targets: ['http://a:8000/metrics', 'a:8000', 'b', 'https://c/metrics', 'https://me:secret@d:8443/x/metrics'],
    gpu: 'dcgm',
  });
  expect(text.match(/job_name: .*/g)).toEqual([
    'job_name: "vllm"',
    'job_name: "vllm-2"',
    'job_name: "vllm-3"',
    `job_name: "${GPU_EXPORTERS.dcgm.job}"`,
  ]);
  expect(text.match(/- "[^"]+"/g)).toEqual(
    ['a:8000', 'b:8000', 'c:443', 'd:8443', 'a:9400', 'b:9400', 'c:9400', 'd:9400'].map((one) => `- "${one}"`),
  );
  expect(text).toContain('metrics_path: "/x/metrics"');
  expect(text).toContain('# No port is known of b');
  expect(text).not.toContain('secret');
});

test.each(['', 'a b', 'http://', 'a/metrics', 'a:8000:1'])('"%s" is no target', (target) => {
  expect(() => scrapeConfig({ targets: [target] })).toThrow(RangeError);
});

test('no target, no job', () => {
  expect(() => scrapeConfig({ targets: [] })).toThrow(RangeError);
});

test('whatever the label holds, it adds no line of its own', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (target, job) => {
      try {
        const lines = scrapeConfig({ targets: ['a:8000', target], job }).split('\n');
        expect(lines.length).toBeLessThanOrEqual(12 + 8);
        expect(lines.every((line) => /^(#|scrape_configs:| {2}|$)/.test(line))).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
  );
});
