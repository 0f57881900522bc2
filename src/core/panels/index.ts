import { e2e } from './e2e/panel.ts';
import { gpu } from './gpu/panel.ts';
import { itl } from './itl/panel.ts';
import { kvUsage } from './kv-usage/panel.ts';
import { lengths } from './lengths/panel.ts';
import type { Panel } from './panel.ts';
import { preemptions } from './preemptions/panel.ts';
import { prefixHitRate } from './prefix-hit-rate/panel.ts';
import { queueTime } from './queue-time/panel.ts';
import { requests } from './requests/panel.ts';
import { running } from './running/panel.ts';
import { stepTime } from './step-time/panel.ts';
import { tokensPerRequest } from './tokens-per-request/panel.ts';
import { tokens } from './tokens/panel.ts';
import { ttftParts } from './ttft-parts/panel.ts';
import { ttft } from './ttft/panel.ts';
import { waiting } from './waiting/panel.ts';

/** In display order, four to a row. */
export const PANELS: readonly Panel[] = [
  ttft,
  itl,
  e2e,
  ttftParts,
  tokens,
  requests,
  stepTime,
  gpu,
  waiting,
  running,
  preemptions,
  queueTime,
  kvUsage,
  tokensPerRequest,
  lengths,
  prefixHitRate,
];
