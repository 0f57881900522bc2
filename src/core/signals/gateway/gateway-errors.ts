import { signal } from '../signal.ts';

export const gatewayErrors = signal({
  id: 'gateway-errors',
  title: 'Gateway errors',
  family: 'gateway',
  unit: 'requests-per-second',
  kind: 'counter',
  level: 'gateway',
  names: [
    { metric: 'llm_d_epp_request_error_total', dialect: 'llm-d endpoint picker' },
    { metric: 'inference_objective_request_error_total', dialect: 'inference gateway 1.2 to 1.5' },
    { metric: 'inference_model_request_error_total', dialect: 'inference gateway 0.3 to 1.0' },
    { metric: 'vllm:request_errors_total', dialect: 'production-stack router' },
  ],
  across: 'sum',
  worth: 3,
  doc: 'Requests the gateway could not have answered, per second. Appears with the first error.',
});
