import { expect, it } from 'vitest';
import { buildScene } from '../../evidence/notation.ts';
import { targetsOf } from '../../verdict/profiles.ts';
import { requests } from './panel.ts';

const chat = targetsOf('chat');
const line = (data: ReturnType<typeof requests.build>, id: string) => data.lines.find((l) => l.id === id)?.values;

it('infers arrivals from finishes and the growth of the backlog', () => {
  const data = requests.build(
    buildScene({ step: 5, window: 20, lines: { 'finished{stop}': '2x19', running: '10x19', waiting: '0+5x19' } }),
    chat,
  );
  // The queue grows by one a second.
  expect(line(data, 'arrivals')?.[19]).toBeCloseTo(3);
  expect(line(data, 'arrivals')?.[2]).toBeNull();
});

it('names a reason only where another one is there too', () => {
  const scene = (length: string) =>
    buildScene({ lines: { 'finished{stop}': '2x11', 'finished{length}': length, running: '1', waiting: '0' } });
  expect(requests.build(scene('0x11'), chat).lines.map((l) => l.id)).toEqual(['arrivals', 'finished']);
  const both = requests.build(scene('1x11'), chat);
  expect(both.lines.map((l) => l.id)).toEqual(['arrivals', 'reason-stop', 'reason-length', 'finished']);
  expect(line(both, 'finished')?.[11]).toBe(3);
});

it('shows errors however few', () => {
  const scene = buildScene({
    lines: {
      'finished{stop}': '100x11',
      'finished{error}': '0.1x11',
      'finished{length}': '0.1x11',
      running: '1',
      waiting: '0',
    },
  });
  const ids = requests.build(scene, chat).lines.map((l) => l.id);
  expect(ids).toContain('reason-error');
  expect(ids).toContain('reason-rest');
});
