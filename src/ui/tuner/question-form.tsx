import type { ReactNode } from 'react';
import { sayDuration } from '../../core/base/say.ts';
import { GPUS, gpuNamed } from '../../core/tuner/gpus.ts';
import { WORKLOADS, type Workload } from '../../core/tuner/inputs.ts';
import { MODELS, presetNamed } from '../../core/tuner/models.ts';
import { PickField } from './pick-field.tsx';
import { TypedField } from './typed-field.tsx';

/** What the form shows; it has no say over where it is kept. */
export interface Question {
  readonly gpu: string;
  /** Name of the model that counts, preset or dropped in. */
  readonly model: string;
  readonly tensor: number;
  readonly pipeline: number;
  readonly data: number;
  readonly kvDtype: 'auto' | 'fp8';
  readonly workload: Workload;
  /** Seconds. */
  readonly ttft: number;
  readonly itl: number;
  readonly throughput: number | null;
}

export interface QuestionFormProps {
  readonly question: Question;
  readonly onChange: (
    patch: Partial<Omit<Question, 'model' | 'ttft' | 'itl'>> & {
      readonly preset?: string;
      readonly ttft?: number | null;
      readonly itl?: number | null;
    },
  ) => void;
  readonly onConfig: (file: File) => void;
  /** Why the config dropped in last was not taken. */
  readonly wrongConfig: string | null;
}

const TITLES: Readonly<Record<Workload, string>> = {
  chat: 'Chat',
  'code-completion': 'Code completion',
  rag: 'RAG',
  agentic: 'Agentic',
  batch: 'Batch',
  custom: 'Custom',
};

/** Hardware, model, targets. */
export function QuestionForm({ question, onChange, onConfig, wrongConfig }: QuestionFormProps) {
  const count = (key: 'tensor' | 'pipeline' | 'data', label: string) => (
    <TypedField
      label={label}
      value={String(question[key])}
      onType={(text) => {
        const value = Number(text);
        if (!Number.isInteger(value) || value < 1 || value > 1024) return 'A whole number from 1.';
        onChange({ [key]: value });
        return null;
      }}
    />
  );
  return (
    <div className="flex flex-col gap-3.5">
      <Group title="Hardware">
        <TypedField
          label="GPU, or GiB of one"
          value={question.gpu}
          choices={GPUS.map((gpu) => ({ value: gpu.id, title: gpu.name }))}
          hint={gpuNamed(question.gpu)?.name ?? ''}
          onType={(text) => {
            const found = gpuNamed(text);
            if (!found) return `One of ${GPUS.map((gpu) => gpu.id).join(', ')}, or GiB such as 79.2.`;
            onChange({ gpu: found.id });
            return null;
          }}
        />
        <div className="grid grid-cols-3 gap-2">
          {count('tensor', 'TP')}
          {count('pipeline', 'PP')}
          {count('data', 'DP')}
        </div>
      </Group>
      <Group title="Model">
        <TypedField
          label="Preset"
          value={question.model}
          choices={MODELS.map((model) => ({ value: model.id, title: model.name }))}
          hint="or a config.json from Hugging Face, below or dropped anywhere"
          onType={(text) => {
            const found = presetNamed(text);
            if (!found) return `One of ${MODELS.map((model) => model.id).join(', ')}; for others open the config.json.`;
            onChange({ preset: found.id });
            return null;
          }}
        />
        <label className="block text-[12.5px] text-ink-2">
          config.json
          <input
            type="file"
            accept=".json,application/json"
            onChange={(event) => {
              const [file] = event.target.files ?? [];
              if (file) onConfig(file);
              event.target.value = '';
            }}
            className="mt-0.5 block w-full text-[12px] text-ink-3 file:mr-2.5 file:h-[27px] file:rounded-[5px] file:border file:border-solid file:border-strong file:bg-surface file:px-2.5 file:text-[12.5px] file:text-ink"
          />
          {wrongConfig !== null && (
            <span role="alert" className="text-[11.8px] text-critical">
              {wrongConfig}
            </span>
          )}
        </label>
        <PickField
          label="KV cache numbers"
          value={question.kvDtype}
          choices={[
            { value: 'auto', title: 'auto: 16 bits' },
            { value: 'fp8', title: 'fp8' },
          ]}
          onPick={(kvDtype) => onChange({ kvDtype })}
        />
      </Group>
      <Group title="Targets">
        <PickField
          label="Profile"
          value={question.workload}
          choices={WORKLOADS.map((value) => ({ value, title: TITLES[value] }))}
          onPick={(workload) => onChange({ workload })}
        />
        <div className="grid grid-cols-2 gap-2">
          <TypedField
            label="TTFT p95"
            value={sayDuration(question.ttft)}
            onType={(text) => taken(text, (ttft) => onChange({ ttft }))}
          />
          <TypedField
            label="ITL p95"
            value={sayDuration(question.itl)}
            onType={(text) => taken(text, (itl) => onChange({ itl }))}
          />
        </div>
        <TypedField
          label="Output tokens/s of all replicas"
          value={question.throughput === null ? '' : String(question.throughput)}
          hint="empty: from the requests that arrive, if they are known"
          onType={(text) => {
            const value = text === '' ? null : Number(text.replaceAll(',', ''));
            if (value !== null && !(value > 0)) return 'A number above zero, or nothing.';
            onChange({ throughput: value });
            return null;
          }}
        />
      </Group>
    </div>
  );
}

/** Reads `500 ms`, `0.5 s` or `0.5`; empty means the profile's own. */
function taken(text: string, take: (seconds: number | null) => void): string | null {
  if (text === '') {
    take(null);
    return null;
  }
  const [, digits, unit = 's'] = /^(\d+(?:\.\d+)?)\s*(ms|s)?$/.exec(text) ?? [];
  const seconds = digits === undefined ? Number.NaN : Number(digits) * (unit === 'ms' ? 0.001 : 1);
  if (!(seconds > 0)) return 'Write 0.5 s or 500 ms.';
  take(seconds);
  return null;
}

function Group({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <fieldset className="flex flex-col gap-2.5 border-t border-strong pt-3">
      <legend className="float-left mb-1 text-[14px] font-[620] text-ink">{title}</legend>
      <div className="clear-both flex flex-col gap-2.5">{children}</div>
    </fieldset>
  );
}
