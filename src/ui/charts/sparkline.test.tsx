import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { Sparkline } from './sparkline.tsx';

afterEach(cleanup);

const grid = { from: 0, step: 5, count: 5 };

it('breaks at a gap and ends in a dot', () => {
  const { container } = render(<Sparkline values={[1, 2, null, 3, 4]} grid={grid} label="waiting" width={100} />);
  expect(screen.getByRole('img', { name: 'waiting' })).toBeTruthy();
  expect(container.querySelectorAll('path[fill=none]')).toHaveLength(2);
  expect(container.querySelectorAll('circle')).toHaveLength(1);
});

it('draws limit and onset, and reaches up to the limit', () => {
  const { container } = render(
    <Sparkline
      values={[1, 1, 1, 1, 1]}
      grid={grid}
      label="kv"
      limit={2}
      onset={{ from: 5, to: 10 }}
      width={106}
      height={36}
    />,
  );
  const line = container.querySelector('line');
  expect(Number(line?.getAttribute('y1'))).toBeLessThan(8);
  expect(container.querySelector('rect[fill="var(--fill)"]')?.getAttribute('width')).toBe('25');
});

it('draws nothing of nothing', () => {
  const { container } = render(
    <Sparkline values={[null, null]} grid={{ ...grid, count: 2 }} label="none" width={50} />,
  );
  expect(container.querySelectorAll('path')).toHaveLength(0);
});
