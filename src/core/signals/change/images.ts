import { signal } from '../signal.ts';

export const images = signal({
  id: 'images',
  title: 'Containers by image',
  family: 'change',
  unit: 'count',
  kind: 'gauge',
  level: 'gateway',
  by: 'image',
  names: [
    {
      metric: 'kube_pod_container_info',
      dialect: 'kube-state-metrics, images named after vLLM',
      where: { image: '~(?i).*(vllm|llm|inference).*' },
    },
  ],
  across: 'sum',
  worth: 3,
  doc: 'How many containers run each image. Another tag that appears beside or after the one before it is another version: no metric of vLLM carries its own.',
});
