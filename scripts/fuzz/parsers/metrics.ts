import { SourceError } from '../../../src/sources/errors.ts';
import { diagnose } from '../../../src/core/verdict/diagnose.ts';
import { toJson, toText } from '../../../src/core/verdict/format.ts';
import { targetsOf } from '../../../src/core/verdict/profiles.ts';
import type { Source } from '../../../src/sources/source.ts';
import { openRecording } from '../../../src/sources/recording/source.ts';
import { splitTime } from '../../../src/sources/pages/named-time.ts';
import { openPages } from '../../../src/sources/pages/source.ts';
import { openLog } from '../../../src/sources/log/source.ts';
import type { FuzzedParser } from '../parser.ts';
import { sample, thinned } from './samples.ts';

export const platform = {
  fetch: () => Promise.reject(new Error('nobody is asked for anything')),
  now: () => 1_795_600_000,
} as const;
const ALL = { from: 'start', to: 'end', selector: '', knobs: {} } as const;
const never = new AbortController().signal;
const targets = targetsOf('chat');

/** Every so many-th text is read to the end and judged: a hundred times the cost of opening it. */
const JUDGED = 200;

/** Reads a source that opened, judges it, and writes the verdict down, for one text in two hundred. */
export async function judged(source: Source, text: string): Promise<void> {
  if (text.length % JUDGED !== 0) return;
  const verdict = diagnose(await source.read(ALL, never), targets);
  toText(verdict);
  JSON.stringify(toJson(verdict, '0'));
}

/** The metrics a verdict needs most; four samples of each series. */
const engine = (line: string) =>
  /^(?:vllm:(?:num_requests|kv_cache|generation_tokens|time_to_first_token_seconds_(?:sum|count)|cache_config)\w*|process_start\w*|up)(?=[ {])[^}]*/.exec(
    line,
  )?.[0] ?? null;

const METRICS = [
  'vllm:num_requests_running',
  'vllm:kv_cache_usage_perc',
  '{',
  '}',
  '"',
  '\\',
  ',',
  '=',
  ' ',
  '\n',
  '# EOF\n',
  '# TYPE x gauge\n',
  '} ',
  '1795571173.376',
  'NaN',
  '+Inf',
  'le="+Inf"',
  '__name__="x"',
  'constructor="x"',
  '__proto__="x"',
];

export const recording: FuzzedParser = {
  id: 'recording',
  title: 'recordings (OpenMetrics text)',
  seeds: () => {
    const whole = sample('public/library/imbalance.om.gz');
    return [
      thinned(whole, 1500, engine),
      `${thinned(whole, 700, engine)}# EOF\n`,
      thinned(sample('e2e/fixtures/recordings/own-crash.om.gz'), 1500, engine),
    ];
  },
  words: METRICS,
  read: (text) => judged(openRecording({ name: 'a.om', texts: [text] }, platform), text),
  refuses: (error) => error instanceof SourceError,
};

/** Two pages of one server, with a line between them that no page has. */
const BETWEEN = '\n-----\n';

export const pages: FuzzedParser = {
  id: 'pages',
  title: 'saved /metrics pages, and what their names say',
  seeds: () => {
    const page = thinned(sample('src/core/exposition/pages/excerpts/production-stack.prom'), 900);
    const later = page.replace(/ (\d+)$/gm, (_, n: string) => ` ${Number(n) + 5}`);
    return [
      `vllm-0@2026-11-24T12:00:00Z.prom\n${page}${BETWEEN}vllm-0@2026-11-24T12:00:15Z.prom\n${later}`,
      `a.prom\n${page}${BETWEEN}b.prom\n${later}`,
    ];
  },
  words: [...METRICS, BETWEEN, '@', '@2026-11-24T12:00:00Z', '@1795571173', '.prom', '.gz'],
  read(text) {
    const parts = text.split(BETWEEN).map((part) => {
      const [name = '', ...lines] = part.split('\n');
      return { name, text: lines.join('\n') };
    });
    return judged(
      openPages({ pages: parts.map(({ name, text: page }) => ({ ...splitTime(name), text: page })) }, platform),
      text,
    );
  },
  refuses: (error) => error instanceof SourceError,
};

export const log: FuzzedParser = {
  id: 'log',
  title: "server logs, with shippers' prefixes",
  seeds: () => {
    const whole = sample('e2e/fixtures/logs/kv-thrash-a.log.gz');
    const stats = thinned(
      whole,
      1200,
      (line) => /throughput|non-default|KV cache size|version/.exec(line)?.[0] ?? null,
    );
    const lines = stats.trimEnd().split('\n');
    return [
      stats,
      `${lines.map((line, i) => JSON.stringify({ log: `${line}\n`, stream: 'stderr', time: `2026-11-24T12:00:${String(i % 60).padStart(2, '0')}.5Z` })).join('\n')}\n`,
      `${lines.map((line, i) => `2026-11-24T12:00:${String(i % 60).padStart(2, '0')}.123456789Z stderr F ${line}`).join('\n')}\n`,
      `${lines.map((line) => `[pod/vllm-0/vllm] ${line}`).join('\n')}\n`,
      `${lines[0]}\nTraceback (most recent call last):\n  File "/usr/lib/vllm/engine.py", line 1\ntorch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB\nERROR 11-24 12:00:59 [core.py:1] EngineCore encountered a fatal error.\n`,
    ];
  },
  words: [
    'INFO 11-24 12:00:00 [loggers.py:335] Engine 000: ',
    'Avg prompt throughput: 1.0 tokens/s, ',
    '(EngineCore pid=1) ',
    ' - "POST /v1/chat/completions HTTP/1.1" 200 OK',
    'INFO 02-29 12:00:00 [a.py:1] ',
    '2026-11-24T12:00:00Z ',
    'Nov 24 12:00:00 host vllm[1]: ',
    'vllm-0  | ',
    '\x1b[31m',
    '{"log":"',
    '{"kubernetes":{"pod_name":"a"}}',
    '\n',
    "non-default args: {'max_num_seqs': 24}",
    'Killed\n',
    '[',
    '(',
    '|',
  ],
  read: (text) => judged(openLog({ name: 'a.log', files: [{ name: 'a.log', text }] }, platform), text),
  refuses: (error) => error instanceof SourceError,
};
