import { Check } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { ChoiceMenuProps } from './menu.tsx';
import { MenuButton } from './menu-button.tsx';

const SHEET =
  'z-40 max-h-[70vh] min-w-[210px] overflow-auto rounded-md border border-strong bg-surface p-1 text-[12.5px] shadow-[0_8px_24px_rgb(0_0_0/0.14)]';

/** The menu behind a `ChoiceMenu`, button and all. */
export default function MenuSheet({
  name,
  shown,
  value,
  choices,
  onChoose,
  children,
  open,
}: ChoiceMenuProps<string> & {
  /** Whether the button was pressed before this was there. */
  readonly open: boolean;
}) {
  return (
    <DropdownMenu.Root modal={false} defaultOpen={open}>
      <DropdownMenu.Trigger asChild>
        <MenuButton name={name}>{shown}</MenuButton>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className={SHEET} sideOffset={6} align="start" collisionPadding={12}>
          <DropdownMenu.RadioGroup value={value} onValueChange={onChoose}>
            {choices.map((choice) => (
              <DropdownMenu.RadioItem
                key={choice.value}
                value={choice.value}
                className="flex cursor-default items-center gap-2 rounded px-2 py-1.5 outline-none data-[highlighted]:bg-fill"
              >
                <span className="w-3.5">
                  <DropdownMenu.ItemIndicator>
                    <Check size={13} aria-hidden="true" />
                  </DropdownMenu.ItemIndicator>
                </span>
                {choice.icon}
                <span className="flex-1">{choice.title}</span>
                {choice.hint && <span className="pl-4 text-[11.8px] text-ink-3">{choice.hint}</span>}
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
