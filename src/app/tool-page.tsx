import { type ReactNode, useState } from 'react';
import type { Notice } from '../state/url/session.ts';
import { Button } from '../ui/controls/button.tsx';
import { Key } from '../ui/controls/key.tsx';
import { Logo } from '../ui/controls/logo.tsx';
import { Notices } from '../ui/controls/notices.tsx';
import type { PaletteCommand } from '../ui/controls/palette.tsx';
import { Bar } from '../ui/controls/source-bar.tsx';
import { ThemeButton } from '../ui/controls/theme-button.tsx';
import { DropZone } from '../ui/start/drop-zone.tsx';
import { useCommands, useTheme } from './commands.tsx';
import { PageFooter } from './page-footer.tsx';
import { useKeys } from './use-keys.ts';

export interface ToolPageProps {
  readonly title: string;
  readonly notices: readonly Notice[];
  /** The way to the first screen, behind the logo. */
  readonly onHome: () => void;
  /** What stands at the right of the bar, before theme and palette. */
  readonly actions: ReactNode;
  readonly onFiles: (files: readonly File[]) => void;
  /** Said while a file is dragged over the page. */
  readonly dropSays: string;
  /** What the palette offers beside theme and keys. */
  readonly commands: readonly PaletteCommand[];
  readonly children: ReactNode;
}

/** A page beside the incident, opened on purpose: one bar, one thing to do, files dropped anywhere. */
export function ToolPage({ title, notices, onHome, actions, onFiles, dropSays, commands, children }: ToolPageProps) {
  const { theme, setTheme, turn } = useTheme();
  const { showHelp, showPalette, dialogs } = useCommands();
  const [closed, setClosed] = useState<readonly Notice[] | null>(null);
  useKeys({ '?': showHelp, 'mod+k': showPalette, t: turn });
  return (
    <DropZone onFiles={onFiles} says={dropSays}>
      <title>{`${title} · vLLM Triage`}</title>
      <div className="flex min-h-dvh flex-col">
        <header className="flex min-h-[45px] items-center gap-3 border-b border-hairline bg-surface px-4 sm:px-8">
          <Logo href="?" onOpen={onHome} />
          <Bar />
          <span className="text-[12.5px] font-[560] text-ink max-sm:hidden">{title}</span>
          <span className="ml-auto flex items-center gap-1.5">
            {actions}
            <ThemeButton theme={theme} onTheme={setTheme} />
            <Button onClick={showPalette} aria-label="Commands" className="px-2 max-sm:hidden">
              <Key>⌘K</Key>
            </Button>
          </span>
        </header>
        <Notices notices={closed === notices ? [] : notices} onClose={() => setClosed(notices)} />
        {children}
        <PageFooter onHelp={showHelp} />
      </div>
      {dialogs([
        ...commands,
        { id: 'theme', group: 'Page', title: 'Change theme', key: 't', run: turn },
        { id: 'help', group: 'Page', title: 'Keys', key: '?', run: showHelp },
      ])}
    </DropZone>
  );
}
