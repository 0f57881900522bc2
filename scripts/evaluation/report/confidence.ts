import { groupOf } from '../../../src/core/verdict/calibration.ts';
import { binsOf, brierOf, type Claim, claimsOf, eceOf, type Scored } from '../metrics/confidence.ts';
import type { Watched } from '../moment.ts';
import { ratio, table } from './markdown.ts';

const as =
  (confidence: 'confidence' | 'raw', right: 'right' | 'strict') =>
  (claim: Claim): Scored => ({ confidence: claim[confidence], right: claim[right] });

/** Brier score and calibration error, by group. */
export function calibrationTable(all: readonly Watched[]): string {
  const claims = claimsOf(all);
  const groups = ['memory', 'queue', 'decode', 'routing', 'lifecycle', 'telemetry'] as const;
  const row = (title: string, own: readonly Claim[]) => {
    const share = own.length === 0 ? null : own.filter((claim) => claim.right).length / own.length;
    const mean = own.length === 0 ? null : own.reduce((sum, claim) => sum + claim.confidence, 0) / own.length;
    return [
      title,
      `${own.length}`,
      ratio(mean),
      ratio(share),
      ratio(brierOf(own.map(as('confidence', 'right'))), 3),
      ratio(eceOf(own.map(as('confidence', 'right'))), 3),
      ratio(eceOf(own.map(as('raw', 'right'))), 3),
      ratio(eceOf(own.map(as('confidence', 'strict'))), 3),
    ];
  };
  return table(
    ['group', 'claims', 'mean confidence', 'right', 'Brier', 'ECE', 'ECE before calibration', 'ECE, strict'],
    [
      ...groups.map((group) =>
        row(
          group,
          claims.filter((claim) => groupOf(claim.pathology) === group),
        ),
      ),
      row('all', claims),
    ],
  );
}

/** Which pathologies are named wrongly with confidence ≥ 0.8. */
export function sureTable(all: readonly Watched[], sure: number): string {
  const wrong = claimsOf(all).filter((claim) => claim.confidence >= sure && !claim.strict);
  if (wrong.length === 0) return 'None.';
  const kinds = new Map(all.map((watched) => [watched.episode.id, watched.episode.kind]));
  const counts = new Map<string, { moments: number; episodes: Set<string>; lenient: number }>();
  for (const claim of wrong) {
    const key = JSON.stringify([kinds.get(claim.episode) ?? '', claim.pathology]);
    const entry = counts.get(key) ?? { moments: 0, episodes: new Set<string>(), lenient: 0 };
    entry.moments++;
    entry.episodes.add(claim.episode);
    if (claim.right) entry.lenient++;
    counts.set(key, entry);
  }
  return table(
    ['episodes of', 'named', 'moments', 'of them cause or effect', 'episodes'],
    [...counts]
      .sort((a, b) => b[1].moments - a[1].moments)
      .map(([key, entry]) => {
        const [kind, pathology] = JSON.parse(key) as [string, string];
        return [`\`${kind}\``, `\`${pathology}\``, `${entry.moments}`, `${entry.lenient}`, `${entry.episodes.size}`];
      }),
  );
}

const SIZE = { width: 500, height: 380, left: 56, top: 16, side: 300 } as const;

/** The reliability plot as a picture: promise across, outcome up, one dot per bin of equal mass. */
export function reliabilityPlot(all: readonly Watched[]): string {
  const claims = claimsOf(all);
  const x = (value: number) => (SIZE.left + value * SIZE.side).toFixed(1);
  const y = (value: number) => (SIZE.top + (1 - value) * SIZE.side).toFixed(1);
  const dots = (scored: readonly Scored[], name: string) => {
    const bins = binsOf(scored);
    const line = bins.map((bin) => `${x(bin.confidence)},${y(bin.right)}`).join(' ');
    const circles = bins.map(
      (bin) =>
        `<circle class="${name}" cx="${x(bin.confidence)}" cy="${y(bin.right)}" r="4"><title>said ${bin.confidence.toFixed(2)}, right ${bin.right.toFixed(2)}, ${bin.count} moments</title></circle>`,
    );
    return `<polyline class="${name}" points="${line}"/>\n${circles.join('\n')}`;
  };
  const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1];
  const grid = ticks.map(
    (tick) =>
      `<path class="grid" d="M${x(0)} ${y(tick)}H${x(1)}M${x(tick)} ${y(0)}V${y(1)}"/>` +
      `<text x="${x(tick)}" y="${SIZE.top + SIZE.side + 18}" text-anchor="middle">${tick}</text>` +
      `<text x="${SIZE.left - 8}" y="${Number(y(tick)) + 4}" text-anchor="end">${tick}</text>`,
  );
  const middle = SIZE.left + SIZE.side / 2;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${SIZE.height}" width="${SIZE.width}" height="${SIZE.height}" role="img" aria-label="Reliability plot: confidence said against the share that was right">
<style>
text { font: 12px system-ui, sans-serif; fill: #57606a }
.grid { stroke: #8c959f; stroke-opacity: .3; fill: none }
.ideal { stroke: #8c959f; stroke-dasharray: 4 4 }
polyline { fill: none; stroke-width: 1.5 }
polyline.said { stroke: #0969da } circle.said { fill: #0969da }
polyline.raw { stroke: #8c959f } circle.raw { fill: #8c959f }
@media (prefers-color-scheme: dark) { text { fill: #9da7b3 } polyline.said { stroke: #539bf5 } circle.said { fill: #539bf5 } }
</style>
${grid.join('\n')}
<path class="ideal" d="M${x(0)} ${y(0)}L${x(1)} ${y(1)}"/>
${dots(claims.map(as('raw', 'right')), 'raw')}
${dots(claims.map(as('confidence', 'right')), 'said')}
<text x="${middle}" y="${SIZE.top + SIZE.side + 40}" text-anchor="middle">confidence said</text>
<text transform="translate(16 ${SIZE.top + SIZE.side / 2}) rotate(-90)" text-anchor="middle">share that was right</text>
<circle class="said" cx="${SIZE.left + SIZE.side + 20}" cy="${SIZE.top + 12}" r="4"/><text x="${SIZE.left + SIZE.side + 30}" y="${SIZE.top + 16}">as said</text>
<circle class="raw" cx="${SIZE.left + SIZE.side + 20}" cy="${SIZE.top + 32}" r="4"/><text x="${SIZE.left + SIZE.side + 30}" y="${SIZE.top + 36}">before calibration</text>
</svg>
`;
}
