/** Looks of what is typed on the first screen. */
export const FIELD =
  'w-full rounded-[5px] border border-strong bg-surface px-2.5 font-mono text-[12.5px] text-ink placeholder:text-ink-3 aria-[invalid=true]:border-critical';
