import { Suspense, useCallback, useDeferredValue, useEffect, useMemo, useState } from 'react';
import { endOf, type Grid, timeAt } from '../../core/base/grid.ts';
import type { Evidence } from '../../core/evidence/evidence.ts';
import type { Remedy } from '../../core/detectors/detector.ts';
import { sliceEvidence, trimEvidence } from '../../core/evidence/slice.ts';
import { useHeaders, usePreferences } from '../../state/preferences.ts';
import { isOfflinePage } from '../../state/carried.ts';
import { recordingOf } from '../../state/reader/desks.ts';
import type { ReportAsk } from '../../state/report-worker.ts';
import { freshSession, useLink, useSession } from '../../state/url/address.ts';
import type { Notice, Session } from '../../state/url/session.ts';
import { isLive, labelOf, type SourceRef } from '../../state/url/source-ref.ts';
import { useDiagnosis } from '../../state/use-diagnosis.ts';
import { hasDoctor, useDoctor } from '../../state/use-doctor.ts';
import { useLibrary } from '../../state/use-library.ts';
import { formatTimeRange } from '../../ui/charts/format.ts';
import { onsetOf } from '../../ui/charts/onset.ts';
import { TextButton } from '../../ui/controls/button.tsx';
import { Dialog } from '../../ui/controls/dialog.tsx';
import { Footer } from '../../ui/controls/footer.tsx';
import { lazily, loadTheRest, useLater } from '../../ui/controls/later.ts';
import { Notices } from '../../ui/controls/notices.tsx';
import { ProfileMenu } from '../../ui/controls/profile-menu.tsx';
import { RangeMenu } from '../../ui/controls/range-menu.tsx';
import { Scrubber } from '../../ui/controls/scrubber.tsx';
import { SourceBar } from '../../ui/controls/source-bar.tsx';
import { wordOf } from '../../ui/controls/status.tsx';
import { ThemeButton } from '../../ui/controls/theme-button.tsx';
import { Banner, Frame, shownFinding, shownFlag } from '../../ui/diagnosis/banner.tsx';
import { CannotTellList, RemedyList, RuledOutList } from '../../ui/diagnosis/lists.tsx';
import { Locked } from '../../ui/diagnosis/locked.tsx';
import { Loading } from '../../ui/diagnosis/loading.tsx';
import { LastGood } from '../../ui/diagnosis/last-good.tsx';
import { Outdated } from '../../ui/diagnosis/outdated.tsx';
import { SourceFailing } from '../../ui/diagnosis/source-failing.tsx';
import { Warnings } from '../../ui/diagnosis/warnings.tsx';
import { DoctorSteps } from '../../ui/doctor/doctor-steps.tsx';
import { DropZone } from '../../ui/start/drop-zone.tsx';
import { Strip } from '../../ui/strip/strip.tsx';
import { tilesOf } from '../../ui/strip/tiles.ts';
import { adviceOn, headlineOf, sharpen } from '../advice.ts';
import { Boundary } from '../../ui/controls/boundary.tsx';
import { chime } from '../chime.ts';
import { useCommands, useTheme } from '../commands.tsx';
import type { CompareGiven } from '../compare-dialog.tsx';
import { incidentCommands } from '../incident-commands.ts';
import { PANELS_MARK, markOnce, useMark, VERDICT_MARK } from '../marks.ts';
import { presetAt, presetBeside, presetsOf, rangeWords } from '../ranges.ts';
import { saveFile } from '../../ui/controls/save-file.ts';
import { mayNotify, useAnnounce } from '../use-announce.ts';
import { useCopied } from '../use-copied.ts';
import { useKeys } from '../use-keys.ts';
import { useOverdue } from '../use-overdue.ts';
import { useOpenFiles } from '../use-open-files.ts';
import { useReplay } from '../use-replay.ts';
import { useTabIcon } from '../use-tab-icon.ts';
import { VERSION } from '../version.ts';
import { WHAT_IF, WhatIfPart } from './what-if-part.tsx';

// Charts are half of the script; the verdict does not wait for them.
const FrozenPart = lazily(() => import('../frozen-part.tsx'));
const Proof = lazily(() => import('./proof.tsx'));
const Share = lazily(() => import('../share.tsx'));
const ReportDialog = lazily(() => import('../report-dialog.tsx'));
const CompareDialog = lazily(() => import('../compare-dialog.tsx'));
const LoadsBeside = lazily(() => import('./loads-beside.tsx'));

// Files to take away and runbooks are opened seldom, and bring texts and writers of their own.
const ExportSheet = lazily(() => import('../export-sheet.tsx'));
const RunbookSheet = lazily(() => import('../runbook-sheet.tsx'));

const now = () => Date.now() / 1000;
const markPanels = () => markOnce(PANELS_MARK);

/** One incident: verdict, numbers, then the proof. Everything shown follows from the address and one read of the source. */
export function IncidentPage({
  session,
  notices,
}: {
  readonly session: Session & { readonly source: SourceRef };
  readonly notices: readonly Notice[];
}) {
  const { source } = session;
  const { navigate } = useSession();
  const link = useLink();
  const headers = useHeaders(source);
  const diagnosis = useDiagnosis(session, headers);
  const { verdict, evidence, whole, targets, needs, failure, lastGood, frozen, again, stored } = diagnosis;
  const { copied, copy } = useCopied();
  const { theme, setTheme, turn } = useTheme();
  const { showHelp, showPalette, dialogs } = useCommands();
  const told = usePreferences();
  const turnNotify = async () => told.setTold({ notify: !told.notify && (await mayNotify()) });
  const library = useLibrary(source.kind !== 'snapshot' && !isOfflinePage());
  const [list, setList] = useState<'ruled-out' | 'cannot-tell' | 'instead' | 'doctor' | 'runbook' | 'export' | null>(
    null,
  );
  const reason = failure ? `${failure.error.problem} ${failure.since}` : list === 'doctor' ? 'asked for' : null;
  const doctor = useDoctor(session, headers, reason);
  const [sharing, setSharing] = useState(false);
  const [report, setReport] = useState<ReportAsk | null>(null);
  const [compared, setCompared] = useState<CompareGiven | null>(null);
  const [closed, setClosed] = useState<readonly Notice[] | null>(null);

  const isRecording = !isLive(source);
  // A reduced snapshot has one verdict, which is not judged again at another moment.
  const canReplay = isRecording && !stored;
  const label = labelOf(source);
  const setAt = useCallback((at: number | null) => navigate({ at }, { replace: true }), [navigate]);
  const zoomTo = useCallback((from: number, to: number) => navigate({ zoom: { from, to } }), [navigate]);
  // A time outside the recording judges at its nearer end, and is shown there.
  const at = session.at === null || !whole ? null : Math.min(Math.max(session.at, whole.grid.from), endOf(whole.grid));
  const scopeTo = useCallback((replica: string | null) => navigate({ replica }), [navigate]);
  const linkToPanel = useCallback((panel: string) => link({ panel }), [link]);
  const replay = useReplay(whole?.grid ?? null, at, setAt);

  const finding = verdict && shownFinding(verdict, session.finding);
  const since = finding?.since ?? null;
  const replicas = useMemo(() => (session.replica === null ? undefined : [session.replica]), [session.replica]);
  const tiles = useMemo(
    () => evidence && verdict && tilesOf(evidence, targets, since, verdict.attainment, replicas),
    [evidence, targets, since, verdict, replicas],
  );
  const drawn = useMemo(
    () => whole && (session.zoom ? trimEvidence(sliceEvidence(whole, session.zoom.to), session.zoom.from) : whole),
    [whole, session.zoom],
  );
  const seen = useMemo(
    () =>
      drawn && whole && verdict
        ? { evidence: drawn, whole, verdict, targets, needs, since, at, replicas, stored }
        : null,
    [drawn, whole, verdict, targets, needs, since, at, replicas, stored],
  );
  // The verdict is drawn first; the proof follows in pieces that leave room for a key or a click.
  const seenLater = useDeferredValue(seen);
  useMark(VERDICT_MARK, verdict !== null);
  const remedyMoves = useLater(() => import('../../core/whatif/remedy.ts'));
  const settled = verdict !== null || failure !== null;
  useEffect(() => {
    if (settled) loadTheRest();
  }, [settled]);
  const overdue = useOverdue(diagnosis.readAt, diagnosis.every);
  const old = failure !== null || overdue;
  useTabIcon(old ? 'unknown' : (verdict?.status ?? null));
  useAnnounce({
    verdict,
    trouble: failure?.error.message ?? null,
    at: diagnosis.lookedAt,
    live: diagnosis.every !== null && session.at === null,
  });

  const presets = useMemo(
    () => presetsOf(isRecording ? (diagnosis.extent ?? (whole && spanOf(whole.grid))) : null),
    [isRecording, diagnosis.extent, whole],
  );
  const goRange = (range: Pick<Session, 'from' | 'to'>) => navigate({ ...range, at: null, zoom: null });
  const stepRange = (step: -1 | 1) => {
    const next = presetBeside(presets, session, step);
    if (next) goRange(next.range);
  };
  const stepFinding = (step: -1 | 1) => {
    const all = verdict?.findings ?? [];
    const here = all.findIndex((one) => one === finding);
    const next = all[Math.max(0, Math.min(all.length - 1, here + step))];
    if (next)
      navigate(
        { finding: next.role === 'primary' && verdict?.status !== 'healthy' ? null : next.pathology },
        { replace: true },
      );
  };
  const stepAt = (step: -1 | 1) => {
    if (!whole) return;
    const { grid } = whole;
    const index = Math.round(((at ?? endOf(grid)) - grid.from) / grid.step) + step;
    if (index >= 0) setAt(index >= grid.count - 1 ? null : timeAt(grid, index));
  };
  const canLive = diagnosis.every !== null || (!isRecording && (session.to === null || typeof session.to === 'object'));
  const toggleLive = () => navigate({ live: diagnosis.every === null ? '15s' : 'off', at: null }, { replace: true });
  const share = () => copy(new URL(link({}), window.location.href).href);
  const flag = verdict && shownFlag(verdict, session.finding);
  const copyFlag = () => flag && copy(flag);
  const setMoves = (whatIf: Session['whatIf']) => navigate({ whatIf }, { replace: true });
  const tryOf = (remedy: Remedy) => {
    const moves = evidence && remedyMoves?.movesOf(remedy, evidence.replicas.length);
    return moves
      ? () => {
          setList(null);
          setMoves(moves);
          goTo(WHAT_IF);
        }
      : null;
  };
  const openFiles = useOpenFiles(session);

  useKeys({
    '?': showHelp,
    'mod+k': showPalette,
    t: turn,
    s: share,
    c: copyFlag || undefined,
    r: verdict ? () => setList('ruled-out') : undefined,
    j: () => stepFinding(1),
    k: () => stepFinding(-1),
    '[': stored ? undefined : () => stepRange(-1),
    ']': stored ? undefined : () => stepRange(1),
    ' ': canReplay ? replay.toggle : canLive ? toggleLive : undefined,
    ArrowLeft: stored ? undefined : () => stepAt(-1),
    ArrowRight: stored ? undefined : () => stepAt(1),
    ...Object.fromEntries(['latency', 'health', 'queue', 'cache'].map((row, i) => [String(i + 1), () => goToRow(row)])),
  });

  const began = verdict?.findings.find(({ severity }) => severity !== 'info')?.since ?? null;
  const commands = incidentCommands({
    session,
    judgedAs: frozen === null ? session.profile : null,
    presets: stored ? [] : presets,
    findings: verdict?.findings ?? [],
    recordings: library.recordings ?? [],
    navigate,
    goRange,
    copyFlag: flag ? copyFlag : null,
    play: canReplay
      ? { title: 'Replay the recording', run: replay.toggle }
      : canLive
        ? { title: diagnosis.every === null ? 'Go live' : 'Pause', run: toggleLive }
        : null,
    copyLink: share,
    share: () => setSharing(true),
    save: source.kind === 'metrics' ? () => void saveScraped(source.urls) : null,
    checkConnection: hasDoctor(source) ? () => setList('doctor') : null,
    turnTheme: turn,
    told: canLive
      ? {
          notify: told.notify,
          sound: told.sound,
          turnNotify: () => void turnNotify(),
          turnSound: () => {
            if (!told.sound) chime('calm');
            told.setTold({ sound: !told.sound });
          },
        }
      : null,
    showHelp,
    showRuledOut: () => setList('ruled-out'),
    showCannotTell: () => setList('cannot-tell'),
    showReport: evidence && !stored ? () => setReport({ evidence, targets }) : null,
    compare:
      evidence && !stored
        ? {
            title:
              began === null
                ? 'Compare with a recording or snapshot'
                : 'Compare with before the onset, or with a recording or snapshot',
            run: () => setCompared({ evidence, targets, since: began }),
          }
        : null,
    showRunbook: finding ? () => setList('runbook') : null,
    showExport: evidence && !stored ? () => setList('export') : null,
    goToRow,
  });

  const all = [...notices, ...relativeNotice(session)];
  const shownNotices = closed !== null && closed.length === all.length ? [] : all;
  const read = whole ? spanOf(whole.grid) : { from: now() - 1800, to: now() };
  const status = verdict ? `${wordOf(verdict.status)}: ${verdict.headline}` : '';

  return (
    <DropZone onFiles={openFiles}>
      <title>{old ? `No fresh data · ${label}` : verdict ? `${status} · vLLM Triage` : 'vLLM Triage'}</title>
      <div className="flex min-h-dvh flex-col">
        <div className="z-30 wide:sticky wide:top-0">
          <SourceBar
            home={link({ ...freshSession(session, null), profile: 'chat', custom: {} })}
            onHome={() => navigate({ ...freshSession(session, null), profile: 'chat', custom: {} })}
            source={{
              label: label.replace(/^https?:\/\//, ''),
              state: failure ? 'failing' : diagnosis.state === 'loading' ? 'reading' : 'good',
              detail: frozen ? 'frozen' : sourceDetail(isRecording, diagnosis.tookMs, whole),
              onCheck: hasDoctor(source) ? () => setList('doctor') : null,
            }}
            // A reduced snapshot holds its fleet as a whole, over one range: there is nothing to choose from.
            models={stored ? [] : diagnosis.models}
            model={session.model}
            onModel={(model) => navigate({ model, replica: null })}
            replicas={verdict?.instances ?? []}
            replica={session.replica}
            onReplica={(replica) => navigate({ replica })}
            profile={
              frozen ? (
                <span className="px-2 text-ink-2">profile {targets.profile}</span>
              ) : (
                <ProfileMenu
                  targets={targets}
                  onProfile={(profile) => navigate({ profile, custom: {} })}
                  onCustom={({ ttft, tbt, e2e }) => navigate({ profile: 'custom', custom: { ttft, tbt, e2e } })}
                />
              )
            }
            range={
              stored ? null : (
                <RangeMenu
                  shown={whole ? rangeWords(presets, session, read, !isRecording) : '…'}
                  presets={presets}
                  preset={presetAt(presets, session)}
                  onPreset={(id) => {
                    const preset = presets.find((one) => one.id === id);
                    if (preset) goRange(preset.range);
                  }}
                  from={Math.round(read.from)}
                  to={Math.round(read.to)}
                  onRange={(from, to) => goRange({ from, to })}
                />
              )
            }
            live={
              canLive
                ? {
                    on: diagnosis.every !== null,
                    every: session.live === 'off' ? '15s' : session.live,
                    onToggle: toggleLive,
                  }
                : null
            }
            replay={canReplay ? { playing: replay.playing, onToggle: replay.toggle } : null}
            shared={copied?.startsWith('http') ?? false}
            onShare={() => setSharing(true)}
            theme={<ThemeButton theme={theme} onTheme={setTheme} />}
            onPalette={showPalette}
          />
          {canReplay && whole && (at !== null || replay.playing) && (
            <Scrubber
              grid={whole.grid}
              at={at ?? endOf(whole.grid)}
              onset={verdict && onsetOf(verdict, since)}
              playing={replay.playing}
              onPlay={replay.toggle}
              onAt={setAt}
            />
          )}
        </div>
        {frozen && verdict && (
          <Boundary name="What was said that day">
            <Suspense fallback={<p className="px-8 py-2 text-ink-3">Frozen: reading what was said that day</p>}>
              <FrozenPart frozen={frozen} again={again} whole={whole} now={now()} />
            </Suspense>
          </Boundary>
        )}
        <Notices notices={shownNotices} onClose={() => setClosed(all)} />
        <p role="status" className="sr-only">
          {failure ? `The source is not readable: ${failure.error.message}` : status}
        </p>
        <main>
          {failure?.error.problem === 'locked' && (
            <Locked message={failure.error.message} trying={diagnosis.fetching} onPassphrase={diagnosis.unlock} />
          )}
          {failure && failure.error.problem !== 'locked' && (
            <SourceFailing
              label={label}
              headline={headlineOf(failure.error.problem, source, verdict !== null)}
              message={failure.error.message}
              empty={failure.error.problem === 'empty'}
              advice={sharpen(
                adviceOn(failure.error, source, window.location.origin),
                failure.error,
                source,
                window.location.origin,
                doctor?.steps ?? [],
              )}
              doctor={
                doctor && <DoctorSteps {...doctor} cures={false} copied={copied} onCopy={copy} onAgain={doctor.again} />
              }
              since={failure.since}
              now={now}
              nextTry={failure.nextTry}
              trying={diagnosis.fetching}
              last={lastGood}
              copied={copied !== null}
              onCopy={copy}
              onTry={diagnosis.readAgain}
            />
          )}
          {!failure && lastGood && (
            <div className="px-4 pb-3 sm:px-8">
              <LastGood {...lastGood} now={now} />
            </div>
          )}
          {verdict && evidence && whole && seenLater && tiles ? (
            <Outdated since={old ? diagnosis.readAt : null} reading={diagnosis.behind && !failure}>
              <Boundary
                name="The proof of the verdict"
                attempt={verdict}
                instead={
                  <Frame verdict={verdict}>
                    <h1 className="px-4 py-3 text-[26px] font-[700] sm:px-7">{verdict.headline}</h1>
                  </Frame>
                }
              >
                <Banner
                  verdict={verdict}
                  opened={session.finding}
                  onOpen={(pathology) => navigate({ finding: pathology })}
                  copied={copied !== null && copied === flag}
                  onCopy={copy}
                  tryOf={tryOf}
                  onInstead={() => setList('instead')}
                  onRuledOut={() => setList('ruled-out')}
                  onCannotTell={() => setList('cannot-tell')}
                  cut={stored}
                  onRunbook={() => setList('runbook')}
                  onExport={() => setList('export')}
                />
              </Boundary>
              {verdict.status !== 'unknown' && !stored && (
                <WhatIfPart
                  evidence={evidence}
                  since={since}
                  preferred={session.replica === null ? (finding?.scope.instances ?? []) : [session.replica]}
                  moves={session.whatIf}
                  onMoves={setMoves}
                />
              )}
              {/* Where nothing was found it is said among what would decide. */}
              {(finding || verdict.status !== 'unknown') && <Warnings warnings={verdict.warnings} />}
              {/* Of what was left out there is nothing to say, and of what was lost there is nothing at all. */}
              <Boundary name="The strip of numbers" attempt={tiles}>
                <Strip tiles={stored ? tiles.filter(({ id }) => id in whole.readings) : tiles} />
              </Boundary>
              {(session.zoom || session.replica !== null) && (
                <p className="flex flex-wrap gap-x-4 border-b border-hairline px-4 py-2 text-[12.5px] text-ink-2 sm:px-8">
                  {session.zoom && (
                    <span>
                      Charts show {formatTimeRange(session.zoom.from, session.zoom.to)}; the verdict rests on the whole
                      range. <TextButton onClick={() => navigate({ zoom: null })}>Show all</TextButton> ·{' '}
                      <TextButton onClick={() => session.zoom && goRange(session.zoom)}>
                        Judge this stretch alone
                      </TextButton>
                    </span>
                  )}
                  {session.replica !== null && (
                    <span>
                      Numbers and charts show {session.replica}; the verdict is that of all replicas.{' '}
                      <TextButton onClick={() => navigate({ replica: null })}>Show all</TextButton>
                    </span>
                  )}
                </p>
              )}
              {session.loads.length > 0 && (
                <Boundary name="The load tests">
                  <Suspense fallback={<p className="px-8 py-6 text-ink-3">Reading the load tests</p>}>
                    <LoadsBeside
                      names={session.loads}
                      evidence={evidence}
                      targets={targets}
                      onForget={() => navigate({ loads: [] })}
                    />
                  </Suspense>
                </Boundary>
              )}
              <Boundary name="The proof">
                {(frozen?.damage.length ?? 0) === 0 && (
                  <Suspense fallback={<p className="px-8 py-10 text-ink-3">Drawing the charts</p>}>
                    <Proof
                      seen={seenLater}
                      onAt={setAt}
                      onZoom={zoomTo}
                      onReplica={scopeTo}
                      linkTo={linkToPanel}
                      onSettled={markPanels}
                    />
                  </Suspense>
                )}
              </Boundary>
            </Outdated>
          ) : (
            !failure && (
              <Loading
                says={
                  isRecording
                    ? `Reading ${label}`
                    : source.kind === 'metrics'
                      ? 'Reading the pages'
                      : 'Asking Prometheus'
                }
              />
            )
          )}
        </main>
        <Footer
          version={VERSION}
          onHelp={showHelp}
          hints={[
            { keys: ['⌘K'], does: 'commands' },
            { keys: ['1', '4'], does: 'rows' },
            { keys: ['j', 'k'], does: 'findings' },
            { keys: ['[', ']'], does: 'range' },
            { keys: ['t'], does: 'theme' },
          ]}
        />
      </div>
      <Dialog
        open={list === 'ruled-out'}
        onClose={() => setList(null)}
        title={`Ruled out ${verdict?.ruledOut.length ?? 0}`}
        help="Each with the number that killed it."
      >
        <RuledOutList findings={verdict?.ruledOut ?? []} />
      </Dialog>
      <Dialog
        open={list === 'cannot-tell'}
        onClose={() => setList(null)}
        title={`Could not check ${verdict?.cannotTell.length ?? 0}`}
        help="What is missing is not healthy; here is what to add."
      >
        <CannotTellList findings={verdict?.cannotTell ?? []} />
      </Dialog>
      <Dialog
        open={list === 'instead'}
        onClose={() => setList(null)}
        title="Other ways"
        help={`Each with its arithmetic and its price; the first choice stands on the page.`}
      >
        <RemedyList
          remedies={finding?.remedies.slice(1) ?? []}
          confidence={finding?.confidence ?? 0}
          copied={copied}
          onCopy={copy}
          tryOf={tryOf}
        />
      </Dialog>
      <Dialog
        open={list === 'runbook' && finding !== null}
        onClose={() => setList(null)}
        title={`Runbook: ${finding?.title ?? ''}`}
        help="What its alert carries: how it shows, what looks alike, what to do, what cannot be seen."
      >
        <Suspense fallback={<p className="text-ink-3">Opening</p>}>
          {list === 'runbook' && finding && <RunbookSheet pathology={finding.pathology} />}
        </Suspense>
      </Dialog>
      <Dialog
        open={list === 'export'}
        onClose={() => setList(null)}
        title="Export"
        help={`For the source and scope on the screen, by the names it has, under the ${targets.profile} profile.`}
      >
        <Suspense fallback={<p className="text-ink-3">Opening</p>}>
          {list === 'export' && evidence && (
            <ExportSheet
              subject={{
                evidence,
                targets,
                model: session.model ?? undefined,
                page: new URL('.', window.location.href).href,
                prometheus: source.kind === 'prometheus' ? source.url : null,
              }}
            />
          )}
        </Suspense>
      </Dialog>
      <Dialog
        open={list === 'doctor'}
        onClose={() => setList(null)}
        title="Check the connection"
        help={`From the address to the data of ${label}, one step after the other.`}
      >
        {doctor && <DoctorSteps {...doctor} cures copied={copied} onCopy={copy} onAgain={doctor.again} />}
      </Dialog>
      {report && (
        <Boundary name="The health report" afloat>
          <Suspense>
            <ReportDialog asked={report} onClose={() => setReport(null)} copied={copied} onCopy={copy} />
          </Suspense>
        </Boundary>
      )}
      {compared && (
        <Boundary name="The comparison" afloat>
          <Suspense>
            <CompareDialog given={compared} onClose={() => setCompared(null)} />
          </Suspense>
        </Boundary>
      )}
      {sharing && (
        <Boundary name="The share sheet" afloat>
          <Suspense>
            <Share
              shown={evidence && verdict && !stored ? { evidence, targets } : null}
              view={new URL(link({}), window.location.href).href}
              onClose={() => setSharing(false)}
            />
          </Suspense>
        </Boundary>
      )}
      {dialogs(commands)}
    </DropZone>
  );
}

function spanOf(grid: Grid): { from: number; to: number } {
  return { from: grid.from, to: endOf(grid) };
}

/** Once what was closed has opened. */
function goTo(id: string): void {
  requestAnimationFrame(() => {
    const heading = document.getElementById(id);
    heading?.closest('section')?.scrollIntoView({ block: 'start' });
    heading?.closest('section')?.querySelector<HTMLElement>('button')?.focus({ preventScroll: true });
  });
}

function goToRow(row: string): void {
  const section = document.querySelector(`[data-row="${row}"]`);
  section?.scrollIntoView({ block: 'start' });
  section?.querySelector<HTMLElement>('h2 button, h2[tabindex]')?.focus({ preventScroll: true });
}

/** What the page has scraped, into the viewer's downloads. */
async function saveScraped(urls: readonly string[]): Promise<void> {
  const recording = await recordingOf(urls);
  if (recording) saveFile(`vllm-${new Date().toISOString().replaceAll(':', '-').slice(0, 19)}.om.gz`, recording);
}

function sourceDetail(recorded: boolean, tookMs: number | null, read: Evidence | null): string {
  const scrape = read?.scrapeInterval ?? null;
  const file = read?.source.kind === 'log' ? 'log' : read?.source.kind === 'pages' ? 'saved pages' : 'recording';
  if (recorded) return scrape === null ? file : `${file}, ${Math.round(scrape)} s`;
  const took = tookMs === null ? null : `${Math.round(tookMs)} ms`;
  return [read?.source.flavour?.replace(/\+ds[\s\S]*/, '') ?? null, took].filter((one) => one !== null).join(', ');
}

/** A recording has no present, so `now-30m` means nothing for it. */
function relativeNotice(session: Session): Notice[] {
  const relative = [session.from, session.to].some((when) => typeof when === 'object' && when !== null);
  return relative && session.source && !isLive(session.source)
    ? [{ id: 'relative', says: 'A recording has no now: showing all of it instead of a range relative to now.' }]
    : [];
}
