import { clsx } from 'clsx';
import type { ComponentProps } from 'react';

const LOOKS = {
  plain: 'border-strong bg-surface text-ink hover:border-ink-3',
  strong: 'border-ink bg-ink text-surface hover:opacity-90',
  bare: 'border-transparent bg-transparent text-ink-2 hover:bg-fill hover:text-ink',
} as const;

export function Button({
  look = 'plain',
  className,
  ...rest
}: ComponentProps<'button'> & { readonly look?: keyof typeof LOOKS }) {
  return (
    <button
      type="button"
      {...rest}
      className={clsx(
        'inline-flex h-[27px] cursor-default items-center gap-1.5 rounded-[5px] border px-2.5 text-[12.5px] font-[560] whitespace-nowrap disabled:opacity-50',
        LOOKS[look],
        className,
      )}
    />
  );
}

/** Looks like a word in the text. */
export function TextButton({ className, ...rest }: ComponentProps<'button'>) {
  return (
    <button
      type="button"
      {...rest}
      className={clsx('cursor-pointer rounded-[3px] text-accent underline-offset-2 hover:underline', className)}
    />
  );
}
