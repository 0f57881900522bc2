import { Command } from 'cmdk';
import { Key } from './key.tsx';

export interface PaletteCommand {
  readonly id: string;
  readonly group: string;
  readonly title: string;
  readonly key?: string;
  readonly run: () => void;
}

/** Everything the page can do, by name. Loaded when first asked for. */
export default function Palette({
  open,
  commands,
  onClose,
}: {
  readonly open: boolean;
  readonly commands: readonly PaletteCommand[];
  readonly onClose: () => void;
}) {
  const groups = [...new Set(commands.map((command) => command.group))];
  return (
    <Command.Dialog
      open={open}
      onOpenChange={(next) => !next && onClose()}
      label="Commands"
      filter={holdsWords}
      overlayClassName="fixed inset-0 z-40 bg-black/40"
      contentClassName="fixed top-[14vh] left-1/2 z-50 w-[min(600px,calc(100vw-24px))] -translate-x-1/2 overflow-hidden rounded-lg border border-strong bg-surface text-[13.5px] text-ink shadow-[0_16px_48px_rgb(0_0_0/0.25)]"
    >
      <Command.Input
        placeholder="Type a command, a recording, a profile"
        className="h-11 w-full border-b border-hairline bg-surface px-4 outline-none placeholder:text-ink-3"
      />
      <Command.List className="max-h-[50vh] overflow-auto p-1.5">
        <Command.Empty className="px-3 py-6 text-center text-ink-3">Nothing by that name.</Command.Empty>
        {groups.map((group) => (
          <Command.Group
            key={group}
            heading={group}
            className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-[11.8px] [&_[cmdk-group-heading]]:text-ink-3"
          >
            {commands
              .filter((command) => command.group === group)
              .map((command) => (
                <Command.Item
                  key={command.id}
                  value={`${group} ${command.title} ${command.id}`}
                  onSelect={() => {
                    onClose();
                    command.run();
                  }}
                  className="flex items-center gap-3 rounded px-2.5 py-1.5 data-[selected=true]:bg-fill"
                >
                  <span className="flex-1">{command.title}</span>
                  {command.key && <Key>{command.key}</Key>}
                </Command.Item>
              ))}
          </Command.Group>
        ))}
      </Command.List>
    </Command.Dialog>
  );
}

/** Every word typed must stand in the name: fuzzy matches surprise people in a hurry. A word that begins one ranks first. */
function holdsWords(value: string, typed: string): number {
  const name = value.toLowerCase();
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.every((word) => name.includes(word))) return 0;
  return words.every((word) => name.startsWith(word) || /[\s(-]/.test(name[name.indexOf(word) - 1] ?? ' ')) ? 1 : 0.5;
}
