import type { Values } from '../../base/grid.ts';
import { sig } from '../../base/say.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { fleetLine } from '../../evidence/lines.ts';
import { ratioLine } from '../../evidence/trace.ts';
import { chosen, drawing, idleAt, maskedBy, trailingSteps } from '../drawing.ts';
import { panel } from '../panel.ts';
import { PERCENTILE_SECONDS } from '../percentiles.ts';
import { gaugeQuery, rateQuery } from '../queries.ts';

export const prefixHitRate = panel({
  id: 'prefix-hit-rate',
  title: 'Prefix hit rate',
  row: 'cache',
  unit: 'ratio',
  measure: 'share of prompt tokens',
  help: 'Hit tokens ÷ queried tokens of the prefix cache, over the last minute. High and then gone is an incident; always low may just be traffic that shares nothing.',
  signals: ['prefix-cache-queries', 'prefix-cache-hits'],
  decides: {
    'prefix-cache-queries': 'whether prompts are served from the cache',
    'prefix-cache-hits': 'whether prompts are served from the cache',
  },
  build(evidence, _targets, replicas) {
    const stated = statedRate(evidence, replicas);
    if (stated) {
      return drawing(
        { ...prefixHitRate, signals: ['prefix-cache-hit-rate'] },
        evidence,
        {
          lead: 'rate',
          lines: [{ id: 'rate', label: '', values: stated, style: 'main', area: true }],
          range: { low: 0, high: 1 },
          note: 'as the engine states it, over a time of its own choosing',
        },
        replicas,
      );
    }
    const hits = fleetLine(evidence, 'prefix-cache-hits', replicas);
    const queries = fleetLine(evidence, 'prefix-cache-queries', replicas);
    const ratio = ratioLine(hits, queries, trailingSteps(evidence, PERCENTILE_SECONDS)) ?? [];
    return drawing(
      prefixHitRate,
      evidence,
      {
        lead: 'rate',
        lines: [
          { id: 'rate', label: '', values: queries ? maskedBy(ratio, queries) : ratio, style: 'main', area: true },
        ],
        range: { low: 0, high: 1 },
        note: noteOf(evidence, tokens(evidence, hits), tokens(evidence, queries), replicas),
        silence: 'nothing looked up',
        idle: idleAt(evidence, replicas),
        carriedBy: ['prefix-cache-queries'],
      },
      replicas,
    );
  },
  queries: (evidence) =>
    statedRate(evidence)
      ? [gaugeQuery(evidence, 'prefix-cache-hit-rate', 'Hit rate as stated')]
      : [
          rateQuery(evidence, 'prefix-cache-hits', 'Hit tokens per second'),
          rateQuery(evidence, 'prefix-cache-queries', 'Queried tokens per second'),
        ],
});

/** The mean of the ratios engines state, where none of them counts hits and queries; `null` else. */
function statedRate(evidence: Evidence, replicas?: readonly string[]): Values | null {
  return fleetLine(evidence, 'prefix-cache-queries', replicas) === null
    ? fleetLine(evidence, 'prefix-cache-hit-rate', replicas)
    : null;
}

/** Tokens a rate stands for over the window of the page. */
function tokens(evidence: Evidence, rate: readonly (number | null)[] | null): number | null {
  return rate ? rate.reduce<number>((sum, v) => sum + (v ?? 0) * evidence.grid.step, 0) : null;
}

function noteOf(evidence: Evidence, hits: number | null, queries: number | null, replicas?: readonly string[]): string {
  const labels = (evidence.readings['cache-config']?.labels ?? []).filter((l) =>
    chosen(evidence, replicas).includes(l.replica),
  );
  if (labels.length > 0 && labels.every((l) => l.labels.enable_prefix_caching === 'False'))
    return 'prefix caching is switched off';
  if (hits === null || queries === null) return '';
  if (queries === 0) return 'nothing was looked up in this range';
  return `${sig(Math.round(hits))} of ${sig(Math.round(queries))} tokens in this range`;
}
