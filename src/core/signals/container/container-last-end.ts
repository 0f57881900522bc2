import { signal } from '../signal.ts';

export const containerLastEnd = signal({
  id: 'container-last-end',
  title: 'Why the container last ended',
  family: 'container',
  unit: 'count',
  kind: 'gauge',
  level: 'neighbour',
  names: [{ metric: 'kube_pod_container_status_last_terminated_reason', dialect: 'kube-state-metrics' }],
  by: 'reason',
  across: 'max',
  worth: 3,
  doc: '1 for the reason the container ended last time: OOMKilled, Error, Completed.',
});
