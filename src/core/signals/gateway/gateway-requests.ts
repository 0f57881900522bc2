import { signal } from '../signal.ts';

export const gatewayRequests = signal({
  id: 'gateway-requests',
  title: 'Gateway requests',
  family: 'gateway',
  unit: 'requests-per-second',
  kind: 'counter',
  level: 'gateway',
  names: [
    { metric: 'llm_d_epp_request_total', dialect: 'llm-d endpoint picker' },
    { metric: 'inference_objective_request_total', dialect: 'inference gateway 1.2 to 1.5' },
    { metric: 'inference_model_request_total', dialect: 'inference gateway 0.3 to 1.0' },
    { metric: 'dynamo_frontend_requests_total', dialect: 'Dynamo front end' },
    { metric: 'vllm:num_incoming_requests_total', dialect: 'production-stack router' },
  ],
  across: 'sum',
  worth: 3,
  doc: 'Requests that arrived at the gateway per second, retries included: the only count of arrivals there is.',
});
