import { useEffect } from 'react';
import { useFrame } from '../../state/embed/use-frame.ts';
import type { Session } from '../../state/url/session.ts';
import { Embedded } from './embedded.tsx';

/** For a frame in other people's pages, and for a panel alone in a tab. No chrome, nothing but a link out. */
export default function EmbedPage({ session }: { readonly session: Session }) {
  const { source, embed } = session;
  const tell = useFrame();
  // A frame is as tall as its content; what lies around the corners of the card is the host's.
  useEffect(() => {
    document.documentElement.toggleAttribute('data-embed', embed);
    return () => document.documentElement.removeAttribute('data-embed');
  }, [embed]);
  return (
    <main className={embed ? undefined : 'mx-auto max-w-[1100px] p-4 sm:p-8'}>
      {source === null ? (
        <p className="p-4 text-ink-3">Nothing to read has been named yet.</p>
      ) : (
        <Embedded session={{ ...session, source }} tell={tell} titled />
      )}
    </main>
  );
}
