import { expect, test } from 'vitest';
import { readAddress } from './address.ts';
import { SourceError } from './errors.ts';

test('a name and a password are sent in UTF-8', () => {
  const { url, credentials } = readAddress('http://müller:p%40ss@prometheus.example/prom');
  expect(credentials).toBe(`Basic ${Buffer.from('müller:p@ss').toString('base64')}`);
  expect(url.pathname).toBe('/prom');
});

test.each([
  'http://user:100%@prometheus.example',
  'user:secret@prometheus.example:99999',
  'ftp://user:secret@prometheus.example',
])('%s is refused, and the sentence holds no password', (text) => {
  expect(() => readAddress(text)).toThrow(SourceError);
  expect(() => readAddress(text)).toThrow(/^(?!.*(secret|100%)).*\[hidden\]@/);
});
