import type { Coverage, Evidence } from '../../core/evidence/evidence.ts';
import type { Candidate, Choice, Group } from '../../core/evidence/choose.ts';
import { coverageOf, hasMean } from '../../core/evidence/condense.ts';
import { compileHistory, type Compiled, compileNative, compileSignal, type Scope } from '../../core/promql/compile.ts';
import { compileLarge, compileLargeNative, type Mean } from '../../core/promql/fleet.ts';
import { defaultBounds } from '../../core/signals/bounds.ts';
import { type CatalogueSignal, type SignalId, signalById } from '../../core/signals/index.ts';
import { instancesIn, type Matcher } from '../../core/signals/selector.ts';
import type { MetricName } from '../../core/signals/signal.ts';

/** How a scope is cut: all engines as they are, or some of them and the means of the others. */
export interface Portions {
  /** Targets read one by one, each with the reason. */
  readonly each: ReadonlyMap<string, string>;
  /** Those of them that stand out beyond chance. */
  readonly striking: ReadonlySet<string>;
  /** Their pods, where the targets' labels tell. */
  readonly pods: readonly string[];
  readonly groups: readonly Group[];
  /** True where engines are not told apart by their targets alone, so that those behind a mean have to be named. */
  readonly severalModels: boolean;
  /** By what nobody was looked for, and why: sentences. */
  readonly blind: readonly string[];
}

export function portionsOf(
  { each, groups }: Choice,
  candidates: readonly Candidate[],
  about: Pick<Portions, 'severalModels' | 'blind'> & { readonly pods: ReadonlyMap<string, string> },
): Portions {
  const because = new Map(each.map((one) => [one.id, one.because]));
  const chosen = new Map(
    candidates.flatMap(({ id, instance }) => (because.has(id) ? [[instance, because.get(id) as string] as const] : [])),
  );
  const far = new Set(each.filter(({ striking }) => striking).map(({ id }) => id));
  return {
    each: chosen,
    striking: new Set(candidates.filter(({ id }) => far.has(id)).map(({ instance }) => instance)),
    pods: [...chosen.keys()].map((instance) => about.pods.get(instance)).filter((pod) => pod !== undefined),
    groups,
    severalModels: about.severalModels,
    blind: about.blind,
  };
}

/** What a read says of itself: which replicas are in it as they are. */
export function coverageIn({ replicas }: Evidence, { each, groups }: Portions): Coverage {
  const names = new Set(groups.map(({ name }) => name));
  const ones = replicas.filter(({ id }) => !names.has(id));
  const behind = groups.reduce((sum, { ids }) => sum + ids.length, 0);
  return coverageOf(
    ones.length + behind,
    ones.map(({ id, instance }) => ({ id, because: each.get(instance) ?? 'it joined since the choice was made' })),
    groups,
  );
}

/**
 * Histograms of which a large fleet's buckets are not read: their means alone are judged, and buckets are nine tenths of all
 * that would have to be read. Their percentiles are not there.
 */
const MEANS_ONLY: ReadonlySet<SignalId> = new Set([
  'prefill-time',
  'decode-time',
  'inference-time',
  'requested-output',
  'kv-transfer-bytes',
]);

/** Whether of this histogram the number of observations is all that is read. */
export function countOnly(id: SignalId): boolean {
  return MEANS_ONLY.has(id);
}

/** The query of a signal for all portions, so that one answer holds them all. */
export function compilePortions(
  signal: CatalogueSignal,
  names: readonly MetricName[],
  given: Scope,
  portions: Portions,
): Compiled {
  const scope = { ...given, countOnly: countOnly(signal.id) };
  if (signal.level === 'gateway') return compileSignal(signal, names, scope);
  if (signal.level === 'neighbour') {
    // Other exporters name the pod or the host, each under a label of its own, and PromQL knows no "or" within a selector.
    const parts = neighbourMatchers(portions).map((one) => compileSignal(signal, names, { ...scope, also: [one] }));
    return { main: parts.map(({ main }) => main).join(' or '), sum: null };
  }
  const { each, means } = cut(signal, portions);
  return compileLarge(signal, names, scope, each, means);
}

/** As `compilePortions`, of native histograms. */
export function compilePortionsNative(
  signal: CatalogueSignal,
  names: readonly MetricName[],
  scope: Scope,
  portions: Portions,
): string {
  if (signal.level !== 'engine') return compileNative(signal, names, scope);
  const { each, means } = cut(signal, portions);
  return compileLargeNative(signal, names, scope, each, means);
}

/** When an info signal of the engines read one by one changed; `null` for other exporters, whose series name no engine. */
export function compilePortionsHistory(
  signal: CatalogueSignal,
  names: readonly MetricName[],
  { matchers, window }: Scope,
  { each }: Portions,
): string | null {
  if (signal.level === 'neighbour' || signal.level === 'gateway') return null;
  return compileHistory(signal, names, { matchers: [...matchers, instancesIn('=~', [...each.keys()])], window });
}

function cut(
  signal: CatalogueSignal,
  { each, groups, severalModels }: Portions,
): { readonly each: readonly Matcher[]; readonly means: readonly Mean[] } {
  const chosen = [...each.keys()];
  const named = [...chosen, ...groups.flatMap(({ calm, instances }) => (calm ? [] : instances))];
  // Targets of other programs are in scope too; what only engines have needs no list of the calm ones.
  const listed = severalModels || signal.level === 'target';
  const ofModel = ({ model }: Group): readonly Matcher[] =>
    severalModels && model !== '' && signal.level === 'engine' ? [{ label: 'model_name', op: '=', value: model }] : [];
  const behind = (group: Group): readonly Matcher[] => [
    group.calm && !listed ? instancesIn('!~', named) : instancesIn('=~', group.instances),
    ...ofModel(group),
  ];
  const sampleOf = (group: Group): Mean['sample'] =>
    group.sample.ids.length === group.ids.length
      ? null
      : { engines: group.sample.ids.length, among: [instancesIn('=~', group.sample.instances), ...ofModel(group)] };
  const alone = signal.kind === 'info' || !hasMean(signal);
  return {
    each: [instancesIn('=~', chosen)],
    means: alone
      ? []
      : groups.map((group) => ({
          replica: group.name,
          model: group.model,
          engines: group.ids.length,
          behind: behind(group),
          sample: sampleOf(group),
        })),
  };
}

function neighbourMatchers({ each, pods }: Portions): Matcher[] {
  const instances = [...each.keys()];
  const hosts = instances.map((instance) => instance.replace(/:\d+$/, ''));
  const among = (label: string, values: readonly string[]): Matcher => ({ ...instancesIn('=~', values), label });
  const { value } = instancesIn('=~', hosts);
  return [
    { label: 'instance', op: '=~', value: `(${value})(:[0-9]+)?` },
    among('Hostname', hosts),
    ...(pods.length === 0 ? [] : [among('exported_pod', pods), among('pod', pods)]),
  ];
}

/** Whether by a later look somebody stands out beyond chance who was not chosen before. */
export function newcomers(before: Portions, now: Portions): boolean {
  return [...now.striking].some((instance) => !before.each.has(instance));
}

/**
 * Samples one read asks for at most, as far as it is known beforehand: some 50 MB of JSON, which a browser parses within a second.
 * Beyond it the step is widened.
 */
export const MOST_SAMPLES = 2_000_000;
/** Engines read of a large fleet of one model, by themselves and as means; with several models a few more. */
const READ_OF_MANY = 16;

/** Series a read brings, by the names that were found and vLLM's own buckets. */
export function seriesOf(found: ReadonlyMap<SignalId, readonly MetricName[]>, engines: number, large: boolean): number {
  let series = 0;
  for (const [id, names] of found) {
    if (names.length === 0) continue;
    if (signalById(id).kind !== 'histogram') series += 1;
    else series += large && countOnly(id) ? 2 : defaultBounds(id).length + 2;
  }
  return series * (large ? READ_OF_MANY : engines);
}

/** The step at which a read stays below `MOST_SAMPLES`: the one wished for, or a whole multiple of it. Seconds. */
export function affordableStep(span: number, wished: number, series: number): number {
  const points = (factor: number) => Math.floor(span / (wished * factor)) + 1;
  let factor = 1;
  while (points(factor) > 1 && series * points(factor) > MOST_SAMPLES) factor += 1;
  return wished * factor;
}
