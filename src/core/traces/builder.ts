import { classify, type KernelKind } from './kernels.ts';
import { type Activities, type KernelName, type Mark, type Trace, TraceError } from './trace.ts';

const FIRST_ROOM = 4096;

/** What is not known of an activity's launch. */
const NO_CORRELATION = -1;

/** Collects what a reader of some format finds, and puts it in order. */
export class TraceBuilder {
  readonly marks: Mark[] = [];
  readonly notes: string[] = [];
  rank: number | null = null;
  world: number | null = null;
  gpu: string | null = null;
  vllm: string | null = null;
  events = 0;
  truncated = false;

  private readonly kernels: KernelName[] = [];
  private readonly ids = new Map<string, number>();
  private count = 0;
  private start = new Float64Array(FIRST_ROOM);
  private end = new Float64Array(FIRST_ROOM);
  private kernel = new Int32Array(FIRST_ROOM);
  private device = new Int32Array(FIRST_ROOM);
  private correlation = new Float64Array(FIRST_ROOM);
  /** When the host asked, by correlation id; the earliest of the calls that share one. */
  private readonly launches = new Map<number, number>();

  private readonly name: string;
  private readonly tool: Trace['tool'];

  constructor(name: string, tool: Trace['tool']) {
    this.name = name;
    this.tool = tool;
  }

  get activities(): number {
    return this.count;
  }

  /** @param kind what it is where the format says so itself; otherwise it is told by the name */
  kernelId(name: string, kind?: KernelKind): number {
    const known = this.ids.get(name);
    if (known !== undefined) return known;
    const id = this.kernels.push({ name, kind: kind ?? classify(name) }) - 1;
    this.ids.set(name, id);
    return id;
  }

  addActivity(kernel: number, start: number, duration: number, device: number, correlation: number | null): void {
    if (this.count === this.start.length) this.grow();
    const i = this.count++;
    this.start[i] = start;
    this.end[i] = start + Math.max(0, duration);
    this.kernel[i] = kernel;
    this.device[i] = device;
    this.correlation[i] = correlation ?? NO_CORRELATION;
  }

  addLaunch(correlation: number, at: number): void {
    const known = this.launches.get(correlation);
    if (known === undefined || at < known) this.launches.set(correlation, at);
  }

  private grow(): void {
    const wider = <T extends Float64Array | Int32Array>(column: T, empty: T): T => {
      empty.set(column);
      return empty;
    };
    const room = this.start.length * 2;
    this.start = wider(this.start, new Float64Array(room));
    this.end = wider(this.end, new Float64Array(room));
    this.kernel = wider(this.kernel, new Int32Array(room));
    this.device = wider(this.device, new Int32Array(room));
    this.correlation = wider(this.correlation, new Float64Array(room));
  }

  /** @throws TraceError where not one event was read */
  build(): Trace {
    if (this.events === 0) throw new TraceError(`${this.name} holds no event that could be read.`);
    const order = inOrder(this.start, this.count);
    const activities: Activities = {
      count: this.count,
      start: Float64Array.from(order, (i) => this.start[i] as number),
      end: Float64Array.from(order, (i) => this.end[i] as number),
      kernel: Int32Array.from(order, (i) => this.kernel[i] as number),
      device: Int32Array.from(order, (i) => this.device[i] as number),
      launch: Float64Array.from(order, (i) => this.launches.get(this.correlation[i] as number) ?? Number.NaN),
    };
    return {
      name: this.name,
      tool: this.tool,
      rank: this.rank,
      world: this.world,
      gpu: this.gpu,
      vllm: this.vllm,
      kernels: this.kernels,
      activities,
      marks: this.marks.toSorted((a, b) => a.start - b.start),
      events: this.events,
      hasLaunches: activities.launch.some((at) => !Number.isNaN(at)),
      truncated: this.truncated,
      notes: this.notes,
    };
  }
}

/** Indices by value; profilers write nearly in order, which the sort makes use of. */
export function inOrder(values: Float64Array, count: number): Uint32Array {
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  let sorted = true;
  for (let i = 1; i < count && sorted; i++) sorted = (values[i] as number) >= (values[i - 1] as number);
  return sorted ? order : order.sort((a, b) => (values[a] as number) - (values[b] as number) || a - b);
}
