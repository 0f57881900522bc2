import { sig } from '../../base/say.ts';
import { chosen, drawing } from '../drawing.ts';
import { panel } from '../panel.ts';
import { gaugeQuery } from '../queries.ts';
import { capacityOf, perReplica } from '../replicas.ts';

/** The textbook's levels of its KV panel, yellow and red. */
const TEXTBOOK = [0.9, 0.98] as const;

export const kvUsage = panel({
  id: 'kv-usage',
  title: 'KV usage',
  row: 'cache',
  unit: 'ratio',
  measure: 'share of blocks',
  help: 'Share of KV blocks held by live requests, the fullest replica first: one full replica is an incident however calm the mean. Blocks kept only for the prefix cache count as free.',
  signals: ['kv-cache-usage'],
  decides: { 'kv-cache-usage': 'whether memory is what is short' },
  build(evidence, _targets, replicas) {
    const many = chosen(evidence, replicas).length > 1;
    const capacity = capacityOf(evidence, replicas);
    const drawn = perReplica(evidence, 'kv-cache-usage', replicas);
    return drawing(
      kvUsage,
      evidence,
      {
        lead: 'worst',
        lines: drawn.lines.map((line) => (line.id === 'worst' ? { ...line, area: true, accent: true } : line)),
        bands: drawn.bands,
        thresholds: TEXTBOOK.map((value) => ({ label: 'textbook', value, tone: 'textbook' as const })),
        range: { low: 0, high: 1 },
        note: many
          ? `the fullest of ${chosen(evidence, replicas).length} replicas in front`
          : capacity === null
            ? 'cached but idle blocks count as free'
            : `of ${sig(capacity)} tokens; idle blocks count free`,
      },
      replicas,
    );
  },
  queries: (evidence) => [gaugeQuery(evidence, 'kv-cache-usage', 'KV cache usage')],
});
