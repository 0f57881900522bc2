import { sayDuration, sayShare, sig } from '../../core/base/say.ts';
import { FIGURES, type FigureId, type Span } from '../../core/whatif/figures.ts';
import { MOVES, type MoveId } from '../../core/whatif/moves.ts';

type Unit = (typeof FIGURES)[number]['unit'];

function one(value: number, unit: Unit): string {
  switch (unit) {
    case 'seconds':
      return value === 0 ? '0 s' : sayDuration(value);
    case 'ratio':
      return sayShare(value);
    case 'requests':
      return sig(value >= 10 ? Math.round(value) : value);
    case 'tokens-per-second':
      return `${sig(value)} tokens/s`;
    case 'per-second':
      return `${sig(value)}/s`;
    default:
      return unit satisfies never;
  }
}

/** The middle of a span and its ends: `41 ms` and `31 ms to 55 ms`; no ends where both read like the middle. */
export function sayFigure(id: FigureId, span: Span): { readonly value: string; readonly range: string | null } {
  const unit = (FIGURES.find((figure) => figure.id === id) as (typeof FIGURES)[number]).unit;
  const value = one(span.mid, unit);
  if (span.high === null) return { value: `about ${one(span.low, unit)} or more`, range: null };
  const [low, high] = [one(span.low, unit), one(span.high, unit)];
  return { value, range: low === value && high === value ? null : `${bare(low, high)} to ${high}` };
}

/** The lower end without its unit where both are one number of the same unit: `40 to 60 %`, but `59 s to 2 min 8 s`. */
function bare(low: string, high: string): string {
  const [, number, unit] = /^([\d.,]*\d)(\D*)$/.exec(low) ?? [];
  return number !== undefined && unit === /^[\d.,]*\d(\D*)$/.exec(high)?.[1] ? number : low;
}

export type Direction = 'less' | 'more' | 'same';

/** Which way a figure goes: only where the bands do not meet, or one middle is outside the other band. */
export function directionOf(now: Span, then: Span): Direction {
  if (then.mid < now.low) return 'less';
  if (now.high !== null && then.mid > now.high) return 'more';
  return 'same';
}

/** A stop of a slider in words: `24`, `× 1.5`, `no limit`. */
export function sayStop(id: MoveId, stop: number | null): string {
  if (stop === null)
    return id === 'max-num-seqs' ? 'not reached' : id === 'long-prefill-token-threshold' ? 'off' : 'no limit';
  const unit = MOVES.find((move) => move.id === id)?.unit;
  return unit === 'times' ? `× ${sig(stop)}` : sig(stop);
}
