import { clsx } from 'clsx';
import { Check, ChevronDown } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';

export interface Choice<T extends string> {
  readonly value: T;
  readonly title: string;
  readonly hint?: string;
  readonly icon?: ReactNode;
}

const SHEET =
  'z-40 max-h-[70vh] min-w-[210px] overflow-auto rounded-md border border-strong bg-surface p-1 text-[12.5px] shadow-[0_8px_24px_rgb(0_0_0/0.14)]';

/** One value out of a few: the button names the thing and its value, the sheet explains each choice. */
export function ChoiceMenu<T extends string>({
  name,
  shown,
  value,
  choices,
  onChoose,
  children,
}: {
  readonly name: string;
  readonly shown: ReactNode;
  readonly value: T;
  readonly choices: readonly Choice<T>[];
  readonly onChoose: (value: T) => void;
  /** Below the choices, e.g. a form for a value of one's own. */
  readonly children?: ReactNode;
}) {
  return (
    <DropdownMenu.Root modal={false}>
      <MenuButton name={name}>{shown}</MenuButton>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className={SHEET} sideOffset={6} align="start" collisionPadding={12}>
          <DropdownMenu.RadioGroup value={value} onValueChange={(next) => onChoose(next as T)}>
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

function MenuButton({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <DropdownMenu.Trigger
      className={clsx(
        'group inline-flex h-[27px] cursor-default items-center gap-1.5 rounded-[5px] px-1.5 text-[12.5px] whitespace-nowrap hover:bg-fill data-[state=open]:bg-fill',
      )}
    >
      <span className="text-ink-3">{name}</span>
      <span className="font-[560] text-ink">{children}</span>
      <ChevronDown size={12} aria-hidden="true" className="text-ink-3" />
    </DropdownMenu.Trigger>
  );
}
