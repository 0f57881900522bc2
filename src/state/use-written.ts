import { useEffect, useState } from 'react';
import type { WrittenAsk } from './report-worker.ts';

/**
 * What is worked out of whole verdicts, in a worker of its own that ends with the question. What is asked is held by identity: a
 * later read of the page does not disturb whoever reads. @param asked `null` while nobody asks
 * @returns `null` while it is worked out, `'failed'` if the worker did not start or broke off
 */
export function useWritten<Answer>(asked: WrittenAsk | null): Answer | 'failed' | null {
  const [answer, setAnswer] = useState<{ for: object; is: Answer | 'failed' } | null>(null);
  const { do: what, ask } = asked ?? { do: null, ask: null };
  useEffect(() => {
    if (what === null) return;
    const worker = new Worker(new URL('./report-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<Answer>) => setAnswer({ for: ask, is: data });
    worker.onerror = () => setAnswer({ for: ask, is: 'failed' });
    worker.postMessage({ do: what, ask });
    return () => worker.terminate();
  }, [what, ask]);
  return ask !== null && answer?.for === ask ? answer.is : null;
}
