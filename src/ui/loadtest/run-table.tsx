import { sayDuration, sig } from '../../core/base/say.ts';
import { latencyOf, type LoadRun, type Measure, type Statistic, statisticOf } from '../../core/loadtest/run.ts';
import type { Saturation } from '../../core/loadtest/saturation.ts';
import { ToneIcon } from '../controls/status.tsx';
import type { ShownTest } from './load-tests.tsx';
import { sayLoad } from './words.ts';

const COLUMNS: readonly { readonly measure: Measure; readonly title: string }[] = [
  { measure: 'ttft', title: 'TTFT' },
  { measure: 'itl', title: 'ITL' },
  { measure: 'tpot', title: 'TPOT' },
  { measure: 'e2e', title: 'E2E' },
];

/** Every run with its numbers, as each tool states them. */
export function RunTable({
  tests,
  statistic,
}: {
  readonly tests: readonly ShownTest[];
  readonly statistic: Statistic;
}) {
  return (
    // Wider than a phone; it scrolls by itself, and by keyboard.
    <div tabIndex={0} role="region" aria-label="Runs" className="mt-5 overflow-x-auto">
      <table className="w-full min-w-[1020px] text-[12.5px]">
        <thead className="text-ink-2">
          <tr className="border-b border-strong text-left">
            <th scope="col" className="py-1.5 pr-3 font-[560]">
              Run
            </th>
            <th scope="col" className="pr-3 font-[560]">
              Load
            </th>
            <th scope="col" className="pr-3 text-right font-[560]">
              Finished
            </th>
            <th scope="col" className="pr-3 text-right font-[560]">
              Tokens in / out
            </th>
            <th scope="col" className="pr-3 text-right font-[560]">
              Requests/s
            </th>
            <th scope="col" className="pr-3 text-right font-[560]">
              Output tokens/s
            </th>
            {COLUMNS.map(({ measure, title }) => (
              <th key={measure} scope="col" className="pr-3 text-right font-[560]">
                {title} {statistic}
              </th>
            ))}
            <th scope="col" className="font-[560]">
              Queue
            </th>
          </tr>
        </thead>
        <tbody>
          {tests.map(({ run, saturation }, i) => (
            <tr key={`${run.file} ${run.name} ${i}`} className="border-b border-hairline align-baseline">
              <th
                scope="row"
                className="max-w-[260px] min-w-[170px] py-1.5 pr-3 text-left font-normal [overflow-wrap:anywhere]"
              >
                {run.name}
                <span className="block text-[11.8px] text-ink-3">
                  {run.tool}, {run.file}
                </span>
              </th>
              <td className="pr-3 whitespace-nowrap">{sayLoad(run.load)}</td>
              <td className="pr-3 text-right">{finished(run)}</td>
              <td className="pr-3 text-right whitespace-nowrap">
                {number(run.lengths.input)} / {number(run.lengths.output)}
              </td>
              <td className="pr-3 text-right">{number(run.throughput.requests)}</td>
              <td className="pr-3 text-right">{number(run.throughput.outputTokens)}</td>
              {COLUMNS.map(({ measure }) => (
                <td key={measure} className="pr-3 text-right whitespace-nowrap">
                  {duration(statisticOf(latencyOf(run, measure), statistic))}
                </td>
              ))}
              <td className="min-w-[150px]">
                <Queue saturation={saturation} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Queue({ saturation }: { readonly saturation: Saturation | null }) {
  if (saturation === null) return <span className="text-ink-3">closed loop: cannot be overrun</span>;
  const { state, because } = saturation;
  if (state === 'over')
    return (
      <span className="flex gap-1.5 text-critical">
        <ToneIcon tone="critical" size={13} className="mt-[3px] flex-none" />
        <span>Overrun: {because}</span>
      </span>
    );
  return (
    <span className="text-ink-2">
      {state === 'within' ? 'Held' : 'Cannot tell'}: {because}
    </span>
  );
}

function finished({ counts: { ok, failed, incomplete } }: LoadRun): string {
  const parts = [number(ok)];
  if (failed !== null && failed > 0) parts.push(`${sig(failed)} failed`);
  if (incomplete !== null && incomplete > 0) parts.push(`${sig(incomplete)} unfinished`);
  return parts.join(', ');
}

function number(value: number | null): string {
  return value === null ? '–' : sig(value);
}

function duration(value: number | null): string {
  return value === null ? '–' : sayDuration(value);
}
