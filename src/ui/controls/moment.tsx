import { formatTime, formatTimeLong } from '../charts/format.ts';

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const ZONE = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' });

/** @returns the viewer's zone as people write it: `UTC`, `CET`, `GMT+2`. */
export function zoneName(): string {
  return ZONE.formatToParts(0).find((part) => part.type === 'timeZoneName')?.value ?? 'local time';
}

/** @param at unix seconds @returns `25 Nov 01:53:59` */
export function formatDayTime(at: number): string {
  return `${DAY.format(at * 1000)} ${formatTime(at)}`;
}

/** A time in the viewer's zone, UTC on hover: two people on one incident must be able to agree. */
export function Moment({
  at,
  day = false,
  className,
}: {
  readonly at: number;
  readonly day?: boolean;
  readonly className?: string;
}) {
  return (
    <time dateTime={new Date(at * 1000).toISOString()} title={formatTimeLong(at)} className={className}>
      {day ? formatDayTime(at) : formatTime(at)}
    </time>
  );
}
