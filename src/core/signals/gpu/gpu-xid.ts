import { signal } from '../signal.ts';

export const gpuXid = signal({
  id: 'gpu-xid',
  title: 'GPU XID error',
  family: 'gpu',
  unit: 'count',
  kind: 'gauge',
  level: 'neighbour',
  names: [{ metric: 'DCGM_FI_DEV_XID_ERRORS', dialect: 'DCGM exporter' }],
  across: 'max',
  worth: 3,
  doc: 'Code of the last XID error the driver reported; a change is an event.',
});
