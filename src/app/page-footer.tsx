import { Footer } from '../ui/controls/footer.tsx';
import { VERSION } from './version.ts';

/** The foot of a page that shows no incident. */
export function PageFooter({ onHelp }: { readonly onHelp: () => void }) {
  return (
    <Footer
      version={VERSION}
      says="Nothing is sent anywhere"
      onHelp={onHelp}
      hints={[
        { keys: ['⌘K'], does: 'commands' },
        { keys: ['t'], does: 'theme' },
      ]}
    />
  );
}
