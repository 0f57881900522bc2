/**
 * When a log line was written. vLLM stamps month, day and time without a year (`INFO 11-24 12:00:00`), journald writes the
 * same in words, containers write RFC 3339, and some set-ups a bare time of day.
 */
export interface Stamp {
  readonly year: number | null;
  /** 1 to 12; `null` for a bare time of day. */
  readonly month: number | null;
  readonly day: number | null;
  /** Seconds of the day, with a fraction where it is told. */
  readonly second: number;
  /** Seconds east of UTC; `null` where nobody says. */
  readonly offset: number | null;
}

const DAY = 86_400;
/** A step back by more than this is the turn of the year or of the day, a smaller one is lines out of order. */
const HALF_A_YEAR = 183 * DAY;
const HALF_A_DAY = DAY / 2;
/** A log may be ahead of the reader's clock by its time zone, and by a clock that is off. */
const AHEAD = 1.5 * DAY;
/** Years tried back from now: the 29th of February comes every fourth, or eighth around 2100. */
const YEARS_BACK = 9;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `HH`, `MM`, `SS` and a fraction in digits as seconds of the day. */
export function secondOf(hours: string, minutes: string, seconds: string, fraction?: string): number {
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) + (fraction ? Number(`0.${fraction}`) : 0);
}

/** @returns 1 to 12 for `Jan` to `Dec`, `null` for anything else. */
export function monthOf(name: string): number | null {
  const at = MONTHS.indexOf(name);
  return at < 0 ? null : at + 1;
}

/** Seconds east of UTC of `Z`, `+02:00` or `+0200`; `null` for nothing. */
export function offsetOf(zone: string | undefined): number | null {
  if (!zone) return null;
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith('-') ? -60 : 60) * minutes;
}

/**
 * Unix seconds of stamps in the order of the file. A missing year is the latest that puts no stamp into the future and in
 * which every date exists; a missing day is counted on from the stamp before, over midnight; a missing zone is taken as UTC.
 * @param now unix seconds when the log is read
 * @returns one time per stamp, `null` where there is no stamp or its date exists in no year
 */
export function resolveStamps(stamps: readonly (Stamp | null)[], now: number): (number | null)[] {
  const year = new Date(now * 1000).getUTCFullYear();
  let best: Resolved | null = null;
  for (let back = 0; back < YEARS_BACK; back += 1) {
    const found = resolveFrom(stamps, year - back, Math.floor(now / DAY) * DAY);
    if (!best || found.impossible < best.impossible) best = found;
    if (found.impossible === 0 && found.latestGuess <= now + AHEAD) {
      best = found;
      break;
    }
  }
  if (!best) return stamps.map(() => null);
  // Bare times of day alone: today's unless that is still to come.
  const late = best.bare && best.latestGuess > now ? Math.ceil((best.latestGuess - now) / DAY) * DAY : 0;
  return late === 0 ? best.times : best.times.map((time) => (time === null ? null : time - late));
}

interface Resolved {
  readonly times: (number | null)[];
  /** Stamps whose date does not exist. */
  readonly impossible: number;
  /** Latest time with a guessed year or day; -Infinity if nothing was guessed. */
  readonly latestGuess: number;
  /** No stamp tells a date. */
  readonly bare: boolean;
}

function resolveFrom(stamps: readonly (Stamp | null)[], startYear: number, today: number): Resolved {
  let previous: number | null = null;
  let year = startYear;
  let impossible = 0;
  let latestGuess = -Infinity;
  let bare = true;
  const times = stamps.map((stamp) => {
    if (!stamp) return null;
    const shift = stamp.second - (stamp.offset ?? 0);
    let time: number;
    if (stamp.month === null || stamp.day === null) {
      const day: number = previous === null ? today : Math.floor(previous / DAY) * DAY;
      time = day + shift;
      if (previous !== null && time < previous - HALF_A_DAY) time += DAY;
      else if (previous !== null && time > previous + HALF_A_DAY) time -= DAY;
      latestGuess = Math.max(latestGuess, time);
    } else if (stamp.year !== null) {
      bare = false;
      const start = dayStart(stamp.year, stamp.month, stamp.day);
      if (start === null) {
        impossible += 1;
        return null;
      }
      time = start + shift;
      year = stamp.year;
    } else {
      bare = false;
      const candidates = [year, year + 1, year - 1].map((y) => dayStart(y, stamp.month as number, stamp.day as number));
      const [same, next, last] = candidates.map((start) => (start === null ? null : start + shift));
      const from = previous;
      let found = same ?? null;
      if (from !== null && (found === null || Math.abs(found - from) > HALF_A_YEAR)) {
        const near = [next, last].find((t) => t !== null && t !== undefined && Math.abs(t - from) <= HALF_A_YEAR);
        if (near !== null && near !== undefined) {
          found = near;
          year += near === next ? 1 : -1;
        }
      }
      if (found === null) {
        impossible += 1;
        return null;
      }
      time = found;
      latestGuess = Math.max(latestGuess, time);
    }
    previous = time;
    return time;
  });
  return { times, impossible, latestGuess, bare };
}

/** Unix seconds at which a day begins in UTC; `null` for a day that does not exist. */
function dayStart(year: number, month: number, day: number): number | null {
  const ms = Date.UTC(year, month - 1, day);
  const date = new Date(ms);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? ms / 1000 : null;
}
