/**
 * A setting of vLLM that the product speaks of, or a fact about the traffic that a person may tell.
 *
 * Source of flags, defaults and releases: vllm/engine/arg_utils.py and vllm/config of the releases named, and the release
 * notes; 0.32 unless said otherwise.
 */
export interface Knob {
  /** The flag without dashes, the same in JSON, URL and command line. */
  readonly id: string;
  readonly title: string;
  readonly written: Written;
  readonly value: ValueKind;
  /** First release that knows it; `null` for every release of the V1 engine. */
  readonly since: string | null;
  /** First release that no longer knows it: there the server does not start with it. */
  readonly until: string | null;
  /** What `vllm serve` takes if nobody says; the first entry that fits the hardware counts. */
  readonly defaults: readonly Default[];
  /** What more of it buys, and what that costs. */
  readonly trades: string;
  /** Whether the server must be started again for it to count. */
  readonly restart: boolean;
  /** For what a person may tell with `--knob`, since no metric carries it: what can be told only with it. */
  readonly decides: string | null;
  /** Why the product never advises it, where it does not. */
  readonly never: string | null;
}

/** Where the setting is written down. */
export type Written =
  /** An argument of `vllm serve`; `engine` ones are arguments of `LLM` and `AsyncEngineArgs` as well. */
  | { readonly by: 'flag'; readonly flag: `--${string}`; readonly engine: boolean }
  /** A field of the JSON another flag takes. */
  | { readonly by: 'field'; readonly of: `--${string}`; readonly path: readonly string[] }
  /** An environment variable of the server. */
  | { readonly by: 'environment'; readonly name: string }
  /** Nowhere: it is no setting. */
  | { readonly by: 'nobody' };

export type ValueKind =
  | {
      readonly kind: 'whole';
      readonly unit: 'requests' | 'tokens' | 'bytes' | 'seconds' | 'count';
      readonly min: number;
      readonly max: number;
    }
  | { readonly kind: 'number'; readonly unit: 'ratio' | 'GiB'; readonly min: number; readonly max: number }
  | { readonly kind: 'switch' }
  /** A word; `of` names the usual ones. */
  | { readonly kind: 'word'; readonly of: readonly string[] }
  | { readonly kind: 'json' };

export interface Default {
  /** In words: `GPUs from 70 GiB, except A100`. */
  readonly where: string;
  /** Memory of one GPU it takes for this entry to count; absent: any. */
  readonly fromGib?: number;
  /** Parts of GPU names for which it does not count. */
  readonly except?: readonly string[];
  /** For the CPU build. */
  readonly cpu?: true;
  /** `null`: unset. */
  readonly value: KnobValue | null;
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** A value as the flag takes it; an object or a list for flags that take JSON. */
export type KnobValue = boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** What decides a default. */
export interface Hardware {
  /** Memory of one GPU in GiB; `null` on a CPU. */
  readonly gib: number | null;
  readonly name: string;
}

type Common = 'since' | 'until' | 'restart' | 'decides' | 'never';

/** A flag of the engine, with what most of them have in common; the type of the id survives. */
export function knob<const Id extends string>(
  definition: Omit<Knob, Common | 'written'> & { readonly id: Id } & Partial<Pick<Knob, Common | 'written'>>,
): Knob & { readonly id: Id } {
  return {
    written: { by: 'flag', flag: `--${definition.id}`, engine: true },
    since: null,
    until: null,
    restart: true,
    decides: null,
    never: null,
    ...definition,
  };
}

/** One default for all hardware. */
export function always(value: KnobValue | null, where = 'everywhere'): readonly Default[] {
  return [{ where, value }];
}

/** @returns what the server takes on this hardware if nobody says; `null` if that is unset, or depends on the model */
export function defaultOn(knob: Knob, hardware: Hardware): KnobValue | null {
  const fits = (one: Default) =>
    one.cpu === true
      ? hardware.gib === null
      : one.fromGib === undefined ||
        (hardware.gib !== null &&
          hardware.gib >= one.fromGib &&
          !(one.except ?? []).some((name) => hardware.name.includes(name)));
  return knob.defaults.find(fits)?.value ?? null;
}

/** `all releases`, `from 0.29.0`, `until 0.26`, for people. */
export function sayReleases({ since, until }: Pick<Knob, 'since' | 'until'>): string {
  if (since === null && until === null) return 'all V1 releases';
  if (until === null) return `${since} and later`;
  return since === null ? `before ${until}` : `${since} up to, not with, ${until}`;
}
