/**
 * Start-up arguments → what no metric carries. vLLM prints them as a Python value: `non-default args: {'max_num_seqs': 24}`
 * (V1), `args: Namespace(max_num_seqs=256, …)` (V0), and once more resolved in `Initializing a V1 LLM engine (v0.32.0) with
 * config: …`. Only names we know are looked for; the rest of the value is not parsed.
 */
import { TOLD } from '../knobs/index.ts';

/** What a start told about one server. Later lines add to earlier ones. */
export interface Settings {
  /** By knob id. */
  readonly knobs: Readonly<Record<string, number>>;
  readonly model: string | null;
  readonly blockSize: number | null;
  readonly prefixCaching: boolean | null;
  /** Share of GPU memory vLLM may take, as it was written. */
  readonly memoryShare: string | null;
}

export const NO_SETTINGS: Settings = {
  knobs: {},
  model: null,
  blockSize: null,
  prefixCaching: null,
  memoryShare: null,
};

/** Reads the arguments in a line. @returns what it tells, `null` members where it is silent. */
export function settingsIn(text: string): Settings {
  const knobs: Record<string, number> = {};
  for (const { id, written, value: allowed } of TOLD) {
    if (written.by !== 'flag' || allowed.kind !== 'whole') continue;
    const value = wholeNumber(valueOf(text, written.flag.slice(2).replaceAll('-', '_')));
    if (value !== null && value >= allowed.min && value <= allowed.max) knobs[id] = value;
  }
  // The resolved configuration names it max_seq_len.
  const longest = wholeNumber(valueOf(text, 'max_seq_len'));
  if (longest !== null && longest > 0) knobs['max-model-len'] ??= longest;
  const caching = valueOf(text, 'enable_prefix_caching');
  return {
    knobs,
    model: valueOf(text, 'served_model_name') ?? valueOf(text, 'model'),
    blockSize: wholeNumber(valueOf(text, 'block_size')),
    prefixCaching: caching === 'True' ? true : caching === 'False' ? false : null,
    memoryShare: valueOf(text, 'gpu_memory_utilization'),
  };
}

/** What a later line tells wins, what it leaves open stays. */
export function mergeSettings(earlier: Settings, later: Settings): Settings {
  return {
    knobs: { ...earlier.knobs, ...later.knobs },
    model: later.model ?? earlier.model,
    blockSize: later.blockSize ?? earlier.blockSize,
    prefixCaching: later.prefixCaching ?? earlier.prefixCaching,
    memoryShare: later.memoryShare ?? earlier.memoryShare,
  };
}

/**
 * `'name': value` or `name=value`, of a list its first element; `null` for None, nothing, or a name that is not there. A value
 * counts only with what ends it behind it: in a cut line 24 may have been 2400.
 */
function valueOf(text: string, name: string): string | null {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + name.length)) {
    if (/[\w.]/.test(text[at - 1] ?? '')) continue;
    // Wrapping may have left blanks anywhere.
    const found =
      /^['"]?\s{0,9}[:=]\s{0,9}\[?\s{0,9}(?:'([^']{1,400})'|"([^"]{1,400})"|([\w./-]{1,400}))[\s,;)}\]]/.exec(
        text.slice(at + name.length, at + name.length + 440),
      );
    const value = found?.[1] ?? found?.[2] ?? found?.[3] ?? null;
    if (value !== null && value !== 'None') return value;
  }
  return null;
}

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,12}$/.test(text) ? Number(text) : null;
}
