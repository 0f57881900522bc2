import { useEffect, useState } from 'react';
import type { Ground } from '../core/whatif/ground.ts';
import type { Moves } from '../core/whatif/moves.ts';
import type { WhatIfAnswer, WhatIfAsk } from './what-if-worker.ts';

export interface WhatIfState {
  /** The last answer; `null` before the first. */
  readonly answer: WhatIfAnswer | null;
  /** True while a newer one is on its way. */
  readonly playing: boolean;
  /** The worker did not start or broke off: then nothing will come. */
  readonly failed: boolean;
}

/** Plays the window beside the page, in a worker: a slider does not wait for it. Only the newest question is answered. */
export function useWhatIf(ground: Ground, moves: Moves): WhatIfState {
  const [state, setState] = useState<WhatIfState>({ answer: null, playing: true, failed: false });
  const [desk] = useState(() => deskWith(setState));
  useEffect(() => desk.close, [desk]);
  useEffect(() => desk.ask(ground, moves), [desk, ground, moves]);
  return state;
}

function deskWith(show: (next: (state: WhatIfState) => WhatIfState) => void) {
  let worker: Worker | null = null;
  let id = 0;
  let busy = false;
  let waiting: { readonly ground: Ground; readonly moves: Moves } | null = null;
  let sent: Ground | null = null;
  const workerOf = (): Worker => {
    if (worker) return worker;
    worker = new Worker(new URL('./what-if-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<WhatIfAnswer>) => {
      busy = false;
      const playing = waiting !== null;
      if (data.id === id) show(() => ({ answer: data, playing, failed: false }));
      if (waiting) send(waiting);
    };
    worker.onerror = () => show((state) => ({ ...state, playing: false, failed: true }));
    return worker;
  };
  const send = (ask: { readonly ground: Ground; readonly moves: Moves }): void => {
    waiting = null;
    busy = true;
    const ground = ask.ground === sent ? null : ask.ground;
    sent = ask.ground;
    workerOf().postMessage({ id: ++id, ground, moves: ask.moves } satisfies WhatIfAsk);
  };
  return {
    ask: (ground: Ground, moves: Moves): void => {
      show((state) => ({ ...state, playing: true }));
      if (busy) waiting = { ground, moves };
      else send({ ground, moves });
    },
    close: (): void => {
      worker?.terminate();
      worker = null;
      busy = false;
      waiting = null;
      sent = null;
    },
  };
}
