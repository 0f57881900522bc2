import { type Grid, timeAt } from '../../core/base/grid.ts';
import type { Unit } from '../../core/base/units.ts';
import { formatText, formatTime } from '../charts/format.ts';
import type { HeatLine } from './heat-cells.ts';

/** The strip as numbers: a dozen times are enough to follow a replica. */
export function HeatTable({
  lines,
  grid,
  unit,
  label,
  nameOf,
}: {
  readonly lines: readonly HeatLine[];
  readonly grid: Grid;
  readonly unit: Unit;
  readonly label: string;
  readonly nameOf: (replica: string) => string;
}) {
  const stride = Math.max(1, Math.ceil(grid.count / 12));
  const indices = Array.from({ length: Math.ceil(grid.count / stride) }, (_, i) =>
    Math.min(grid.count - 1, i * stride),
  );
  return (
    <div className="sr-only">
      <table>
        <caption>{label}</caption>
        <thead>
          <tr>
            <th scope="col">Replica</th>
            {indices.map((i) => (
              <th key={i} scope="col">
                {formatTime(timeAt(grid, i))}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.replica}>
              <th scope="row">{nameOf(line.replica)}</th>
              {indices.map((i) => (
                <td key={i}>{formatText(line.values[i] ?? null, unit)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
