import type { SourceField } from './source.ts';

/** A kind of source, as the page offers it and the command line names it. */
export interface SourceKind {
  readonly kind: string;
  readonly title: string;
  readonly fields: readonly SourceField[];
}

/** Sources in the order they are offered. Each opens with the function of its own folder. */
export const SOURCES: readonly SourceKind[] = [
  {
    kind: 'prometheus',
    title: 'Prometheus',
    fields: [
      {
        id: 'url',
        label: 'Base URL',
        hint: 'Any Prometheus-compatible API: Prometheus, Thanos, Mimir, VictoriaMetrics. A path prefix belongs to it.',
        placeholder: 'http://prometheus.monitoring:9090',
        required: true,
      },
      {
        id: 'selector',
        label: 'Selector',
        hint: 'Label matchers that narrow the scope. Empty takes every vLLM the server knows.',
        placeholder: '{job="vllm",namespace="prod"}',
        required: false,
      },
      {
        id: 'authorization',
        label: 'Authorization header',
        hint: 'Sent with every request. In a browser the server has to allow it, or sit behind the same origin.',
        placeholder: 'Bearer …',
        required: false,
        secret: true,
      },
    ],
  },
  {
    kind: 'metrics',
    title: 'No Prometheus',
    fields: [
      {
        id: 'urls',
        label: 'Addresses',
        hint: '/metrics pages of vLLM servers, one per replica; read every 5 s from now on. In a browser each server has to allow the page.',
        placeholder: 'http://vllm-0:8000',
        required: true,
      },
    ],
  },
  {
    kind: 'pages',
    title: 'Saved pages',
    fields: [
      {
        id: 'files',
        label: 'Files',
        hint: 'Two or more /metrics pages of one server, and when each was read.',
        placeholder: 'vllm-0@2026-11-24T12:00:00Z.prom',
        required: true,
      },
    ],
  },
  {
    kind: 'recording',
    title: 'Recording',
    fields: [
      {
        id: 'file',
        label: 'File',
        hint: 'OpenMetrics or Prometheus text with timestamps, plain or gzip.',
        placeholder: 'incident.om.gz',
        required: true,
      },
    ],
  },
];
