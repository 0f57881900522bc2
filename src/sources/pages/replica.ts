import type { Parsed } from '../../core/exposition/parse.ts';
import { SIGNALS } from '../../core/signals/index.ts';
import { probeName, spellingsOf } from '../../core/signals/spellings.ts';

const ENGINE_NAMES = new Set(
  SIGNALS.filter(({ level }) => level === 'engine').flatMap((signal) =>
    spellingsOf(signal).map((name) => probeName(signal, name)),
  ),
);
const START = 'process_start_time_seconds';

/** What a text says of the server it came from. */
export interface Identity {
  /** Equal for two texts of one server process, as far as they tell. */
  readonly key: string;
  /** Whether `instance` is among its labels. */
  readonly named: boolean;
  /** Whether the process says when it started; a server of several processes does not. */
  readonly dated: boolean;
  /** Whether there is an engine in it at all. */
  readonly engine: boolean;
}

/** Recognised by who it serves and when its process started: two servers with one model start at different times. */
export function identityOf({ series }: Parsed): Identity {
  const engines = new Set<string>();
  let named = false;
  for (const { name, labels } of series) {
    if (!ENGINE_NAMES.has(name)) continue;
    if (labels.instance) named = true;
    engines.add(JSON.stringify([labels.instance ?? '', labels.engine ?? '', labels.model_name ?? '']));
  }
  const starts = new Set(series.filter(({ name }) => name === START).flatMap(({ values }) => values));
  return {
    key: JSON.stringify([[...engines].sort(), [...starts].sort()]),
    named,
    dated: starts.size > 0,
    engine: engines.size > 0,
  };
}

/** What a file is called without folder and endings: `vllm-0` of `incident/vllm-0.prom.gz`. */
export function stemOf(name: string): string {
  const base = name.split(/[\\/]/).at(-1) ?? name;
  return base.replace(/(\.(gz|om|prom|txt|metrics|openmetrics)){1,4}$/i, '') || base;
}
