import { fleetLine } from '../../evidence/lines.ts';
import { drawing } from '../drawing.ts';
import { panel } from '../panel.ts';
import { gaugeQuery } from '../queries.ts';

export const gpu = panel({
  id: 'gpu',
  title: 'GPU',
  row: 'health',
  unit: 'ratio',
  measure: 'share of time active',
  help: 'SM activity tells load: above 0.8 well fed, below 0.5 waiting for work. Utilisation only tells that some kernel ran. Memory is flat by design.',
  signals: ['gpu-sm-active', 'gpu-utilization', 'gpu-memory-used'],
  decides: {
    'gpu-sm-active': 'a slow or idle GPU',
    'gpu-utilization': 'a dead GPU from a busy one',
    'gpu-memory-used': 'memory that grows outside the KV pool',
  },
  build(evidence, _targets, replicas) {
    const active = fleetLine(evidence, 'gpu-sm-active', replicas);
    const used = fleetLine(evidence, 'gpu-utilization', replicas);
    const memory = fleetLine(evidence, 'gpu-memory-used', replicas);
    const anyActivity = active !== null || used !== null;
    return drawing(
      gpu,
      evidence,
      {
        lead: active ? 'active' : 'utilization',
        lines: [
          { id: 'utilization', label: 'utilisation', values: used ?? [], style: active ? 'second' : 'main' },
          { id: 'active', label: 'SM activity', values: active ?? [], style: 'main' },
        ],
        readouts: [{ label: 'memory', values: memory ?? [], unit: 'bytes' }],
        thresholds: active
          ? [
              { label: 'well fed', value: 0.8, tone: 'textbook' },
              { label: 'waiting for work', value: 0.5, tone: 'textbook' },
            ]
          : [],
        range: { low: 0, high: 1 },
        note: anyActivity ? 'mean over the GPUs of the fleet' : 'vLLM does not export it',
        carriedBy: ['gpu-sm-active', 'gpu-utilization'],
      },
      replicas,
    );
  },
  queries: (evidence) => [
    gaugeQuery(evidence, 'gpu-sm-active', 'SM activity'),
    gaugeQuery(evidence, 'gpu-utilization', 'GPU utilisation'),
    gaugeQuery(evidence, 'gpu-memory-used', 'GPU memory used'),
  ],
});
