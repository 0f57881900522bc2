import { sayDuration, sayShare, sig } from '../base/say.ts';
import { formatInstant } from '../verdict/format.ts';
import { plain } from '../verdict/note.ts';
import type { Headroom, Limit, NoHeadroom } from './headroom.ts';
import type { HealthReport, Load, ModelReport, ReplicaReport, Service } from './report.ts';

/** Rows of words under a title: what text, Markdown and the page are made of. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export const STATUS_WORDS = {
  healthy: 'Healthy',
  degraded: 'Degraded',
  critical: 'Critical',
  unknown: 'Cannot tell',
} as const;
const METRIC_WORDS = { ttft: 'TTFT', tpot: 'time per output token', e2e: 'E2E' } as const;
const LIMIT_WORDS: Readonly<Record<Limit, string>> = {
  seats: 'seats (max-num-seqs) give way first',
  memory: 'the KV cache gives way first',
  'first-token': 'the first token is late first',
  pace: 'the time between tokens gives way first',
  'none-seen': 'no limit up to four times today’s load',
};

/** The tables of one model. */
export function tablesOf(model: ModelReport, objective: number): Table[] {
  return [
    {
      title: `Within target (wanted ${sayShare(objective)})`,
      columns: ['metric', 'target', 'within target', 'burn of the budget', 'requests'],
      rows: model.service.map(serviceRow),
    },
    {
      title: 'Load, average of ten minutes',
      columns: ['replica', 'started', 'output', 'running', 'waiting', 'KV usage', 'prompt', 'answer'],
      rows: [
        ...(model.replicas.length > 1 ? [['all', ...loadCells(model.load)]] : []),
        ...model.replicas.map((one) => [one.replica, ...loadCells(one.load)]),
      ],
    },
    {
      title: 'Books',
      columns: ['replica', 'identity', 'counted', 'balances'],
      rows: model.replicas.flatMap(({ replica, books }) =>
        books.map((book) => [
          replica,
          book.title,
          book.says === '' ? '–' : book.says,
          book.balances === null ? `cannot tell: ${book.reading}` : book.balances ? 'yes' : `no: ${book.reading}`,
        ]),
      ),
    },
    {
      title: 'Configuration',
      columns: ['replica', 'KV cache', 'block', 'prefix caching', 'seats', 'started'],
      rows: model.replicas.map(configRow),
    },
    {
      title: 'Not visible',
      columns: ['what', 'why'],
      rows: model.notVisible.map(({ what, why }) => [what, why]),
    },
  ];
}

/** One sentence on how much more could arrive. */
export function sayHeadroom(headroom: Headroom | NoHeadroom): string {
  if ('because' in headroom) return `Headroom: cannot tell, ${headroom.because}.`;
  const { now, low, high, limit, extrapolated } = headroom;
  const beyond = extrapolated ? ' Beyond the loads that were measured: an extrapolation.' : '';
  if (limit === 'none-seen') return `Headroom: ${sig(now)} requests/s arrive; ${LIMIT_WORDS[limit]}.${beyond}`;
  const range =
    high === null ? `${sig(low)} or more` : sig(low) === sig(high) ? sig(low) : `${sig(low)} to ${sig(high)}`;
  const left = low >= now ? '' : ' Today’s load is above the cautious end of it.';
  return `Headroom: ${sig(now)} requests/s arrive, targets hold up to ${range} requests/s; ${LIMIT_WORDS[limit]}.${left}${beyond}`;
}

/** For a terminal. */
export function toReportText(report: HealthReport): string {
  const out = [headOf(report), ''];
  if (report.models.length === 0) out.push('Cannot tell: no vLLM engine was seen.');
  for (const model of report.models) {
    out.push(
      `${STATUS_WORDS[model.status].toUpperCase()}  ${model.model}: ${model.headline}`,
      model.lede,
      sayHeadroom(model.headroom),
    );
    for (const { title, columns, rows } of tablesOf(model, report.objective)) {
      if (rows.length === 0) continue;
      const all = [columns, ...rows];
      const widths = columns.map((_, c) => Math.max(...all.map((row) => (row[c] ?? '').length)));
      out.push(
        '',
        title,
        ...all.map((row) => `  ${row.map((cell, c) => cell.padEnd(widths[c] ?? 0)).join('  ')}`.trimEnd()),
      );
    }
    out.push('');
  }
  return `${out.join('\n').trimEnd()}\n`;
}

/** For a ticket. Cells hold nothing that Markdown or HTML would read as its own. */
export function toReportMarkdown(report: HealthReport): string {
  const out = [`# Health report`, '', escape(headOf(report)), ''];
  if (report.models.length === 0) out.push('Cannot tell: no vLLM engine was seen.');
  for (const model of report.models) {
    out.push(
      `## ${escape(model.model)}: ${STATUS_WORDS[model.status]}`,
      '',
      `**${escape(model.headline)}** ${escape(model.lede)}`,
      '',
      escape(sayHeadroom(model.headroom)),
      '',
    );
    for (const { title, columns, rows } of tablesOf(model, report.objective)) {
      if (rows.length === 0) continue;
      const line = (cells: readonly string[]) => `| ${cells.map(escape).join(' | ')} |`;
      out.push(
        `### ${escape(title)}`,
        '',
        line(columns),
        `|${columns.map(() => '---|').join('')}`,
        ...rows.map(line),
        '',
      );
    }
  }
  return `${out.join('\n').trimEnd()}\n`;
}

/** Plain JSON, times as RFC 3339. */
export function toReportJson(report: HealthReport, version: string): unknown {
  return {
    schema: 'vllm-triage/health-report/1',
    generatedBy: { name: 'vllm-triage', version },
    at: formatInstant(report.at),
    range: { from: formatInstant(report.from), to: formatInstant(report.at) },
    profile: report.profile,
    objective: report.objective,
    models: report.models.map((model) => ({
      ...model,
      replicas: model.replicas.map(({ config, ...one }) => ({
        ...one,
        config: { ...config, started: config.started === null ? null : formatInstant(config.started) },
      })),
    })),
  };
}

function headOf({ from, at, profile }: HealthReport): string {
  return `${formatInstant(from)} to ${formatInstant(at)}, judged as ${profile}`;
}

function serviceRow({ metric, target, now, burn, observed }: Service): string[] {
  const range = (low: number, high: number, say: (x: number) => string) =>
    say(low) === say(high) ? say(low) : `${say(low)} to ${say(high)}`;
  return [
    METRIC_WORDS[metric],
    sayDuration(target),
    now === null ? 'nothing observed' : range(now.low, now.high, sayShare),
    burn === null ? '–' : range(burn.low, burn.high, (x) => `${sig(x)} ×`),
    String(Math.round(observed)),
  ];
}

function loadCells(load: Load): string[] {
  const cell = (value: number | null, say: (x: number) => string) => (value === null ? '–' : say(value));
  return [
    cell(load.requestsPerSecond, (x) => `${sig(x)}/s`),
    cell(load.outputTokensPerSecond, (x) => `${sig(x)} tokens/s`),
    cell(load.running, sig),
    cell(load.waiting, sig),
    cell(load.kvUsage, sayShare),
    cell(load.prompt, (x) => `${sig(Math.round(x))} tokens`),
    cell(load.answer, (x) => `${sig(Math.round(x))} tokens`),
  ];
}

function configRow({ replica, config }: ReplicaReport): string[] {
  const { kvTokens, blockSize, prefixCaching, seats, started } = config;
  return [
    replica,
    kvTokens === null ? 'unknown' : `${sig(kvTokens)} tokens`,
    blockSize === null ? 'unknown' : `${blockSize} tokens`,
    prefixCaching === null ? 'unknown' : prefixCaching ? 'on' : 'off',
    seats === null ? 'unknown' : `${seats.count}${seats.inferred ? ' (read off)' : ''}`,
    started === null ? 'unknown' : formatInstant(started),
  ];
}

/** A cell of a table, in which nothing from outside is markup and no bar ends it. */
function escape(text: string): string {
  return plain(text).replace(/\|/g, '\\|');
}
