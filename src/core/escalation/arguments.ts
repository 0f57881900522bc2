import { sig } from '../base/say.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Config, HealthReport } from '../report/report.ts';
import { formatInstant } from '../verdict/format.ts';

/**
 * How the engines are set, and how each setting is known: told by whoever asked, read from the source (of a log its start-up
 * arguments, as far as the servers share them), taken by the rules from both and from metrics, or labels of cache_config_info as they stand.
 * @param given by knob id: what was told with the question
 */
export function argumentsText(
  evidence: Evidence,
  report: HealthReport,
  given: Readonly<Record<string, number>>,
): string {
  const flags = (knobs: readonly (readonly [string, number])[]) => knobs.map(([id, value]) => `--${id} ${value}`);
  const read = Object.entries(evidence.knobs).filter(([id]) => !(id in given));
  const replicas = report.models.flatMap((model) => model.replicas);
  return [
    ...part('Told with the question', flags(Object.entries(given))),
    ...part(
      evidence.source.kind === 'log' ? 'Start-up arguments in the log that all servers share' : 'Kept with the source',
      flags(read),
    ),
    ...part(
      'As the rules take it, from metrics and what was told',
      replicas.flatMap(({ replica, config }) => configLines(replica, config)),
    ),
    ...part(
      'Labels of cache_config_info',
      (evidence.readings['cache-config']?.labels ?? []).flatMap(({ replica, labels }) =>
        Object.entries(labels).map(([label, value]) => `${replica}: ${label}=${value}`),
      ),
    ),
    'Metrics carry no command line: what is not named above is not known.',
    '',
  ].join('\n');
}

function part(title: string, lines: readonly string[]): string[] {
  return [title, ...(lines.length === 0 ? ['  nothing'] : lines.map((line) => `  ${line}`)), ''];
}

function configLines(replica: string, { kvTokens, blockSize, prefixCaching, seats, started }: Config): string[] {
  return [
    ...(kvTokens === null ? [] : [`KV cache of ${sig(kvTokens)} tokens`]),
    ...(blockSize === null ? [] : [`blocks of ${blockSize} tokens`]),
    ...(prefixCaching === null ? [] : [`prefix caching ${prefixCaching ? 'on' : 'off'}`]),
    ...(seats === null
      ? []
      : [
          `${seats.count} seats (max-num-seqs)${seats.inferred ? ', inferred from how many ran while others waited' : ''}`,
        ]),
    ...(started === null ? [] : [`started ${formatInstant(started)}`]),
  ].map((line) => `${replica}: ${line}`);
}
