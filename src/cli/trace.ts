import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { Command } from 'commander';
import { profilingWays, releaseNamed, type Releases } from '../core/traces/commands.ts';
import { toTraceJson, toTraceText } from '../core/traces/format.ts';
import { type KernelSums, type Summary, summarise } from '../core/traces/summary.ts';
import type { Trace } from '../core/traces/trace.ts';
import { readTrace, type TraceFile } from '../sources/traces/read.ts';
import { EXIT } from './exit.ts';
import { collectText } from './values.ts';

interface Options {
  compare: string[];
  format?: string;
  commands?: boolean | string;
}

const FORMATS = ['text', 'json'];
/** Nobody waits for a line of progress on what takes less. */
const PROGRESS_EVERY_MS = 500;

/** @param done is told the exit code: 0 where a summary was written, 2 for usage and files that cannot be read */
export function traceCommand(version: string, done: (exit: number) => void): Command {
  return new Command('trace')
    .description('where the time of a GPU goes, from a profile of PyTorch or Nsight Systems')
    .argument('[files...]', 'a torch.profiler trace (.json, .gz), nsys stats (CSV, JSON) or nsys SQLite; one per rank')
    .option('--compare <file>', 'the profile of before; repeatable, one per rank', collectText, [])
    .option('--commands [release]', 'print the commands that profile a vLLM of this release, and read nothing')
    .option('--format <format>', 'text or json; default: text on a terminal, json otherwise')
    .addHelpText(
      'after',
      '\nExit codes: 0 read, 2 usage or unreadable file\n\nExamples:\n  vllm-triage trace vllm_profile/rank0.pt.trace.json.gz\n  vllm-triage trace after.json.gz --compare before.json.gz --format json\n  vllm-triage trace --commands 0.32.0',
    )
    .action(async (files: string[], _: unknown, command: Command) => {
      done(await act(files, command.opts<Options>(), version));
    });
}

async function act(files: readonly string[], options: Options, version: string): Promise<number> {
  const format = options.format ?? (process.stdout.isTTY ? 'text' : 'json');
  if (!FORMATS.includes(format)) return complain(`--format ${format}: expected one of ${FORMATS.join(', ')}`);
  if (options.commands !== undefined) {
    const named = options.commands;
    if (typeof named === 'string' && !/^v?\d+\.\d+/.test(named))
      return complain(`--commands ${named}: expected a release such as 0.32.0`);
    const releases: Releases =
      typeof named === 'string'
        ? releaseNamed(named.replace(/^v/, ''), 'as told')
        : { from: null, to: null, because: '' };
    const ways = profilingWays(releases);
    process.stdout.write(
      format === 'json'
        ? `${JSON.stringify(ways, null, 2)}\n`
        : ways
            .map((way) => `# ${way.title} (${way.releases})\n${way.server}\n${way.client}\n# ${way.gives}\n`)
            .join('\n'),
    );
    return EXIT.healthy;
  }
  if (files.length === 0) return complain('a profile is needed: vllm-triage trace FILE');
  const abort = new AbortController();
  const stop = () => abort.abort(new Error('given up'));
  process.once('SIGINT', stop);
  try {
    const before = options.compare.length === 0 ? null : await read(options.compare, abort.signal);
    const summary = await read(files, abort.signal);
    process.stdout.write(
      format === 'json'
        ? `${JSON.stringify(toTraceJson(summary, before, version), null, 2)}\n`
        : toTraceText(summary, before),
    );
    return EXIT.healthy;
  } catch (error) {
    return complain(error instanceof Error ? error.message : String(error));
  } finally {
    process.off('SIGINT', stop);
  }
}

async function read(files: readonly string[], signal: AbortSignal): Promise<Summary> {
  const traces: (Trace | KernelSums)[] = [];
  for (const path of files) traces.push(await readTrace(await fileAt(path), signal, progressOf(path)));
  return summarise(traces);
}

/** @throws Error that names the file and why it cannot be read */
async function fileAt(path: string): Promise<TraceFile> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`cannot read ${path}: ${error.code === 'ENOENT' ? 'no such file' : error.message}`);
  });
  if (found.isDirectory()) throw new Error(`cannot read ${path}: it is a folder; name the profiles in it`);
  return {
    name: basename(path),
    size: found.size,
    stream: () =>
      Readable.toWeb(createReadStream(path, { highWaterMark: 1 << 18 })) as unknown as ReadableStream<Uint8Array>,
  };
}

function progressOf(path: string) {
  let said = performance.now();
  return ({ bytes, size, events }: { bytes: number; size: number; events: number }) => {
    if (performance.now() - said < PROGRESS_EVERY_MS) return;
    said = performance.now();
    process.stderr.write(`${path}: ${Math.floor((100 * bytes) / Math.max(1, size))} %, ${events} events\n`);
  };
}

function complain(message: string): number {
  process.stderr.write(`error: ${message}\n`);
  return EXIT.usage;
}
