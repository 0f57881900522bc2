import { Suspense } from 'react';
import { lazily } from '../controls/later.ts';
import type { ChartProps } from './chart.tsx';
import { CHART_HEIGHT } from './layout.ts';

/** Charts, and the library behind them, in a chunk of their own: the verdict does not wait for it. */
const LoadedChart = lazily(async () => ({ default: (await import('./chart.tsx')).Chart }));

export function Chart(props: ChartProps) {
  return (
    <Suspense fallback={<div aria-hidden="true" style={{ height: props.height ?? CHART_HEIGHT }} />}>
      <LoadedChart {...props} />
    </Suspense>
  );
}
