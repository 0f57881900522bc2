import { expect, test } from 'vitest';
import type { WatchEvent } from './event.ts';
import { blindStand, type Stand } from './stand.ts';
import { MESSAGES, type Occasion } from './messages.ts';

const sick: Stand = {
  status: 'critical',
  primary: 'kv-cache-thrashing',
  severity: 'critical',
  instances: ['vllm-0', 'vllm-1'],
  model: 'm',
  confidence: 0.82,
  headline: 'KV cache thrashing on <vllm-0> & vllm-1',
  lede: 'Every answer is computed twice.',
  since: 1000,
  blind: null,
};
const healthy: Stand = {
  ...sick,
  status: 'healthy',
  primary: null,
  severity: null,
  instances: [],
  model: null,
  confidence: null,
  headline: 'Healthy',
  since: null,
};

const occasion = (stand: Stand, before: Stand | null = null): Occasion => ({
  at: 1200.7,
  stand,
  before,
  told: 1100,
  event: null,
  verdict: null,
  page: null,
  every: 15,
});
const alerts = (one: Occasion) => MESSAGES.alertmanager.body(one) as Record<string, never>[] | null;

test('Alertmanager hears at every look what stands, until some looks after the last message', () => {
  expect(alerts(occasion(sick))).toEqual([
    {
      labels: { alertname: 'VllmTriage', pathology: 'kv-cache-thrashing', model: 'm', severity: 'critical' },
      annotations: expect.objectContaining({ summary: sick.headline, instances: 'vllm-0, vllm-1', confidence: '0.82' }),
      startsAt: '1970-01-01T00:16:40Z',
      endsAt: '1970-01-01T00:23:01Z',
    },
  ]);
  expect(alerts({ ...occasion(sick), every: 120 })?.[0]?.['endsAt']).toBe('1970-01-01T00:28:01Z');
});

test('and ends the alert of what is over, in the past, as Alertmanager wants it', () => {
  expect(alerts(occasion(healthy))).toBeNull();
  expect(alerts(occasion(healthy, sick))).toEqual([
    {
      labels: expect.objectContaining({ pathology: 'kv-cache-thrashing' }),
      annotations: {},
      endsAt: '1970-01-01T00:19:59Z',
    },
  ]);
  const grown = { ...sick, instances: ['vllm-0'] };
  expect(alerts(occasion(sick, grown)), 'a scope that grows is the same alert').toHaveLength(1);
});

test('to be blind rings too', () => {
  expect(alerts(occasion(blindStand('refused')))?.[0]).toMatchObject({
    labels: { pathology: 'telemetry-gap', severity: 'warning' },
    annotations: { description: 'refused' },
  });
});

test('Slack gets news only, with nothing of it read as markup', () => {
  expect(MESSAGES.slack.body(occasion(sick))).toBeNull();
  const event = { event: 'worse' } as never;
  const said = JSON.stringify(MESSAGES.slack.body({ ...occasion(sick, healthy), event }));
  expect(said).toContain('CRITICAL: KV cache thrashing on &lt;vllm-0&gt; &amp; vllm-1');
  expect(said).toContain('82 % sure');
});

test.each(['http://am:9093', 'http://am:9093/', 'http://am:9093/api/v2', 'http://am:9093/api/v2/alerts'])(
  '%s',
  (url) => {
    expect(MESSAGES.alertmanager.address(url)).toBe('http://am:9093/api/v2/alerts');
  },
);

test('each leads to the page where one was named', () => {
  const page = 'https://triage.example/?prometheus=http%3A%2F%2Fp&from=a&to=b';
  expect(JSON.stringify(MESSAGES.slack.body({ ...occasion(sick), event: {} as WatchEvent, page }))).toContain(
    '<https://triage.example/?prometheus=http%3A%2F%2Fp&amp;from=a&amp;to=b|Open the page>',
  );
  expect(alerts({ ...occasion(sick), page })?.[0]?.['generatorURL']).toBe(page);
  expect(alerts(occasion(sick))?.[0]).not.toHaveProperty('generatorURL');
});
