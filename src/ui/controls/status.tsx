import { clsx } from 'clsx';
import type { Severity } from '../../core/detectors/detector.ts';
import type { Status } from '../../core/verdict/verdict.ts';

/** Colour never stands alone: each state has its own shape and its own word. */
export type Tone = 'critical' | 'warning' | 'ok' | 'info' | 'unknown';

export const TONE_TEXT: Readonly<Record<Tone, string>> = {
  critical: 'text-critical',
  warning: 'text-warning',
  ok: 'text-ok',
  info: 'text-accent',
  unknown: 'text-unknown',
};
export const TONE_EDGE: Readonly<Record<Tone, string>> = {
  critical: 'border-l-critical',
  warning: 'border-l-warning-fill',
  ok: 'border-l-ok',
  info: 'border-l-accent',
  unknown: 'border-l-unknown',
};

const STATUS_TONE: Readonly<Record<Status, Tone>> = {
  critical: 'critical',
  degraded: 'warning',
  healthy: 'ok',
  unknown: 'unknown',
};
const STATUS_WORD: Readonly<Record<Status, string>> = {
  critical: 'Critical',
  degraded: 'Degraded',
  healthy: 'Healthy',
  unknown: 'Cannot tell',
};

export function toneOf(status: Status): Tone {
  return STATUS_TONE[status];
}
export function wordOf(status: Status): string {
  return STATUS_WORD[status];
}
export function toneOfSeverity(severity: Severity): Tone {
  return severity;
}

/** Octagon, triangle, circle, square, dashed ring: told apart in grey as well. */
export function ToneIcon({
  tone,
  size = 16,
  className,
}: {
  readonly tone: Tone;
  readonly size?: number;
  readonly className?: string;
}) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      aria-hidden="true"
      className={clsx('shrink-0', TONE_TEXT[tone], className)}
    >
      {shapeOf(tone)}
    </svg>
  );
}

function shapeOf(tone: Tone) {
  switch (tone) {
    case 'critical':
      return (
        <>
          <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" fill="currentColor" />
          <path d="M8 4.2v4.6M8 11v.9" stroke="var(--surface)" strokeWidth="1.8" strokeLinecap="round" />
        </>
      );
    case 'warning':
      return (
        <>
          <path
            d="M8 1.4 15.2 14H.8z"
            fill="currentColor"
            strokeLinejoin="round"
            stroke="currentColor"
            strokeWidth="1"
          />
          <path d="M8 5.6v4M8 11.7v.4" stroke="var(--surface)" strokeWidth="1.7" strokeLinecap="round" />
        </>
      );
    case 'ok':
      return (
        <>
          <circle cx="8" cy="8" r="7" fill="currentColor" />
          <path
            d="m4.8 8.2 2.2 2.2 4.2-4.6"
            fill="none"
            stroke="var(--surface)"
            strokeWidth="1.7"
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </>
      );
    case 'info':
      return (
        <>
          <rect x="1.5" y="1.5" width="13" height="13" rx="2.5" fill="currentColor" />
          <path d="M8 7.2v4.2M8 4.6v.3" stroke="var(--surface)" strokeWidth="1.7" strokeLinecap="round" />
        </>
      );
    case 'unknown':
      return (
        <>
          <circle cx="8" cy="8" r="6.6" fill="none" stroke="currentColor" strokeWidth="1.4" strokeDasharray="2.6 2" />
          <path
            d="M6.3 6.4a1.8 1.8 0 1 1 2.5 1.7c-.5.2-.8.5-.8 1.1M8 11.3v.3"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.4"
            strokeLinecap="round"
          />
        </>
      );
    default:
      return tone satisfies never;
  }
}
