import { isDeepStrictEqual } from 'node:util';
import { format } from '../../../src/state/url/format.ts';
import { parse } from '../../../src/state/url/parse.ts';
import type { FuzzedParser } from '../parser.ts';

/** Query and fragment of the address bar. It refuses nothing: what it does not understand becomes a notice. */
export const address: FuzzedParser = {
  id: 'address',
  title: 'the address bar',
  seeds: () => [
    '?prometheus=http://prometheus.monitoring:9090/prom&selector={job="vllm",pod=~"a.*"}&model=meta/llama&from=now-30m&to=now&profile=rag',
    '?metrics=http://vllm-0:8000,/-/metrics/one&live=5s&theme=dark&embed=1&panel=kv-usage&strip=1&wall=0',
    '?recording=seats&from=2026-11-24T12:00:00Z&to=1795571173376&at=2026-11-24T12:10:00Z&zoom=2026-11-24T12:00:00Z/2026-11-24T12:10:00Z',
    '?recording=seats&profile=custom&ttft=0.5&tbt=0.05&e2e=10&knobs=max-num-seqs:256,max-model-len:8192&whatif=max-num-seqs:24,arrivals:1.5&loads=a.json,b.json',
    `?tune=1&gpu=h100&preset=llama-3.1-8b&tp=2&pp=1&dp=4&kv=fp8&ttft-p95=0.5&itl-p95=0.05&throughput=100&inputs=prompt-tokens:1000&config=${encodeURIComponent('{"num_hidden_layers":32,"hidden_size":4096,"num_attention_heads":32}')}`,
    '?file=a%20b.om&finding=kv-cache-thrashing&replica=vllm-0%3A8000&trace=1',
    '?profile=chat#snapshot=1.eJwDAAAAAAE.00000000',
  ],
  words: [
    '&',
    '=',
    '?',
    '#',
    '#snapshot=',
    '%',
    '+',
    ',',
    ':',
    '/',
    '//',
    '/\\',
    '{',
    '}',
    'prometheus=',
    'metrics=',
    'now-',
    'config=',
    'inputs=',
    'knobs=',
    'whatif=',
    'http://',
    'https://u:p@h',
    'javascript:',
  ],
  read(text) {
    const { session } = parse(text);
    const written = format(session);
    // As JSON, in which zero has no sign; in whatever order somebody wrote the knobs.
    const plain = (one: unknown): unknown => JSON.parse(JSON.stringify(one));
    if (!isDeepStrictEqual(plain(parse(written).session), plain(session)))
      throw new Error(`another session comes back from ${written.slice(0, 120)}`);
  },
  refuses: () => false,
};
