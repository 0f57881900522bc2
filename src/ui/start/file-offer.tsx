import { useRef } from 'react';

/** Files of one's own: picked here, or dropped anywhere on the page. */
export function FileOffer({ onFiles }: { readonly onFiles: (files: readonly File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        data-testid="file-picker"
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
      <button
        type="button"
        onClick={() => input.current?.click()}
        className="block min-h-[42px] w-full rounded-[5px] border border-dashed border-strong px-3 py-2 text-left text-[12px] text-ink-3 hover:border-ink-3"
      >
        Drop files anywhere on this page, or pick them:{' '}
        <span className="font-mono">.om .prom .log .json .csv .sqlite .gz</span>
      </button>
    </>
  );
}
