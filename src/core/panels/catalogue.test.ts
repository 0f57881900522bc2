import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildScene } from '../evidence/notation.ts';
import { targetsOf } from '../verdict/profiles.ts';
import { PANELS } from './index.ts';
import { PANEL_ROWS } from './panel.ts';

const chat = targetsOf('chat');

describe('the catalogue of panels', () => {
  it('lists every folder, and only those', () => {
    const here = import.meta.dirname;
    const folders = readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(PANELS.map((panel) => panel.id).sort()).toEqual(folders.map((entry) => entry.name).sort());
    for (const { name } of folders) expect(existsSync(`${here}/${name}/panel.test.ts`), name).toBe(true);
  });

  it('has four panels in each row, in the order of the rows', () => {
    expect(PANELS.map((panel) => panel.row)).toEqual(PANEL_ROWS.flatMap((row) => [row, row, row, row]));
  });

  it.each(PANELS.map((panel) => [panel.id, panel] as const))('%s says what each signal would decide', (_, panel) => {
    for (const signal of panel.signals) expect(panel.decides[signal], signal).toBeTruthy();
  });

  it.each(PANELS.map((panel) => [panel.id, panel] as const))(
    '%s is absent, not broken, without any data',
    (_, panel) => {
      const data = panel.build(buildScene({ steps: 12 }), chat);
      expect(data.state).toBe('absent');
      expect(data.missing.map((m) => m.signal)).toEqual(panel.signals);
      expect(data.lines.length + data.bands.length + data.stacks.length).toBe(0);
    },
  );

  it.each(PANELS.map((panel) => [panel.id, panel] as const))('%s gives its numbers as PromQL', (_, panel) => {
    const queries = panel.queries(buildScene({ steps: 12, selector: '{job="vllm"}' }));
    expect(queries.length).toBeGreaterThan(0);
    for (const { title, query } of queries) {
      expect(title).not.toBe('');
      // A GPU exporter is another job, so the selector is not put on it.
      if (panel.id !== 'gpu') expect(query).toContain('job="vllm"');
    }
  });
});
