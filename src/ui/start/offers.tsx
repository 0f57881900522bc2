import { Accordion } from 'radix-ui';
import type { ReactNode } from 'react';

export interface Offer {
  readonly id: string;
  readonly title: ReactNode;
  /** What it gives, in a line. */
  readonly says: string;
  readonly body: ReactNode;
  /** Shown whichever is open: what takes no room and no typing. */
  readonly always?: boolean;
}

/** The ways to bring metrics, one open at a time; the best one first and open. */
export function Offers({ offers }: { readonly offers: readonly Offer[] }) {
  return (
    <Accordion.Root type="single" defaultValue={offers[0]?.id ?? ''} className="border-t border-strong">
      {offers.map(({ id, title, says, body, always = false }) => (
        <Accordion.Item
          key={id}
          value={id}
          className="group grid grid-cols-[16px_minmax(0,1fr)] gap-x-4 border-b border-hairline py-4"
        >
          <span
            aria-hidden="true"
            className="mt-[3px] size-[15px] rounded-full border border-strong bg-surface group-data-[state=open]:border-[4.5px] group-data-[state=open]:border-accent"
          />
          <div className="min-w-0">
            <Accordion.Header asChild>
              <h2>
                <Accordion.Trigger className="block w-full cursor-pointer text-left">
                  <span className="block text-[14px] font-[620] text-ink">{title}</span>
                  <span className="block text-[12.8px] text-ink-2">{says}</span>
                </Accordion.Trigger>
              </h2>
            </Accordion.Header>
            {always ? (
              <div className="pt-2.5">{body}</div>
            ) : (
              <Accordion.Content className="pt-2.5">{body}</Accordion.Content>
            )}
          </div>
        </Accordion.Item>
      ))}
    </Accordion.Root>
  );
}
