import { TraceBuilder } from './builder.ts';
import { classify } from './kernels.ts';
import { isStepMark } from './steps.ts';
import type { KernelSums, KernelTotal } from './summary.ts';
import { type Trace, TraceError } from './trace.ts';

/**
 * What Nsight Systems exports: tables of `nsys stats` (CSV or JSON, one object per row under the names of the columns) and the SQLite export.
 * Of the tables are read, told by their columns: `cuda_gpu_trace` and `cuda_kern_exec_trace` (timelines; the second says when the host asked),
 * `cuda_gpu_kern_sum` and `cuda_gpu_mem_time_sum` (totals by name). Column names carry their unit, which `--timeunit` changes; old releases
 * write `Start(nsec)`.
 * Source: Nsight Systems user and analysis guide, statistical reports and SQLite schema reference.
 */
export type NsysRow = Readonly<Record<string, unknown>>;

/** Nanoseconds in each unit of a column. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ['ns', 1],
  ['nsec', 1],
  ['us', 1e3],
  ['µs', 1e3],
  ['usec', 1e3],
  ['ms', 1e6],
  ['msec', 1e6],
  ['s', 1e9],
  ['sec', 1e9],
]);

interface Column {
  readonly name: string;
  readonly unit: number;
}

interface Columns {
  readonly start: Column | null;
  readonly duration: Column | null;
  readonly asked: Column | null;
  readonly total: Column | null;
  readonly longest: Column | null;
  readonly calls: string | null;
  readonly kernel: string;
  readonly device: string | null;
}

/** Words a header of `nsys stats` has, by which a text is told from others. */
export const NSYS_HEADER = /(?:^|[,"[{\s])(?:Kernel )?(?:Start|Total Time) ?\((?:[nuµm]?s|[num]?sec)\)/;

/** Reads the rows of one table. */
export class NsysTable {
  private readonly builder: TraceBuilder;
  private readonly sums: KernelTotal[] = [];
  private columns: Columns | null = null;
  private rows = 0;
  private base: number | null = null;

  private readonly name: string;

  constructor(name: string) {
    this.name = name;
    this.builder = new TraceBuilder(name, 'nsys');
  }

  get events(): number {
    return this.rows;
  }

  /** @throws TraceError where the columns are those of no table there is a use for */
  row(row: NsysRow): void {
    this.columns ??= columnsOf(Object.keys(row), this.name);
    const { columns } = this;
    const name = row[columns.kernel];
    if (typeof name !== 'string' || name === '') return;
    const start = timeIn(row, columns.start);
    const duration = timeIn(row, columns.duration);
    if (start !== null && duration !== null) {
      // Counted from the first, so that sums stay exact however long the machine has been up.
      this.base ??= start;
      const { id, gpu } = deviceIn(columns.device === null ? null : row[columns.device]);
      this.builder.gpu ??= gpu;
      const asked = timeIn(row, columns.asked);
      const key = asked === null ? null : this.rows;
      if (key !== null && asked !== null) this.builder.addLaunch(key, asked - this.base);
      this.builder.addActivity(this.builder.kernelId(name), start - this.base, duration, id, key);
      this.builder.events++;
      this.rows++;
      return;
    }
    const total = timeIn(row, columns.total);
    if (total === null) return;
    const calls = numberIn(columns.calls === null ? null : row[columns.calls]);
    this.sums.push({ name, kind: classify(name), calls: calls ?? 0, total, longest: timeIn(row, columns.longest) });
    this.rows++;
  }

  /** @throws TraceError where not one row was read */
  end(truncated: boolean): Trace | KernelSums {
    if (this.rows === 0) throw new TraceError(`${this.name} holds no row of a GPU's work.`);
    if (this.sums.length > 0)
      return {
        name: this.name,
        tool: 'nsys',
        kernels: this.sums,
        notes: truncated ? [`${this.name} ends in the middle; the rows before that point were read.`] : [],
      };
    this.builder.truncated = truncated;
    if (this.columns?.asked !== null)
      this.builder.notes.push(
        `${this.name} lists kernels only: time in which something was copied or filled appears as idle. SQLite holds both.`,
      );
    return this.builder.build();
  }
}

function columnsOf(names: readonly string[], file: string): Columns {
  const timed = (title: string): Column | null => {
    for (const name of names) {
      const [, head, said = ''] = /^([\w ]{1,40}?) ?\(([^()]{1,8})\)$/.exec(name.trim()) ?? [];
      const unit = UNITS.get(said);
      if (head === title && unit !== undefined) return { name, unit };
    }
    return null;
  };
  const plain = (...titles: string[]) => titles.find((title) => names.includes(title)) ?? null;
  const kernel = plain('Name', 'Kernel Name', 'Operation');
  const columns = {
    start: timed('Kernel Start') ?? timed('Start'),
    duration: timed('Kernel Dur') ?? timed('Duration'),
    asked: timed('API Start'),
    total: timed('Total Time'),
    longest: timed('Max') ?? timed('Maximum'),
    calls: plain('Instances', 'Num Calls', 'Count', 'Operations'),
    device: plain('Device', 'DevId'),
  };
  const isTrace = columns.start !== null && columns.duration !== null;
  // The API's own tables have a start, too, and are of the host.
  const ofHost = isTrace && columns.device === null && !names.includes('CorrId');
  if (kernel === null || ofHost || (!isTrace && columns.total === null))
    throw new TraceError(
      `${file} is a table of nsys without the GPU's work in it: expected cuda_gpu_trace, cuda_kern_exec_trace or cuda_gpu_kern_sum, found the columns ${names.slice(0, 6).join(', ')}.`,
    );
  return { ...columns, kernel };
}

function numberIn(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || value.trim() === '') return null;
  const number = Number(value.replaceAll(',', ''));
  return Number.isFinite(number) ? number : null;
}

function timeIn(row: NsysRow, column: Column | null): number | null {
  const value = column === null ? null : numberIn(row[column.name]);
  return value === null || column === null ? null : Math.round(value * column.unit);
}

/** `NVIDIA H100 80GB HBM3 (0)`, or a bare number. */
function deviceIn(value: unknown): { readonly id: number; readonly gpu: string | null } {
  const text = String(value ?? '');
  const [, gpu, id] = /^(.*?) ?\((\d+)\)$/.exec(text) ?? [];
  if (id !== undefined) return { id: Number(id), gpu: gpu || null };
  return { id: numberIn(text) ?? 0, gpu: null };
}

/** What is asked of a database; how it is opened is the platform's. */
export interface Database {
  /** Names of the tables. */
  readonly tables: ReadonlySet<string>;
  /** Names of the columns of a table. */
  columns(table: string): ReadonlySet<string>;
  /** Runs a query and hands over its rows one by one. */
  each(sql: string, take: (row: readonly unknown[]) => void): void;
}

/** Correlation ids are a process's own; no process id is above this. */
const PER_PROCESS = 2 ** 31;
const PROCESS = '/ 0x1000000 % 0x1000000';

/** @throws TraceError where the database is no export of nsys */
export function readNsysDatabase(name: string, db: Database): Trace {
  if (!db.tables.has('StringIds'))
    throw new TraceError(
      `${name} is an SQLite database, but no export of nsys: it has no table StringIds. Write one with nsys export --type sqlite.`,
    );
  const builder = new TraceBuilder(name, 'nsys');
  const processes = new Map<number, Set<number>>();
  const whole = (value: unknown): number => (typeof value === 'number' ? value : Number(value));
  let base: number | null = null;

  // Kept here: a database without an index would go through all of them for every row.
  const strings = pairsOf(db, 'StringIds', 'id', 'value');
  const copies = pairsOf(db, 'ENUM_CUDA_MEMCPY_OPER', 'id', 'label');
  const activities = (table: string, title: string, nameOf: (title: unknown) => string) => {
    if (!db.tables.has(table)) return;
    const has = db.columns(table);
    const pid = has.has('globalPid') ? `a.globalPid ${PROCESS}` : '0';
    db.each(
      `SELECT a.start, a.end, a.deviceId, a.correlationId, ${pid}, ${title} FROM ${table} a ORDER BY a.start`,
      (row) => {
        const [start, end, device, correlation, process] = row.map(whole) as [number, number, number, number, number];
        base ??= start;
        processes.set(device, (processes.get(device) ?? new Set()).add(process));
        const kernel = builder.kernelId(nameOf(row[5]));
        builder.addActivity(kernel, start - base, end - start, device, process * PER_PROCESS + correlation);
        builder.events++;
      },
    );
  };
  activities('CUPTI_ACTIVITY_KIND_KERNEL', 'a.demangledName', (id) => strings.get(id) ?? 'kernel');
  activities('CUPTI_ACTIVITY_KIND_MEMCPY', copies.size > 0 ? 'a.copyKind' : 'NULL', (id) => {
    const kind = copies.get(id);
    return `[CUDA memcpy${kind === undefined ? '' : ` ${kind}`}]`;
  });
  activities('CUPTI_ACTIVITY_KIND_MEMSET', 'NULL', () => '[CUDA memset]');
  const before = builder.activities;
  activities('CUPTI_ACTIVITY_KIND_GRAPH_TRACE', 'NULL', () => 'CUDA graph, as a whole');
  if (builder.activities > before)
    builder.notes.push(
      `${name} holds CUDA graphs as wholes, so what ran in them is not known and counts as other compute. Profile with --cuda-graph-trace=node.`,
    );

  const from: number = base ?? 0;
  for (const table of ['CUPTI_ACTIVITY_KIND_RUNTIME', 'CUPTI_ACTIVITY_KIND_DRIVER']) {
    if (!db.tables.has(table)) continue;
    db.each(`SELECT start, correlationId, globalTid ${PROCESS} FROM ${table}`, (row) => {
      const [start, correlation, process] = row.map(whole) as [number, number, number];
      builder.addLaunch(process * PER_PROCESS + correlation, start - from);
      builder.events++;
    });
  }
  if (db.tables.has('NVTX_EVENTS'))
    db.each(
      `SELECT start, end, text, ${db.columns('NVTX_EVENTS').has('textId') ? 'textId' : 'NULL'} FROM NVTX_EVENTS WHERE end IS NOT NULL ORDER BY start`,
      ([start, end, text, interned]) => {
        const mark = String(text ?? strings.get(interned) ?? '');
        if (isStepMark(mark))
          builder.marks.push({
            name: mark,
            on: 'host',
            device: null,
            start: whole(start) - from,
            end: whole(end) - from,
          });
        builder.events++;
      },
    );
  if (db.tables.has('TARGET_INFO_GPU'))
    db.each('SELECT name FROM TARGET_INFO_GPU LIMIT 1', ([gpu]) => {
      if (typeof gpu === 'string') builder.gpu = gpu;
    });
  for (const [device, ids] of processes)
    if (ids.size > 1)
      builder.notes.push(
        `${ids.size} processes used GPU ${device}, and their work is taken together. Where each of them was shown a GPU of its own as number ${device}, profile them one by one.`,
      );
  return builder.build();
}

/** Names by number, from a table of two columns; empty where there is none. */
function pairsOf(db: Database, table: string, id: string, text: string): ReadonlyMap<unknown, string> {
  const pairs = new Map<unknown, string>();
  if (db.tables.has(table))
    db.each(`SELECT ${id}, ${text} FROM ${table}`, ([key, value]) => {
      if (typeof value === 'string') pairs.set(key, value);
    });
  return pairs;
}
