import { signal } from '../signal.ts';

const OURS = '~(?i).*(vllm|llm|inference).*';

export const deploys = signal({
  id: 'deploys',
  title: 'Generation of the deployment',
  family: 'change',
  unit: 'count',
  kind: 'gauge',
  level: 'gateway',
  by: 'deployment',
  names: [
    {
      metric: 'kube_deployment_status_observed_generation',
      dialect: 'kube-state-metrics, deployments named after vLLM',
      where: { deployment: OURS },
    },
    {
      metric: 'kube_statefulset_status_observed_generation',
      dialect: 'kube-state-metrics, stateful sets named after vLLM',
      where: { statefulset: OURS },
      by: 'statefulset',
    },
  ],
  across: 'max',
  worth: 3,
  doc: 'Counts up each time somebody changes the deployment: a new image, other arguments, another number of replicas.',
});
