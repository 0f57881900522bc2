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
    {
      metric: 'envoy_cluster_upstream_rq_total',
      dialect: 'Envoy, cluster named after vLLM',
      where: { envoy_cluster_name: '~.*vllm.*' },
    },
    {
      metric: 'nginx_ingress_controller_requests',
      dialect: 'nginx ingress, service named after vLLM',
      where: { exported_service: '~.*vllm.*' },
    },
    {
      metric: 'nginx_ingress_controller_requests',
      dialect: 'nginx ingress with its own labels, service named after vLLM',
      where: { service: '~.*vllm.*' },
    },
  ],
  across: 'sum',
  worth: 3,
  doc: 'Requests that arrived at the gateway per second, retries included: the only count of arrivals there is.',
});
