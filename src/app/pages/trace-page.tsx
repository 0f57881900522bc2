import { type ReactNode, useState } from 'react';
import { sayCount } from '../../core/base/say.ts';
import { agreementOf } from '../../core/traces/agreement.ts';
import { releaseNamed, type Releases, releasesOf } from '../../core/traces/commands.ts';
import { sayNanos, sayOverlap, STEP_TITLES } from '../../core/traces/format.ts';
import type { Summary } from '../../core/traces/summary.ts';
import type { Verdict } from '../../core/verdict/verdict.ts';
import { useHeaders, usePaintedTheme } from '../../state/preferences.ts';
import { closeTraces, openTraces, type Reading, type Slot, useTraces } from '../../state/trace-desk.ts';
import { useSession } from '../../state/url/address.ts';
import type { Notice, Session } from '../../state/url/session.ts';
import { labelOf, type SourceRef } from '../../state/url/source-ref.ts';
import { useDiagnosis } from '../../state/use-diagnosis.ts';
import { Button, TextButton } from '../../ui/controls/button.tsx';
import { SectionHead } from '../../ui/controls/section.tsx';
import { type Tone, ToneIcon } from '../../ui/controls/status.tsx';
import { ComparisonBlock } from '../../ui/trace/comparison.tsx';
import { KernelTable } from '../../ui/trace/kernel-table.tsx';
import { ProfilingCommands } from '../../ui/trace/profiling-commands.tsx';
import { SharesBar } from '../../ui/trace/shares-bar.tsx';
import { SharesTable } from '../../ui/trace/shares-table.tsx';
import { SummedBar } from '../../ui/trace/summed-bar.tsx';
import { TextbookBlock } from '../../ui/trace/textbook-shares.tsx';
import { TracePicker, TraceProgress } from '../../ui/trace/trace-files.tsx';
import { TraceStrip } from '../../ui/trace/trace-strip.tsx';
import { useTheme } from '../commands.tsx';
import { ToolPage } from '../tool-page.tsx';
import { useCopied } from '../use-copied.ts';

/** Where the time of a GPU goes, from a profile; held against the verdict where a source is open. */
export default function TracePage({
  session,
  notices,
}: {
  readonly session: Session;
  readonly notices: readonly Notice[];
}) {
  const { source } = session;
  return source === null ? (
    <Traces session={session} notices={notices} live={null} />
  ) : (
    <Beside session={{ ...session, source }} notices={notices} />
  );
}

/** What an open source has to say; `verdict` is `null` while it is read or cannot be. */
interface Live {
  readonly label: string;
  readonly verdict: Verdict | null;
  readonly releases: Releases | null;
  readonly failed: string | null;
}

function Beside({
  session,
  notices,
}: {
  readonly session: Session & { readonly source: SourceRef };
  readonly notices: readonly Notice[];
}) {
  const { whole, verdict, failure } = useDiagnosis(session, useHeaders(session.source));
  const live: Live = {
    label: labelOf(session.source),
    verdict,
    releases: whole && releasesOf(whole),
    failed: failure?.error.message ?? null,
  };
  return <Traces session={session} notices={notices} live={live} />;
}

function Traces({
  session,
  notices,
  live,
}: {
  readonly session: Session;
  readonly notices: readonly Notice[];
  readonly live: Live | null;
}) {
  const { navigate } = useSession();
  const desk = useTraces();
  const { copied, copy } = useCopied();
  const { now, before } = desk;
  const open = (slot: Slot) => (files: readonly File[]) => openTraces(slot, files);
  const leave = () => navigate({ trace: false });
  const back = session.source === null ? 'Start page' : 'Back to the incident';

  return (
    <ToolPage
      title="GPU profile"
      notices={notices}
      onHome={() => navigate({ trace: false, source: null })}
      actions={
        <>
          <Button onClick={leave}>{back}</Button>
        </>
      }
      onFiles={open('now')}
      dropSays="Drop the profile to read it here"
      commands={[
        { id: 'close', group: 'Profile', title: 'Close the profile', run: () => closeTraces('now') },
        { id: 'alone', group: 'Profile', title: 'Stop comparing', run: () => closeTraces('before') },
        { id: 'leave', group: 'Page', title: back, run: leave },
      ]}
    >
      <main className="mx-auto flex w-full max-w-[1240px] flex-col gap-9 px-4 pt-6 pb-10 sm:px-8">
        <div>
          <h1 className="text-[22px] leading-7 font-[700] tracking-[-0.01em]">Where does the time of the GPU go?</h1>
          <p className="mt-1 max-w-[860px] text-[13px] leading-[19px] text-ink-2">
            A profile of PyTorch (.json, .gz) or Nsight Systems (nsys stats as CSV or JSON, SQLite export), one file per
            rank. It is read in this browser and stays there.
          </p>
          <div className="mt-3 flex flex-wrap items-center gap-3">
            <TracePicker
              label={now.state === 'none' ? 'Open a profile' : 'Open another'}
              onFiles={open('now')}
              testId="trace-picker"
            />
            {now.state === 'read' && (
              <TracePicker label="Compare with one of before" onFiles={open('before')} testId="trace-before" />
            )}
            <Files reading={now} />
          </div>
          <Told reading={now} slot="now" />
        </div>
        {now.state === 'read' && <Result summary={now.summary} before={before} live={live} />}
        <section aria-labelledby="trace-record">
          <SectionHead id="trace-record" title="Record one" help="Written for copying." />
          <ProfilingCommands releases={releasesFor(now, live)} copied={copied} onCopy={copy} />
        </section>
      </main>
    </ToolPage>
  );
}

/** The stamp of the profile at hand is exact; what a source's metrics tell is a range. */
function releasesFor(now: Reading, live: Live | null): Releases {
  const stamp = now.state === 'read' ? now.summary.files.find(({ vllm }) => vllm !== null)?.vllm : null;
  if (stamp != null) return releaseNamed(stamp, 'as the open profile says');
  return live?.releases ?? { from: null, to: null, because: '' };
}

function Files({ reading }: { readonly reading: Reading }) {
  if (reading.state !== 'read') return null;
  const { files } = reading.summary;
  const said = files.map(
    ({ name, vllm, events }) => `${name}${vllm === null ? '' : `, vLLM ${vllm}`}, ${sayCount(events, 'event')}`,
  );
  return (
    <span data-testid="trace-files" className="text-[12.5px] text-ink-2 [overflow-wrap:anywhere]">
      {said.slice(0, 2).join(' · ')}
      {said.length > 2 && ` and ${said.length - 2} more`}
    </span>
  );
}

/** How reading goes, and why it ended where it did not succeed. */
function Told({ reading, slot }: { readonly reading: Reading; readonly slot: Slot }) {
  if (reading.state === 'reading')
    return (
      <div className="mt-4">
        <TraceProgress
          file={reading.file}
          bytes={reading.progress?.bytes ?? 0}
          size={reading.progress?.size ?? 0}
          events={reading.progress?.events ?? 0}
          onStop={() => closeTraces(slot)}
        />
      </div>
    );
  if (reading.state === 'failed')
    return (
      <p role="alert" className="mt-3 flex gap-2 text-[13px] leading-[19px] text-ink [overflow-wrap:anywhere]">
        <ToneIcon tone="warning" size={14} className="mt-[3px]" />
        {reading.message}
      </p>
    );
  return null;
}

const STANDS: Readonly<Record<'agrees' | 'disagrees' | 'silent', Tone>> = {
  agrees: 'ok',
  disagrees: 'warning',
  silent: 'info',
};
/** Steps listed before the rest is asked for. */
const FIRST_STEPS = 12;

function Result({
  summary,
  before,
  live,
}: {
  readonly summary: Summary;
  readonly before: Reading;
  readonly live: Live | null;
}) {
  const painted = usePaintedTheme(useTheme().theme);
  const { account, overlap, gpus, byKind, kernels, textbook, notes, hostSteps } = summary;
  const steps = gpus.flatMap((gpu) => gpu.steps.map((step) => ({ gpu, step })));
  const [all, setAll] = useState(false);
  return (
    <>
      {(notes.length > 0 || live !== null) && (
        <ul className="flex flex-col gap-1.5 text-[13px] leading-[19px]">
          {live !== null && <Beneath live={live} summary={summary} />}
          {notes.map((note) => (
            <Line key={note} tone="info">
              {note}
            </Line>
          ))}
        </ul>
      )}
      {account !== null ? (
        <section aria-labelledby="trace-shares">
          <SectionHead
            id="trace-shares"
            title="The wall time"
            help={
              gpus.length > 1
                ? `${gpus.length} GPUs together, each from its first kernel to the end of its last.`
                : 'From the first kernel to the end of the last.'
            }
          />
          <SharesBar account={account} label="Shares of the wall time" />
          {overlap !== null && sayOverlap(overlap).length > 0 && (
            <p className="mt-2 text-[12.5px] leading-[18px] text-ink-2">{sayOverlap(overlap).join(' ')}</p>
          )}
        </section>
      ) : (
        kernels.length > 0 && (
          <section aria-labelledby="trace-summed">
            <SectionHead
              id="trace-summed"
              title="Kernel time"
              help="Summed, since there is no timeline to tell idle time from."
            />
            <SummedBar summed={summary.summed} />
          </section>
        )
      )}
      {gpus.length > 0 && (
        <section aria-labelledby="trace-timeline">
          <SectionHead id="trace-timeline" title="Over time" />
          <TraceStrip gpus={gpus} theme={painted} />
        </section>
      )}
      {byKind.length > 0 && (
        <section aria-labelledby="trace-steps">
          <SectionHead
            id="trace-steps"
            title="Steps"
            help="From the first thing a step runs to the first thing of the next; shares of its own time."
          />
          <SharesTable
            caption="Mean step by kind"
            heads={['Kind', 'Steps', 'Mean', 'Longest']}
            rows={byKind.map(({ kind, count, account: sum, longest }) => ({
              id: kind,
              cells: [STEP_TITLES[kind], count.toLocaleString('en-US'), sayNanos(sum.wall / count), sayNanos(longest)],
              account: sum,
            }))}
          />
          <div className="mt-4">
            <SharesTable
              caption="Steps one by one"
              heads={['Step', 'GPU', 'Time']}
              rows={(all ? steps.slice(0, MOST_STEPS) : steps.slice(0, FIRST_STEPS)).map(({ gpu, step }) => ({
                id: `${gpu.label} ${step.from}`,
                cells: [
                  <span key="name" className="font-mono text-[11.8px] font-normal">
                    {step.name}
                  </span>,
                  gpu.label,
                  sayNanos(step.account.wall),
                ],
                account: step.account,
              }))}
            />
            {steps.length > FIRST_STEPS && (
              <p className="mt-2 text-[12.5px]">
                <TextButton onClick={() => setAll(!all)}>
                  {all
                    ? `The first ${FIRST_STEPS}`
                    : `${Math.min(MOST_STEPS, steps.length)} of ${steps.length.toLocaleString('en-US')}`}
                </TextButton>
              </p>
            )}
          </div>
        </section>
      )}
      {hostSteps.length > 0 && (
        <section aria-labelledby="trace-host-steps">
          <SectionHead id="trace-host-steps" title="Steps as the host saw them" />
          <ul data-testid="trace-host-steps" className="max-w-[620px] text-[12.8px]">
            {hostSteps.slice(0, MOST_STEPS).map(({ name, kind, duration }, i) => (
              // Steps are many of one name, and their order is what tells them apart.
              <li key={i} className="flex gap-3 border-b border-hairline py-1">
                <span className="min-w-0 flex-1 font-mono text-[11.8px] [overflow-wrap:anywhere]">{name}</span>
                <span className="text-ink-2">{STEP_TITLES[kind]}</span>
                <span className="w-[72px] text-right">{sayNanos(duration)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {gpus.length > 1 && (
        <section aria-labelledby="trace-gpus">
          <SectionHead id="trace-gpus" title="GPUs" />
          <SharesTable
            caption="By GPU"
            heads={['GPU', 'Wall time']}
            rows={gpus.map((gpu) => ({
              id: `${gpu.trace.name} ${gpu.device}`,
              cells: [gpu.label, sayNanos(gpu.account.wall)],
              account: gpu.account,
            }))}
          />
        </section>
      )}
      {before.state !== 'none' && (
        <section aria-labelledby="trace-compared">
          <SectionHead
            id="trace-compared"
            title="Compared"
            help={before.state === 'read' && `With ${before.files.join(', ')}; largest difference first.`}
          >
            <TextButton onClick={() => closeTraces('before')}>stop comparing</TextButton>
          </SectionHead>
          <Told reading={before} slot="before" />
          {before.state === 'read' && <ComparisonBlock before={before.summary} after={summary} />}
        </section>
      )}
      {kernels.length > 0 && (
        <section aria-labelledby="trace-kernels">
          <SectionHead
            id="trace-kernels"
            title="Longest kernels"
            help="Summed over their calls, whether or not something else ran meanwhile."
          />
          <KernelTable kernels={kernels} />
        </section>
      )}
      {textbook.idle !== null && (
        <section aria-labelledby="trace-textbook">
          <SectionHead
            id="trace-textbook"
            title="The textbook’s fractions"
            help="Word for word, over summed CUDA time, and what they miscount here."
          />
          <TextbookBlock textbook={textbook} account={account} />
        </section>
      )}
    </>
  );
}

/** A page of more rows than this helps nobody; the command line writes them all. */
const MOST_STEPS = 200;

function Line({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return (
    <li className="grid grid-cols-[16px_minmax(0,1fr)] gap-x-2.5 text-ink-2">
      <ToneIcon tone={tone} size={14} className="mt-[3px]" />
      <span className="[overflow-wrap:anywhere]">{children}</span>
    </li>
  );
}

/** One sentence that ties the profile to the verdict on the open source. */
function Beneath({ live, summary }: { readonly live: Live; readonly summary: Summary }) {
  if (live.verdict === null)
    return (
      <Line tone="unknown">
        {live.failed === null
          ? `Reading ${live.label} for its verdict.`
          : `${live.label} cannot be read: ${live.failed}`}
      </Line>
    );
  const { stands, says } = agreementOf(summary, live.verdict);
  return (
    <Line tone={STANDS[stands]}>
      <span data-testid="trace-agreement" data-stands={stands} className="text-ink">
        {says}
      </span>{' '}
      <span className="text-ink-3">
        {live.label}: {live.verdict.headline}
      </span>
    </Line>
  );
}
