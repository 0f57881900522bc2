import { type ReactNode, useCallback, useMemo, useState } from 'react';
import { sayCount } from '../../core/base/say.ts';
import { gpuNamed, GPUS } from '../../core/tuner/gpus.ts';
import type { TunerRequest } from '../../core/tuner/inputs.ts';
import { measurementsOf, type Measurements } from '../../core/tuner/measure.ts';
import { ModelError } from '../../core/tuner/model-config.ts';
import { type Model, modelOf } from '../../core/tuner/model.ts';
import { MODELS, presetNamed } from '../../core/tuner/models.ts';
import { tune } from '../../core/tuner/tune.ts';
import { targetsOf } from '../../core/verdict/profiles.ts';
import { readModelConfig } from '../../sources/model-config.ts';
import { useHeaders } from '../../state/preferences.ts';
import { useSession } from '../../state/url/address.ts';
import type { Notice, Session } from '../../state/url/session.ts';
import { labelOf, type SourceRef } from '../../state/url/source-ref.ts';
import { DEFAULT_QUESTION, readQuestion, textOf, type TunerQuestion } from '../../state/url/tuner.ts';
import type { TunerText } from '../../state/url/tuner-text.ts';
import { useDiagnosis } from '../../state/use-diagnosis.ts';
import { Button, TextButton } from '../../ui/controls/button.tsx';
import { SectionHead } from '../../ui/controls/section.tsx';
import { TunerAnswer } from '../../ui/tuner/answer.tsx';
import { InputsList } from '../../ui/tuner/inputs-list.tsx';
import { QuestionForm } from '../../ui/tuner/question-form.tsx';
import { ToolPage } from '../tool-page.tsx';
import { useCopied } from '../use-copied.ts';

type Asked = Omit<Session, 'tuner'> & { readonly tuner: TunerQuestion };

/** Which settings for this model on this GPU, and why. A source of the session replaces assumptions by what it measured. */
export default function TunerPage({
  session: { tuner, ...rest },
  notices: earlier,
}: {
  readonly session: Session & { readonly tuner: TunerText };
  readonly notices: readonly Notice[];
}) {
  const read = useMemo(() => readQuestion(tuner), [tuner]);
  const notices = useMemo(() => [...earlier, ...read.notices], [earlier, read]);
  const session: Asked = { ...rest, tuner: read.question };
  const { source } = session;
  return source === null ? (
    <Tuner
      session={session}
      notices={notices}
      measured={null}
      said="No source: what is not typed in is known of the hardware or assumed."
    />
  ) : (
    <Measured session={{ ...session, source }} notices={notices} />
  );
}

function Measured({
  session,
  notices,
}: {
  readonly session: Asked & { readonly source: SourceRef };
  readonly notices: readonly Notice[];
}) {
  const { whole, failure } = useDiagnosis({ ...session, tuner: null }, useHeaders(session.source));
  const targets = tunerTargets(session);
  const { ttft, itl, e2e, throughput } = targets;
  const measured = useMemo(
    () => (whole ? measurementsOf(whole, { ttft, itl, e2e, throughput }) : null),
    [whole, ttft, itl, e2e, throughput],
  );
  const label = labelOf(session.source);
  const said = measured
    ? `Measured on ${measured.model}, ${sayCount(measured.engines, 'engine')}, in ${label}.`
    : failure
      ? `${label} cannot be read (${failure.error.message}), so everything below rests on assumptions.`
      : whole
        ? `${label} holds no vLLM engine, so everything below rests on assumptions.`
        : `Reading ${label}; until then everything below rests on assumptions.`;
  return <Tuner session={session} notices={notices} measured={measured} said={said} />;
}

function tunerTargets({ tuner, profile, custom }: Asked): TunerRequest['targets'] {
  const usual = targetsOf(profile, custom);
  return {
    ttft: tuner.ttft ?? usual.ttft,
    itl: tuner.itl ?? usual.tbt,
    e2e: usual.e2e,
    throughput: tuner.throughput,
  };
}

const DROPPED = 'config.json';

/** The config of a link may describe no model; then the reason is shown, and the preset counts. */
function modelFor(question: TunerQuestion): { readonly model: Model; readonly wrong: string | null } {
  const preset = presetNamed(question.preset) ?? MODELS[0];
  if (!preset) throw new Error('the list of models is empty');
  const usual = () => modelOf(preset.name, preset.config);
  if (question.config === null) return { model: usual(), wrong: null };
  try {
    return { model: modelOf(DROPPED, question.config), wrong: null };
  } catch (error) {
    if (error instanceof ModelError) return { model: usual(), wrong: error.message };
    throw error;
  }
}

function Tuner({
  session,
  notices,
  measured,
  said,
}: {
  readonly session: Asked;
  readonly notices: readonly Notice[];
  readonly measured: Measurements | null;
  readonly said: ReactNode;
}) {
  const { navigate } = useSession();
  const { tuner, profile } = session;
  const { copied, copy } = useCopied();
  const [wrongFile, setWrongFile] = useState<string | null>(null);

  const { model, wrong } = useMemo(() => modelFor(tuner), [tuner]);
  const request: TunerRequest = {
    gpu: gpuNamed(tuner.gpu) ?? (GPUS[0] as (typeof GPUS)[number]),
    model,
    tensor: tuner.tensor,
    pipeline: tuner.pipeline,
    data: tuner.data,
    kvDtype: tuner.kvDtype,
    workload: profile,
    targets: tunerTargets(session),
    given: tuner.inputs,
    measured,
  };
  const tuning = tune(request);
  const ask = useCallback(
    (patch: Partial<TunerQuestion>) => navigate({ tuner: textOf({ ...tuner, ...patch }) }, { replace: true }),
    [navigate, tuner],
  );
  const openConfig = useCallback(
    async (file: File | undefined) => {
      if (!file) return;
      try {
        const config = readModelConfig(await file.text(), file.name);
        modelOf(file.name, config);
        setWrongFile(null);
        ask({ config });
      } catch (error) {
        setWrongFile(error instanceof Error ? error.message : String(error));
      }
    },
    [ask],
  );
  const leave = () => navigate({ tuner: null });

  return (
    <ToolPage
      title="Tuner"
      notices={notices}
      onHome={() => navigate({ tuner: null, source: null })}
      actions={
        <>
          <Button onClick={leave}>{session.source === null ? 'Start page' : 'Back to the incident'}</Button>
        </>
      }
      onFiles={([file]) => void openConfig(file)}
      dropSays="Drop the config.json to read it here"
      commands={[
        ...MODELS.map(({ id, name }) => ({
          id,
          group: 'Model',
          title: name,
          run: () => ask({ preset: id, config: null }),
        })),
        ...GPUS.map(({ id, name }) => ({ id, group: 'GPU', title: name, run: () => ask({ gpu: id }) })),
        {
          id: 'leave',
          group: 'Page',
          title: session.source === null ? 'Start page' : 'Back to the incident',
          run: leave,
        },
      ]}
    >
      <main className="mx-auto grid w-full max-w-[1400px] gap-x-12 gap-y-8 px-4 pt-6 pb-10 sm:px-8 wide:grid-cols-[360px_minmax(0,1fr)]">
        <div className="flex min-w-0 flex-col gap-6">
          <div>
            <h1 className="text-[22px] leading-7 font-[700] tracking-[-0.01em]">Which settings, and why?</h1>
            <p
              data-testid="tuner-source"
              className="mt-1 text-[13px] leading-[19px] text-ink-2 [overflow-wrap:anywhere]"
            >
              {said}
            </p>
          </div>
          <QuestionForm
            question={{
              gpu: tuner.gpu,
              model: tuner.config !== null && wrong === null ? DROPPED : tuner.preset,
              tensor: tuner.tensor,
              pipeline: tuner.pipeline,
              data: tuner.data,
              kvDtype: tuner.kvDtype,
              workload: profile,
              ttft: request.targets.ttft,
              itl: request.targets.itl,
              throughput: tuner.throughput,
            }}
            onChange={({ workload, preset, ...patch }) => {
              if (workload !== undefined) navigate({ profile: workload, custom: {} }, { replace: true });
              else ask(preset === undefined ? patch : { preset, config: null });
            }}
            onConfig={(file) => void openConfig(file)}
            wrongConfig={wrongFile ?? wrong}
          />
          <section aria-labelledby="tuner-inputs">
            <SectionHead id="tuner-inputs" title="What it rests on">
              {Object.keys(tuner.inputs).length > 0 && (
                <TextButton onClick={() => ask({ inputs: DEFAULT_QUESTION.inputs })}>forget all typed</TextButton>
              )}
            </SectionHead>
            <InputsList
              inputs={tuning.inputs}
              onInput={(id, value) => {
                const { [id]: _, ...rest } = tuner.inputs;
                ask({ inputs: value === null ? rest : { ...rest, [id]: value } });
              }}
            />
            {tuning.notMeasured.length > 0 && (
              <ul aria-label="Not measured" className="mt-3 text-[12px] leading-[17px] text-ink-3">
                {tuning.notMeasured.map((missing) => (
                  <li key={missing}>Not measured: {missing}.</li>
                ))}
              </ul>
            )}
          </section>
        </div>
        <TunerAnswer tuning={tuning} copied={copied} onCopy={copy} />
      </main>
    </ToolPage>
  );
}
