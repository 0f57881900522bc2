/** Whether requests get there and back: network, browser rules, credentials, path. */
import { adviceFor } from '../advice.ts';
import { type Check, failed, ok, type Patient, unknown } from './check.ts';

/** Hosts a browser trusts without a certificate. Source: W3C Secure Contexts, "potentially trustworthy origin". */
const TRUSTED_HOST = /^https?:\/\/(localhost|[^/]+\.localhost|127(\.\d+){3}|\[::1\])(:|\/|$)/i;

/** A path alone means the server of the page. */
function isSameOrigin({ client, page }: Patient): boolean {
  return (
    page !== null && (client.label.startsWith('/') || client.label === '' || originOf(client.label) === page.origin)
  );
}

function originOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).origin : null;
}

export const mixedContent: Check = {
  id: 'mixed-content',
  title: 'The page may ask this address',
  needs: [],
  browserOnly: true,
  examine: ({ client, page }) => {
    if (page === null) return unknown('not checkable here: no page asks');
    if (!page.origin.startsWith('https:'))
      return ok('the page came over http, so both kinds of address are open to it');
    if (!client.label.startsWith('http:')) return ok('both speak https');
    if (TRUSTED_HOST.test(client.label)) return ok('http, but to this machine itself');
    return failed(
      'the page came over https and the address is http; browsers refuse that',
      'Put the server behind https, or give the page and the API one origin with the block below, or open the page over http.',
      relayBlock(client.label),
    );
  },
};

export const reachable: Check = {
  id: 'reachable',
  title: 'Something answers',
  needs: ['mixed-content'],
  examine: async (patient, abort) => {
    const contact = await patient.contact(abort);
    const { label } = patient.client;
    if (contact.problem === null) return ok(`answered in ${Math.round(contact.seconds * 1000)} ms`);
    if (contact.problem === 'timeout' && contact.status === null)
      return failed(
        contact.message.replace(/\.$/, ''),
        'The address exists and swallows requests: a firewall that drops them, a VPN that is down, or a server at its limit.',
        `curl -sS -m 5 '${label}/api/v1/query?query=1'`,
      );
    if (contact.problem === 'cors') return ok('a request whose answer stays hidden came back');
    if (contact.problem !== 'unreachable') return ok('something answers');
    const { message } = contact;
    const todo = /ENOTFOUND|EAI_AGAIN|is no address|is no http/.test(message)
      ? 'The name is not known here. Check the spelling; a name of a cluster is known inside it only, so use a port-forward or the address of its ingress.'
      : /ECONNREFUSED/.test(message)
        ? 'The machine is there and nothing listens on that port. Check the port and whether the server runs; a port-forward may have ended.'
        : /certificate|self.signed|TLS|SSL/i.test(message)
          ? 'The certificate is not trusted here. Use the name it was made for, or make its authority known to this machine.'
          : adviceFor('unreachable', { url: label }).todo;
    return failed(message.replace(/\.$/, ''), todo, `curl -sS '${label}/api/v1/query?query=1'`);
  },
};

export const readable: Check = {
  id: 'cors',
  title: 'The browser may read the answer',
  needs: ['reachable'],
  browserOnly: true,
  examine: async (patient, abort) => {
    const { page, client, platform } = patient;
    if (page === null) return unknown('not checkable here: no browser is involved; --origin names a page to check for');
    if (isSameOrigin(patient)) return ok('page and API share one origin');
    if (page.enforced) {
      const { problem } = await patient.contact(abort);
      if (problem !== 'cors') return ok('the answer could be read');
      if ((await patient.elsewhere(abort)) !== null) return ok('could be read at another path of this host');
      // Without headers of its own the request needs no leave; if that can be read, only the preflight is refused.
      if (Object.keys(patient.headers).length > 0 && (await comesThrough(patient, {}, abort)))
        return ok('a request without headers can be read');
      return refused(page.origin);
    }
    const answer = await platform.fetch(`${client.label}/api/v1/query?query=1`, {
      headers: { ...patient.headers, Origin: page.origin },
      redirect: 'manual',
      signal: abort,
    });
    await answer.body?.cancel();
    const allowed = answer.headers.get('access-control-allow-origin');
    if (allowed === '*' || allowed === page.origin) return ok(`Access-Control-Allow-Origin: ${allowed}`);
    return allowed === null
      ? refused(page.origin)
      : refused(page.origin, `Access-Control-Allow-Origin: ${allowed}, which is not ${page.origin}`);
  },
};

export const preflight: Check = {
  id: 'preflight',
  title: 'The browser may send the headers',
  needs: ['cors'],
  browserOnly: true,
  examine: async (patient, abort) => {
    const { page, client, platform, headers } = patient;
    const names = Object.keys(headers);
    if (names.length === 0) return ok('not needed: no header of its own is sent');
    if (page === null) return unknown('not checkable here: no browser is involved');
    if (isSameOrigin(patient)) return ok('not needed: page and API share one origin');
    const advice = [
      'A header makes the browser ask for leave first, by a request without credentials. Old VictoriaMetrics and most login proxies refuse that one. The block below adds the header on the way, from the origin of the page.',
      relayBlock(client.label, names[0]),
    ] as const;
    if (page.enforced) {
      const { problem } = await patient.contact(abort);
      if (problem !== 'cors' || (await patient.elsewhere(abort)) !== null)
        return ok(`${names.join(', ')} was let through`);
      return failed(`the preflight for ${names.join(', ')} is refused`, ...advice);
    }
    const answer = await platform.fetch(`${client.label}/api/v1/query?query=1`, {
      method: 'OPTIONS',
      headers: {
        Origin: page.origin,
        'Access-Control-Request-Method': 'GET',
        'Access-Control-Request-Headers': names.map((name) => name.toLowerCase()).join(', '),
      },
      signal: abort,
    });
    await answer.body?.cancel();
    const said = (answer.headers.get('access-control-allow-headers') ?? '').toLowerCase();
    const allowed = said.split(',').map((name) => name.trim());
    const missing = names.filter((name) => {
      const low = name.toLowerCase();
      // A star does not cover this one. Source: Fetch standard, "CORS non-wildcard request-header name".
      return !allowed.includes(low) && (low === 'authorization' || !allowed.includes('*'));
    });
    if (answer.ok && missing.length === 0) return ok(`${names.join(', ')} is allowed`);
    const fact = answer.ok
      ? `the preflight does not allow ${missing.join(', ')}`
      : `the preflight is answered ${answer.status}`;
    return failed(fact, ...advice);
  },
};

export const authorised: Check = {
  id: 'auth',
  title: 'It lets us ask',
  needs: ['cors', 'preflight'],
  examine: async (patient, abort) => {
    const contact = await patient.contact(abort);
    const given = Object.keys(patient.headers);
    if (contact.problem === 'unauthorized' || contact.problem === 'forbidden' || contact.problem === 'no-tenant') {
      const { todo, line } = adviceFor(contact.problem);
      const sent = given.length === 0 ? 'no header was sent' : `${given.join(', ')} was sent`;
      return failed(`${contact.message.replace(/\.$/, '')}; ${sent}`, todo, line);
    }
    // A login page, a full server: whatever it is, nobody has let us ask yet.
    if (contact.problem !== null && (await patient.elsewhere(abort)) === null)
      return unknown('not known before an API has answered');
    return ok(given.length === 0 ? 'nothing is asked for' : `${given.join(', ')} is accepted`);
  },
};

export const pathPrefix: Check = {
  id: 'path',
  title: 'The API is at this path',
  needs: ['auth'],
  examine: async (patient, abort) => {
    const contact = await patient.contact(abort);
    const { label } = patient.client;
    if (contact.problem === null) return ok(`${label}/api/v1 answers`);
    const found = ['not-prometheus', 'cors'].includes(contact.problem) ? await patient.elsewhere(abort) : null;
    if (found !== null)
      return failed(`nothing below ${label}, but ${found}/api/v1 answers`, 'Give this base URL instead.', found);
    const { todo } = adviceFor(contact.problem, { url: label });
    return failed(contact.message.replace(/\.$/, ''), todo, `curl -sS '${label}/api/v1/labels'`);
  },
};

/** A request the browser need not ask leave for: does its answer reach us, whatever it says? */
async function comesThrough({ client, platform }: Patient, headers: Record<string, string>, abort: AbortSignal) {
  return platform.fetch(`${client.label}/api/v1/query?query=1`, { headers, redirect: 'manual', signal: abort }).then(
    () => true,
    () => false,
  );
}

function refused(origin: string, fact = 'no Access-Control-Allow-Origin for this page in the answer') {
  return failed(
    fact,
    'Start Prometheus with the flag below. Behind a proxy check that it passes the header on: add_header Access-Control-Allow-Origin … always; a login page or a 401 carries none either.',
    adviceFor('cors', { origin }).line,
  );
}

/** An nginx block that brings the API under the origin of the page, with a header added on the way. */
function relayBlock(base: string, header?: string): string {
  return [
    'location /prometheus/ {',
    `    proxy_pass ${base}/;`,
    ...(header === undefined ? [] : [`    proxy_set_header ${header} "VALUE";`]),
    '}',
  ].join('\n');
}
