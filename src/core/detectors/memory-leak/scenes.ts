/**
 * Seven hours at one sample a minute: 50 minutes of work at one request a second (4 running), then 10 minutes of rest, seven
 * times. Three leaks that have nothing to do with each other.
 */
import type { Evidence } from '../../evidence/evidence.ts';
import { buildScene, type SceneText } from '../../evidence/notation.ts';

const CALM = {
  step: 60,
  lines: {
    running: '4x49 0x9 4x49 0x9 4x49 0x9 4x49 0x9 4x49 0x9 4x49 0x9 4x49 0x9',
    waiting: '0',
    'kv-cache-usage': '0.04x49 0x9 0.04x49 0x9 0.04x49 0x9 0.04x49 0x9 0.04x49 0x9 0.04x49 0x9 0.04x49 0x9',
    preemptions: '0',
    'finished{stop}': '1x49 0x9 1x49 0x9 1x49 0x9 1x49 0x9 1x49 0x9 1x49 0x9 1x49 0x9',
    'output-tokens': '150x49 0x9 150x49 0x9 150x49 0x9 150x49 0x9 150x49 0x9 150x49 0x9 150x49 0x9',
    'prompt-tokens': '500x49 0x9 500x49 0x9 500x49 0x9 500x49 0x9 500x49 0x9 500x49 0x9 500x49 0x9',
    'process-memory': '8.1e9+1e6x9 8.11e9-1e6x9 8.1e9x199 8.11e9x99 8.1e9 ...',
    'gpu-memory-used': '7.2e10',
  },
  histograms: {
    ttft: '0.09*1x49 -x9 0.09*1x49 -x9 0.09*1x49 -x9 0.09*1x49 -x9 0.09*1x49 -x9 0.09*1x49 -x9 0.09*1x49 -x9',
    itl: '0.025..0.03*150x49 -x9 0.025..0.03*150x49 -x9 0.025..0.03*150x49 -x9 0.025..0.03*150x49 -x9 0.025..0.03*150x49 -x9 0.025..0.03*150x49 -x9 0.025..0.03*150x49 -x9',
    'step-tokens':
      '4..30*37x49 -x9 4..30*37x49 -x9 4..30*37x49 -x9 4..30*37x49 -x9 4..30*37x49 -x9 4..30*37x49 -x9 4..30*37x49 -x9',
  },
  labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '4000', enable_prefix_caching: 'True' } },
  knobs: { 'max-num-seqs': 64 },
} satisfies SceneText;

export const SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence> = {
  /** KV blocks: at every rest the pool holds two or three points more than at the one before, with nothing running. */
  sick: buildScene({
    ...CALM,
    lines: {
      ...CALM.lines,
      'kv-cache-usage':
        '0.04x49 0.02x9 0.06x49 0.045x9 0.085x49 0.07x9 0.11x49 0.1x9 0.14x49 0.12x9 0.16x49 0.15x9 0.19x49 0.17x9',
    },
  }),
  /** Process memory goes up and down by a thousandth, GPU memory stands still, KV usage returns to 0 at every rest. */
  healthy: buildScene(CALM),
  /** KV usage climbs in the last hour and stays up, as a leak would; but requests hold it, and newcomers wait for blocks. */
  lookAlike: buildScene({
    ...CALM,
    lines: {
      ...CALM.lines,
      running: '1x49 0x9 1x49 0x9 1x49 0x9 1x49 0x9 1x49 0x9 1x49 0x9 4x59',
      waiting: '0x359 1+1x59',
      'kv-cache-usage': '0.22x49 0x9 0.22x49 0x9 0.22x49 0x9 0.22x49 0x9 0.22x49 0x9 0.22x49 0x9 0.77x59',
      'finished{stop}': '0.5x49 0x9 0.5x49 0x9 0.5x49 0x9 0.5x49 0x9 0.5x49 0x9 0.5x49 0x9 1.25x59',
      'output-tokens': '30x49 0x9 30x49 0x9 30x49 0x9 30x49 0x9 30x49 0x9 30x49 0x9 75x59',
      'prompt-tokens': '1500x49 0x9 1500x49 0x9 1500x49 0x9 1500x49 0x9 1500x49 0x9 1500x49 0x9 3750x59',
    },
    histograms: {
      ttft: '0.42*0.5x49 -x9 0.42*0.5x49 -x9 0.42*0.5x49 -x9 0.42*0.5x49 -x9 0.42*0.5x49 -x9 0.42*0.5x49 -x9 10*1.25x29 35*1.25x29',
      itl: '0.031*30x49 -x9 0.031*30x49 -x9 0.031*30x49 -x9 0.031*30x49 -x9 0.031*30x49 -x9 0.031*30x49 -x9 0.048*75x59',
      'step-tokens':
        '1..2048*32x49 -x9 1..2048*32x49 -x9 1..2048*32x49 -x9 1..2048*32x49 -x9 1..2048*32x49 -x9 1..2048*32x49 -x9 4..2048*21x59',
    },
    labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '1000', enable_prefix_caching: 'True' } },
  }),
  /** The leaking replica without KV usage. */
  blind: buildScene({ ...CALM, lines: { ...CALM.lines, 'kv-cache-usage': null } }),
};

export const VARIANTS: Record<'host' | 'gpu' | 'young', Evidence> = {
  /** Host memory: 1.2 MB a minute on 8.1 GB, a fifth of it a day. */
  host: buildScene({ ...CALM, lines: { ...CALM.lines, 'process-memory': '8.1e9+1.2e6x419' } }),
  /** GPU memory beside the pool: 1.5 MB a minute on 72 GB, 3 % a day. */
  gpu: buildScene({ ...CALM, lines: { ...CALM.lines, 'gpu-memory-used': '7.2e10+1.5e6x419' } }),
  /** The growing process half an hour after its start: 5.5 h remain after warm-up, too few for a trend. */
  young: buildScene({
    ...CALM,
    lines: { ...CALM.lines, 'process-memory': '8.1e9+1.2e6x419', 'process-start': '1799973060' },
  }),
};
