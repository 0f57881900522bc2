import type { Unit } from '../base/units.ts';

/**
 * What a Prometheus series of this signal is:
 * - gauge: read as it stands;
 * - counter: read as a rate per second over the rate window;
 * - histogram: read as rates of its buckets and of its sum over the rate window;
 * - info: a constant series whose labels are the message (cache_config_info);
 * - age: seconds since the newest sample of the named series, at each grid time.
 */
export type SignalKind = 'gauge' | 'counter' | 'histogram' | 'info' | 'age';

/**
 * Whose series it is, which decides the labels that identify one:
 * engine = `instance`, `engine`, `model_name` (absent ones are empty);
 * target = `instance` alone (up, process_*, http_*): applies to every engine behind that target;
 * neighbour = the labels of another exporter (GPUs, containers, Kubernetes), joined to replicas by pod or host where possible;
 * gateway = what stands before all replicas: one line for the whole fleet.
 */
export type SignalLevel = 'engine' | 'target' | 'neighbour' | 'gateway';

/**
 * One spelling of a signal in the field. Lists are ordered newest first; the first that has data for a replica wins, they are
 * never added. A signal's own list holds the native names; those of other engines and converters are in dialects/.
 */
export interface MetricName {
  /** Prometheus name as exposed, e.g. `vllm:kv_cache_usage_perc`; histograms without suffix; counters with `_total`. */
  readonly metric: string;
  /** Which engines spell it so, for people: "0.9.2 and newer", "V0". */
  readonly dialect: string;
  /** Label matchers that belong to the meaning, e.g. `{ source: 'local_compute' }`; a value may be a regular expression if it starts with `~`. */
  readonly where?: Readonly<Record<string, string>>;
  /** Factor from the exported unit to base units (MiB, percent). Default 1. */
  readonly scale?: number;
  /** The label that stands for the signal's `by` in this spelling. */
  readonly by?: string;
  /** Labels that tell engines behind one target apart in this spelling, beside `engine`; see `engineOf` in grouping.ts. */
  readonly engines?: readonly string[];
  /** Counter that every rank of an engine repeats, so that of series which differ in the rank the largest counts. */
  readonly repeated?: boolean;
  /** A name that is not the engine's alone: series count only where `where` holds, also when it is asked whether the name exists. */
  readonly bare?: boolean;
  /** Info whose value is the time at which its labels were true (each combination stays for ever): the largest counts, not the last scraped. */
  readonly stamped?: boolean;
}

export interface Signal {
  readonly id: string;
  readonly title: string;
  readonly family:
    | 'latency'
    | 'throughput'
    | 'scheduler'
    | 'kv-cache'
    | 'prefix-cache'
    | 'workload'
    | 'engine'
    | 'gpu'
    | 'container'
    | 'gateway'
    | 'speculation'
    | 'transfer'
    | 'change'
    | 'telemetry';
  readonly unit: Unit;
  readonly kind: SignalKind;
  readonly level: SignalLevel;
  readonly names: readonly MetricName[];
  /** One further label kept apart, e.g. `finished_reason`. */
  readonly by?: string;
  /** How replicas combine into one fleet line. */
  readonly across: 'sum' | 'mean' | 'max' | 'min';
  /** 1 first … 3 last: the order in which a source asks, and what the verdict cannot do without. */
  readonly worth: 1 | 2 | 3;
  /** One or two sentences a reader of the page can use. */
  readonly doc: string;
}

/** Identity, for the type of the literal to survive. */
export function signal<const S extends Signal>(definition: S): S {
  return definition;
}
