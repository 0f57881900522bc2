import { AlertDialog } from 'radix-ui';
import { Button } from '../controls/button.tsx';

export interface AskSourceProps {
  /** With their ports; at least one. */
  readonly hosts: readonly string[];
  readonly onRead: () => void;
  readonly onLeave: () => void;
}

/** Before a host is read that only the address names. What is not agreed to is not asked for anything. */
export function AskSource({ hosts, onRead, onLeave }: AskSourceProps) {
  const [first = '', ...others] = hosts;
  const whom = others.length === 0 ? first : `${hosts.length} hosts`;
  return (
    <AlertDialog.Root open onOpenChange={(open) => !open && onLeave()}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-40 bg-bg" />
        <AlertDialog.Content className="fixed top-[18vh] left-1/2 z-50 max-h-[78vh] w-[min(520px,calc(100vw-24px))] -translate-x-1/2 overflow-auto rounded-lg border border-strong bg-surface px-5 py-4 text-[13.5px] leading-5 text-ink">
          <AlertDialog.Title className="text-[15px] font-[620] wrap-anywhere">Read from {whom}?</AlertDialog.Title>
          <AlertDialog.Description asChild>
            <div className="mt-1.5 text-ink-2">
              <p>
                The address you opened names {others.length === 0 ? 'a host' : 'hosts'} that you did not choose here.
              </p>
              {others.length > 0 && (
                <ul className="my-1.5 list-disc pl-5 font-mono text-[12.5px] wrap-anywhere text-ink">
                  {hosts.map((host) => (
                    <li key={host}>{host}</li>
                  ))}
                </ul>
              )}
              <p className="mt-1.5">
                It would be asked for metrics, and what it answers would be shown as a verdict. No header you gave and
                nothing the server of this page holds goes there.
              </p>
            </div>
          </AlertDialog.Description>
          <div className="mt-4 flex flex-wrap justify-end gap-2">
            <AlertDialog.Cancel asChild>
              <Button>Do not read</Button>
            </AlertDialog.Cancel>
            <Button look="strong" onClick={onRead}>
              Read from {whom}
            </Button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
