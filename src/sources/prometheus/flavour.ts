import * as v from 'valibot';
import { SourceError } from '../errors.ts';
import type { Params, PrometheusClient } from './client.ts';

/** Programs that speak Prometheus' API, as far as we ask them differently. */
export type FlavourId = 'prometheus' | 'victoria-metrics' | 'thanos' | 'mimir' | 'cortex' | 'unknown';

/** What a server is, and what follows from it. */
export interface Flavour {
  readonly id: FlavourId;
  /** As people call it, with its version where it says one: `Prometheus 2.42.0`; `null` where nothing is known. */
  readonly title: string | null;
  /** Sent with every query. */
  readonly params: Params;
  /** Seconds by which its newest answers lie behind the present. */
  readonly holdsBack: number;
}

/**
 * VictoriaMetrics' `-search.latencyOffset`: of the newest 30 s a query gets a copy of what came before. Old versions know no
 * argument to ask for less, so that nobody can tell from outside. Source: its README, "search.latencyOffset".
 */
const LATENCY_OFFSET = 30;

/** What is sent along, and why. */
const PARAMS: Readonly<Record<FlavourId, Params>> = {
  prometheus: [],
  // Its cache moves start and end to multiples of the step; the answer would stand beside the grid.
  'victoria-metrics': [['nocache', '1']],
  // A store that is away is a warning, not a failure. Of down-sampled data (5 min, 1 h) a rate of seconds would come out empty.
  thanos: [
    ['partial_response', 'true'],
    ['dedup', 'true'],
    ['max_source_resolution', '0s'],
  ],
  mimir: [],
  cortex: [],
  unknown: [],
};

function flavour(id: FlavourId, title: string | null): Flavour {
  return { id, title, params: PARAMS[id], holdsBack: id === 'victoria-metrics' ? LATENCY_OFFSET : 0 };
}

export const UNKNOWN_FLAVOUR: Flavour = flavour('unknown', null);

/** Build information: https://prometheus.io/docs/prometheus/latest/querying/api/#build-information; Mimir and Cortex add `application`. */
const buildInfo = v.object({
  version: v.optional(v.string()),
  application: v.optional(v.string()),
  goVersion: v.optional(v.string()),
});

/**
 * The flavour out of build information. VictoriaMetrics answers nothing or, since 2023, a made-up Prometheus version alone, so
 * an answer without `goVersion` settles nothing.
 * @returns `null` where the answer leaves it open
 * Source: thanos pkg/api/api.go `ThanosVersion` (the shape of Prometheus, versions below 1), mimir pkg/api `BuildInfoHandler`,
 * VictoriaMetrics app/vmselect/main.go.
 */
export function flavourOf(data: unknown): Flavour | null {
  const parsed = v.safeParse(buildInfo, data);
  if (!parsed.success) return null;
  const { version = '', application, goVersion } = parsed.output;
  const titled = (name: string) => (version === '' ? name : `${name} ${version}`);
  if (application !== undefined) {
    if (/mimir/i.test(application)) return flavour('mimir', titled(application));
    if (/cortex/i.test(application)) return flavour('cortex', titled(application));
    return flavour('unknown', titled(application));
  }
  if (goVersion === undefined) return null;
  if (/^v?0\./.test(version)) return flavour('thanos', titled('Thanos'));
  return flavour('prometheus', titled('Prometheus'));
}

/**
 * Finds out what a server is: by its build information, else by a function only MetricsQL has. Never throws but for a read
 * that was called off or a server that went away meanwhile; where a server keeps it to itself the flavour is unknown.
 * @throws SourceError 'aborted', 'timeout', 'unreachable'
 */
export async function detectFlavour(client: PrometheusClient, abort: AbortSignal): Promise<Flavour> {
  const built = await answered(client, 'status/buildinfo', [], abort);
  const said = built === null ? null : flavourOf(built);
  if (said) return said;
  // Prometheus knows no `now()` and refuses it; VictoriaMetrics' build information may not be read from another origin.
  if ((await answered(client, 'query', [['query', 'now()']], abort)) !== null)
    return flavour('victoria-metrics', 'VictoriaMetrics');
  const { version } = v.parse(buildInfo, v.is(buildInfo, built) ? built : {});
  return version ? flavour('prometheus', `Prometheus ${version}`) : UNKNOWN_FLAVOUR;
}

/** The data of an answer, `null` where the server has none to give. */
async function answered(client: PrometheusClient, path: string, params: Params, abort: AbortSignal): Promise<unknown> {
  try {
    return (await client.ask(path, params, abort)).data ?? null;
  } catch (error) {
    if (error instanceof SourceError && ['aborted', 'timeout', 'unreachable'].includes(error.problem)) throw error;
    return null;
  }
}
