import { signal } from '../signal.ts';

export const sampleAge = signal({
  id: 'sample-age',
  title: 'Age of the newest sample',
  family: 'telemetry',
  unit: 'seconds',
  kind: 'age',
  level: 'engine',
  names: [{ metric: 'vllm:num_requests_running', dialect: 'every release' }],
  across: 'max',
  worth: 1,
  doc: 'Seconds since the newest sample of the engine. Beyond three scrape intervals nothing can be said about the present.',
});
