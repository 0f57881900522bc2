import { DEFAULT_SESSION, type Session } from './session.ts';
import { labelOf } from './source-ref.ts';
import { formatWhen } from './times.ts';
import { tunerPairs } from './tuner-text.ts';
import { formatMoves } from './what-if.ts';

/**
 * Writes a session as query and fragment of an address, `?recording=seats&profile=rag`, or `''` for the start page. Defaults are
 * left out, and characters an address may hold are left readable: these links are read aloud and edited by hand.
 */
export function format(session: Session): string {
  const out: [string, string][] = [];
  const put = (name: string, value: string | null | undefined | false) => {
    if (value !== null && value !== undefined && value !== false && value !== '') out.push([name, value]);
  };
  const { source } = session;
  if (source && source.kind !== 'snapshot') put(source.kind, labelOf(source));
  put('selector', session.selector);
  put('model', session.model);
  put('from', session.from === null ? null : formatWhen(session.from));
  put('to', session.to === null ? null : formatWhen(session.to));
  put('profile', session.profile !== DEFAULT_SESSION.profile && session.profile);
  if (session.profile === 'custom') {
    put('ttft', session.custom.ttft?.toString());
    put('tbt', session.custom.tbt?.toString());
    put('e2e', session.custom.e2e?.toString());
  }
  put('theme', session.theme);
  put('embed', session.embed && '1');
  put('wall', session.wall && '1');
  put('strip', session.strip && '1');
  put('panel', session.panel);
  put('live', session.live !== DEFAULT_SESSION.live && session.live);
  put('at', session.at === null ? null : formatWhen(session.at));
  put('zoom', session.zoom === null ? null : `${formatWhen(session.zoom.from)}/${formatWhen(session.zoom.to)}`);
  put('finding', session.finding);
  put('replica', session.replica);
  put(
    'knobs',
    Object.entries(session.knobs)
      .map(([name, value]) => `${name}:${value}`)
      .join(','),
  );
  put('whatif', formatMoves(session.whatIf));
  put('loads', session.loads.join(','));
  put('trace', session.trace && '1');
  for (const [name, value] of tunerPairs(session.tuner)) put(name, value);
  const query = out.length === 0 ? '' : `?${out.map(([name, value]) => `${name}=${encode(value)}`).join('&')}`;
  return source?.kind === 'snapshot' ? `${query}#snapshot=${source.text}` : query;
}

function encode(value: string): string {
  return encodeURIComponent(value).replace(/%(3A|2F|2C|7B|7D)/g, (code) => decodeURIComponent(code));
}
