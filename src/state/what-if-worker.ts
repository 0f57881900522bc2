import type { Ground } from '../core/whatif/ground.ts';
import type { Moves } from '../core/whatif/moves.ts';
import { settle } from '../core/whatif/settle.ts';
import { type WhatIf, whatIf } from '../core/whatif/what-if.ts';

/** A ground is sent once and meant until the next one comes. */
export interface WhatIfAsk {
  readonly id: number;
  readonly ground: Ground | null;
  readonly moves: Moves;
}

export interface WhatIfAnswer {
  readonly id: number;
  readonly result: WhatIf;
  /** The ground with what was read off it. */
  readonly ground: Ground;
}

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
let settled: Ground | null = null;

scope.onmessage = ({ data: { id, ground, moves } }: MessageEvent<WhatIfAsk>) => {
  if (ground) settled = settle(ground);
  if (settled) scope.postMessage({ id, result: whatIf(settled, moves), ground: settled } satisfies WhatIfAnswer);
};
