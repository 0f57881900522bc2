import type { Coverage, Evidence, InfoLabels, Reading, Replica } from '../evidence/evidence.ts';
import { formatSelector, type Matcher, parseSelector, SelectorError } from '../signals/selector.ts';
import type { SignalId } from '../signals/index.ts';

/** What can be taken out of evidence before it leaves, in the order it is offered. */
export const REDACTIONS = [
  { id: 'hosts', title: 'Hosts and instances' },
  { id: 'pods', title: 'Pods' },
  { id: 'models', title: 'Models and adapters' },
  { id: 'namespaces', title: 'Namespaces' },
  { id: 'labels', title: 'All other label values' },
  { id: 'selector', title: 'Selector' },
  { id: 'queries', title: 'Queries' },
  { id: 'urls', title: 'Addresses of servers' },
  { id: 'text', title: 'Free text' },
] as const;

export type Redaction = (typeof REDACTIONS)[number]['id'];

/** A name and what stands in its place, or `''` where it was taken out. */
export interface Alias {
  readonly kind: Redaction;
  readonly name: string;
  readonly alias: string;
}

export interface Redacted {
  readonly evidence: Evidence;
  /** In the order they were met. */
  readonly aliases: readonly Alias[];
}

/** Kinds of names, and what their aliases are called. */
const NAMES = { hosts: 'host', pods: 'pod', models: 'model', namespaces: 'namespace', labels: 'value' } as const;
type NameKind = keyof typeof NAMES;

/**
 * The kinds that are taken out when these are asked for. A sentence of a server may hold any name, also one that stands
 * nowhere else, so free text goes with the first of them.
 */
export function impliedBy(asked: ReadonlySet<Redaction>): ReadonlySet<Redaction> {
  return [...asked].some((kind) => kind in NAMES) ? new Set([...asked, 'text']) : asked;
}

/**
 * The evidence with names replaced by aliases, `replica-1`, `model-1`, the same wherever a name stands; what cannot be
 * replaced is taken out. A name that stands inside another text is replaced there as well, from two characters up.
 *
 * Numbers, the values of vLLM's own settings and its own words (why a request finished) stay: the verdict rests on them.
 * No text of the verdict is touched: judging the result gives the verdict in the new names.
 */
export function redact(given: Evidence, asked: ReadonlySet<Redaction>): Redacted {
  const kinds = impliedBy(asked);
  const book = new AliasBook();
  collect(given, kinds, book);
  const own = (matchers: readonly Matcher[]): readonly Matcher[] =>
    kinds.has('selector') ? [] : matchers.map((one) => ({ ...one, value: book.valueOf(kindOf(one.label), one.value) }));
  const chosen = matchersOf(given.selector);
  const idOf = idsOf(given.replicas, kinds, book);
  const warnings =
    kinds.has('text') && given.warnings.length > 0
      ? [
          `What the source said of its answers was left out: ${given.warnings.length === 1 ? 'one sentence' : `${given.warnings.length} sentences`}.`,
        ]
      : given.warnings.map((one) => book.scrub(one));
  const readings: Partial<Record<SignalId, Reading>> = {};
  for (const [id, reading] of Object.entries(given.readings) as [SignalId, Reading][]) {
    const moved = <T extends { readonly replica: string }>(list: readonly T[]): T[] =>
      list.map((one) => ({ ...one, replica: idOf.get(one.replica) ?? book.scrub(one.replica) }));
    const { problem, earlier } = reading;
    readings[id] = {
      ...reading,
      query: reading.query === null || kinds.has('queries') ? null : rewritten(reading.query, chosen, own, book),
      ...(problem === undefined
        ? {}
        : { problem: kinds.has('text') ? 'what the server said was left out' : book.scrub(problem) }),
      lines: moved(reading.lines).map((line) => ({ ...line, part: partOf(line.part, kinds, book) })),
      histograms: moved(reading.histograms),
      labels: moved(reading.labels).map((info) => ({ ...info, labels: labelsOf(info, book) })),
      ...(earlier === undefined
        ? {}
        : { earlier: moved(earlier).map((info) => ({ ...info, labels: labelsOf(info, book) })) }),
    };
  }
  return {
    evidence: {
      ...given,
      source: { ...given.source, label: labelOfSource(given.source.label, kinds, book) },
      selector: formatSelector(own(chosen)),
      replicas: given.replicas.map((replica) => ({
        id: idOf.get(replica.id) ?? replica.id,
        instance: book.valueOf('hosts', replica.instance),
        engine: book.scrub(replica.engine),
        model: book.valueOf('models', replica.model),
        ...(replica.stands === undefined ? {} : { stands: replica.stands }),
      })),
      ...(given.coverage === undefined ? {} : { coverage: coverageOf(given.coverage, idOf) }),
      readings,
      warnings,
    },
    aliases: book.aliases,
  };
}

/** Which of the names a text still holds: as they are, in other letters, or as an address writes them. */
export function leftovers(text: string, names: readonly string[]): string[] {
  const lower = text.toLowerCase();
  return names.filter((name) => spellingsOf(name).some((spelling) => lower.includes(spelling.toLowerCase())));
}

function spellingsOf(name: string): string[] {
  const sound = name.replace(/\p{Surrogate}/gu, '\ufffd');
  // JSON escapes a quotation mark or a backslash in a name, a regular expression its dots.
  return [
    ...new Set([
      name,
      encodeURIComponent(sound),
      encodeURI(sound),
      JSON.stringify(name).slice(1, -1),
      name.replaceAll('.', '\\.'),
    ]),
  ];
}

/** Labels whose values are settings or numbers of vLLM itself. */
const SETTINGS = new Set([
  'engine',
  'block_size',
  'cache_dtype',
  'calculate_kv_scales',
  'cpu_offload_gb',
  'enable_prefix_caching',
  'gpu_memory_utilization',
  'is_attention_free',
  'kv_cache_memory_bytes',
  'kv_offloading_backend',
  'kv_sharing_fast_prefill',
  'mamba_block_size',
  'mamba_cache_dtype',
  'mamba_ssm_cache_dtype',
  'max_lora',
  'num_cpu_blocks',
  'num_gpu_blocks',
  'num_gpu_blocks_override',
  'prefix_caching_hash_algo',
  'sliding_window',
  'swap_space',
]);
/** Values that name nobody. */
const PLAIN = /^([^\p{L}\p{N}]*|[-+]?\d+(\.\d+)?(e[-+]?\d+)?|true|false|none|auto)$/iu;
/** vLLM's own words for the parts of a signal: `stop`, `waiting_for_remote_kvs`, `5xx`, a position, a status. */
const OWN_WORD = /^([a-z_]{0,32}|\d{1,5}|\dxx|OOMKilled|ContainerCannotRun|Completed|Error)$/i;

/** Whose name a label holds; `null` where it is none. */
function kindOf(label: string): NameKind | null {
  if (SETTINGS.has(label)) return null;
  if (/lora_adapters$|(^|_)model(_|$)/i.test(label)) return 'models';
  if (/namespace/i.test(label)) return 'namespaces';
  if (/(^|_)pod(_|$)/i.test(label)) return 'pods';
  if (/instance|host|(^|_)node(_|name|$)|(^|_)ip$|address/i.test(label)) return 'hosts';
  return 'labels';
}

/** Labels that list names by commas. */
const LISTS = /lora_adapters$/;

/** Every name there is, with the longest meaning first where one stands in several places. */
function collect(evidence: Evidence, kinds: ReadonlySet<Redaction>, book: AliasBook): void {
  const note = (kind: NameKind | null, name: string): void => {
    if (kind !== null && kinds.has(kind) && !PLAIN.test(name)) book.add(kind, name);
  };
  if (kinds.has('hosts')) {
    const instances = [...new Set(evidence.replicas.map((replica) => replica.instance))].filter((one) => one !== '');
    const width = String(instances.length).length;
    instances.forEach((instance, i) => {
      const alias = `replica-${String(i + 1).padStart(width, '0')}`;
      book.add('hosts', instance, alias);
      // Without its port it is what pods, exporters and sentences call the same host.
      const host = instance.replace(/:\d+$/, '');
      if (host !== instance && !PLAIN.test(host)) book.add('hosts', host, alias);
    });
  }
  for (const { model } of evidence.replicas) {
    note('models', model);
    const short = model.split('/').at(-1) as string;
    if (kinds.has('models') && short !== model && !PLAIN.test(short))
      book.add('models', short, book.valueOf('models', model));
  }
  for (const { label, value } of matchersOf(evidence.selector)) {
    note(kindOf(label), value);
  }
  for (const reading of Object.values(evidence.readings)) {
    for (const { labels } of [...reading.labels, ...(reading.earlier ?? [])]) {
      for (const [label, value] of Object.entries(labels))
        for (const one of LISTS.test(label) ? value.split(',') : [value]) note(kindOf(label), one.trim());
    }
    for (const { part } of reading.lines) if (!OWN_WORD.test(part)) note('labels', part);
  }
  const { label } = evidence.source;
  if (kinds.has('urls') && isAddress(label)) {
    book.add('urls', label, '');
    const host = /^\w+:\/\/([^/:]+)/.exec(label)?.[1];
    if (host !== undefined && host.length > 3) book.add('urls', host, 'server');
  }
}

/** Ids in their new form: instance, engine and model as `build` puts them together, and still one per replica. */
function idsOf(
  replicas: readonly Replica[],
  kinds: ReadonlySet<Redaction>,
  book: AliasBook,
): ReadonlyMap<string, string> {
  return new Map(
    replicas.map(({ id, instance, model }, i) => {
      if (!id.startsWith(instance)) return [id, kinds.has('hosts') ? `replica-at-${i + 1}` : book.scrub(id)];
      const rest = id.slice(instance.length);
      const behind =
        model !== '' && rest.endsWith(`/${model}`)
          ? `${book.scrub(rest.slice(0, -model.length))}${book.valueOf('models', model)}`
          : book.scrub(rest);
      return [id, `${book.valueOf('hosts', instance)}${behind}`];
    }),
  );
}

function coverageOf({ engines, each, means }: Coverage, idOf: ReadonlyMap<string, string>): Coverage {
  const renamed = <T extends { readonly replica: string }>(list: readonly T[]): T[] =>
    list.map((one) => ({ ...one, replica: idOf.get(one.replica) ?? 'a replica' }));
  // Which targets are behind a mean is a list of names, and nothing is judged by it.
  return { engines, each: renamed(each), means: renamed(means).map(({ instances: _, ...mean }) => mean) };
}

function labelsOf({ labels }: InfoLabels, book: AliasBook): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([label, value]) => {
      const kind = kindOf(label);
      if (kind === null) return [label, value];
      if (!LISTS.test(label)) return [label, book.valueOf(kind, value)];
      const names = value.split(',').map((one) => book.valueOf(kind, one.trim()));
      return [label, names.join(',')];
    }),
  );
}

function partOf(part: string, kinds: ReadonlySet<Redaction>, book: AliasBook): string {
  return kinds.has('labels') && !OWN_WORD.test(part) ? book.valueOf('labels', part) : part;
}

function labelOfSource(label: string, kinds: ReadonlySet<Redaction>, book: AliasBook): string {
  return kinds.has(isAddress(label) ? 'urls' : 'text') ? '' : book.scrub(label);
}

const isAddress = (text: string): boolean => /^(\w+:\/\/|\/)/.test(text);

/** @returns none for a text that is no selector, which is not kept either */
function matchersOf(selector: string): readonly Matcher[] {
  try {
    return parseSelector(selector);
  } catch (error) {
    if (error instanceof SelectorError) return [];
    throw error;
  }
}

/** The query with each list of matchers in braces replaced; braces inside strings are none. One walk, whatever the text. */
function replaceMatchers(query: string, replace: (inside: string) => string): string {
  let out = '';
  let open = -1;
  let done = 0;
  for (let at = 0; at < query.length; at += 1) {
    const char = query[at];
    if (char === '"') {
      for (at += 1; at < query.length && query[at] !== '"'; at += 1) if (query[at] === '\\') at += 1;
    } else if (char === '{') open = at;
    else if (char === '}' && open >= 0) {
      out += query.slice(done, open) + replace(query.slice(open + 1, at));
      done = at + 1;
      open = -1;
    }
  }
  return out + query.slice(done);
}

/** A query with the matchers of the selector in their new form; those a signal brings itself stay. */
function rewritten(
  query: string,
  chosen: readonly Matcher[],
  own: (matchers: readonly Matcher[]) => readonly Matcher[],
  book: AliasBook,
): string {
  const isChosen = (one: Matcher): boolean =>
    chosen.some(({ label, op, value }) => label === one.label && op === one.op && value === one.value) ||
    book.knows(kindOf(one.label), one.value);
  return replaceMatchers(query, (inside) => {
    // What cannot be read is left out: it could hold any name.
    const matchers = matchersOf(inside).flatMap((one) => (isChosen(one) ? own([one]) : [one]));
    return matchers.length === 0 ? '' : formatSelector(matchers);
  });
}

/** Fewest characters of a name that is looked for inside other text: a shorter one stands in every second word. */
const FEWEST = 2;

/** Which alias a name has. */
class AliasBook {
  readonly aliases: Alias[] = [];
  readonly #byName = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  #pattern: RegExp | null = null;

  /** A name met again keeps its first alias. */
  add(kind: Redaction, name: string, alias?: string): void {
    if (this.#byName.has(name)) return;
    const called = alias ?? this.#next(kind as NameKind);
    this.#byName.set(name, called);
    this.aliases.push({ kind, name, alias: called });
    this.#pattern = null;
  }

  knows(kind: NameKind | null, name: string): boolean {
    return kind !== null && this.#byName.has(name);
  }

  /** What stands for a whole value: its alias, or the value with the names in it replaced. */
  valueOf(kind: NameKind | null, value: string): string {
    return (this.knows(kind, value) ? this.#byName.get(value) : undefined) ?? this.scrub(value);
  }

  /** The text with every name in it replaced, the longest first, in whatever letters it stands. */
  scrub(text: string): string {
    const names = this.aliases.map(({ name }) => name).filter((name) => name.length >= FEWEST);
    if (names.length === 0) return text;
    this.#pattern ??= new RegExp(
      names
        .flatMap(spellingsOf)
        .sort((a, b) => b.length - a.length)
        .map((one) => one.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
        .join('|'),
      'gi',
    );
    const inAnyCase = new Map(
      this.aliases.flatMap(({ name, alias }) => spellingsOf(name).map((one) => [one.toLowerCase(), alias] as const)),
    );
    return text.replace(
      this.#pattern,
      (found) => this.#byName.get(found) || inAnyCase.get(found.toLowerCase()) || 'left-out',
    );
  }

  #next(kind: NameKind): string {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    return `${NAMES[kind]}-${count}`;
  }
}
