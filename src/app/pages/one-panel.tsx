import { Tooltip } from 'radix-ui';
import { useEffect, useState } from 'react';
import type { Evidence } from '../../core/evidence/evidence.ts';
import { PANELS } from '../../core/panels/index.ts';
import type { PanelThreshold } from '../../core/panels/panel.ts';
import type { Targets } from '../../core/verdict/profiles.ts';
import type { Verdict } from '../../core/verdict/verdict.ts';
import { TimeCursor } from '../../ui/charts/cursor.ts';
import { onsetOf } from '../../ui/charts/onset.ts';
import { FrameQueue } from '../../ui/panels/frames.ts';
import { PanelFrame } from '../../ui/panels/panel-frame.tsx';

const NO_LINES: readonly PanelThreshold[] = [];

/** One panel alone, by its id; an id that is not known names those that are. */
export default function OnePanel({
  id,
  evidence,
  verdict,
  targets,
  replica,
  link,
  onSettled,
}: {
  readonly id: string;
  readonly evidence: Evidence;
  readonly verdict: Verdict;
  readonly targets: Targets;
  readonly replica: string | null;
  readonly link: string | null;
  readonly onSettled: () => void;
}) {
  const [cursor] = useState(() => new TimeCursor());
  const [queue] = useState(() => new FrameQueue());
  useEffect(() => queue.whenSettled(onSettled), [queue, onSettled]);
  const [replicas] = useState(() => (replica === null ? undefined : [replica]));
  const panel = PANELS.find((one) => one.id === id);
  if (!panel)
    return (
      <p role="alert" className="p-4 text-[13.5px] text-ink-2">
        There is no panel named {id}. Panels are {PANELS.map((one) => one.id).join(', ')}.
      </p>
    );
  return (
    <Tooltip.Provider delayDuration={350}>
      <div className="bg-bg p-4">
        <PanelFrame
          panel={panel}
          evidence={evidence}
          targets={targets}
          replicas={replicas}
          onset={onsetOf(verdict)}
          showOnset
          cursor={cursor}
          queue={queue}
          order={0}
          extra={NO_LINES}
          onSelectRange={undefined}
          linkTo={undefined}
        />
        {link !== null && (
          <a
            className="mt-2 inline-block text-[12px] text-accent hover:underline"
            href={link}
            target="_blank"
            rel="noreferrer"
          >
            {verdict.headline}: open in vLLM Triage
          </a>
        )}
      </div>
    </Tooltip.Provider>
  );
}
