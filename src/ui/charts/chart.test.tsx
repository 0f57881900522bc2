import { cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import { buildScene } from '../../core/evidence/notation.ts';
import { ttft } from '../../core/panels/ttft/panel.ts';
import { waiting } from '../../core/panels/waiting/panel.ts';
import { targetsOf } from '../../core/verdict/profiles.ts';
import { Chart } from './chart.tsx';
import { TimeCursor } from './cursor.ts';

afterEach(cleanup);

const END = 1_800_000_000;
const late = ttft.build(
  buildScene({ end: END, lines: { running: '3x59' }, histograms: { ttft: '0.2*5x19 -x19 100*5x19' } }),
  targetsOf('chat'),
);
const queue = waiting.build(buildScene({ end: END, lines: { waiting: '0x9 20+10x9' } }), targetsOf('chat'));

it('draws bands, thresholds with names, the onset and gaps with their reason', () => {
  const { container } = render(<Chart data={late} title="TTFT" onset={{ from: END - 200, to: END - 180 }} />);
  expect(container.querySelectorAll('[data-mark^="band-"]')).toHaveLength(3);
  expect(container.querySelector('[data-mark=onset]')).toBeTruthy();
  expect(container.querySelector('[data-mark=threshold]')?.textContent).toBe('target 500 ms');
  expect(container.textContent).toContain('no first tokens');
  expect(container.textContent).toContain('p50 p95 p99 80–160 s');
});

it('draws the part of a percentile beyond the target as harm, and nothing else', () => {
  const { container } = render(<Chart data={late} title="TTFT" />);
  const inks = [...container.querySelectorAll('[data-mark=band-p95] path[fill-opacity]')].map((p) =>
    p.getAttribute('fill'),
  );
  expect(inks).toEqual(['var(--series-1)', 'var(--critical)']);
  const calm = [...container.querySelectorAll('[data-mark=band-p50] path[fill-opacity]')].map((p) =>
    p.getAttribute('fill'),
  );
  expect(new Set(calm)).toEqual(new Set(['var(--series-2)']));
});

it('measures no path, however often it is drawn', () => {
  const measured = vi.fn(() => 100);
  Object.assign(SVGElement.prototype, { getTotalLength: measured });
  const { container, rerender } = render(<Chart data={queue} title="Waiting" />);
  const drawn = () => container.querySelector('.recharts-curve')?.getAttribute('d');
  const before = drawn();
  rerender(
    <Chart
      data={{ ...queue, lines: queue.lines.map((one) => ({ ...one, values: one.values.toReversed() })) }}
      title="Waiting"
    />,
  );
  expect(drawn()).not.toBe(before);
  expect(measured).not.toHaveBeenCalled();
  Reflect.deleteProperty(SVGElement.prototype, 'getTotalLength');
});

it('stands behind a table for who cannot see it', () => {
  render(<Chart data={late} title="TTFT" onset={{ from: END - 200, to: END - 180 }} />);
  const row = within(screen.getByRole('table'))
    .getByRole('rowheader', { name: 'p95' })
    .closest('tr') as HTMLTableRowElement;
  expect([...row.cells].map((cell) => cell.textContent)).toEqual(['p95', '100 ms', '160 s', '100–250 ms', '80–160 s']);
});

it('moves the shared cursor by keyboard, speaks the value, and selects a range', async () => {
  const user = userEvent.setup();
  const cursor = new TimeCursor();
  const onSelect = vi.fn();
  render(<Chart data={queue} title="Waiting" cursor={cursor} onSelect={onSelect} />);
  const slider = screen.getByRole('slider', { name: 'Waiting, value over time' });
  await user.tab();
  expect(document.activeElement).toBe(slider);
  expect(slider.getAttribute('aria-valuetext')).toContain('110 requests');
  await user.keyboard('{ArrowLeft}');
  expect(cursor.get().hover).toBe(END - 5);
  expect(slider.getAttribute('aria-valuetext')).toContain('100 requests');
  await user.keyboard('{Shift>}{ArrowLeft}{ArrowLeft}{/Shift}{Enter}');
  expect(onSelect).toHaveBeenCalledWith(END - 15, END - 5);
});

it('selects a range by dragging, and takes a click for none', () => {
  const onSelect = vi.fn();
  render(<Chart data={queue} title="Waiting" cursor={new TimeCursor()} onSelect={onSelect} />);
  const slider = screen.getByRole('slider');
  slider.setPointerCapture = () => undefined;
  const at = (clientX: number) => ({ clientX, clientY: 40, button: 0, pointerId: 1, pointerType: 'mouse' });
  fireEvent.pointerDown(slider, at(100));
  fireEvent.pointerUp(slider, at(101));
  expect(onSelect).not.toHaveBeenCalled();
  fireEvent.pointerDown(slider, at(200));
  fireEvent.pointerMove(slider, at(120));
  fireEvent.pointerUp(slider, at(120));
  const [from, to] = onSelect.mock.calls[0] as [number, number];
  expect(from).toBeLessThan(to);
});

it('redraws only the line when the cursor moves', () => {
  const cursor = new TimeCursor();
  const { container } = render(<Chart data={queue} title="Waiting" cursor={cursor} />);
  const before = container.querySelector('.recharts-surface')?.outerHTML;
  cursor.hover(END - 20);
  const line = container.querySelector('svg.absolute g') as SVGGElement;
  expect(line.style.display).toBe('');
  expect(line.getAttribute('transform')).toMatch(/^translate\(\d/);
  expect(container.querySelector('.recharts-surface')?.outerHTML).toBe(before);
});
