import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useSecrets } from '../preferences.ts';
import { useTrust } from '../trust.ts';
import { useSession } from '../url/address.ts';
import { endpointOf } from '../url/source-ref.ts';
import { type Frame, openFrame, originAround } from './frame.ts';
import { allowedOrigins } from './origins.ts';
import type { HostMessage, Tell } from './protocol.ts';
import { patchOf } from './settings.ts';
import { bearer, TokenWatch } from './token.ts';

/**
 * The talk of this page with the one it is framed by.
 * @returns what tells the host something; tells nobody where the page is no frame
 */
export function useFrame(): Tell {
  const { navigate } = useSession();
  const client = useQueryClient();
  const frame = useRef<Frame>(null);
  const [tell] = useState((): Tell => (event) => frame.current?.tell(event));

  useEffect(() => {
    if (window.parent === window) return;
    const tokens = new TokenWatch(tell);
    const receive = (message: HostMessage): void => {
      switch (message.type) {
        case 'source':
        case 'scope':
        case 'range':
        case 'theme': {
          const { patch, notices } = patchOf(message);
          for (const { says } of notices) tell({ type: 'error', problem: 'bad-value', says });
          // A source that is none leaves what is shown, rather than an empty frame.
          if (message.type === 'source' && patch.source) useTrust.getState().trust(patch.source);
          if (message.type !== 'source' || patch.source) navigate(patch, { replace: true });
          return;
        }
        case 'token': {
          const { source } = patchOf({ source: message.source }).patch;
          const endpoint = source ? endpointOf(source) : null;
          if (endpoint === null)
            return tell({ type: 'error', problem: 'bad-value', says: 'The source the token is for is no address.' });
          useSecrets.getState().setHeaders(endpoint, bearer(message.token.value));
          // What was opened with the token before is not asked again.
          client.removeQueries({ queryKey: ['source'] });
          tokens.watch(endpoint, message.token.expires, Date.now() / 1000);
          return;
        }
        default:
          message satisfies never;
      }
    };
    const { origin } = window.location;
    const open = openFrame(
      window.parent,
      allowedOrigins(document, origin),
      originAround(window, document.referrer),
      receive,
    );
    frame.current = open;
    window.addEventListener('message', open.take);
    open.tell({ type: 'ready' });
    return () => {
      window.removeEventListener('message', open.take);
      tokens.stop();
      frame.current = null;
    };
  }, [client, navigate, tell]);
  return tell;
}
