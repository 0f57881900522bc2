import type { Values } from '../../base/grid.ts';
import { sig } from '../../base/say.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { tracesOf } from '../../evidence/trace.ts';
import { chosen, drawing, idleAt } from '../drawing.ts';
import { type PanelThreshold, panel } from '../panel.ts';
import { gaugeQuery } from '../queries.ts';
import { capacityOf } from '../replicas.ts';

export const tokensPerRequest = panel({
  id: 'tokens-per-request',
  title: 'Tokens per running request',
  row: 'cache',
  unit: 'tokens',
  measure: 'mean',
  help: 'KV usage × capacity ÷ running: how many tokens each request holds. Shared prefixes count once, so it can be below the true length.',
  signals: ['kv-cache-usage', 'running', 'cache-config'],
  decides: {
    'kv-cache-usage': 'how much each request holds',
    running: 'how much each request holds',
    'cache-config': 'how many requests of this size fit',
  },
  build(evidence, _targets, replicas) {
    const capacity = capacityOf(evidence, replicas);
    const values = heldTokens(evidence, replicas);
    return drawing(
      tokensPerRequest,
      evidence,
      {
        lead: 'held',
        lines: [{ id: 'held', label: '', values, style: 'main', accent: true }],
        thresholds: fitting(evidence, replicas),
        note:
          capacity === null
            ? 'KV usage × capacity ÷ running; capacity not known'
            : `KV usage × ${sig(capacity)} ÷ running`,
        silence: 'nothing running',
        idle: idleAt(evidence, replicas),
        carriedBy: ['cache-config'],
      },
      replicas,
    );
  },
  queries: (evidence) => [
    gaugeQuery(evidence, 'kv-cache-usage', 'KV cache usage'),
    gaugeQuery(evidence, 'running', 'Running'),
    gaugeQuery(evidence, 'cache-config', 'Capacity: label kv_cache_size_tokens, else num_gpu_blocks × block_size'),
  ],
});

/** Tokens held by all the engines whose capacity is known ÷ the requests they run. */
function heldTokens(evidence: Evidence, replicas?: readonly string[]): Values {
  const engines = tracesOf(evidence).filter((trace) => chosen(evidence, replicas).includes(trace.replica.id));
  return Array.from({ length: evidence.grid.count }, (_, i) => {
    let held = 0;
    let requests = 0;
    for (const { usage, running, capacity } of engines) {
      const share = usage?.[i] ?? null;
      const batch = running?.[i] ?? null;
      if (share === null || batch === null || capacity === null) continue;
      held += share * capacity;
      requests += batch;
    }
    return requests > 0 ? held / requests : null;
  });
}

/** The size at which every seat could be taken: above it memory, not seats, decides. */
function fitting(evidence: Evidence, replicas?: readonly string[]): PanelThreshold[] {
  const seats = evidence.knobs['max-num-seqs'];
  const capacity = capacityOf(evidence, replicas);
  if (seats === undefined || capacity === null) return [];
  const all = seats * Math.max(1, chosen(evidence, replicas).length);
  return [{ label: `would fit ${sig(all)} seats`, value: capacity / all, tone: 'limit' }];
}
