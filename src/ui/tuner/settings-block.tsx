import { useState } from 'react';
import { besideFlags, notInPython, toCompose, toFlags, toHelm, toPython } from '../../core/knobs/render.ts';
import type { Proposed } from '../../core/tuner/settings.ts';
import { knobOf } from '../../core/knobs/index.ts';
import { sayReleases } from '../../core/knobs/knob.ts';
import { Button } from '../controls/button.tsx';
import { CopyButton } from '../controls/copy-button.tsx';

const FORMS = [
  { id: 'flags', title: 'Flags', write: toFlags },
  { id: 'helm', title: 'Helm', write: toHelm },
  { id: 'compose', title: 'Compose', write: toCompose },
  { id: 'python', title: 'Python', write: (settings: readonly Proposed[]) => toPython(settings) },
] as const;

/** What to start the server with, in the form it is needed in, and what each setting trades. */
export function SettingsBlock({
  settings,
  copied,
  onCopy,
}: {
  readonly settings: readonly Proposed[];
  readonly copied: string | null;
  readonly onCopy: (text: string) => void;
}) {
  const [chosen, setChosen] = useState<(typeof FORMS)[number]['id']>('flags');
  const form = FORMS.find(({ id }) => id === chosen) ?? FORMS[0];
  const text = form.write(settings).trimEnd();
  const left = chosen === 'python' ? notInPython(settings) : [];
  return (
    <div>
      <div className="flex flex-wrap items-center gap-1.5">
        {FORMS.map(({ id, title }) => (
          <Button
            key={id}
            look={id === chosen ? 'plain' : 'bare'}
            aria-pressed={id === chosen}
            onClick={() => setChosen(id)}
          >
            {title}
          </Button>
        ))}
        <span className="ml-auto">
          <CopyButton copied={copied === text} onCopy={() => onCopy(text)} label="Copy the settings" />
        </span>
      </div>
      <pre
        tabIndex={0}
        data-testid="tuner-settings"
        className="mt-2 overflow-x-auto rounded-md border border-hairline bg-surface px-3 py-2.5 font-mono text-[12.5px] leading-[19px] whitespace-pre-wrap text-ink [overflow-wrap:anywhere]"
      >
        {text}
      </pre>
      {[...besideFlags(settings), ...left.map((id) => `--${id} is known to the server alone`)].map((line) => (
        <p key={line} className="mt-1 text-[12px] text-ink-3">
          {line}
        </p>
      ))}
      <dl className="mt-3 grid gap-x-6 gap-y-2.5 text-[12.5px] leading-[18px] sm:grid-cols-2">
        {settings.map(({ id, value, byDefault }) => {
          const knob = knobOf(id);
          return (
            <div key={id}>
              <dt className="text-ink">
                <span className="font-[620]">{knob.title}</span>{' '}
                <span className="font-mono text-[12px]">
                  {typeof value === 'number' ? value.toLocaleString('en-US') : String(value)}
                </span>
                <span className="text-ink-3"> · by default {byDefault}</span>
              </dt>
              <dd className="text-ink-2">
                {knob.trades}{' '}
                <span className="text-ink-3">
                  {sayReleases(knob)}
                  {knob.restart ? ', takes a restart' : ''}.
                </span>
              </dd>
            </div>
          );
        })}
      </dl>
    </div>
  );
}
