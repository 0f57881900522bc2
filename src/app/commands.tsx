import { Suspense, useState } from 'react';
import { usePreferences } from '../state/preferences.ts';
import { useSession } from '../state/url/address.ts';
import { Boundary } from '../ui/controls/boundary.tsx';
import { Dialog } from '../ui/controls/dialog.tsx';
import { KeysHelp } from '../ui/controls/keys-help.tsx';
import { lazily } from '../ui/controls/later.ts';
import type { PaletteCommand } from '../ui/controls/palette.tsx';
import { nextTheme } from '../ui/controls/theme-button.tsx';

const Palette = lazily(() => import('../ui/controls/palette.tsx'));

/** Help and palette belong to every page. */
export function useCommands(): {
  readonly showHelp: () => void;
  readonly showPalette: () => void;
  /** Dialogs to be placed anywhere in the page. */
  readonly dialogs: (commands: readonly PaletteCommand[]) => React.ReactNode;
} {
  const [open, setOpen] = useState<'help' | 'palette' | null>(null);
  const [wanted, setWanted] = useState(false);
  const close = () => setOpen(null);
  return {
    showHelp: () => setOpen('help'),
    showPalette: () => {
      setWanted(true);
      setOpen('palette');
    },
    dialogs: (commands) => (
      <>
        <Dialog open={open === 'help'} onClose={close} title="Keys" help="They work whenever no field has the cursor.">
          <KeysHelp />
        </Dialog>
        {wanted && (
          <Boundary name="The palette of commands" afloat>
            <Suspense>
              <Palette open={open === 'palette'} commands={commands} onClose={close} />
            </Suspense>
          </Boundary>
        )}
      </>
    ),
  };
}

/** The viewer's theme; a theme in the address gives way to the first change by hand. */
export function useTheme() {
  const { session, navigate } = useSession();
  const { theme: preferred, setTheme: prefer } = usePreferences();
  const theme = session.theme ?? preferred;
  const setTheme = (next: typeof theme) => {
    prefer(next);
    if (session.theme !== null) navigate({ theme: null }, { replace: true });
  };
  return { theme, setTheme, turn: () => setTheme(nextTheme(theme)) };
}
