import { Monitor, Moon, Sun } from 'lucide-react';
import { Button } from './button.tsx';

const NEXT = { system: 'light', light: 'dark', dark: 'system' } as const;
const ICONS = { system: Monitor, light: Sun, dark: Moon } as const;

/** Steps through light, dark and as the system has it. */
export function ThemeButton({
  theme,
  onTheme,
}: {
  readonly theme: 'light' | 'dark' | 'system';
  readonly onTheme: (theme: 'light' | 'dark' | 'system') => void;
}) {
  const Icon = ICONS[theme];
  return (
    <Button
      onClick={() => onTheme(NEXT[theme])}
      aria-label={`Theme: ${theme}. Change to ${NEXT[theme]}`}
      title={`Theme: ${theme}`}
      className="px-2"
    >
      <Icon size={14} aria-hidden="true" />
    </Button>
  );
}

export function nextTheme(theme: 'light' | 'dark' | 'system'): 'light' | 'dark' | 'system' {
  return NEXT[theme];
}
