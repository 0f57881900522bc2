import { Curve } from 'recharts';
import { timeAt } from '../../core/base/grid.ts';
import type { PanelData, PanelLine } from '../../core/panels/panel.ts';
import type { ChartLayout } from './layout.ts';
import { lineColour } from './marks.tsx';

const WIDTH: Readonly<Record<PanelLine['style'], number>> = { main: 1.6, second: 1.3, dashed: 1.3, thin: 1 };

export interface LinesProps {
  readonly data: PanelData;
  readonly layout: ChartLayout;
}

/** The lines of a panel as curves of the library, in the coordinates of our layout. */
export function Lines({ data, layout }: LinesProps) {
  return data.lines.map((line) => (
    <Curve
      key={line.id}
      type={line.stepped ? 'stepAfter' : 'linear'}
      points={pointsOf(line, data, layout)}
      connectNulls={false}
      fill="none"
      stroke={lineColour(line)}
      strokeWidth={WIDTH[line.style]}
      strokeDasharray={line.style === 'dashed' ? '3 3' : undefined}
    />
  ));
}

/** A log axis has no zero: the line breaks there rather than falling out of the chart. */
function pointsOf({ values }: PanelLine, { grid }: PanelData, { log, x, y }: ChartLayout) {
  return values.map((v, i) => ({ x: x(timeAt(grid, i)), y: v === null || (log && v <= 0) ? null : y(v) }));
}
