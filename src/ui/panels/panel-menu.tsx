import { Ellipsis } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { type RefObject, useState } from 'react';
import type { Evidence } from '../../core/evidence/evidence.ts';
import type { Panel, PanelData } from '../../core/panels/panel.ts';
import { csvOf } from '../charts/readings.ts';
import { saveFile } from '../controls/save-file.ts';
import { copyText } from './clipboard.ts';
import { pictureOf } from './png.ts';

interface PanelMenuProps {
  readonly panel: Panel;
  readonly data: PanelData;
  readonly evidence: Evidence;
  readonly frame: RefObject<HTMLElement | null>;
  readonly linkTo: ((panel: string) => string) | undefined;
}

const ITEM =
  'cursor-default rounded px-2.5 py-1 text-[12.5px] text-ink outline-none data-[highlighted]:bg-accent-soft data-[highlighted]:text-accent data-[disabled]:text-ink-3';

/** What can be taken away from a panel: its queries, its numbers, its picture, its address. */
export function PanelMenu({ panel, data, evidence, frame, linkTo }: PanelMenuProps) {
  const [said, setSaid] = useState('');
  const say = (text: string): void => {
    setSaid(text);
    setTimeout(() => setSaid(''), 1800);
  };
  const copy = async (what: string, text: () => string): Promise<void> => {
    try {
      say((await copyText(text())) ? `${what} copied` : `${what} could not be copied`);
    } catch (error) {
      say(error instanceof Error ? error.message : `${what} could not be copied`);
    }
  };
  const drawn = data.state === 'ok' || data.state === 'partial';
  return (
    <span className="relative self-center">
      <span
        role="status"
        className="absolute top-5 right-0 z-10 rounded bg-ink px-1.5 text-[11px] whitespace-nowrap text-bg empty:hidden"
      >
        {said}
      </span>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger
          aria-label={`${panel.title}: copy or save`}
          className="flex size-5 items-center justify-center rounded text-ink-3 opacity-0 outline-offset-1 group-hover/panel:opacity-100 hover:bg-fill hover:text-ink focus-visible:opacity-100 focus-visible:outline-2 focus-visible:outline-accent data-[state=open]:opacity-100 pointer-coarse:opacity-100"
        >
          <Ellipsis aria-hidden="true" className="size-3.5" />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content
            align="end"
            sideOffset={4}
            className="z-50 min-w-40 rounded-md border border-strong bg-surface p-1 shadow-lg"
          >
            <DropdownMenu.Item
              className={ITEM}
              onSelect={() =>
                copy('PromQL', () =>
                  panel
                    .queries(evidence)
                    .map(({ title, query }) => `# ${title}\n${query}`)
                    .join('\n\n'),
                )
              }
            >
              Copy PromQL
            </DropdownMenu.Item>
            <DropdownMenu.Item className={ITEM} disabled={!drawn} onSelect={() => copy('CSV', () => csvOf(data))}>
              Copy CSV
            </DropdownMenu.Item>
            <DropdownMenu.Item
              className={ITEM}
              disabled={!drawn}
              onSelect={async () => {
                const picture =
                  frame.current && (await pictureOf(frame.current, panel.title, data.note).catch(() => null));
                if (picture) saveFile(`${panel.id}.png`, picture);
                else say('The picture could not be drawn');
              }}
            >
              Save PNG
            </DropdownMenu.Item>
            {linkTo && (
              <DropdownMenu.Item className={ITEM} onSelect={() => copy('Link', () => linkTo(panel.id))}>
                Copy link
              </DropdownMenu.Item>
            )}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </span>
  );
}
