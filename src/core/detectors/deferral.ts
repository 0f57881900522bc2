import type { Values } from '../base/grid.ts';
import type { Engine, Judged } from '../evidence/judged.ts';
import { ownLine } from '../evidence/lines.ts';
import { gaugeOf } from './trace-back.ts';

/** Adapters of one engine as its newest `lora_requests_info` names them. */
export interface Adapters {
  /** Adapters that fit into one step; `null` if the label cannot be read. */
  readonly fit: number | null;
  readonly running: readonly string[];
  readonly waiting: readonly string[];
}

/** Requests the scheduler skips although seats, blocks and budget are there, and what they may be waiting for. */
export interface Deferral {
  /** Deferred requests per grid time; `null` where the build does not split the queue (before 0.20). */
  readonly deferred: Values | null;
  /** Of these, the ones whose remote KV is not there yet (not begun, under way); `null` before 0.32 or without a connector that loads. */
  readonly fetching: Values | null;
  /** Whether a KV connector shows in the metrics at all. */
  readonly connector: boolean;
  /** `null` with LoRA off: the series exists exactly where it is on. */
  readonly adapters: Adapters | null;
}

/** Stages of `num_requests_kv_fetch_by_stage` in which the KV is still to come; the third, loaded and not admitted, lacks capacity. */
const TO_COME = ['waiting_to_start', 'in_progress'];
const CONNECTOR = [
  'kv-fetch-stage',
  'kv-transfer-time',
  'kv-transfer-bytes',
  'kv-transfer-failures',
  'kv-transfer-expired',
] as const;

/** @returns what is known of deferred requests on one engine. Absent signals are `null`, never 0. */
export function deferralOf(judged: Judged, engine: Engine): Deferral {
  const { readings } = judged.evidence;
  const of = (one: { readonly replica: string }) => one.replica === engine.id;
  const split = readings['waiting-by-reason']?.lines.some(of) ?? false;
  const stages = (readings['kv-fetch-stage']?.lines ?? []).filter(of).map((line) => line.part);
  const fetching = TO_COME.filter((stage) => stages.includes(stage)).map((stage) =>
    ownLine(judged.evidence, 'kv-fetch-stage', engine.id, stage),
  );
  const labels = readings['lora-adapters']?.labels.find(of)?.labels;
  return {
    deferred:
      engine.trace.deferred ?? (split ? (engine.trace.waiting?.map((w) => (w === null ? null : 0)) ?? null) : null),
    fetching:
      fetching.length === 0
        ? null
        : Array.from({ length: judged.grid.count }, (_, i) =>
            fetching.every((line) => (line?.[i] ?? null) === null)
              ? null
              : fetching.reduce((sum, line) => sum + (line?.[i] ?? 0), 0),
          ),
    connector: CONNECTOR.some((id) => {
      const reading = readings[id];
      return (reading?.lines.some(of) ?? false) || (reading?.histograms.some(of) ?? false);
    }),
    adapters: labels ? adaptersOf(labels) : null,
  };
}

function adaptersOf(labels: Readonly<Record<string, string>>): Adapters {
  const list = (text: string | undefined) => [
    ...new Set(
      (text ?? '')
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    ),
  ];
  const fit = Number(labels.max_lora);
  return {
    fit: labels.max_lora !== undefined && Number.isFinite(fit) && fit > 0 ? fit : null,
    running: list(labels.running_lora_adapters),
    waiting: list(labels.waiting_lora_adapters),
  };
}

/** PromQL of the deferred part of the queue, per replica. */
export function deferredQuery(judged: Judged, engines: readonly Engine[]): string {
  return `sum by (reason) (${gaugeOf(judged, engines, 'waiting-by-reason')})`;
}
