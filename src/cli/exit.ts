import type { Status } from '../core/verdict/verdict.ts';

/** Exit codes of `diagnose`, contract.md §2. */
export const EXIT = { healthy: 0, sick: 1, usage: 2, unknown: 3 } as const;

export function exitOf(status: Status): number {
  switch (status) {
    case 'healthy':
      return EXIT.healthy;
    case 'degraded':
    case 'critical':
      return EXIT.sick;
    case 'unknown':
      return EXIT.unknown;
    default:
      return status satisfies never;
  }
}
