import { expect, test } from 'vitest';
import { strangeHosts } from './trust.ts';

const NOTHING = { own: 'page.example', relays: false, keys: [], known: [] };
const LINK = 'https://prom.example:9090/prefix';

test.each([
  ['nothing to lose', LINK, NOTHING, []],
  ['headers for another host', LINK, { ...NOTHING, keys: ['https://mine.example'] }, ['prom.example:9090']],
  ['headers for another port', LINK, { ...NOTHING, keys: ['https://prom.example'] }, ['prom.example:9090']],
  ['headers for this host', LINK, { ...NOTHING, keys: ['https://prom.example:9090'] }, []],
  [
    'headers for several pages, this among them',
    LINK,
    { ...NOTHING, keys: ['http://a:1,http://prom.example:9090'] },
    [],
  ],
  ['a server with sources', LINK, { ...NOTHING, relays: true }, ['prom.example:9090']],
  ['a server with sources, one of them', '/-/prometheus/prod', { ...NOTHING, relays: true }, []],
  ['a server with sources, by its full name', 'https://page.example/x', { ...NOTHING, relays: true }, []],
  ['a host that was chosen', LINK, { ...NOTHING, relays: true, known: ['prom.example:9090'] }, []],
  ['several pages', 'http://a:1,http://b:1,http://a:1/x', { ...NOTHING, relays: true, known: ['b:1'] }, ['a:1']],
  ['a recording', null, { ...NOTHING, relays: true }, []],
])('with %s', (_, endpoint, known, asked) => {
  expect(strangeHosts(endpoint, known)).toEqual(asked);
});
