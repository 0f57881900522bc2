import { signal } from '../signal.ts';

export const admissionRejections = signal({
  id: 'admission-rejections',
  title: 'Admission rejections',
  family: 'engine',
  unit: 'requests-per-second',
  kind: 'counter',
  level: 'target',
  names: [{ metric: 'vllm:admission_rejections_total', dialect: '0.32.0 and newer' }],
  by: 'reason',
  across: 'sum',
  worth: 3,
  doc: 'Requests refused with 503 per second because a queue limit was reached. Always 0 without such limits.',
});
