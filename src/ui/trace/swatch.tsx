import type { State } from '../../core/traces/sweep.ts';
import { backgroundOf } from './paint.ts';

/** The look of one thing a GPU does, beside its name. */
export function Swatch({ state }: { readonly state: State }) {
  return (
    <span
      aria-hidden="true"
      className="inline-block size-[11px] shrink-0 rounded-[2px] border border-strong"
      style={{ background: backgroundOf(state) }}
    />
  );
}
