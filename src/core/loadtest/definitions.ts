import type { Measure } from './run.ts';

/**
 * What a number is, since the same word means different things: `ITL` is every gap in one tool and a mean per request in another.
 * Only numbers of one definition are compared. Source: peers' code, as named at each format.
 */
export type Definition =
  | 'ttft-client'
  | 'gaps-pooled'
  | 'gaps-chunks'
  | 'tpot-per-request'
  | 'tpot-token-weighted'
  | 'tpot-over-all-tokens'
  | 'e2e-client'
  | 'e2e-per-token-client';

export const DEFINITIONS: Readonly<Record<Definition, string>> = {
  'ttft-client': 'One value per request, at the client: from sending to the first output.',
  'gaps-pooled':
    'One value per gap between two outputs, at the client, all requests pooled. A single stall shows in its p99.',
  'gaps-chunks':
    'One value per gap between two chunks, at the client, all requests pooled. Chunks carried several tokens here, so a gap is longer than a token takes.',
  'tpot-per-request':
    'One value per request, at the client: (end − first output) ÷ (tokens − 1). An average, so a single stall is not seen in it.',
  'tpot-token-weighted':
    'One value per request, (end − first output) ÷ (tokens − 1), at the client; long answers count as often as they have tokens.',
  'tpot-over-all-tokens':
    'One value per request, (end − first output) ÷ tokens, at the client; long answers count as often as they have tokens.',
  'e2e-client': 'One value per request, at the client: from sending to the last output.',
  'e2e-per-token-client':
    'One value per request, at the client: whole request ÷ tokens, so the wait for the first token is in it.',
};

export const MEASURES: Readonly<Record<Measure, { readonly title: string; readonly says: string }>> = {
  ttft: { title: 'TTFT', says: 'time to first token' },
  itl: { title: 'ITL', says: 'gap between two outputs' },
  tpot: { title: 'TPOT', says: 'mean time per token of a request, without the first' },
  e2e: { title: 'E2E', says: 'whole request' },
  'e2e-per-token': { title: 'E2E per token', says: 'whole request ÷ its tokens' },
};
