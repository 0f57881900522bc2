import { clsx } from 'clsx';
import { Pause, Play } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Status } from '../../core/verdict/verdict.ts';
import { Button } from './button.tsx';
import { Key } from './key.tsx';
import { Logo } from './logo.tsx';
import { type ChoiceMenuProps, ChoiceMenu } from './menu.tsx';
import { ToneIcon, toneOf } from './status.tsx';

export type SourceState = 'reading' | 'good' | 'failing';

const DOT: Readonly<Record<SourceState, string>> = { reading: 'bg-unknown', good: 'bg-ok', failing: 'bg-warning-fill' };
const SAID: Readonly<Record<SourceState, string>> = { reading: 'reading', good: 'answers', failing: 'does not answer' };

export interface SourceBarProps {
  readonly home: string;
  readonly onHome: () => void;
  readonly source: {
    readonly label: string;
    readonly state: SourceState;
    readonly detail: string;
    /** Takes the steps of the connection doctor; `null` for a source that is no server. */
    readonly onCheck: (() => void) | null;
  };
  readonly models: readonly { readonly model: string; readonly status: Status }[];
  readonly model: string | null;
  readonly onModel: (model: string | null) => void;
  readonly replicas: readonly string[];
  readonly replica: string | null;
  readonly onReplica: (replica: string | null) => void;
  readonly profile: ReactNode;
  readonly range: ReactNode;
  /** `null` where the range does not end now. */
  readonly live: { readonly on: boolean; readonly every: string; readonly onToggle: () => void } | null;
  /** Of a recording: plays the recorded time; `null` on a live source. */
  readonly replay: { readonly playing: boolean; readonly onToggle: () => void } | null;
  readonly shared: boolean;
  readonly onShare: () => void;
  readonly theme: ReactNode;
  readonly onPalette: () => void;
}

/** The only thing above the verdict: what is looked at, and through which glasses. */
export function SourceBar(props: SourceBarProps) {
  const { home, onHome, source, models, model, onModel, replicas, replica, onReplica, profile, range, live, replay } =
    props;
  return (
    <header className="flex min-h-[45px] flex-wrap items-center gap-x-1 gap-y-0.5 border-b border-hairline bg-surface px-3 py-1.5 text-[12.5px] sm:px-7">
      <span className="mr-2 pl-1">
        <Logo href={home} onOpen={onHome} />
      </span>
      <Bar />
      <span className="flex min-w-0 items-center gap-1.5 px-2" title={`${source.label} ${SAID[source.state]}`}>
        <span aria-hidden="true" className={clsx('size-2 shrink-0 rounded-full', DOT[source.state])} />
        <span className="sr-only">Source {SAID[source.state]}:</span>
        {source.onCheck ? (
          <button
            type="button"
            onClick={source.onCheck}
            aria-label={`${source.label}, check the connection`}
            className="max-w-[180px] cursor-default truncate rounded-[3px] font-[560] text-ink underline-offset-2 hover:underline wide:max-w-[260px]"
          >
            {source.label}
          </button>
        ) : (
          <span className="max-w-[180px] truncate font-[560] text-ink wide:max-w-[260px]">{source.label}</span>
        )}
        <span className="text-ink-3 max-sm:hidden">{source.detail}</span>
      </span>
      {/* Nothing to choose from before anything was read. */}
      <span className={models.length === 0 ? 'hidden' : 'contents max-sm:hidden'}>
        <Bar />
        <ChoiceMenu
          name="model"
          shown={<Short text={model ?? models[0]?.model ?? 'any'} />}
          value={model ?? ''}
          choices={modelChoices(models, model)}
          onChoose={(value) => onModel(value === '' ? null : value)}
        />
        <ChoiceMenu
          name="replicas"
          shown={replica === null ? `${replicas.length} of ${replicas.length}` : <Short text={replica} />}
          value={replica ?? ''}
          choices={[
            { value: '', title: 'All replicas', hint: 'numbers and charts' },
            ...replicas.map((id) => ({ value: id, title: id })),
          ]}
          onChoose={(value) => onReplica(value === '' ? null : value)}
        />
      </span>
      <span className="flex items-center gap-x-1 max-sm:order-1 max-sm:basis-full">
        {profile}
        {range}
      </span>
      <span className="ml-auto flex items-center gap-1.5">
        <span className="contents max-sm:hidden">
          {live && (
            <Button
              onClick={live.onToggle}
              aria-label={live.on ? `Pause, reads every ${live.every}` : 'Go live'}
              aria-pressed={live.on}
            >
              {live.on ? <Pause size={12} aria-hidden="true" /> : <Play size={12} aria-hidden="true" />}
              {live.on ? `live ${live.every}` : 'paused'}
            </Button>
          )}
          {replay && (
            <Button onClick={replay.onToggle} aria-label={replay.playing ? 'Pause the replay' : 'Replay the recording'}>
              {replay.playing ? <Pause size={12} aria-hidden="true" /> : <Play size={12} aria-hidden="true" />}
              Replay
            </Button>
          )}
          {props.theme}
          <Button onClick={props.onShare} aria-label={props.shared ? 'Link copied' : 'Share'}>
            {props.shared ? 'Link copied' : 'Share'}
          </Button>
        </span>
        <Button onClick={props.onPalette} aria-label="Commands" className="px-2">
          <span className="sm:hidden">Menu</span>
          <span className="contents max-sm:hidden">
            <Key>⌘K</Key>
          </span>
        </Button>
      </span>
    </header>
  );
}

function modelChoices(models: SourceBarProps['models'], model: string | null): ChoiceMenuProps<string>['choices'] {
  const found = models.filter((one) => one.model !== '');
  return [
    { value: '', title: 'Worst first', hint: found.length === 1 ? 'one model' : `${found.length} models` },
    ...found.map((one) => ({
      value: one.model,
      title: one.model,
      icon: <ToneIcon tone={toneOf(one.status)} size={12} />,
    })),
    ...(model !== null && !found.some((one) => one.model === model)
      ? [{ value: model, title: model, hint: 'not found' }]
      : []),
  ];
}

function Short({ text }: { readonly text: string }) {
  return (
    <span className="inline-block max-w-[130px] truncate align-bottom" title={text}>
      {text}
    </span>
  );
}

export function Bar() {
  return <span aria-hidden="true" className="h-4 w-px bg-hairline max-sm:hidden" />;
}
