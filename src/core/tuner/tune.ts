import { derive, pointsOf } from './derive.ts';
import { type InputId, inputsOf, keepsCapacity, type TunerInput, type TunerRequest } from './inputs.ts';
import { memoryRows } from './memory-rows.ts';
import { paceRows } from './pace-rows.ts';
import type { TunerResult } from './rows.ts';
import { type Proposed, settingsOf } from './settings.ts';
import { type TextbookAnswer, textbookAnswer } from './textbook.ts';
import { type Warning, warningsOf } from './warnings.ts';

export interface Tuning {
  readonly inputs: readonly TunerInput[];
  readonly results: readonly TunerResult[];
  /** What to start the server with; empty where not one request fits. */
  readonly settings: readonly Proposed[];
  readonly warnings: readonly Warning[];
  readonly textbook: TextbookAnswer;
  /** Which inputs a source replaced, which are still assumed, and what it could not say. */
  readonly measured: readonly InputId[];
  readonly assumed: readonly InputId[];
  readonly notMeasured: readonly string[];
}

/** Hardware, model, traffic and targets → settings, each number with its formula and its range. Pure; never throws. */
export function tune(request: TunerRequest): Tuning {
  const inputs = inputsOf(request);
  const points = pointsOf(inputs);
  const middle = derive(request, points.middle);
  const ends = [derive(request, points.worst), derive(request, points.best)] as const;
  const ground = { request, inputs, middle, ends };
  const all = Object.values(inputs);
  return {
    inputs: all,
    results: [...memoryRows(ground), ...paceRows(ground)],
    settings: settingsOf(request, middle),
    warnings: warningsOf(request, middle, ends),
    textbook: textbookAnswer(request, middle),
    measured: all.filter((i) => i.from === 'measured').map((i) => i.id),
    assumed: all.filter((i) => i.from === 'assumed').map((i) => i.id),
    notMeasured: [
      ...(request.measured?.missing ?? []),
      ...(request.measured?.quantities['kv-tokens'] && !keepsCapacity(request)
        ? ['size of the KV cache: the server tells one, but what was typed in changes it']
        : []),
    ],
  };
}
