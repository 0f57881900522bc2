import { fleetLine } from '../../evidence/lines.ts';
import { maxOf } from '../../base/statistics.ts';
import { drawing } from '../drawing.ts';
import { panel } from '../panel.ts';
import { gaugeQuery } from '../queries.ts';
import { worstReplica } from '../replicas.ts';

/** The textbook's levels of its queue-depth panel, yellow and red. */
const TEXTBOOK = [10, 50] as const;

export const waiting = panel({
  id: 'waiting',
  title: 'Waiting',
  row: 'queue',
  unit: 'requests',
  measure: '',
  help: 'Requests in the queue, preempted ones included. Capacity waits for seats, blocks or budget; deferred waits for an adapter, a grammar or remote KV.',
  signals: ['waiting', 'waiting-by-reason'],
  decides: {
    waiting: 'whether anybody waits',
    'waiting-by-reason': 'waiting for capacity from deferred admission',
  },
  build(evidence, _targets, replicas) {
    const deferred = fleetLine(evidence, 'waiting-by-reason', replicas, 'deferred');
    const split = deferred !== null;
    const any = (maxOf(deferred ?? []) ?? 0) > 0;
    return drawing(
      waiting,
      evidence,
      {
        lead: 'waiting',
        lines: [
          ...(any ? [{ id: 'deferred', label: 'deferred', values: deferred ?? [], style: 'second' as const }] : []),
          ...worstReplica(evidence, 'waiting', replicas),
          {
            id: 'waiting',
            label: any ? 'all' : '',
            values: fleetLine(evidence, 'waiting', replicas) ?? [],
            style: 'main',
            area: true,
          },
        ],
        thresholds: TEXTBOOK.map((value) => ({ label: 'textbook', value, tone: 'textbook' as const })),
        note: !split
          ? 'the build does not split it by reason'
          : any
            ? 'of them deferred: adapter, grammar or remote KV'
            : 'all for capacity; deferred stays at 0',
      },
      replicas,
    );
  },
  queries: (evidence) => [
    gaugeQuery(evidence, 'waiting', 'Waiting'),
    gaugeQuery(evidence, 'waiting-by-reason', 'Waiting by reason'),
  ],
});
