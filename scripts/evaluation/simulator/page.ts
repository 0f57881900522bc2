import type { Histogram } from './histogram.ts';

export type MetricType = 'counter' | 'gauge' | 'histogram';
export type Labels = Readonly<Record<string, string>>;

/** One label set of a family over the whole episode: a line per sample, or all lines of a histogram. */
export class SampleSet {
  readonly family: string;
  readonly type: MetricType;
  /** Everything of each line up to the value. */
  private readonly prefixes: readonly string[];
  private readonly read: (into: number[]) => void;
  private readonly values: number[] = [];
  private readonly stamps: string[] = [];

  constructor(family: string, type: MetricType, prefixes: readonly string[], read: (into: number[]) => void) {
    this.family = family;
    this.type = type;
    this.prefixes = prefixes;
    this.read = read;
  }

  /** Keeps the values as they are now. @param stamp the time as written in the text */
  take(stamp: string): void {
    this.read(this.values);
    this.stamps.push(stamp);
  }

  /** Whether it never was there. */
  get empty(): boolean {
    return this.stamps.length === 0;
  }

  write(): string {
    const { prefixes, values, stamps } = this;
    let text = '';
    const width = prefixes.length;
    // Most values stay what they were a scrape ago.
    const heads: string[] = new Array<string>(width);
    for (let row = 0; row < stamps.length; row += 1) {
      const tail = ` ${stamps[row] as string}\n`;
      for (let column = 0; column < width; column += 1) {
        const at = row * width + column;
        const value = values[at] as number;
        if (row === 0 || value !== values[at - width]) {
          heads[column] = (prefixes[column] as string) + numberText(value);
        }
        text += (heads[column] as string) + tail;
      }
    }
    return text;
  }
}

function numberText(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? `${value}.0` : `${value}`;
}

/** As Python writes a float. */
function boundText(bound: number): string {
  return Number.isInteger(bound) ? `${bound}.0` : `${bound}`;
}

export function labelText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',');
}

export function single(family: string, type: 'counter' | 'gauge', labels: Labels, value: () => number): SampleSet {
  const name = type === 'counter' ? `${family}_total` : family;
  return new SampleSet(family, type, [`${name}{${labelText(labels)}} `], (into) => into.push(value()));
}

export function histogram(family: string, labels: Labels, value: () => Histogram): SampleSet {
  const { bounds } = value();
  const rest = labelText(labels);
  const prefixes = [...bounds.map(boundText), '+Inf'].map((le) => `${family}_bucket{le="${le}",${rest}} `);
  prefixes.push(`${family}_count{${rest}} `, `${family}_sum{${rest}} `);
  return new SampleSet(family, 'histogram', prefixes, (into) => {
    const { counts, sum } = value();
    let cumulative = 0;
    for (const count of counts) {
      cumulative += count;
      into.push(cumulative);
    }
    into.push(cumulative, sum);
  });
}

/** The text of a recording: one TYPE line a family, families in order of their names. */
export function writeOpenMetrics(sets: readonly SampleSet[]): string {
  const families = new Map<string, SampleSet[]>();
  for (const set of sets) {
    if (set.empty) continue;
    const list = families.get(set.family);
    if (list) list.push(set);
    else families.set(set.family, [set]);
  }
  const parts: string[] = [];
  for (const family of [...families.keys()].sort()) {
    const list = families.get(family) as SampleSet[];
    parts.push(`# TYPE ${family} ${(list[0] as SampleSet).type}\n`);
    for (const set of list) parts.push(set.write());
  }
  parts.push('# EOF\n');
  return parts.join('');
}
