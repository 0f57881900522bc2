import { type Values, stepsIn } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { fleetLine, partsOf } from '../../evidence/lines.ts';
import { added, drawing, idleAt } from '../drawing.ts';
import { type PanelLine, panel } from '../panel.ts';
import { gaugeQuery, rateQuery } from '../queries.ts';

/** Beyond this share of the finishes a reason gets a line of its own: fewer are a thin line along the axis. */
const SEEN = 0.02;

export const requests = panel({
  id: 'requests',
  title: 'Requests',
  row: 'health',
  unit: 'requests-per-second',
  measure: '',
  help: 'Requests finished per second, by reason where one is not alone. Dashes are arrivals, inferred as finishes plus growth of the backlog; clients that hang up are in neither.',
  signals: ['finished', 'running', 'waiting'],
  decides: {
    finished: 'how many requests end, and why',
    running: 'how many requests arrive',
    waiting: 'how many requests arrive',
  },
  build(evidence, _targets, replicas) {
    const total = fleetLine(evidence, 'finished', replicas);
    return drawing(
      requests,
      evidence,
      {
        lead: 'finished',
        lines: [
          { id: 'arrivals', label: 'arrive', values: arrivals(evidence, total, replicas), style: 'dashed' },
          ...reasons(evidence, total, replicas),
          { id: 'finished', label: 'finish', values: total ?? [], style: 'main' },
        ],
        note: 'arrivals inferred from finishes and backlog',
        idle: idleAt(evidence, replicas),
        silence: 'nothing finished',
      },
      replicas,
    );
  },
  queries: (evidence) => [
    rateQuery(evidence, 'finished', 'Finished per second, by reason'),
    gaugeQuery(evidence, 'running', 'Running'),
    gaugeQuery(evidence, 'waiting', 'Waiting'),
  ],
});

/** Finishes plus growth of the backlog over the rate window: what must have come in. Never below zero. */
export function arrivals(evidence: Evidence, finished: Values | null, replicas?: readonly string[]): Values {
  const running = fleetLine(evidence, 'running', replicas);
  const waiting = fleetLine(evidence, 'waiting', replicas);
  if (!finished || !running || !waiting) return [];
  const backlog = running.map((r, i) =>
    r === null || (waiting[i] ?? null) === null ? null : r + (waiting[i] as number),
  );
  const steps = stepsIn(evidence.grid, evidence.window);
  return finished.map((rate, i) => {
    const now = backlog[i] ?? null;
    const before = i >= steps ? (backlog[i - steps] ?? null) : null;
    if (rate === null || now === null || before === null) return null;
    return Math.max(0, rate + (now - before) / (steps * evidence.grid.step));
  });
}

function reasons(evidence: Evidence, total: Values | null, replicas?: readonly string[]): PanelLine[] {
  const parts = partsOf(evidence, 'finished').map((part) => ({
    part,
    values: fleetLine(evidence, 'finished', replicas, part) ?? [],
    sum: sumOf(fleetLine(evidence, 'finished', replicas, part)),
  }));
  const whole = sumOf(total);
  const seen = parts.filter((p) => p.sum > 0);
  if (seen.length < 2) return [];
  const shown = seen.filter((p) => p.sum >= SEEN * whole || p.part === 'error' || p.part === 'abort');
  const rest = seen.filter((p) => !shown.includes(p));
  const lines = shown.map(
    ({ part, values }): PanelLine => ({ id: `reason-${part}`, label: part, values, style: 'thin' }),
  );
  if (rest.length === 0) return lines;
  const values = added(
    rest.map((p) => p.values),
    evidence.grid.count,
  );
  return [...lines, { id: 'reason-rest', label: rest.map((p) => p.part).join(', '), values, style: 'thin' }];
}

function sumOf(values: Values | null): number {
  return (values ?? []).reduce<number>((sum, v) => sum + (v ?? 0), 0);
}
