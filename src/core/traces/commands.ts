import type { Evidence } from '../evidence/evidence.ts';
import { SIGNALS } from '../signals/index.ts';

/** Releases something is known to be among; `null` at an end that is not known. */
export interface Releases {
  readonly from: string | null;
  /** The last one. */
  readonly to: string | null;
  /** How that is known, in words. */
  readonly because: string;
}

/** From it on the server takes `--profiler-config`. Source: docs/contributing/profiling.md of vLLM. */
const CONFIG_SINCE = '0.13.0';
/** From it on the environment variables of before are gone. Source: vllm/envs.py of 0.16. */
const VARIABLES_UNTIL = '0.16.0';

/** A stamp in a profile, or a version somebody typed in. */
export function releaseNamed(version: string, because: string): Releases {
  return { from: version, to: version, because };
}

/**
 * Between which releases of vLLM the engines of a source lie, by the names of their metrics: several came or went with a release, which the
 * catalogue of signals says. Metrics carry no version.
 */
export function releasesOf(evidence: Evidence): Releases {
  let [from, to]: [string | null, string | null] = [null, null];
  let [older, newer] = ['', ''];
  for (const signal of SIGNALS) {
    const found = evidence.readings[signal.id]?.metrics ?? [];
    for (const { metric, dialect } of signal.names) {
      if (!metric.startsWith('vllm:') || !found.includes(metric)) continue;
      const since = /^(\d+\.\d+(?:\.\d+)?)(?: and newer)/.exec(dialect)?.[1];
      const until = /up to (\d+\.\d+(?:\.\d+)?)/.exec(dialect)?.[1];
      if (since !== undefined && (from === null || isOlder(from, since))) [from, older] = [since, metric];
      if (until !== undefined && (to === null || isOlder(until, to))) [to, newer] = [until, metric];
    }
  }
  const because = [...new Set([older, newer])].filter((one) => one !== '').join(' and ');
  return { from, to, because: because === '' ? '' : `the source has ${because}` };
}

/** Whether release `a` came before `b`, by their numbers; what follows them (`rc1`, `+cpu`) is not looked at. */
export function isOlder(a: string, b: string): boolean {
  const parts = (version: string) => (version.match(/\d+/g) ?? []).slice(0, 3).map(Number);
  const [x, y] = [parts(a), parts(b)];
  for (let i = 0; i < 3; i++) if ((x[i] ?? 0) !== (y[i] ?? 0)) return (x[i] ?? 0) < (y[i] ?? 0);
  return false;
}

/** One way to a profile: what to start the server with, how to begin and end, how to get what this tool reads. */
export interface ProfilingWay {
  readonly id: 'torch' | 'torch-variables' | 'nsys' | 'nsys-delay';
  readonly title: string;
  /** For which releases, in words. */
  readonly releases: string;
  /** Lines of a shell. */
  readonly server: string;
  readonly client: string;
  readonly gives: string;
}

/** What follows a way at the server, whatever profiler it has. */
const START_STOP = [
  'curl -X POST http://localhost:8000/start_profile',
  '# a few requests: every step recorded makes the file longer',
  'curl -X POST http://localhost:8000/stop_profile',
].join('\n');

const STATS = [
  'nsys export --type sqlite --output vllm.sqlite vllm.nsys-rep',
  '# or, smaller: nsys stats --report cuda_gpu_trace --format csv --output vllm vllm.nsys-rep',
].join('\n');

/**
 * The commands that profile a vLLM of these releases, the one that fits best first. While it is profiled a server answers slowly, and
 * both endpoints are for development: they stop and start a profiler for whoever can reach the port.
 * Source: vLLM docs/contributing/profiling.md (0.13 on; 0.7 for the variables) and tools/profiler/nsys_profile_tools/README.md.
 */
export function profilingWays(releases: Releases): ProfilingWay[] {
  const { from, to } = releases;
  const mayTakeConfig = to === null || !isOlder(to, CONFIG_SINCE);
  const mayNeedVariables = from === null || isOlder(from, CONFIG_SINCE);
  const ways: ProfilingWay[] = [];
  if (mayTakeConfig)
    ways.push({
      id: 'torch',
      title: 'PyTorch profiler',
      releases: '0.13.0 and newer',
      server:
        'vllm serve MODEL --profiler-config \'{"profiler": "torch", "torch_profiler_dir": "./vllm_profile", "torch_profiler_with_stack": false}\'',
      client: START_STOP,
      gives:
        'One rank*.pt.trace.json.gz per GPU in ./vllm_profile. Without stacks the file is a fraction of the size and the host less slowed.',
    });
  if (mayNeedVariables)
    ways.push({
      id: 'torch-variables',
      title: 'PyTorch profiler',
      releases: `before 0.13.0; ignored from ${VARIABLES_UNTIL} on`,
      server:
        'VLLM_TORCH_PROFILER_DIR=./vllm_profile VLLM_TORCH_PROFILER_WITH_STACK=0 VLLM_RPC_TIMEOUT=1800000 vllm serve MODEL',
      client: START_STOP,
      gives:
        'One *.pt.trace.json.gz per GPU in ./vllm_profile. Writing it may take minutes, for which the time-out is raised.',
    });
  if (mayTakeConfig)
    ways.push({
      id: 'nsys',
      title: 'Nsight Systems, begun and ended by request',
      releases: '0.13.0 and newer',
      server: [
        'VLLM_WORKER_MULTIPROC_METHOD=spawn nsys profile --trace=cuda,nvtx --trace-fork-before-exec=true --cuda-graph-trace=node \\',
        '  --capture-range=cudaProfilerApi --capture-range-end=repeat --output vllm \\',
        '  vllm serve MODEL --profiler-config.profiler cuda',
      ].join('\n'),
      client: `${START_STOP}\n${STATS}`,
      gives:
        'Costs the least while it records, and steps are marked. Reports are written when the server ends; each range is numbered.',
    });
  ways.push({
    id: 'nsys-delay',
    title: 'Nsight Systems, by the clock',
    releases: 'every release',
    server: [
      'VLLM_WORKER_MULTIPROC_METHOD=spawn nsys profile --trace=cuda,nvtx --trace-fork-before-exec=true --cuda-graph-trace=node \\',
      '  --delay 120 --duration 20 --output vllm vllm serve MODEL',
    ].join('\n'),
    client: STATS,
    gives: 'Records 20 s, from 120 s after the start on: choose a delay that lets the model load and the load begin.',
  });
  return ways;
}
