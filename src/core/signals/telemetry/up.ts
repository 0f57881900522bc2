import { signal } from '../signal.ts';

export const up = signal({
  id: 'up',
  title: 'Target up',
  family: 'telemetry',
  unit: 'count',
  kind: 'gauge',
  level: 'target',
  names: [{ metric: 'up', dialect: 'written by the scraper' }],
  across: 'min',
  worth: 1,
  doc: '1 if the last scrape of the target succeeded, 0 if not.',
});
