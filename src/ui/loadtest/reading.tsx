import { sayBytes, sayShare } from '../../core/base/say.ts';

/** A file that is being read, with how far. */
export function ReadingLoads({
  name,
  progress,
}: {
  readonly name: string;
  readonly progress: { readonly read: number; readonly of: number } | null;
}) {
  const done = progress === null || progress.of === 0 ? 0 : progress.read / progress.of;
  return (
    <p role="status" className="text-[13px] text-ink-2">
      {done >= 1 ? `Taking ${name} apart` : `Reading ${name}`}
      {progress !== null && done < 1 && `: ${sayShare(done)} of ${sayBytes(progress.of)}`}
    </p>
  );
}
