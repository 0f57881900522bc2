/** Whether what answers can be asked what we ask: what it is, what it keeps, how it counts time, how much it answers. */
import { chooseStep, MOST_POINTS } from '../timing.ts';
import { SourceError } from '../errors.ts';
import { askClock, MOST_SKEW } from '../prometheus/server-clock.ts';
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
  if (!/^(\d{1,9}(y|w|d|h|m|s))+$/.test(time)) return null;
  return [...time.matchAll(/(\d{1,9})([ywdhms])/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * (units[unit as string] ?? 0),
    0,
  );
}

export const clock: Check = {
  id: 'clock',
  title: 'Its clock agrees with ours',
  needs: ['prometheus'],
  examine: async (patient, abort) => {
    const { id } = await patient.flavour(abort);
    const skew = await askClock(patient.client, id, patient.platform, abort);
    if (skew === null) return unknown('the server does not tell its time');
    const { ahead, within } = skew;
    const says = `${Math.abs(ahead).toFixed(1)} s ${ahead > 0 ? 'ahead of' : 'behind'} ours`;
    // What the way there and back took cannot be told from a difference.
    if (Math.abs(ahead) <= MOST_SKEW + within) return ok(Math.abs(ahead) < 0.5 ? 'within half a second' : says);
    return failed(
      says,
      'Set the clock of whichever is wrong. Until then the present is taken from the server, unless they are days apart.',
      'timedatectl status; chronyc tracking',
    );
  },
};

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
