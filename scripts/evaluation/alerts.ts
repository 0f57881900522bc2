import { readFile } from 'node:fs/promises';
import { alertFile } from '../../src/core/exports/alert-rules.ts';
import type { RuleFile } from '../../src/core/exports/rule-file.ts';
import { type InputSeries, notationOf } from '../../src/core/exports/test-series.ts';
import { targetsOf } from '../../src/core/verdict/profiles.ts';
import { gunzipIfNeeded } from '../../src/sources/recording/decompress.ts';
import { openRecording } from '../../src/sources/recording/source.ts';
import { firstFirings } from '../../src/testing/promtool.ts';
import { RECORDING_SETS } from './sets.ts';
import { readTruths, type Truth } from './truth.ts';

/** What the alerts exported for a recording do on its own series, in promtool. */
export interface AlertRow {
  readonly set: string;
  readonly truth: Truth;
  /** Seconds from the onset (from the start of a healthy one) to the first firing, by alert; ours and the textbook's. */
  readonly ours: ReadonlyMap<string, number>;
  readonly textbook: ReadonlyMap<string, number>;
}

/** Every labelled recording. @param names empty = all */
export async function alertRows(names: readonly string[] = []): Promise<AlertRow[]> {
  const rows: AlertRow[] = [];
  for (const set of RECORDING_SETS) {
    for (const truth of await readTruths(set.truth)) {
      if (names.length > 0 && !names.includes(truth.name)) continue;
      rows.push(await alertRow(set.name, truth, set.file(truth.name)));
    }
  }
  return rows;
}

async function alertRow(set: string, truth: Truth, path: string): Promise<AlertRow> {
  const text = await gunzipIfNeeded(new Uint8Array(await readFile(path)));
  const platform = { fetch: globalThis.fetch, now: () => Date.now() / 1000 };
  const evidence = await openRecording({ name: truth.name, texts: [text] }, platform).read(
    { from: 'start', to: 'end', selector: '', knobs: {} },
    new AbortController().signal,
  );
  // The one recording of a batch is healthy as such: its backlog is the plan.
  const targets = targetsOf(truth.says.startsWith('profile batch') ? 'batch' : 'chat');
  const { file } = alertFile({ selector: '', evidence, targets, knobs: {}, page: null, prometheus: null });
  const interval = Math.round(evidence.scrapeInterval ?? evidence.grid.step);
  const { series, seconds } = scraped(text, interval, JSON.stringify(file));
  const firings = firstFirings(file, series, interval, seconds);
  const own = (origin: string) => {
    const known = alertsOf(file, origin);
    const late = (at: number) => at - (truth.onset ?? 0);
    return new Map([...firings].filter(([name]) => known.has(name)).map(([name, at]) => [name, late(at)]));
  };
  return { set, truth, ours: own('vllm-triage'), textbook: own('textbook') };
}

function alertsOf(file: RuleFile, origin: string): Set<string> {
  const rules = file.groups.flatMap((group) => group.rules);
  return new Set(rules.flatMap((rule) => ('alert' in rule && rule.labels.origin === origin ? [rule.alert] : [])));
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(\{.*\})? (\S+) (\d+(?:\.\d+)?)$/;

/** The samples of an OpenMetrics text as promtool series, one value per scrape, of the metrics that are asked for. */
function scraped(text: string, interval: number, asked: string): { series: InputSeries[]; seconds: number } {
  const found = new Map<string, Map<number, number>>();
  let start = Infinity;
  let end = 0;
  for (const line of text.split('\n')) {
    const match = SAMPLE.exec(line);
    if (!match || !asked.includes(match[1] as string)) continue;
    const at = Number(match[4]);
    start = Math.min(start, at);
    end = Math.max(end, at);
    const key = `${match[1]}${match[2] ?? ''}`;
    const values = found.get(key) ?? new Map<number, number>();
    found.set(key, values.set(at, Number(match[3])));
  }
  const count = Math.round((end - start) / interval) + 1;
  const series = [...found].map(([key, samples]) => {
    const values: (number | null)[] = Array.from({ length: count }, () => null);
    for (const [at, value] of samples) values[Math.round((at - start) / interval)] = value;
    return { series: key, values: notationOf(values, 1) };
  });
  return { series, seconds: (count - 1) * interval };
}
