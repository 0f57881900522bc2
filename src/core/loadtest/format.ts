import { sayCount, sayDuration, sig } from '../base/say.ts';
import type { BenchLatency, BenchResult, BenchRun, Lengths } from './bench.ts';

/** Text for a terminal; the same numbers as the JSON, with what they are. */
export function toBenchText({ target, runs }: BenchResult): string {
  const head = `${target.model} at ${target.url}, ${target.api === 'chat' ? 'v1/chat/completions' : 'v1/completions'}`;
  return `${[head, ...runs.map(runText)].join('\n\n')}\n`;
}

function runText(run: BenchRun): string {
  const { settings, counts, seconds, throughput, lengths } = run;
  const load =
    settings.arrivals.kind === 'closed'
      ? `${settings.arrivals.concurrency} at a time`
      : `${settings.arrivals.rate} requests/s at random${settings.arrivals.concurrency === null ? '' : `, at most ${settings.arrivals.concurrency} at a time`}`;
  const lines = [
    `${run.scenario}: ${load}, ${settings.requests} requests of ${settings.promptTokens}/${settings.outputTokens} tokens${settings.prefixTokens > 0 ? `, the first ${settings.prefixTokens} shared` : ''}`,
    `  ${counts.ok} of ${sayCount(counts.sent, 'request')} finished in ${sayDuration(seconds.wall)}${counts.failed > 0 ? `, ${counts.failed} failed` : ''}${counts.stopped > 0 ? `, ${counts.stopped} given up` : ''}${run.interrupted ? ' (ended by Ctrl-C)' : ''}`,
    ...run.errors.map(({ kind, count, example }) => `  ${count} × ${kind}: ${example}`),
  ];
  if (counts.ok > 0) {
    lines.push(
      `  tokens per request: ${tokensText('prompt', lengths.prompt)}, ${tokensText('output', lengths.output)}`,
      `  throughput: ${sig(throughput.requestsPerSecond)} requests/s, ${sig(throughput.outputTokensPerSecond)} output tokens/s over ${sayDuration(seconds.wall)} of wall time`,
    );
    if (throughput.textbookTokensPerSecond !== null)
      lines.push(
        `  the textbook's figure: ${sig(throughput.textbookTokensPerSecond)} tokens/s, because it divides by the longest request (${sayDuration(seconds.longestRequest ?? 0)})`,
      );
    lines.push(
      `  ${['', 'mean', 'p50', 'p95', 'p99', 'max', 'values'].map((head, i) => (i === 0 ? head.padEnd(6) : head.padStart(10))).join('')}`,
      latencyText('TTFT', run.latencies.ttft),
      latencyText('ITL', run.latencies.itl),
      latencyText('TPOT', run.latencies.tpot),
      latencyText('E2E', run.latencies.e2e),
    );
  }
  return [...lines, ...run.warnings.map((warning) => `  note: ${warning}`)].join('\n');
}

function tokensText(what: string, { asked, mean, min, max }: Lengths): string {
  if (mean === null) return `${what} not stated (asked ${asked})`;
  return min === max ? `${what} ${sig(mean)}` : `${what} ${sig(mean)} (${min} to ${max}, asked ${asked})`;
}

function latencyText(name: string, { mean, p50, p95, p99, max, count }: BenchLatency): string {
  const cells = [mean, p50, p95, p99, max].map((value) => (value === null ? '–' : sayDuration(value)).padStart(10));
  return `  ${name.padEnd(6)}${cells.join('')}${String(count).padStart(10)}`;
}
