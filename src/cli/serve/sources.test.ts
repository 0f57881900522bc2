import { describe, expect, test } from 'vitest';
import { servedSources } from './sources.ts';

const named = (prometheus: string[], metrics: string[] = [], header: Record<string, string> = {}) =>
  servedSources({ prometheus, metrics, header });

describe('names', () => {
  test.each<[string, string[], string[], string[]]>([
    ['one Prometheus', ['http://p:9090'], [], ['prometheus p']],
    ['two, by their hosts', ['http://a.example:9090', 'b.example/prefix'], [], ['a-example', 'b-example']],
    ['two on one host', ['http://a:1', 'http://a:2'], [], ['a', 'a-2']],
    ['as given', ['Prod=http://a:1'], ['canary=vllm-9:8000'], ['prod', 'canary']],
    ['pages nobody named are replicas of one service', [], ['vllm-0:8000', 'vllm-1:8000'], ['vllm']],
    ['pages by name', [], ['a=vllm-0:8000', 'a=vllm-1:8000', 'b=vllm-2:8000'], ['a', 'b']],
    ['an address with = in it', ['http://a:1/?x=y'], [], ['prometheus']],
  ])('%s', (_, prometheus, metrics, names) => {
    const found = named(prometheus, metrics).map(({ name }) => name);
    expect(found).toEqual(names.map((name) => name.split(' ')[0]));
  });

  test.each<[string, string[], string[], string]>([
    ['two of one name', ['a=http://x', 'a=http://y'], [], 'two sources are named a'],
    ['pages named as a Prometheus', ['a=http://x'], ['a=http://y'], 'two sources are named a'],
    ['a name that ends an address of Prometheus', ['graph=http://x'], [], 'cannot be named graph'],
    ['an address that is none', ['http://'], [], 'is no address'],
    ['a path', ['/prometheus'], [], 'expected an address with a host'],
    ['another scheme', [], ['ftp://x/metrics'], 'no http or https address'],
  ])('%s is refused', (_, prometheus, metrics, words) => {
    expect(() => named(prometheus, metrics)).toThrow(words);
  });
});

describe('headers', () => {
  test('go to the only source', () => {
    expect(named(['http://a'], [], { 'X-A': '1' })[0]?.headers).toEqual({ 'X-A': '1' });
  });

  test('with several sources go to the one they name, and nowhere else', () => {
    const sources = named(['a=http://a', 'b=http://b'], [], { 'b/Authorization': 'Bearer x' });
    expect(sources.map(({ headers }) => headers)).toEqual([{}, { Authorization: 'Bearer x' }]);
  });

  test.each<[string, Record<string, string>, string]>([
    ['none is named', { Authorization: 'x' }, "for example 'a/Authorization: …'"],
    ['another is named', { 'c/Authorization': 'x' }, 'no source is named c; there is a, b'],
  ])('are refused where %s', (_, header, words) => {
    expect(() => named(['a=http://a', 'b=http://b'], [], header)).toThrow(words);
  });
});
