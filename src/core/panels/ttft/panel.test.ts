import { expect, it } from 'vitest';
import { buildScene } from '../../evidence/notation.ts';
import { targetsOf } from '../../verdict/profiles.ts';
import { ttft } from './panel.ts';

const chat = targetsOf('chat');
const last = <T>(values: readonly T[]): T | undefined => values[values.length - 1];

it('draws each percentile as the interval of its bucket', () => {
  const data = ttft.build(buildScene({ steps: 30, histograms: { ttft: '0.2*9,3*1 ...' } }), chat);
  const band = (id: string) => data.bands.find((b) => b.id === id);
  expect([last(band('p50')?.low ?? []), last(band('p50')?.high ?? [])]).toEqual([0.1, 0.25]);
  expect([last(band('p95')?.low ?? []), last(band('p95')?.high ?? [])]).toEqual([2.5, 5]);
  expect(data.lead).toBe('p95');
  expect(last(data.lines[0]?.values ?? [])).toBeCloseTo(0.48);
});

it('takes its line from the targets, and the bands are harm beyond it', () => {
  const data = ttft.build(buildScene({ steps: 30, histograms: { ttft: '3*10 ...' } }), targetsOf('rag'));
  expect(data.thresholds).toEqual([{ label: 'target', value: 1, tone: 'target' }]);
  expect(data.bands.find((b) => b.id === 'p95')?.limit).toBe(1);
});

it('leaves the upper edge open above the last bucket', () => {
  const data = ttft.build(
    buildScene({ steps: 30, histograms: { ttft: { bounds: [1, 10], series: '50*10 ...' } } }),
    chat,
  );
  expect(last(data.bands[0]?.low ?? [])).toBe(10);
  expect(last(data.bands[0]?.high ?? [])).toBeNull();
});

it('calls a stretch without first tokens a silence while requests wait, and no gap while idle', () => {
  const scene = (running: string) =>
    buildScene({ lines: { running, waiting: running }, histograms: { ttft: '0.2*5x29 -x29' } });
  const busy = ttft.build(scene('3x59'), chat);
  expect(busy.gaps).toEqual([{ from: 38, to: 59, kind: 'silent', label: 'no first tokens for 1 min 50 s' }]);
  expect(ttft.build(scene('3x29 0x29'), chat).gaps).toEqual([]);
});

it('calls a stretch without samples missing and never bridges it', () => {
  const data = ttft.build(
    buildScene({ lines: { running: '3x29 _x5 3x24' }, histograms: { ttft: '0.2*5x29 _x5 0.2*5x24' } }),
    chat,
  );
  expect(data.gaps).toEqual([{ from: 30, to: 34, kind: 'missing', label: 'no data for 25 s' }]);
  expect(data.bands[0]?.low.slice(29, 36)).toEqual([0.1, null, null, null, null, null, 0.1]);
});

it('warns that a p99 rests on few requests', () => {
  expect(ttft.build(buildScene({ steps: 30, histograms: { ttft: '0.2*1 ...' } }), chat).note).toBe(
    'p99 rests on 60 first tokens a minute',
  );
  expect(ttft.build(buildScene({ steps: 30, histograms: { ttft: '0.2*100 ...' } }), chat).note).not.toContain('rests');
});

it('goes to a log axis where values span more than two decades', () => {
  const scene = (slow: string) => buildScene({ histograms: { ttft: `0.2*5x29 ${slow}x29` } });
  expect(ttft.build(scene('100*5'), chat).scale).toBe('log');
  expect(ttft.build(scene('1*5'), chat).scale).toBe('linear');
});
