import { type FormEvent, useState } from 'react';
import { sayDuration } from '../../core/base/say.ts';
import { PROFILE_IDS, PROFILES, type ProfileId, type Targets } from '../../core/verdict/profiles.ts';
import { Button } from './button.tsx';
import { ChoiceMenu } from './menu.tsx';

const TITLES: Readonly<Record<ProfileId, string>> = {
  chat: 'Chat',
  'code-completion': 'Code completion',
  rag: 'RAG',
  agentic: 'Agentic',
  batch: 'Batch',
  custom: 'Custom',
};

type Custom = Pick<Targets, 'ttft' | 'tbt' | 'e2e'>;

/** What users are promised decides what counts as harm. */
export function ProfileMenu({
  targets,
  onProfile,
  onCustom,
}: {
  readonly targets: Targets;
  readonly onProfile: (profile: ProfileId) => void;
  readonly onCustom: (custom: Custom) => void;
}) {
  return (
    <ChoiceMenu
      name="profile"
      shown={TITLES[targets.profile]}
      value={targets.profile}
      choices={PROFILE_IDS.map((id) => ({
        value: id,
        title: TITLES[id],
        hint: id === 'custom' ? 'your own targets' : promise(PROFILES[id]),
      }))}
      onChoose={(id) => (id === 'custom' ? onCustom(targets) : onProfile(id))}
    >
      {targets.profile === 'custom' && (
        <TargetsForm key={JSON.stringify(targets)} targets={targets} onCustom={onCustom} />
      )}
    </ChoiceMenu>
  );
}

function promise({ ttft, tbt, e2e }: Custom): string {
  return `TTFT ${sayDuration(ttft)} · token ${sayDuration(tbt)} · E2E ${sayDuration(e2e)}`;
}

const FIELDS = [
  { id: 'ttft', label: 'First token', hint: 's' },
  { id: 'tbt', label: 'Per token', hint: 's' },
  { id: 'e2e', label: 'Whole request', hint: 's' },
] as const;

function TargetsForm({ targets, onCustom }: { readonly targets: Custom; readonly onCustom: (custom: Custom) => void }) {
  const [typed, setTyped] = useState({
    ttft: String(targets.ttft),
    tbt: String(targets.tbt),
    e2e: String(targets.e2e),
  });
  const wrong = FIELDS.filter(({ id }) => !(Number(typed[id]) > 0));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wrong.length === 0) onCustom({ ttft: Number(typed.ttft), tbt: Number(typed.tbt), e2e: Number(typed.e2e) });
  };
  return (
    // The menu would take letters for its own search.
    <form
      onSubmit={submit}
      onKeyDown={(event) => event.key !== 'Escape' && event.stopPropagation()}
      className="mt-1 border-t border-hairline px-2 py-2"
    >
      {FIELDS.map(({ id, label, hint }) => (
        <label key={id} className="flex items-center gap-2 py-1">
          <span className="flex-1 text-ink-2">{label}</span>
          <input
            value={typed[id]}
            inputMode="decimal"
            aria-invalid={!(Number(typed[id]) > 0)}
            onChange={(event) => setTyped({ ...typed, [id]: event.target.value })}
            className="h-7 w-20 rounded border border-strong bg-surface px-2 text-right font-mono text-[12px] aria-[invalid=true]:border-critical"
          />
          <span className="w-3 text-ink-3">{hint}</span>
        </label>
      ))}
      {wrong.length > 0 && <p className="text-critical">Targets are seconds above zero.</p>}
      <Button type="submit" className="mt-1.5 w-full justify-center" disabled={wrong.length > 0}>
        Judge by these
      </Button>
    </form>
  );
}
