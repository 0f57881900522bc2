import type { Evidence } from '../evidence/evidence.ts';
import { releasesOf } from '../traces/commands.ts';
import { namesFound } from './metrics-text.ts';

/** Who wrote what: this tool, the server the metrics came from, and between which releases the engines lie by their metrics' names. */
export function versionsText(evidence: Evidence, version: string): string {
  const { from, to, because } = releasesOf(evidence);
  const range =
    from === null && to === null
      ? 'cannot tell: no name found that came or went with a release'
      : `${from === null ? `up to ${to}` : to === null ? `${from} or newer` : `${from} to ${to}`} (${because})`;
  return [
    `vllm-triage: ${version}`,
    `vLLM: ${range}`,
    `source: ${evidence.source.kind}, ${evidence.source.flavour ?? 'flavour not told'}`,
    '',
    'Metric names found, by signal',
    ...namesFound(evidence).map(({ signal, names }) => `  ${signal}: ${names.join(', ')}`),
    '',
  ].join('\n');
}
