import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { KNOBS, knobOf, parseKnob, TOLD } from './index.ts';
import { defaultOn, type Knob, sayReleases } from './knob.ts';

const NOT_TABLES = ['knob.ts', 'index.ts', 'render.ts', 'sizing.ts'];

describe('knobs', () => {
  test('list and directory agree', async () => {
    const files = readdirSync(import.meta.dirname).filter(
      (f) => f.endsWith('.ts') && !f.endsWith('.test.ts') && !NOT_TABLES.includes(f),
    );
    const entries: string[] = [];
    for (const file of files) {
      const module = (await import(join(import.meta.dirname, file))) as Record<string, readonly Knob[]>;
      for (const table of Object.values(module)) entries.push(...table.map((k) => k.id));
    }
    expect(KNOBS.map((k) => k.id).sort()).toEqual(entries.sort());
    expect(new Set(entries).size).toBe(entries.length);
  });

  test('fields belong to flags that take JSON, and old advice says why it is none', () => {
    for (const knob of KNOBS) {
      if (knob.written.by === 'field') {
        const { of } = knob.written;
        const host = KNOBS.find((k) => k.written.by === 'flag' && k.written.flag === of);
        expect(host?.value.kind, knob.id).toBe('json');
      }
      if (knob.until !== null) expect(knob.never, knob.id).not.toBeNull();
    }
  });

  /** Flags of Prometheus, kubectl, docker and py-spy, and of our own command line. */
  const OTHERS = new Set(
    '--web --storage --query --config --previous --pid --knob --every --calibrate --timestamps --prefix'.split(' '),
  );

  test('every flag and knob that a detector, a remedy or a rule speaks of is in the catalogue', () => {
    const core = join(import.meta.dirname, '..');
    const files = ['detectors', 'verdict', 'evidence', 'tuner', 'whatif', 'panels', 'serverlog'].flatMap((room) =>
      readdirSync(join(core, room), { recursive: true, encoding: 'utf8' }).map((file) => join(core, room, file)),
    );
    const sources = files.filter((file) => /\.(ts|md)$/.test(file) && !/(\.test|scenes)\.ts$/.test(file));
    expect(sources.length).toBeGreaterThan(50);
    const flags = new Set(
      KNOBS.flatMap((k) => (k.written.by !== 'flag' ? [] : [k.written.flag, `--no-${k.id}`])) as readonly string[],
    );
    const ids = new Set<string>(KNOBS.map((k) => k.id));
    const unknown: string[] = [];
    for (const file of sources) {
      const text = readFileSync(file, 'utf8');
      for (const [flag] of text.matchAll(/(?<![\w-])--[a-z][a-z0-9]*(?:-[a-z0-9]+)*/g))
        if (!flags.has(flag) && !OTHERS.has(flag) && flag !== '--enable-x') unknown.push(`${flag} in ${file}`);
      for (const [, id = ''] of text.matchAll(/\bknob: '([a-z-]+)'/g))
        if (!ids.has(id)) unknown.push(`knob ${id} in ${file}`);
    }
    expect(unknown).toEqual([]);
  });

  test.each([
    ['max-num-seqs', { gib: 80, name: 'NVIDIA H100 80GB' }, 1024],
    ['max-num-seqs', { gib: 80, name: 'NVIDIA A100-SXM4-80GB' }, 256],
    ['max-num-seqs', { gib: 24, name: 'NVIDIA L4' }, 256],
    ['max-num-seqs', { gib: null, name: 'CPU' }, 128],
    ['max-num-batched-tokens', { gib: 180, name: 'NVIDIA B200' }, 16_384],
    ['max-num-batched-tokens', { gib: 141, name: 'NVIDIA H200' }, 8192],
    ['max-num-batched-tokens', { gib: 80, name: 'NVIDIA A100-SXM4-80GB' }, 2048],
    ['block-size', { gib: null, name: 'CPU' }, 128],
    ['gpu-memory-utilization', { gib: 24, name: 'NVIDIA L4' }, 0.92],
    ['max-model-len', { gib: 24, name: 'NVIDIA L4' }, null],
  ] as const)('default of %s on %o', (id, hardware, expected) => {
    expect(defaultOn(knobOf(id), hardware)).toBe(expected);
  });

  test.each([
    ['max-num-seqs', 'all V1 releases'],
    ['max-num-queued-reqs', '0.29.0 and later'],
    ['max-num-partial-prefills', 'before 0.27.0'],
  ] as const)('releases of %s', (id, says) => {
    expect(sayReleases(knobOf(id))).toBe(says);
  });

  test('what a person may tell', () => {
    expect(TOLD.map((k) => k.id)).toEqual([
      'max-num-seqs',
      'max-num-batched-tokens',
      'max-model-len',
      'shared-prefix-tokens',
    ]);
  });

  test.each([
    ['max-num-seqs=64', { id: 'max-num-seqs', value: 64 }],
    ['--max_num_seqs=64', { id: 'max-num-seqs', value: 64 }],
    ['max-num-batched-tokens:2048', { id: 'max-num-batched-tokens', value: 2048 }],
    ['shared-prefix-tokens=0', { id: 'shared-prefix-tokens', value: 0 }],
  ])('reads %s', (text, expected) => {
    expect(parseKnob(text)).toEqual(expected);
  });

  test.each([
    ['max-num-seq=64', /expected one of max-num-seqs/],
    ['watermark=0.1', /expected one of max-num-seqs/],
    ['max-num-seqs', /whole number from 1/],
    ['max-num-seqs=', /whole number/],
    ['max-num-seqs=0', /whole number from 1/],
    ['max-num-seqs=1e99', /whole number/],
    ['max-num-seqs=NaN', /whole number/],
    ['', /got nothing/],
  ])('refuses %s and names what was expected', (text, message) => {
    expect(() => parseKnob(text)).toThrow(message);
  });
});
