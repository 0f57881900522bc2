/** Whether there is something to judge: vLLM's series, their age, their density, their number. */
import { formatSelector, type Matcher, matchersFor } from '../../core/signals/selector.ts';
import { signalById } from '../../core/signals/index.ts';
import { spellingsOf, ENGINE_PREFIXES } from '../../core/signals/spellings.ts';
import { namesOf, sampleTimes, vectorOf } from '../prometheus/answers.ts';
import { timeText } from '../prometheus/times.ts';
import { matchersOf } from '../scope.ts';
import { scrapeConfig, WANTED_INTERVAL } from '../scrape-config.ts';
import { scrapeIntervalOf } from '../timing.ts';
import { type Check, failed, ok, type Patient, unknown } from './check.ts';

const ANY_ENGINE: Matcher = { label: '__name__', op: '=~', value: `(${ENGINE_PREFIXES.join('|')}).+` };
const PLACEHOLDER = 'VLLM-HOST:8000';

export const hasSeries: Check = {
  id: 'series',
  title: 'It knows vLLM series',
  needs: ['prometheus'],
  examine: async (patient, abort) => {
    const { from, to, selector } = patient;
    const scope = matchersOf(selector);
    const found = await namesWith(patient, scope, true, abort);
    if (found.length > 0) {
      const prefix = ENGINE_PREFIXES.find((one) => found.some((name) => name.startsWith(one))) ?? '';
      return ok(`${found.length} names that begin with ${prefix}`);
    }
    if (scope.length > 0 && (await namesWith(patient, [], true, abort)).length > 0)
      return failed(
        `there are some, but none that match ${formatSelector(scope)}`,
        'Correct the selector. The line below lists the labels they have.',
        'count by (job, instance, namespace, model_name) ({__name__=~"vllm.num_requests_running"})',
      );
    if ((await namesWith(patient, [], false, abort)).length > 0)
      return failed(
        `there are some, but none between ${isoOf(from)} and ${isoOf(to)}`,
        'Choose a range in which vLLM was scraped, or see at the targets page why it no longer is.',
        'max_over_time(timestamp({__name__=~"vllm.num_requests_running"})[7d:5m])',
      );
    return failed(
      'nothing named vllm:… is there',
      'No vLLM server is scraped. Add the job below, one target per server; started with --disable-log-stats a server exports none.',
      scrapeConfig({ targets: [PLACEHOLDER] }),
    );
  },
};

async function namesWith(
  { client, from, to }: Patient,
  scope: readonly Matcher[],
  inRange: boolean,
  abort: AbortSignal,
): Promise<string[]> {
  const selection = formatSelector([ANY_ENGINE, ...matchersFor(signalById('running'), scope)]);
  const range = [
    ['start', timeText(Math.floor(from))],
    ['end', timeText(Math.ceil(to))],
  ] as const;
  const { data } = await client.ask(
    'label/__name__/values',
    [['match[]', selection], ...(inRange ? range : [])],
    abort,
  );
  return namesOf(data).filter((name) => ENGINE_PREFIXES.some((prefix) => name.startsWith(prefix)));
}

/** Raw samples of the running requests of every engine in the last five minutes of the range; of `up` where there are none. */
async function rawSamples(patient: Patient, abort: AbortSignal) {
  const signal = signalById('running');
  const names = spellingsOf(signal).map(({ metric }) => metric);
  const selector = formatSelector([
    { label: '__name__', op: '=~', value: names.join('|') },
    ...matchersFor(signal, matchersOf(patient.selector)),
  ]);
  const { data } = await patient.client.ask(
    'query',
    [
      ['query', `${selector}[5m]`],
      ['time', timeText(patient.to)],
    ],
    abort,
  );
  return sampleTimes(data);
}

/** Scrapes that may be missed, and the least number of seconds that makes: as evidence/build.ts, which blanks what is older. */
const MISSED = 3;
const LEAST_AGE = 30;

export const fresh: Check = {
  id: 'fresh',
  title: 'They are fresh',
  needs: ['series'],
  examine: async (patient, abort) => {
    const series = await rawSamples(patient, abort);
    const newest = series.flatMap(({ times }) => times.slice(-1));
    const up = 'up == 0';
    if (newest.length === 0)
      return failed(
        'no sample in the last five minutes of the range',
        'The servers are no longer scraped: down, moved, or refused by a network policy. The line below lists targets that do not answer; the targets page says why.',
        up,
      );
    const age = Math.max(0, patient.to - Math.min(...newest));
    const limit = Math.max(LEAST_AGE, MISSED * (scrapeIntervalOf(series.map(({ times }) => times)) ?? 0));
    const late = series.filter(({ times }) => patient.to - (times.at(-1) ?? 0) > limit);
    if (late.length === 0)
      return ok(
        `the newest samples of ${newest.length} engine${newest.length === 1 ? '' : 's'} are at most ${Math.round(age)} s old`,
      );
    const names = late.map(({ labels }) => labels.instance ?? '?').slice(0, 3);
    return failed(
      `${late.length} of ${newest.length} engines have no sample for ${Math.round(limit)} s: ${names.join(', ')}`,
      'Those are not scraped at the moment, so nothing about them can be said. The line below lists targets that do not answer.',
      up,
    );
  },
};

/** Slower than this, and a queue that builds and drains within a rate window is not seen. */
const SLOWEST_INTERVAL = 15;

export const interval: Check = {
  id: 'interval',
  title: 'They are scraped often enough',
  needs: ['series'],
  examine: async (patient, abort) => {
    const series = await rawSamples(patient, abort);
    const seconds = scrapeIntervalOf(series.map(({ times }) => times));
    if (seconds === null) return unknown('no two samples of one series in the last five minutes of the range');
    patient.interval = seconds;
    if (seconds <= SLOWEST_INTERVAL)
      return ok(
        seconds <= WANTED_INTERVAL ? `every ${seconds} s` : `every ${seconds} s; ${WANTED_INTERVAL} s shows more`,
      );
    return failed(
      `every ${seconds} s`,
      `Rates need four scrapes, so nothing shorter than ${4 * seconds} s can be told. Set the interval of the job.`,
      `scrape_interval: ${WANTED_INTERVAL}s`,
    );
  },
};

/** 500 engines hold 33,605 series and are read in 4 s on two cores; measured. Past this a read outlasts its refresh. */
const MOST_SERIES = 100_000;

export const cardinality: Check = {
  id: 'cardinality',
  title: 'There are not too many',
  needs: ['series'],
  examine: async ({ client, selector, to }, abort) => {
    const selection = formatSelector([ANY_ENGINE, ...matchersFor(signalById('running'), matchersOf(selector))]);
    const { data } = await client.ask(
      'query',
      [
        ['query', `count(${selection})`],
        ['time', timeText(to)],
      ],
      abort,
    );
    const count = vectorOf(data)[0]?.values[0] ?? null;
    if (count === null) return unknown('none at the end of the range to count');
    const said = `${count.toLocaleString('en')} series`;
    if (count <= MOST_SERIES) return ok(said);
    return failed(
      said,
      'A read will be slow. Narrow the selector to one namespace or model, or drop at the scrape what nobody reads, such as the _created series.',
      'metric_relabel_configs: [{ source_labels: [__name__], regex: "vllm:.+_created", action: drop }]',
    );
  },
};

function isoOf(seconds: number): string {
  return new Date(Math.round(seconds) * 1000).toISOString().replace('.000Z', 'Z');
}
