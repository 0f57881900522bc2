import { signal } from '../signal.ts';

export const containerRestarts = signal({
  id: 'container-restarts',
  title: 'Container restarts',
  family: 'container',
  unit: 'per-second',
  kind: 'counter',
  level: 'neighbour',
  names: [{ metric: 'kube_pod_container_status_restarts_total', dialect: 'kube-state-metrics' }],
  across: 'sum',
  worth: 3,
  doc: 'Restarts of the container per second.',
});
