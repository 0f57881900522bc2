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
    { metric: 'dynamo_frontend_requests_total', dialect: 'Dynamo front end', where: { status: 'error' } },
    { metric: 'vllm:request_errors_total', dialect: 'production-stack router' },
    {
      metric: 'envoy_cluster_upstream_rq_xx',
      dialect: 'Envoy, cluster named after vLLM',
      where: { envoy_cluster_name: '~.*vllm.*', envoy_response_code_class: '5' },
    },
    {
      metric: 'nginx_ingress_controller_requests',
      dialect: 'nginx ingress, service named after vLLM',
      where: { exported_service: '~.*vllm.*', status: '~5..' },
    },
    {
      metric: 'nginx_ingress_controller_requests',
      dialect: 'nginx ingress with its own labels, service named after vLLM',
      where: { service: '~.*vllm.*', status: '~5..' },
    },
  ],
  across: 'sum',
  worth: 3,
  doc: 'Requests the gateway could not have answered, per second. Appears with the first error.',
});
