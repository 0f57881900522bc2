import {
  answer,
  answers,
  asksNumbers,
  crowd,
  drip,
  expression,
  hidden,
  labels,
  noData,
  only,
  packed,
  redirects,
  refusal,
  reset,
  resetHalfway,
  restarts,
  series,
  silence,
  silenceHalfway,
  text,
  typed,
  values,
} from './acts.ts';
import type { Act, Exchange } from './proxy.ts';

/**
 * Where a fault leads, whatever stands behind it:
 * - blind: nothing can be read; what was known before is kept, dated;
 * - empty: the source answers and holds nothing to judge;
 * - unknown: it was read, and no verdict can rest on it;
 * - same: the verdict is the one without the fault;
 * - doubt: numbers are lost or spoilt, so that the verdict may be another, but a sick fleet is not called healthy.
 */
export type Leads = 'blind' | 'empty' | 'unknown' | 'same' | 'doubt';

/** One way in which a source fails. */
export interface Fault {
  readonly id: string;
  readonly title: string;
  readonly act: Act;
  readonly leads: Leads;
  /** What has to be said of it; left out where there is nothing to be said. */
  readonly says?: RegExp;
}

const asksWaiting = (exchange: Exchange) => expression(exchange).includes('num_requests_waiting');
const asksRate = (exchange: Exchange) => /\b(rate|increase)\(/.test(expression(exchange));
/** By what they ask for and not by their number, since several may be asked together. */
const asksHalf = (exchange: Exchange) =>
  asksNumbers(exchange) && /num_requests|_bucket|cache/.test(expression(exchange));
/** Signals the verdict can do without. */
const asksMore = (exchange: Exchange) =>
  asksNumbers(exchange) &&
  /prompt_tokens_bucket|generation_tokens_bucket|queue_time|prefill_time|decode_time|prefix_cache|process_/.test(
    expression(exchange),
  );

const CONNECTION: readonly Fault[] = [
  { id: 'reset', title: 'every connection is reset', act: reset, leads: 'blind', says: /cannot be reached|broke off/ },
  { id: 'reset-halfway', title: 'answers are reset halfway', act: resetHalfway, leads: 'blind', says: /broke off/ },
  {
    id: 'reset-now-and-then',
    title: 'every fifth connection is reset',
    // Browsers ask once more on a connection that was in use before, so that this may pass unseen.
    act: only(({ number }) => number % 5 === 4, reset),
    leads: 'doubt',
  },
  {
    id: 'hidden',
    title: 'a gateway answers 503, and hides it from pages of other origins',
    act: hidden(503, 'upstream connect error'),
    leads: 'blind',
    says: /503|does not let this page read/,
  },
  {
    id: 'redirect',
    title: 'every request is sent on to a login page',
    act: only(({ path }) => path !== 'login', redirects('/login/login')),
    leads: 'blind',
    says: /Prometheus API should be|does not let this page read/,
  },
];

/** What never ends by itself; a request may take half a minute. */
export const STALLS: readonly Fault[] = [
  { id: 'silence', title: 'nothing is answered', act: silence, leads: 'blind' },
  { id: 'silence-halfway', title: 'answers stop halfway', act: silenceHalfway, leads: 'blind' },
  { id: 'silence-for-one', title: 'one question is never answered', act: only(asksWaiting, silence), leads: 'blind' },
  { id: 'drip', title: 'answers drip', act: drip, leads: 'blind' },
].map((fault) => ({ ...fault, leads: 'blind' as const, says: /within [\d.]+ s|nothing after [\d.]+ s/ }));

/** In the words of the API where Prometheus says it itself, and as a gateway's page. */
const STATUS: readonly Fault[] = (
  [
    [400, refusal(400, 'bad_data', 'invalid parameter "query": parse error'), /refuses a query/],
    [401, answers(401, 'Unauthorized'), /wants to know who is asking \(401\)/],
    [403, answers(403, 'Forbidden'), /does not allow this \(403\)/],
    [404, answers(404, '404 page not found'), /404/],
    [422, refusal(422, 'execution', 'expanding series: context canceled'), /refuses a query|gave up on a query/],
    [429, answers(429, 'too many requests'), /too busy to answer \(429\)/],
    [500, refusal(500, 'internal', 'opening storage: input/output error'), /opening storage/],
    [502, answers(502, 'bad gateway'), /cannot reach its server \(502\)/],
    [503, refusal(503, 'timeout', 'query timed out in expression evaluation'), /gave up on a query/],
    [504, answers(504, 'upstream request timeout'), /too busy to answer \(504\)/],
  ] as const
).flatMap(([status, act, says]): Fault[] => [
  { id: `status-${status}`, title: `${status}`, act, leads: 'blind', says },
  {
    id: `status-${status}-page`,
    title: `${status} as the page of a gateway`,
    act: answers(status, `<html><h1>${status}</h1></html>`, 'text/html'),
    leads: 'blind',
    says: new RegExp(`\\b${status}\\b`),
  },
]);

const BODY: readonly Fault[] = [
  {
    id: 'page',
    title: 'a login page in place of JSON',
    act: answers(200, '<!doctype html><title>Sign in</title>', 'text/html'),
    leads: 'blind',
    says: /web page/,
  },
  {
    id: 'page-as-json',
    title: 'a login page that calls itself JSON',
    act: answers(200, '<!doctype html><title>Sign in</title>', 'application/json'),
    leads: 'blind',
    says: /web page/,
  },
  { id: 'json-as-page', title: 'JSON that calls itself a web page', act: typed('text/html'), leads: 'same' },
  { id: 'json-as-bytes', title: 'JSON that calls itself bytes', act: typed('application/octet-stream'), leads: 'same' },
  {
    id: 'cut',
    title: 'JSON that ends in the middle',
    act: text((body) => body.slice(0, body.length / 2)),
    leads: 'blind',
    says: /broke off/,
  },
  { id: 'nothing', title: 'an answer without a body', act: answers(200, ''), leads: 'blind', says: /nothing where/ },
  {
    id: 'not-packed',
    title: 'an answer that calls itself packed and is not',
    act: packed('{"status":"success"}'),
    leads: 'blind',
    says: /broke off|does not let this page read|cannot be reached/,
  },
  {
    id: 'other-json',
    title: 'JSON of another program',
    act: answers(200, '{"ok":true}', 'application/json'),
    leads: 'blind',
    says: /something else/,
  },
  {
    id: 'deep-json',
    title: 'JSON a hundred thousand levels deep',
    act: answers(200, `${'['.repeat(1e5)}${']'.repeat(1e5)}`, 'application/json'),
    leads: 'blind',
    says: /something else/,
  },
  {
    id: 'no-data',
    title: 'success without data',
    act: answer((parsed) => (parsed.data = null)),
    leads: 'blind',
    says: /not in the form/,
  },
  {
    id: 'other-shape',
    title: 'a scalar where series were asked for',
    act: only(
      asksNumbers,
      answer((parsed) => (parsed.data = { resultType: 'scalar', result: [0, '1'] })),
    ),
    leads: 'blind',
    says: /not in the form/,
  },
  {
    id: 'other-metric',
    title: 'label sets that are lists',
    act: only(
      asksNumbers,
      answer((parsed) => (parsed.data = { resultType: 'matrix', result: [{ metric: ['a'], values: 7 }] })),
    ),
    leads: 'blind',
    says: /not in the form/,
  },
];

const HOUR = 3600;

const IMPOSSIBLE = /[Vv]alues that cannot be/;
const NO_NUMBER = /no value between .* is a number/;

const VALUE: readonly Fault[] = [
  { id: 'nan', title: 'every value is NaN', act: values(() => 'NaN'), leads: 'empty', says: NO_NUMBER },
  { id: 'inf', title: 'every value is infinite', act: values(() => '+Inf'), leads: 'empty', says: NO_NUMBER },
  {
    id: 'minus-inf',
    title: 'every value is minus infinite',
    act: values(() => '-Inf'),
    leads: 'empty',
    says: NO_NUMBER,
  },
  { id: 'words', title: 'every value is a word', act: values(() => 'many'), leads: 'empty', says: NO_NUMBER },
  { id: 'huge', title: 'every value is 1e308', act: values(() => '1e308'), leads: 'unknown', says: IMPOSSIBLE },
  {
    id: 'huge-rates',
    title: 'every rate is 1e308',
    act: only(
      asksRate,
      values(() => '1e308'),
    ),
    leads: 'doubt',
  },
  {
    id: 'negative',
    title: 'every value is negative',
    act: values((value) => `-${value}`),
    leads: 'unknown',
    says: IMPOSSIBLE,
  },
  {
    id: 'negative-counters',
    title: 'counters run backwards',
    act: only(
      asksRate,
      values((value) => `-${value}`),
    ),
    leads: 'doubt',
  },
  { id: 'counter-resets', title: 'counters begin anew at every scrape', act: restarts(5), leads: 'doubt' },
  {
    id: 'nan-now-and-then',
    title: 'every third value is NaN',
    act: only(
      asksNumbers,
      values((value, i) => (i % 3 === 0 ? 'NaN' : value)),
    ),
    leads: 'doubt',
  },
  {
    id: 'nan-of-one',
    title: 'one signal is NaN',
    act: only(
      asksWaiting,
      values(() => 'NaN'),
    ),
    leads: 'doubt',
  },
];

const SERIES: readonly Fault[] = [
  { id: 'twice', title: 'every series comes twice', act: series((all) => [...all, ...all]), leads: 'same' },
  {
    id: 'points-twice',
    title: 'every point comes twice',
    act: series((all) => all.map((one) => ({ ...one, points: one.points.flatMap((point) => [point, point]) }))),
    leads: 'same',
  },
  {
    id: 'unsorted',
    title: 'points come in reverse',
    act: series((all) => all.map((one) => ({ ...one, points: [...one.points].reverse() }))),
    leads: 'same',
  },
  {
    id: 'from-the-future',
    title: 'further samples an hour ahead',
    act: only(
      ({ path }) => path === 'query_range',
      series((all) =>
        all.map((one) => ({ ...one, points: [...one.points, ...one.points.map(([t]) => [t + HOUR, '0'] as const)] })),
      ),
    ),
    leads: 'same',
  },
  {
    id: 'moved',
    title: 'every sample an hour ahead',
    act: only(
      ({ path }) => path === 'query_range',
      series((all) =>
        all.map((one) => ({ ...one, points: one.points.map(([t, value]) => [t + HOUR, value] as const) })),
      ),
    ),
    leads: 'blind',
    says: /other times than it was asked about/,
  },
  {
    id: 'no-series',
    title: 'no query finds a series',
    act: series(() => []),
    leads: 'empty',
    says: /has vLLM metrics, but none/,
  },
  {
    id: 'no-series-of-one',
    title: 'one signal has no series',
    act: only(
      asksWaiting,
      series(() => []),
    ),
    leads: 'doubt',
  },
  {
    id: 'no-names',
    title: 'the store is empty',
    act: noData,
    leads: 'empty',
    says: /holds no vLLM metric/,
  },
  {
    id: 'crowd',
    title: 'a million series of one signal',
    act: only((exchange) => exchange.path === 'query_range' && asksWaiting(exchange), crowd(1e6)),
    leads: 'blind',
    says: /series|so many|longer than/,
  },
  {
    id: 'half-fails',
    title: 'half of the queries fail',
    act: only(asksHalf, answers(500, 'internal error')),
    leads: 'blind',
    says: /500/,
  },
  {
    id: 'more-fails',
    title: 'queries the verdict can do without fail',
    act: only(asksMore, refusal(422, 'execution', 'found duplicate series for the match group')),
    leads: 'doubt',
    says: /by a part of what the source holds: .* could not be read/,
  },
  {
    id: 'warnings',
    title: 'every answer comes with a warning',
    act: answer((parsed) => (parsed.warnings = ['store thanos-store-2 is away: partial response'])),
    leads: 'same',
    says: /store thanos-store-2 is away/,
  },
  {
    id: 'infos',
    title: 'every answer comes with a remark',
    act: answer((parsed) => (parsed.infos = ['PromQL info: ignored histograms in a range'])),
    leads: 'same',
    says: /ignored histograms in a range/,
  },
];

/** What a label may hold: any text at all. */
const HOSTILE: readonly (readonly [id: string, title: string, name: string])[] = [
  ['quotes', 'quotes and backslashes', `vllm"'\`\\}{0`],
  ['newlines', 'line breaks', 'vllm\n0\r\nHEALTHY  all is well\t'],
  ['right-to-left', 'marks that turn the direction of writing', '\u202evllm\u2066\u05d0\u200f0'],
  ['markup', 'markup', '<img src=x onerror="document.title=\'taken\'"><b>vllm</b>[x](javascript:1)|`'],
  ['terminal', 'commands to a terminal', '\u001b[2J\u001b[31mvllm\u0007\u009b1A0'],
  ['nothing', 'nothing', ''],
  ['prototype', 'a name every object has', '__proto__'],
];

/** Names from outside, each to be told from the others and none to be obeyed. */
export const LABEL: readonly Fault[] = HOSTILE.map(([id, title, name]) => ({
  id: `label-${id}`,
  title: `names that hold ${title}`,
  act: labels({ instance: () => name, model_name: () => name }),
  leads: 'same',
}));

const asksGauge = (exchange: Exchange) => exchange.path === 'query_range' && !asksRate(exchange);

const LONG_LABEL: Fault = {
  id: 'label-megabyte',
  title: 'a further engine whose name has a million characters',
  act: only(
    asksGauge,
    series((all) => [
      ...all,
      ...all.slice(0, 1).map((one) => ({ ...one, metric: { ...one.metric, instance: 'v'.repeat(1e6) } })),
    ]),
  ),
  leads: 'doubt',
};

/** Every fault an answer, or the lack of one, can show. Those that never end by themselves are in STALLS. */
export const FAULTS: readonly Fault[] = [...CONNECTION, ...STATUS, ...BODY, ...VALUE, ...SERIES, ...LABEL, LONG_LABEL];
