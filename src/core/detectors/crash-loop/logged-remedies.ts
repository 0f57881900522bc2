/** What to do about an error the log names, with the numbers it gives along. */
import { sig } from '../../base/say.ts';
import type { Remedy } from '../detector.ts';
import type { Cause } from './cause.ts';

/** Utilisation given back after a CUDA out-of-memory, at least (P22: 0.03 to 0.05). */
export const GIVE_BACK = 0.03;
/** vLLM's default since 0.11, arg_utils.py. */
export const DEFAULT_UTILISATION = 0.92;
/** Highest share of a GPU worth asking for: graphs and other processes live in the rest. */
const MOST_UTILISATION = 0.95;
/** Longest lengths are given in whole blocks. */
const BLOCK = 16;

type Logged = Extract<Cause, { readonly kind: 'logged' }>;

/** What the start-up arguments tell. */
export interface Started {
  /** Share of GPU memory; `null` if it is not in the log. */
  readonly utilisation: number | null;
  readonly knobs: Readonly<Record<string, number>>;
}

const none = { knob: null, from: null, to: null, flag: null } as const;

/** The first of them stands for the finding in the plan. */
export function againstLogged(cause: Logged, started: Started): Remedy[] {
  switch (cause.trouble) {
    case 'out-of-memory':
      return [takeLess(cause, started), ...smallerSteps(cause, started)];
    case 'cache-too-small':
      return [...shorter(cause, started), ...takeMore(started)];
    case 'gpu-error':
      return [lookForXid()];
    case 'killed':
      return [whoKilled()];
    case 'port-taken':
      return [freePort()];
    default:
      return [readOn(cause)];
  }
}

const UNITS: Readonly<Record<string, number>> = { GiB: 1, MiB: 1 / 1024, KiB: 1 / 1024 ** 2 };

/** A size the error names, GiB. */
function sizeIn(words: string, pattern: RegExp): number | null {
  const found = pattern.exec(words);
  const unit = UNITS[found?.[2] ?? ''];
  return found && unit !== undefined ? Number(found[1]) * unit : null;
}

/** `Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.15 GiB of which 1.20 GiB is free.` */
function takeLess({ words, served }: Logged, { utilisation }: Started): Remedy {
  const from = utilisation ?? DEFAULT_UTILISATION;
  const asked = sizeIn(words, /Tried to allocate ([\d.]+) (GiB|MiB|KiB)/);
  const total = sizeIn(words, /total capaci?ty of ([\d.]+) (GiB|MiB)/);
  const free = sizeIn(words, /of which ([\d.]+) (GiB|MiB|KiB) is free/);
  const short = asked !== null && total !== null && free !== null ? Math.max(0, asked - free) / total : null;
  const give = Math.max(GIVE_BACK, short === null ? 0 : Math.ceil(short * 100) / 100 + 0.01);
  const to = Math.max(0.1, Math.round((from - give) * 100) / 100);
  return {
    title: `Let vLLM take ${sig(to)} of the GPU's memory`,
    knob: 'gpu-memory-utilization',
    from,
    to,
    flag: `--gpu-memory-utilization ${to}`,
    why: 'What vLLM does not reserve is left for activations, graphs and other processes; there it ran out.',
    steps: [
      ...(short === null
        ? []
        : [
            {
              sum: `(${sig(asked ?? 0)} GiB asked − ${sig(free ?? 0)} GiB free) ÷ ${sig(total ?? 0)} GiB`,
              result: `${sig(short)} of the GPU was short`,
            },
          ]),
      {
        sum:
          give > GIVE_BACK
            ? 'that, up to the next hundredth, and one more'
            : `${GIVE_BACK} at least is worth a restart`,
        result: `${sig(give)} given back`,
      },
      { sum: `${from}${utilisation === null ? ' (the default)' : ''} − ${sig(give)}`, result: String(to) },
    ],
    expect: served ? 'The same peak fits.' : 'It gets as far as serving.',
    risk: `A smaller KV cache: requests wait or are preempted sooner.${served ? '' : ' If the weights alone do not fit, only more GPUs (--tensor-parallel-size) or a smaller model helps; if another process holds the GPU (nvidia-smi), end that.'}`,
    verify: 'No restart for 6 h at the same traffic; KV usage stays below 0.95.',
    needsRestart: true,
  };
}

/** Activations grow with the tokens of a step. */
function smallerSteps({ served }: Logged, { knobs }: Started): Remedy[] {
  const from = knobs['max-num-batched-tokens'];
  if (from === undefined || from < 1024) return [];
  const to = Math.floor(from / 2);
  return [
    {
      title: `Or compute at most ${to} tokens in a step`,
      knob: 'max-num-batched-tokens',
      from,
      to,
      flag: `--max-num-batched-tokens ${to}`,
      why: 'Activations grow with the tokens of one step, and are measured at the start for the largest.',
      steps: [{ sum: `${from} ÷ 2`, result: `${to} tokens` }],
      expect: served ? 'The largest step needs half the activations.' : 'The profiling run at the start needs half.',
      risk: 'Long prompts are read in twice as many steps.',
      verify: 'It starts, and "GPU KV cache size" in its log is larger than before.',
      needsRestart: true,
    },
  ];
}

/**
 * Three ways vLLM says that one request of the longest length does not fit: with the longest that would
 * (`the estimated maximum model length is 42000`), with the tokens that fit (`stored in KV cache (23456)`), or with what is
 * needed and there is in GiB.
 */
function shorter({ words }: Logged, { knobs }: Started): Remedy[] {
  const number = (pattern: RegExp) => {
    const found = pattern.exec(words)?.[1];
    return found === undefined ? null : Number(found);
  };
  const from = number(/max seq len \((\d+)\)/) ?? knobs['max-model-len'] ?? null;
  const needed = sizeIn(words, /([\d.]{1,12}) (GiB) KV cache is needed/);
  const there = sizeIn(words, /available KV cache memory \(([\d.]+) (GiB)\)/);
  const told = number(/maximum model length is (\d+)/) ?? number(/stored in KV cache \((\d+)\)/);
  const fits = told ?? (from !== null && needed !== null && there !== null ? (from * there) / needed : null);
  const to = fits === null ? null : Math.floor(fits / BLOCK) * BLOCK;
  if (to === null || to < BLOCK) return [];
  return [
    {
      title: `Serve prompts and answers of at most ${to} tokens`,
      knob: 'max-model-len',
      from,
      to,
      flag: `--max-model-len ${to}`,
      why: 'vLLM starts only if the KV cache holds one request of the longest length.',
      steps: [
        ...(needed === null || there === null
          ? []
          : [
              {
                sum: `${sig(there)} GiB for the KV cache, ${sig(needed)} GiB needed`,
                result: `${sig(there / needed)} of one request fits`,
              },
            ]),
        told === null
          ? {
              sum: `${from} tokens × ${sig((there ?? 0) / (needed ?? 1))}`,
              result: `${Math.floor(fits ?? 0)} tokens fit`,
            }
          : { sum: 'tokens that fit, says the log', result: String(told) },
        { sum: `down to whole blocks of ${BLOCK}`, result: `${to} tokens` },
      ],
      expect: 'It starts, and serves one request of that length at a time, or several shorter ones.',
      risk: 'Longer requests are refused with 400.',
      verify: 'Its log says "Maximum concurrency" of 1 or more.',
      needsRestart: true,
    },
  ];
}

function takeMore({ utilisation }: Started): Remedy[] {
  const from = utilisation ?? DEFAULT_UTILISATION;
  if (from >= MOST_UTILISATION) return [];
  return [
    {
      title: `Or let vLLM take ${MOST_UTILISATION} of the GPU's memory`,
      knob: 'gpu-memory-utilization',
      from,
      to: MOST_UTILISATION,
      flag: `--gpu-memory-utilization ${MOST_UTILISATION}`,
      why: 'The KV cache gets what weights and activations leave of the share vLLM may take.',
      steps: [
        {
          sum: `${MOST_UTILISATION} − ${from}${utilisation === null ? ' (the default)' : ''}`,
          result: `${sig(MOST_UTILISATION - from)} of the GPU more, all of it for the KV cache`,
        },
      ],
      expect: 'A larger KV cache; the log says how large.',
      risk: 'Less is left for activations and other processes: it may run out of GPU memory under load.',
      verify: '"GPU KV cache size" in its log covers --max-model-len.',
      needsRestart: true,
    },
  ];
}

function lookForXid(): Remedy {
  return {
    ...none,
    title: 'Ask the driver whether it was the GPU or the program',
    why: 'A broken GPU and a kernel that reads where it must not look the same in the log of vLLM.',
    steps: [
      { sum: 'dmesg | grep -i xid', result: 'an XID of 48, 63, 64, 74, 79, 94 or 95: the hardware; replace it' },
      { sum: 'XID 13, 31 or 43, or none', result: 'a bug: start with CUDA_LAUNCH_BLOCKING=1 and report the stack' },
    ],
    expect: 'Either the node is taken out, or the report names the kernel.',
    risk: 'CUDA_LAUNCH_BLOCKING=1 slows every step; only for one run.',
    verify: 'No restart for 6 h at the same traffic.',
    needsRestart: true,
  };
}

function whoKilled(): Remedy {
  return {
    ...none,
    title: 'Find out who killed it',
    why: 'A process that is killed cannot write why.',
    steps: [
      { sum: 'kubectl describe pod POD', result: 'OOMKilled: raise the memory limit; failed probes: let them wait' },
      { sum: "dmesg | grep -i 'killed process'", result: 'outside of Kubernetes: the kernel, for host memory' },
    ],
    expect: 'One of: host memory, a probe, a person.',
    risk: 'None.',
    verify: 'The reason is written down before the next start.',
    needsRestart: false,
  };
}

function freePort(): Remedy {
  return {
    ...none,
    title: 'Free the port, or take another',
    why: 'Two servers cannot listen on one port; often the one before still ends.',
    steps: [{ sum: 'ss -ltnp', result: 'which process listens there' }],
    expect: 'It starts.',
    risk: 'None, if the other process is not the one that serves.',
    verify: 'curl of /health answers 200.',
    needsRestart: true,
  };
}

function readOn({ words }: Logged): Remedy {
  return {
    ...none,
    title: words === '' ? 'Find the error above the end in the log' : 'Look the error up among the issues of vLLM',
    why:
      words === ''
        ? 'The API server says only that its engine is gone; the engine core writes the error, above or in a log of its own.'
        : 'An error in the engine is mostly a bug, or a model and a version that do not fit.',
    steps: [
      words === ''
        ? { sum: 'grep -n "EngineCore.*ERROR" LOG | head', result: 'the first error is the cause, the rest follow' }
        : {
            sum: `search: ${words.length > 100 ? `${words.slice(0, 99)}…` : words}`,
            result: 'a fix, or a version without it',
          },
    ],
    expect: 'A named cause.',
    risk: 'None.',
    verify: 'It runs past the point where it died.',
    needsRestart: false,
  };
}
