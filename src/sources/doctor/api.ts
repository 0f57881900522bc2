/** Whether what answers can be asked what we ask: what it is, what it keeps, how it counts time, how much it answers. */
import { chooseStep, MOST_POINTS } from '../timing.ts';
import { SourceError } from '../errors.ts';
import { vectorOf } from '../prometheus/answers.ts';
import { askMaybe, type Check, failed, ok, unknown } from './check.ts';

export const isPrometheus: Check = {
  id: 'prometheus',
  title: 'It speaks Prometheus',
  needs: ['path'],
  examine: async (patient, abort) => {
    const { title, holdsBack } = await patient.flavour(abort);
    if (title === null) return ok('answers as Prometheus does, and does not say what it is');
    return ok(holdsBack > 0 ? `${title}, which shows samples ${holdsBack} s late` : title);
  },
};

/** Below this the page's range has no past to be compared with. */
const SHORTEST_RETENTION = 2 * 3600;

export const retention: Check = {
  id: 'retention',
  title: 'It keeps enough of the past',
  needs: ['prometheus'],
  examine: async (patient, abort) => {
    const answer = await askMaybe(patient, 'status/runtimeinfo', [], abort);
    const said = (answer?.data as { storageRetention?: unknown } | null | undefined)?.storageRetention;
    if (typeof said !== 'string' || said === '') return unknown('this server does not say how long it keeps samples');
    const seconds = retentionOf(said);
    if (seconds === null) return unknown(`it keeps ${said}`);
    if (seconds >= SHORTEST_RETENTION) return ok(`it keeps ${said}`);
    return failed(
      `it keeps ${said}`,
      'An incident is gone before anybody looks, and there is no baseline to compare with.',
      '--storage.tsdb.retention.time=15d',
    );
  },
};

/**
 * Seconds of a retention as Prometheus words it: `15d`, `15d or 10GiB`, `1d12h`.
 * @returns `null` where only a size is set or the words are others
 */
export function retentionOf(text: string): number | null {
  const units: Readonly<Record<string, number>> = { y: 31_536_000, w: 604_800, d: 86_400, h: 3600, m: 60, s: 1 };
  const [time = ''] = text.split(' or ');
  if (!/^(\d+(y|w|d|h|m|s))+$/.test(time)) return null;
  return [...time.matchAll(/(\d+)([ywdhms])/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * (units[unit as string] ?? 0),
    0,
  );
}

/** A scrape at the wanted interval: more than this, and "now" here means another sample there. */
const MOST_SKEW = 5;

export const clock: Check = {
  id: 'clock',
  title: 'Its clock agrees with ours',
  needs: ['prometheus'],
  examine: async (patient, abort) => {
    // What VictoriaMetrics calls time() is the end of what it shows.
    const query = (await patient.flavour(abort)).id === 'victoria-metrics' ? 'now()' : 'time()';
    const before = patient.platform.now();
    const answer = await askMaybe(patient, 'query', [['query', query]], abort);
    const after = patient.platform.now();
    const theirs = timeOf(answer?.data);
    if (theirs === null) return unknown('the server does not tell its time');
    const skew = theirs - (before + after) / 2;
    const says = `${Math.abs(skew).toFixed(1)} s ${skew > 0 ? 'ahead of' : 'behind'} ours`;
    // What the way there and back took cannot be told from a difference.
    if (Math.abs(skew) <= MOST_SKEW + (after - before) / 2)
      return ok(Math.abs(skew) < 0.5 ? 'within half a second' : says);
    return failed(
      says,
      'Set the clock of whichever is wrong. Until then give the end of the range as a time rather than "now".',
      'timedatectl status; chronyc tracking',
    );
  },
};

/** `time()` comes as a scalar from Prometheus and as a vector from VictoriaMetrics. */
function timeOf(data: unknown): number | null {
  const { resultType, result } = (data ?? {}) as { resultType?: unknown; result?: unknown };
  if (resultType === 'scalar' && Array.isArray(result)) return Number(result[1]) || null;
  return resultType === 'vector' ? (vectorOf(data)[0]?.values[0] ?? null) : null;
}

export const pointLimit: Check = {
  id: 'points',
  title: 'It answers as many points as a chart has',
  needs: ['prometheus'],
  examine: async (patient, abort) => {
    const { from, to } = patient;
    const step = chooseStep(to - from, patient.interval);
    const points = Math.min(MOST_POINTS, Math.floor((to - from) / step) + 1);
    const params = [
      ['query', 'vector(1)'],
      ['start', String(Math.round(to - (points - 1) * step))],
      ['end', String(Math.round(to))],
      ['step', String(step)],
    ] as const;
    try {
      await patient.client.ask('query_range', params, abort);
    } catch (error) {
      if (!(error instanceof SourceError) || error.problem === 'aborted') throw error;
      return failed(
        `it refuses a line of ${points} points: ${error.message}`,
        'Raise the limit, or ask for a shorter range or a wider step.',
        (await patient.flavour(abort)).id === 'victoria-metrics'
          ? '-search.maxPointsPerTimeseries=30000'
          : '--query.max-samples=50000000',
      );
    }
    return ok(`${points} points a line, one every ${step} s`);
  },
};
