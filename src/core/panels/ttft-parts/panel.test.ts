import { expect, it } from 'vitest';
import { buildScene } from '../../evidence/notation.ts';
import { targetsOf } from '../../verdict/profiles.ts';
import { ttftParts } from './panel.ts';

const chat = targetsOf('chat');
const at = (data: ReturnType<typeof ttftParts.build>, id: string, i: number) =>
  data.stacks.find((s) => s.id === id)?.values[i] ?? null;

it('stacks queue, prefill and front end of the same requests', () => {
  const data = ttftParts.build(
    buildScene({
      steps: 30,
      histograms: {
        ttft: '1.5*5 ...',
        'queue-time': '1*5 ...',
        'prefill-time': '0.4*5 ...',
        e2e: '6.1*5 ...',
        'inference-time': '5*5 ...',
      },
    }),
    chat,
  );
  expect(at(data, 'queue', 29)).toBeCloseTo(1);
  expect(at(data, 'prefill', 29)).toBeCloseTo(0.4);
  expect(at(data, 'front', 29)).toBeCloseTo(0.1);
  expect(at(data, 'rest', 29)).toBeCloseTo(0);
  expect(data.lead).toBe('queue');
});

it('draws what has reached first tokens but not finishes as a rest', () => {
  const data = ttftParts.build(
    buildScene({
      steps: 30,
      lines: { running: '5' },
      histograms: { ttft: '30*5 ...', 'queue-time': '- ...', 'prefill-time': '- ...' },
    }),
    chat,
  );
  expect(at(data, 'rest', 29)).toBeCloseTo(30);
  expect(data.state).toBe('partial');
});

it('keeps the mean TTFT alone where the parts are not measured', () => {
  const data = ttftParts.build(buildScene({ steps: 30, histograms: { ttft: '2*5 ...' } }), chat);
  expect(data.stacks).toEqual([]);
  expect(data.lines[0]?.values[29]).toBeCloseTo(2);
  expect(data.missing.map((m) => m.signal)).toContain('queue-time');
});
