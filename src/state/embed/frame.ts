import type { EmbedEvent, HostMessage, Tell } from './protocol.ts';
import { EMBED_SCHEMA, parseHostMessage } from './protocol.ts';

/** The window around, as far as it is used: its own address and content are hidden from a frame. */
export interface HostWindow {
  postMessage(message: unknown, targetOrigin: string): void;
}

export interface Frame {
  readonly tell: Tell;
  /** A message event of the frame's window. */
  readonly take: (event: Pick<MessageEvent, 'source' | 'origin' | 'data'>) => void;
}

/**
 * The talk of a frame with the page around it. Only the window directly around is heard, and only while its origin is allowed;
 * nothing is told to any other, which the browser sees to: a message goes out with the origin it is for.
 * @param around the origin the browser says is around; `null` where it does not say
 */
export function openFrame(
  host: HostWindow,
  allowed: readonly string[],
  around: string | null,
  receive: (message: HostMessage) => void,
): Frame {
  const told = around === null ? allowed : allowed.filter((origin) => origin === around);
  const tell = (event: EmbedEvent) => {
    for (const origin of told) host.postMessage({ schema: EMBED_SCHEMA, ...event }, origin);
  };
  return {
    tell,
    take({ source, origin, data }) {
      if (source !== host || !allowed.includes(origin)) return;
      const message = parseHostMessage(data);
      if (message === null) return;
      if (typeof message === 'string') tell({ type: 'error', problem: 'bad-message', says: message });
      else receive(message);
    },
  };
}

/** Origin of the page directly around a frame, from what the browser gives away of it; `null` where that is nothing. */
export function originAround(page: Pick<Window, 'location'>, referrer: string): string | null {
  const ancestors = (page.location as { readonly ancestorOrigins?: ArrayLike<string> }).ancestorOrigins;
  if (ancestors?.[0] !== undefined) return ancestors[0];
  return URL.canParse(referrer) ? new URL(referrer).origin : null;
}
