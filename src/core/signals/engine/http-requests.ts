import { signal } from '../signal.ts';

export const httpRequests = signal({
  id: 'http-requests',
  title: 'HTTP requests',
  family: 'engine',
  unit: 'requests-per-second',
  kind: 'counter',
  level: 'target',
  names: [{ metric: 'http_requests_total', dialect: 'every release', where: { handler: '~/v1/(chat/)?completions' } }],
  by: 'status',
  across: 'sum',
  worth: 2,
  doc: 'Answers of the completion endpoints per second by status class, counted when the answer ends. A stream the client drops counts as 2xx.',
});
