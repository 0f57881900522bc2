import { PROFILE_IDS } from '../../core/verdict/profiles.ts';
import { DEFAULT_SESSION, LIVES, type Notice, type Session, THEMES } from './session.ts';
import type { SourceRef } from './source-ref.ts';
import { formatWhen, parseWhen, type When } from './times.ts';
import { readTunerText } from './tuner-text.ts';
import { readMoves } from './what-if.ts';

/**
 * Reads query and fragment of an address, `?prometheus=…&from=now-1h` or `#snapshot=…`. Never throws: a value that is not understood becomes
 * its default and a notice. Names it does not know are ignored, since addresses get decorated on their way.
 */
export function parse(address: string): { session: Session; notices: Notice[] } {
  const hash = address.indexOf('#');
  const query = new URLSearchParams(hash < 0 ? address : address.slice(0, hash));
  const notices: Notice[] = [];
  const note = (id: string, says: string) => void notices.push({ id, says });
  const text = (name: string): string | null => query.get(name)?.trim() || null;

  const oneOf = <T extends string>(name: string, allowed: readonly T[], fallback: T): T => {
    const given = text(name);
    if (given === null) return fallback;
    const found = allowed.find((value) => value === given);
    if (found === undefined) note(name, `${name}=${short(given)} is none of ${allowed.join(', ')}; using ${fallback}.`);
    return found ?? fallback;
  };
  const when = (name: string): When | null => {
    const given = text(name);
    if (given === null) return null;
    const read = parseWhen(given);
    if (read === null)
      note(name, `${name}=${short(given)} is no time. Write 2026-11-24T12:00:00Z, unix milliseconds or now-30m.`);
    return read;
  };
  const positive = (name: string): number | undefined => {
    const given = text(name);
    if (given === null) return undefined;
    const value = Number(given);
    if (Number.isFinite(value) && value > 0) return value;
    note(name, `${name}=${short(given)} is no number of seconds above zero; using the chat target.`);
    return undefined;
  };

  const source = readSource(text, query.getAll('metrics'), hash < 0 ? '' : address.slice(hash), note);
  const profile = oneOf('profile', PROFILE_IDS, DEFAULT_SESSION.profile);
  const [ttft, tbt, e2e] = [positive('ttft'), positive('tbt'), positive('e2e')];
  if (profile !== 'custom' && (ttft ?? tbt ?? e2e) !== undefined)
    note('targets', `ttft, tbt and e2e count with profile=custom only; using the targets of ${profile}.`);

  let from = when('from');
  let to = when('to');
  if (from !== null && to !== null && !isBefore(from, to)) {
    note('range', `from=${formatWhen(from)} is not before to=${formatWhen(to)}; showing the usual range.`);
    from = null;
    to = null;
  }
  const at = when('at');
  if (at !== null && typeof at !== 'number') note('at', 'at must be a fixed time; showing the end of the range.');

  const theme = text('theme') === null ? null : oneOf('theme', THEMES, 'system');
  return {
    session: {
      source,
      selector: readSelector(text('selector'), note),
      model: text('model'),
      from,
      to,
      profile,
      custom: profile === 'custom' ? defined({ ttft, tbt, e2e }) : {},
      theme,
      embed: readSwitch('embed', text('embed'), note),
      wall: readSwitch('wall', text('wall'), note),
      strip: readSwitch('strip', text('strip'), note),
      panel: readId('panel', text('panel'), note),
      live: oneOf('live', LIVES, DEFAULT_SESSION.live),
      at: typeof at === 'number' ? at : null,
      zoom: readZoom(text('zoom'), note),
      finding: readId('finding', text('finding'), note),
      replica: text('replica'),
      knobs: readKnobs(query.getAll('knobs'), note),
      whatIf: readMoves(text('whatif'), note),
      trace: readSwitch('trace', text('trace'), note),
      tuner: readTunerText(text, note),
      loads: [
        ...new Set(
          (text('loads') ?? '')
            .split(',')
            .map((name) => name.trim())
            .filter((name) => name !== ''),
        ),
      ],
    },
    notices,
  };
}

type Note = (id: string, says: string) => void;

/** @returns whether the range is not empty; a fixed and a relative time are compared only when they are read. */
function isBefore(from: When, to: When): boolean {
  if (typeof from === 'number' && typeof to === 'number') return from < to;
  if (typeof from === 'object' && typeof to === 'object') return from.ago > to.ago;
  return true;
}

function readSource(
  text: (name: string) => string | null,
  pages: readonly string[],
  fragment: string,
  note: Note,
): SourceRef | null {
  const given = (['prometheus', 'metrics', 'recording', 'file'] as const).filter((name) => text(name) !== null);
  const snapshot = (/^#snapshot=(.*)$/s.exec(fragment)?.[1] ?? '').trim();
  if (snapshot !== '') {
    if (given.length > 0)
      note('source', `The address holds a snapshot and names ${given.join(' and ')}; showing the snapshot only.`);
    return { kind: 'snapshot', text: snapshot };
  }
  const kind = given[0];
  if (kind === undefined) return null;
  if (given.length > 1) note('source', `The address names ${given.join(' and ')}; reading ${kind} only.`);
  const value = text(kind) as string;
  if (kind === 'file') return { kind, name: value };
  if (kind === 'metrics') return readPages(pages, note);
  if (kind === 'recording') {
    if (/^[\w.-]+$/.test(value)) return { kind, name: value };
    note('recording', `recording=${short(value)} is no name of a recording. Pick one from the library.`);
    return null;
  }
  const url = parseEndpoint(value);
  if (url === null) note('prometheus', `prometheus=${short(value)} is no http or https address.`);
  return url === null ? null : { kind, url };
}

/** Addresses of /metrics pages: by commas, or the parameter several times. One that is none is left out. */
function readPages(lists: readonly string[], note: Note): SourceRef | null {
  const urls: string[] = [];
  for (const part of lists.flatMap((list) => list.split(',')).map((part) => part.trim())) {
    if (part === '') continue;
    const url = parseEndpoint(part);
    if (url === null) note('metrics', `metrics=${short(part)} is no http or https address.`);
    else if (!urls.includes(url)) urls.push(url);
  }
  return urls.length === 0 ? null : { kind: 'metrics', urls };
}

/**
 * @returns the address as it is used: `http:` or `https:`, no trailing slash, no query, no fragment, or a path on the server
 * of the page, where `vllm-triage serve` and reverse proxies offer sources; `null` for anything else. A password in an address would end up in every shared link, so such an address is refused as well.
 */
export function parseEndpoint(text: string): string | null {
  if (text.startsWith('/') && !text.startsWith('//')) {
    // `/\\[` is an address of a host to a browser, and one that is none.
    if (!URL.canParse(text, 'http://here')) return null;
    // Through URL for its spelling: dots resolved, characters encoded.
    const { pathname, host } = new URL(text, 'http://here');
    const path = pathname.replace(/(?<!\/)\/+$/, '');
    return host === 'here' && path !== '' && !path.startsWith('//') ? path : null;
  }
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  if (url.username !== '' || url.password !== '') return null;
  return `${url.origin}${url.pathname.replace(/(?<!\/)\/+$/, '')}`;
}

/** `2026-11-24T12:00:00Z/2026-11-24T12:10:00Z`, as ISO 8601 writes an interval. */
function readZoom(given: string | null, note: Note): Session['zoom'] {
  if (given === null) return null;
  const [from, to, ...rest] = given.split('/').map(parseWhen);
  if (typeof from === 'number' && typeof to === 'number' && from < to && rest.length === 0) return { from, to };
  note('zoom', `zoom=${short(given)} is not FROM/TO with fixed times; charts show the whole range.`);
  return null;
}

function readSelector(given: string | null, note: Note): string {
  if (given === null || given === '{}') return '';
  if (/^\{[\s\S]*\}$/.test(given)) return given;
  // `job="vllm"` without braces is what people type, and can mean only one thing.
  if (/^[a-zA-Z_][\w]*\s*(=|!=|=~|!~)\s*"/.test(given)) return `{${given}}`;
  note('selector', `selector=${short(given)} is not in the form {job="vllm"}; reading everything.`);
  return '';
}

function readSwitch(name: string, given: string | null, note: Note): boolean {
  if (given === null || given === '0' || given === 'false') return false;
  if (given !== '1' && given !== 'true') {
    note(name, `${name}=${short(given)} is neither 1 nor 0; using 0.`);
    return false;
  }
  return true;
}

function readId(name: string, given: string | null, note: Note): string | null {
  if (given === null || /^[a-z0-9][a-z0-9-]*$/.test(given)) return given;
  note(name, `${name}=${short(given)} is no id; ignoring it.`);
  return null;
}

function readKnobs(lists: readonly string[], note: Note): Record<string, number> {
  const knobs: Record<string, number> = {};
  for (const part of lists.flatMap((list) => list.split(',')).map((part) => part.trim())) {
    if (part === '') continue;
    const [, name, value] = /^([a-z][a-z0-9-]*):(.+)$/.exec(part) ?? [];
    const number = Number(value);
    if (name === undefined || !Number.isFinite(number) || number < 0)
      note('knobs', `knobs: ${short(part)} is not name:number, as in max-num-seqs:256; ignoring it.`);
    else knobs[name] = number;
  }
  return knobs;
}

function defined(targets: {
  ttft?: number | undefined;
  tbt?: number | undefined;
  e2e?: number | undefined;
}): Session['custom'] {
  return Object.fromEntries(Object.entries(targets).filter(([, value]) => value !== undefined));
}

function short(value: string): string {
  return value.length > 60 ? `${value.slice(0, 59)}…` : value;
}
