import { signal } from '../signal.ts';

export const scrapeDuration = signal({
  id: 'scrape-duration',
  title: 'Scrape duration',
  family: 'telemetry',
  unit: 'seconds',
  kind: 'gauge',
  level: 'target',
  names: [{ metric: 'scrape_duration_seconds', dialect: 'written by the scraper' }],
  across: 'max',
  worth: 3,
  doc: 'How long the last scrape took. Seconds mean the API server is too busy to answer.',
});
