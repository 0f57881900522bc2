import { KnobError } from '../../../src/core/knobs/index.ts';
import { parseFlags, toFlags, toPython } from '../../../src/core/knobs/render.ts';
import { GivenError, parseGivenPair } from '../../../src/core/tuner/given.ts';
import { readAddress } from '../../../src/sources/address.ts';
import { SourceError } from '../../../src/sources/errors.ts';
import { splitTime } from '../../../src/sources/pages/named-time.ts';
import { baseOf } from '../../../src/sources/prometheus/client.ts';
import type { FuzzedParser } from '../parser.ts';

/** Flags of a server, pasted from a shell or a manifest. */
export const flags: FuzzedParser = {
  id: 'flags',
  title: 'flags of a server',
  seeds: () => [
    `vllm serve meta/llama --max-num-seqs 64 --gpu-memory-utilization=0.9 --enable-prefix-caching --speculative-config '{"method":"ngram","num_speculative_tokens":3}'`,
    '--max_num_batched_tokens=8192 \\\n  --no-enable-chunked-prefill --kv-cache-dtype "fp8"',
  ],
  words: [
    '--',
    '-',
    '=',
    "'",
    '"',
    '\\',
    '\n',
    ' ',
    '{',
    '}',
    '--max-num-seqs',
    '--constructor',
    '--no-',
    '--compilation-config',
  ],
  read(text) {
    const settings = parseFlags(text);
    const again = parseFlags(toFlags(settings));
    // One of two equal flags counts; which, toFlags decides. As JSON, which knows no infinity.
    if (
      new Set(settings.map(({ id }) => id)).size === settings.length &&
      JSON.stringify(again) !== JSON.stringify(settings)
    )
      throw new Error(`other settings come back from ${toFlags(settings).slice(0, 120)}`);
    toPython(settings);
  },
  refuses: (error) => error instanceof KnobError,
};

/** The small things people type: an address, a quantity, a file name with a time. */
export const typed: FuzzedParser = {
  id: 'typed',
  title: 'addresses, quantities and names people type',
  seeds: () => [
    'http://user:p%40ss@prometheus.example:9090/prom/graph?g0.expr=up',
    'prompt-tokens=800',
    'overhead=3.5GiB',
    'vllm-0@2026-11-24T12:00:00Z.prom',
    '/api/v1/query',
    'prometheus:9090',
  ],
  words: ['http://', '@', ':', '%', '%e4', '//', '/', '\\', '[::1]', '=', 'GiB', 'ms', '.gz', 'ä'],
  read(text) {
    splitTime(text);
    for (const one of [readAddress, baseOf, parseGivenPair])
      try {
        one(text);
      } catch (error) {
        if (!(error instanceof SourceError) && !(error instanceof GivenError)) throw error;
      }
  },
  refuses: () => false,
};
