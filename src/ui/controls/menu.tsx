import { type ReactNode, Suspense, useState } from 'react';
import { later, loadTheRest } from './later.ts';
import { MenuButton } from './menu-button.tsx';

const Sheet = later(() => import('./menu-sheet.tsx'));

export interface Choice {
  readonly value: string;
  readonly title: string;
  readonly hint?: string;
  readonly icon?: ReactNode;
}

export interface ChoiceMenuProps<T extends string> {
  readonly name: string;
  readonly shown: ReactNode;
  readonly value: T;
  readonly choices: readonly (Choice & { readonly value: T })[];
  readonly onChoose: (value: T) => void;
  /** Below the choices, e.g. a form for a value of one's own. */
  readonly children?: ReactNode;
}

/**
 * One value out of a few: the button names the thing and its value, the sheet explains each choice. Until the script of the sheet
 * is there the button stands alone; pressed, it fetches it and opens then.
 */
export function ChoiceMenu<T extends string>({ onChoose, ...props }: ChoiceMenuProps<T>) {
  const [pressed, setPressed] = useState(false);
  return (
    <Suspense
      fallback={
        <MenuButton
          name={props.name}
          aria-haspopup="menu"
          aria-expanded={false}
          aria-busy={pressed || undefined}
          onClick={() => {
            setPressed(true);
            loadTheRest();
          }}
        >
          {props.shown}
        </MenuButton>
      }
    >
      <Sheet {...props} onChoose={(value) => onChoose(value as T)} open={pressed} />
    </Suspense>
  );
}
