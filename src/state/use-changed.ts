import { useEffect, useRef, useState } from 'react';
import type { Stretch } from '../core/anomalies/changed.ts';
import type { Evidence } from '../core/evidence/evidence.ts';
import type { ChangedAnswer, ChangedAsk } from './changed-worker.ts';

export interface ChangedState {
  /** `null` while it is compared. */
  readonly answer: Omit<ChangedAnswer, 'id'> | null;
  /** The worker did not start or broke off: then nothing will come. */
  readonly failed: boolean;
}

const NOTHING: ChangedState = { answer: null, failed: false };

/**
 * What changed in a stretch of the evidence, compared beside the page in a worker. What was compared last stays until the next is
 * there. @param evidence `null` while nobody asks: then there is no worker
 */
export function useChanged(evidence: Evidence | null, after: Stretch): ChangedState {
  const [state, setState] = useState(NOTHING);
  const worker = useRef<Worker | null>(null);
  const asked = useRef(0);
  const { from, to } = after;
  useEffect(
    () => () => {
      worker.current?.terminate();
      worker.current = null;
    },
    [],
  );
  useEffect(() => {
    if (!evidence) return;
    if (!worker.current) {
      worker.current = new Worker(new URL('./changed-worker.ts', import.meta.url), { type: 'module' });
      worker.current.onmessage = ({ data: { id, ...answer } }: MessageEvent<ChangedAnswer>) => {
        if (id === asked.current) setState({ answer, failed: false });
      };
      worker.current.onerror = () => setState({ answer: null, failed: true });
    }
    asked.current += 1;
    worker.current.postMessage({ id: asked.current, evidence, after: { from, to } } satisfies ChangedAsk);
  }, [evidence, from, to]);
  return state;
}
