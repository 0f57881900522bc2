import type { ReactNode } from 'react';

/** Heading of a part of the page: title, one sentence, and what stands to the right. */
export function SectionHead({
  id,
  title,
  help,
  children,
}: {
  readonly id: string;
  readonly title: string;
  readonly help?: ReactNode;
  readonly children?: ReactNode;
}) {
  return (
    <div className="mb-3 flex flex-wrap items-baseline gap-x-3 gap-y-0.5">
      <h2 id={id} className="text-[15px] font-[620] text-ink">
        {title}
      </h2>
      {help && <p className="text-[12.5px] text-ink-2">{help}</p>}
      {children && <div className="ml-auto text-[11.8px] text-ink-3">{children}</div>}
    </div>
  );
}
