import type { AlertRule } from '../detectors/alert.ts';
import { above, type Ask, below } from '../promql/condition.ts';

export interface TextbookAlert extends AlertRule {
  /** The pathology whose rule is ours, and why it differs. */
  readonly ours: string;
  readonly differs: string;
}

const FIVE_MINUTES = 300;

/** The design article's four alerts, literally, on the real names of its signals (reference/textbook.md §3). */
export function textbookAlerts(ask: Ask): readonly TextbookAlert[] {
  return [
    {
      name: 'HighTTFT',
      severity: 'warning',
      holds: 300,
      condition: above(ask.quantile('ttft', 0.95, FIVE_MINUTES), 2),
      summary: '{{ $labels.instance }}: TTFT p95 is {{ $value | humanizeDuration }}, above 2 s',
      ours: 'slo-ttft-fast',
      differs:
        'Two seconds are nothing to a batch and an eternity to an editor: ours holds requests against the target of the profile, and names the cause.',
    },
    {
      name: 'KVCacheNearFull',
      severity: 'critical',
      holds: 120,
      condition: above(ask.gauge('kv-cache-usage'), 0.95),
      summary: '{{ $labels.instance }}: KV cache usage is {{ $value | humanizePercentage }}, above 95 %',
      ours: 'kv-bound-queueing',
      differs:
        'A full cache with nobody waiting is healthy, and a queue for memory stands at 63 to 97 % where prompts are large: ours asks for a queue.',
    },
    {
      name: 'QueueBuildUp',
      severity: 'warning',
      holds: 180,
      condition: above(ask.gauge('waiting'), 50),
      summary: '{{ $labels.instance }}: {{ $value | printf "%.0f" }} requests wait, more than 50',
      ours: 'overload',
      differs:
        'Fifty requests are fifty milliseconds of work for one model and ten minutes for another: ours turns them into the wait of a newcomer.',
    },
    {
      name: 'LowThroughput',
      severity: 'warning',
      holds: 300,
      condition: below(ask.rate('output-tokens', FIVE_MINUTES), 100),
      summary: '{{ $labels.instance }} writes {{ $value | printf "%.0f" }} tokens a second, fewer than 100',
      ours: 'engine-stall',
      differs: 'It fires whenever nobody asks for anything: ours fires where requests are there and no token comes.',
    },
  ];
}
