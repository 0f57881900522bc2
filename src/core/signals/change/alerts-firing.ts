import { signal } from '../signal.ts';

export const alertsFiring = signal({
  id: 'alerts-firing',
  title: 'Alerts firing',
  family: 'change',
  unit: 'count',
  kind: 'gauge',
  level: 'gateway',
  by: 'alertname',
  names: [
    {
      metric: 'ALERTS',
      dialect: 'written by the server that evaluates the rules; alerts whose name speaks of this',
      where: { alertstate: 'firing', alertname: '~(?i).*(vllm|llm|ttft|itl|inference|kv.?cache|gpu).*' },
    },
  ],
  across: 'sum',
  worth: 3,
  doc: 'Alerts that fire by rules of the server itself, as far as their name speaks of vLLM, inference, its latencies, its cache or GPUs.',
});
