import { useId, useRef } from 'react';
import { sayBytes } from '../../core/base/say.ts';
import { Button, TextButton } from '../controls/button.tsx';

/** Picks profiles; they may as well be dropped. */
export function TracePicker({
  label,
  onFiles,
  testId,
}: {
  readonly label: string;
  readonly onFiles: (files: readonly File[]) => void;
  readonly testId: string;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        data-testid={testId}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
      <Button onClick={() => input.current?.click()}>{label}</Button>
    </>
  );
}

/** How far a profile is read, and the way to stop. */
export function TraceProgress({
  file,
  bytes,
  size,
  events,
  onStop,
}: {
  readonly file: string;
  readonly bytes: number;
  readonly size: number;
  readonly events: number;
  readonly onStop: () => void;
}) {
  const id = useId();
  const share = size > 0 ? Math.min(1, bytes / size) : 0;
  return (
    <div role="status" className="flex max-w-[560px] flex-col gap-1.5">
      <span id={id} className="text-[13px] [overflow-wrap:anywhere]">
        Reading {file}
      </span>
      <span
        role="progressbar"
        aria-labelledby={id}
        aria-valuenow={Math.round(share * 100)}
        aria-valuemin={0}
        aria-valuemax={100}
        className="h-2 overflow-hidden rounded-full bg-fill"
      >
        <span className="block h-full bg-accent" style={{ width: `${share * 100}%` }} />
      </span>
      <span className="flex justify-between text-[12px] text-ink-3">
        <span>
          {sayBytes(bytes)} of {sayBytes(size)}, {events.toLocaleString('en-US')} events
        </span>
        <TextButton onClick={onStop}>stop</TextButton>
      </span>
    </div>
  );
}
