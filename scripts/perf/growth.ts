import type { FleetFigures } from './measure.ts';
import { allOf, pageOf } from './report.ts';

interface Line {
  readonly name: string;
  readonly kind: 'page' | 'board' | 'server';
  readonly points: readonly { readonly size: number; readonly value: number }[];
}

interface Plot {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly Line[];
}

const SIZE = { width: 300, height: 220, left: 56, top: 34, right: 22, bottom: 40 } as const;

/** How the page and a board grow with the fleet, on one server: three plots on scales where ten times as much is one step. */
export function growthPicture(fleets: readonly FleetFigures[]): string {
  const line = (name: string, kind: Line['kind'], value: (fleet: FleetFigures) => number | null | undefined): Line => ({
    name,
    kind,
    points: fleets
      .flatMap((fleet) => {
        const found = value(fleet);
        return found === null || found === undefined || found <= 0 ? [] : [{ size: fleet.size, value: found }];
      })
      .sort((a, b) => a.size - b.size),
  });
  const plots: readonly Plot[] = [
    {
      title: 'to all panels',
      unit: 's',
      lines: [
        line('page', 'page', (fleet) => pageOf(fleet)?.panelsSeconds),
        line('board by replica', 'board', ({ boards }) => boards?.replicas.panelsSeconds),
        line('page’s requests bare', 'server', ({ bare }) => bare?.together.seconds),
      ],
    },
    {
      title: 'JSON fetched',
      unit: 'MB',
      lines: [
        line('page', 'page', ({ bare }) => bare && bare.together.bytes / 1e6),
        line('board by replica', 'board', ({ boards }) => boards && boards.replicas.bytes / 1e6),
      ],
    },
    {
      title: 'page work until all panels',
      unit: 's',
      lines: [
        line('page', 'page', (fleet) => {
          const page = pageOf(fleet);
          return page && allOf(page.opening) / 1000;
        }),
        line('board by replica', 'board', ({ boards }) => boards && allOf(boards.replicas.work) / 1000),
      ],
    },
  ];
  const width = plots.length * SIZE.width;
  const names: readonly (readonly [string, Line['kind']])[] = [
    ['page', 'page'],
    ['board by replica, (a)', 'board'],
    ['the page’s requests bare, (c)', 'server'],
  ];
  const legend = names.map(
    ([name, kind], i) =>
      `<path class="line ${kind}" d="M${20 + i * 200} ${SIZE.height + 14}h24"/><text x="${50 + i * 200}" y="${SIZE.height + 18}">${name}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${SIZE.height + 30}" width="${width}" height="${SIZE.height + 30}" role="img" aria-label="Growth with the number of replicas: time to all panels, JSON fetched and page work, of the page and of a board by replica">
<style>
text { font: 12px system-ui, sans-serif; fill: #57606a } .title { font-weight: 600; fill: #24292f }
.grid { stroke: #8c959f; stroke-opacity: .3; fill: none }
.line { fill: none; stroke-width: 2 } .page { stroke: #0969da } .board { stroke: #bc4c00; stroke-dasharray: 6 3 } .server { stroke: #6e7781; stroke-dasharray: 2 3 }
circle { stroke-width: 2; fill: #fff } circle.board, circle.server { stroke-dasharray: none }
@media (prefers-color-scheme: dark) { text { fill: #9da7b3 } .title { fill: #e6edf3 } .page { stroke: #539bf5 } .board { stroke: #f0883e } .server { stroke: #9da7b3 } circle { fill: #0d1117 } }
</style>
${plots.map((plot, i) => `<g transform="translate(${i * SIZE.width} 0)">\n${draw(plot)}\n</g>`).join('\n')}
${legend.join('\n')}
</svg>
`;
}

function draw({ title, unit, lines }: Plot): string {
  const points = lines.flatMap((line) => line.points);
  const heading = `<text class="title" x="${SIZE.left}" y="18">${title}, ${unit}</text>`;
  if (points.length === 0) return `${heading}\n<text x="${SIZE.left}" y="60">not measured</text>`;
  const sizes = decades(points.map(({ size }) => size));
  const values = decades(points.map(({ value }) => value));
  const x = scale(sizes, SIZE.left, SIZE.width - SIZE.right);
  const y = scale(values, SIZE.height - SIZE.bottom, SIZE.top);
  const [left, right] = [x(sizes[0] as number), x(sizes.at(-1) as number)];
  const [low, high] = [y(values[0] as number), y(values.at(-1) as number)];
  return [
    heading,
    ...values.map(
      (value) =>
        `<path class="grid" d="M${left} ${y(value)}H${right}"/><text x="${SIZE.left - 6}" y="${Number(y(value)) + 4}" text-anchor="end">${value.toLocaleString('en')}</text>`,
    ),
    ...sizes.map(
      (size) =>
        `<path class="grid" d="M${x(size)} ${low}V${high}"/><text x="${x(size)}" y="${SIZE.height - SIZE.bottom + 18}" text-anchor="middle">${size.toLocaleString('en')}</text>`,
    ),
    `<text x="${(Number(left) + Number(right)) / 2}" y="${SIZE.height - 6}" text-anchor="middle">replicas</text>`,
    ...lines.flatMap((line) => [
      `<polyline class="line ${line.kind}" points="${line.points.map(({ size, value }) => `${x(size)},${y(value)}`).join(' ')}"/>`,
      ...line.points.map(
        ({ size, value }) =>
          `<circle class="${line.kind}" cx="${x(size)}" cy="${y(value)}" r="3"><title>${line.name}, ${size.toLocaleString('en')} replicas: ${value.toPrecision(3)} ${unit}</title></circle>`,
      ),
    ]),
  ].join('\n');
}

/** Powers of ten around the values, at least two of them. */
function decades(values: readonly number[]): number[] {
  const low = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9));
  return Array.from({ length: high - low + 1 }, (_, i) => Number(`1e${low + i}`));
}

function scale(ticks: readonly number[], from: number, to: number): (value: number) => string {
  const [low, high] = [Math.log10(ticks[0] as number), Math.log10(ticks.at(-1) as number)];
  return (value) => (from + ((Math.log10(value) - low) / (high - low)) * (to - from)).toFixed(1);
}
