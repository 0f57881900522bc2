import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Calibration, type CalibrationGroup, groupOf, type Knots } from '../../src/core/verdict/calibration.ts';
import { isotonic } from './isotonic.ts';
import type { Claim } from './metrics/confidence.ts';

/** Claims a group needs for knots of its own (pathologies.md §6). */
const ENOUGH = 200;
/** Raw confidences are put into so many bins of equal mass before the fit: a table of a few knots, not one per episode. */
const BINS = 12;
const LEAST = 0.05;
const MOST = 0.95;

const FILE = fileURLToPath(new URL('../../src/core/verdict/calibration.ts', import.meta.url));

/** Knots per group with enough claims, and for all together. */
export function fitCalibration(claims: readonly Claim[], seed: number, fitted: string): Calibration {
  const groups: Partial<Record<CalibrationGroup, Knots>> = {};
  for (const group of ['memory', 'queue', 'decode', 'routing', 'lifecycle', 'telemetry'] as const) {
    const of = claims.filter((claim) => groupOf(claim.pathology) === group);
    if (of.length >= ENOUGH) groups[group] = knotsOf(of);
  }
  return { fitted, seed, all: knotsOf(claims), groups };
}

/** Isotonic fit of rightness over raw confidence, in the lenient sense: the pathology named was going on. */
export function knotsOf(claims: readonly Pick<Claim, 'raw' | 'right'>[]): Knots {
  const sorted = [...claims].sort((a, b) => a.raw - b.raw);
  const points: { x: number; y: number; weight: number }[] = [];
  const most = Math.max(1, Math.ceil(sorted.length / BINS));
  let bin: typeof sorted = [];
  sorted.forEach((claim, i) => {
    bin.push(claim);
    // Equal confidences stay together.
    const next = sorted[i + 1];
    if (next !== undefined && (bin.length < most || next.raw - claim.raw < 1e-9)) return;
    points.push({
      x: bin.reduce((sum, one) => sum + one.raw, 0) / bin.length,
      y: bin.filter((one) => one.right).length / bin.length,
      weight: bin.length,
    });
    bin = [];
  });
  const rounded = (value: number) => Math.round(value * 1000) / 1000;
  // Less sure than anything that was ever said is less often right.
  const knots: [number, number][] = [[0, LEAST]];
  let next = 0;
  for (const { y, weight } of isotonic(points)) {
    // A pool is level from its first bin to its last: by its middle alone the less sure half of it would be promised too little.
    const from = points[next]?.x ?? 0;
    for (let left = weight; left > 0.5; next++) left -= points[next]?.weight ?? left;
    const to = points[next - 1]?.x ?? from;
    for (const x of [from, to]) {
      const knot: [number, number] = [rounded(x), rounded(Math.min(MOST, Math.max(LEAST, y)))];
      const last = knots.at(-1);
      if (!last || knot[0] > last[0]) knots.push(knot);
    }
  }
  return knots;
}

/** Rewrites the generated part of src/core/verdict/calibration.ts. */
export async function writeCalibration(calibration: Calibration): Promise<void> {
  const text = await readFile(FILE, 'utf8');
  const table = formatCalibration(calibration);
  const written = text.replace(
    /(\/\/ calibration:begin\n)[^]*(\/\/ calibration:end)/,
    (_, begin: string, end: string) => `${begin}${table}${end}`,
  );
  if (!written.includes(table)) throw new Error(`${FILE} has lost its marks for the generated table.`);
  await writeFile(FILE, written);
}

export function formatCalibration({ fitted, seed, all, groups }: Calibration): string {
  const knots = (list: Knots, indent: string): string =>
    list.length === 0
      ? '[]'
      : `[\n${list.map(([raw, right]) => `${indent}  [${raw}, ${right}],\n`).join('')}${indent}]`;
  const entries = Object.entries(groups).map(([group, list]) => `    ${group}: ${knots(list ?? [], '    ')},\n`);
  return [
    'export const CALIBRATION: Calibration = {',
    `  fitted: '${fitted.replaceAll("'", '’')}',`,
    `  seed: ${seed},`,
    `  all: ${knots(all, '  ')},`,
    `  groups: ${entries.length === 0 ? '{}' : `{\n${entries.join('')}  }`},`,
    '};\n',
  ].join('\n');
}
