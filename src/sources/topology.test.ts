import { describe, expect, test } from 'vitest';
import type { Evidence } from '../core/evidence/evidence.ts';
import type { SignalId } from '../core/signals/index.ts';
import { openRecording } from './recording/source.ts';

/**
 * What stands beside, behind and before the engines, by the labels real exporters write (reference/metrics.md §2.1, §3.2;
 * lines after public scrapes of DCGM exporter, nvidia_gpu_exporter, AMD device-metrics-exporter, cAdvisor, kube-state-metrics,
 * production-stack, Envoy and ingress-nginx; numbers made up). A line is a series and its value at each of five scrapes.
 */
async function read(lines: readonly string[]): Promise<Evidence> {
  const text = lines.flatMap((line) => {
    const cut = line.lastIndexOf('} ') + 1;
    const [first = 0, step = 0] = line.slice(cut).trim().split('+').map(Number);
    return [0, 1, 2, 3, 4].map((i) => `${line.slice(0, cut)} ${first + step * i} ${1_800_000_000 + 15 * i}.0`);
  });
  const recording = openRecording({ name: 'fleet', texts: [`${text.join('\n')}\n# EOF\n`] }, { fetch, now: () => 0 });
  const request = { from: 'start', to: 'end', selector: '', knobs: {}, step: 15 } as const;
  return recording.read(request, new AbortController().signal);
}

const last = (evidence: Evidence, id: SignalId) =>
  evidence.readings[id]?.lines.map(({ replica, part, values }) => [
    part === '' ? replica : `${replica} ${part}`,
    Number(values.at(-1)?.toPrecision(12)),
  ]);

/** An engine in a pod, as Prometheus labels it in Kubernetes. */
const podOf = (ip: string, pod: string, model = 'm', engine = '0') =>
  ['num_requests_running', 'num_requests_waiting'].map(
    (name) => `vllm:${name}{instance="${ip}:8000",pod="${pod}",engine="${engine}",model_name="${model}"} 3`,
  );

describe('Kubernetes: joined by pod', () => {
  const gpu = (name: string, labels: string, value: number) =>
    `${name}{instance="10.0.9.1:9400",pod="dcgm-exporter-x",Hostname="node-1",${labels}} ${value}`;
  const scene = read([
    ...podOf('10.0.0.1', 'vllm-a'),
    ...podOf('10.0.0.2', 'vllm-b'),
    // A pod of two GPUs (tensor parallelism), a pod of one, and a GPU that belongs to nobody here.
    gpu('DCGM_FI_DEV_GPU_UTIL', 'exported_pod="vllm-a",gpu="0"', 40),
    gpu('DCGM_FI_DEV_GPU_UTIL', 'exported_pod="vllm-a",gpu="1"', 60),
    gpu('DCGM_FI_DEV_GPU_UTIL', 'exported_pod="vllm-b",gpu="2"', 90),
    gpu('DCGM_FI_DEV_GPU_UTIL', 'exported_pod="training",gpu="3"', 100),
    gpu('DCGM_FI_DEV_FB_USED', 'exported_pod="vllm-a",gpu="0"', 1000),
    gpu('DCGM_FI_DEV_FB_USED', 'exported_pod="vllm-a",gpu="1"', 2000),
    'container_memory_working_set_bytes{instance="node-1:10250",pod="vllm-a",container="vllm"} 5000',
    'container_memory_working_set_bytes{instance="node-1:10250",pod="vllm-a",container=""} 9999',
    'container_memory_working_set_bytes{instance="node-1:10250",pod="training",container="train"} 7777',
    'kube_pod_container_status_restarts_total{instance="ksm:8080",pod="vllm-b",container="vllm"} 1+3',
    'kube_pod_container_status_last_terminated_reason{instance="ksm:8080",pod="vllm-b",reason="OOMKilled"} 1',
  ]);

  test('several GPUs of one pod average, their memory adds, those of others stay out', async () => {
    expect(last(await scene, 'gpu-utilization')).toEqual([
      ['10.0.0.1:8000', 0.5],
      ['10.0.0.2:8000', 0.9],
    ]);
    expect(last(await scene, 'gpu-memory-used')).toEqual([['10.0.0.1:8000', 3000 * 1048576]]);
  });

  test('host memory of the container without the sum of its pod, restarts and their reason', async () => {
    expect(last(await scene, 'container-memory')).toEqual([['10.0.0.1:8000', 5000]]);
    expect(last(await scene, 'container-restarts')).toEqual([['10.0.0.2:8000', 0.2]]);
    expect(last(await scene, 'container-last-end')).toEqual([['10.0.0.2:8000 OOMKilled', 1]]);
  });

  test('AMD: the workload in `pod`, or the exporter there and the workload beside it', async () => {
    const amd = await read([
      ...podOf('10.0.0.1', 'vllm-a'),
      'gpu_gfx_activity{instance="10.0.9.1:5000",pod="vllm-a",hostname="tw009",gpu_id="0"} 80',
      'amd_gpu_used_vram{instance="10.0.9.1:5000",pod="metrics-exporter",exported_pod="vllm-a",gpu_id="0"} 100',
    ]);
    expect(last(amd, 'gpu-utilization')).toEqual([['10.0.0.1:8000', 0.8]]);
    expect(last(amd, 'gpu-memory-used')).toEqual([['10.0.0.1:8000', 100 * 1048576]]);
  });
});

describe('bare metal: joined by host', () => {
  test('nvidia_gpu_exporter has only the UUID, so the host of its instance joins', async () => {
    const evidence = await read([
      'vllm:num_requests_running{instance="gpu-1:8000",engine="0",model_name="m"} 3',
      'nvidia_smi_utilization_gpu_ratio{instance="gpu-1:9835",uuid="df6e7a7c"} 0.7',
      'nvidia_smi_memory_used_bytes{instance="gpu-1:9835",uuid="df6e7a7c"} 7000000',
      'nvidia_smi_power_draw_watts{instance="gpu-1:9835",uuid="df6e7a7c"} 400',
      'nvidia_smi_utilization_gpu_ratio{instance="gpu-2:9835",uuid="00000000"} 0.1',
    ]);
    expect(last(evidence, 'gpu-utilization')).toEqual([['gpu-1:8000', 0.7]]);
    expect(last(evidence, 'gpu-memory-used')).toEqual([['gpu-1:8000', 7e6]]);
    expect(last(evidence, 'gpu-power')).toEqual([['gpu-1:8000', 400]]);
  });

  test("what an engine's own page says of its GPU is not its neighbour's on the host", async () => {
    const evidence = await read([
      'vllm_queue_depth{instance="gpu-1:8000"} 3',
      'vllm_queue_depth{instance="gpu-1:8001"} 4',
      'vllm_gpu_utilization{instance="gpu-1:8000"} 0.9',
      'vllm_gpu_utilization{instance="gpu-1:8001"} 0.1',
    ]);
    expect(last(evidence, 'gpu-utilization')).toEqual([
      ['gpu-1:8000', 0.9],
      ['gpu-1:8001', 0.1],
    ]);
  });
});

describe('before the engines: arrivals', () => {
  const engines = [...podOf('10.0.0.1', 'vllm-a'), ...podOf('10.0.0.2', 'vllm-b')];

  test.each([
    [
      'llm-d, both generations at once',
      ['llm_d_epp_request_total{instance="e"} 0+15', 'inference_objective_request_total{instance="e"} 0+15'],
    ],
    [
      'Dynamo',
      [
        'dynamo_frontend_requests_total{instance="f",status="success"} 0+12',
        'dynamo_frontend_requests_total{instance="f",status="error"} 0+3',
      ],
    ],
    [
      'Envoy, its cluster named after vLLM',
      [
        'envoy_cluster_upstream_rq_total{instance="g",envoy_cluster_name="ns/vllm-pool"} 0+15',
        'envoy_cluster_upstream_rq_total{instance="g",envoy_cluster_name="ns/shop"} 0+900',
      ],
    ],
    [
      'ingress-nginx',
      [
        'nginx_ingress_controller_requests{instance="i",exported_service="vllm",service="ingress-nginx",status="200"} 0+12',
        'nginx_ingress_controller_requests{instance="i",exported_service="vllm",service="ingress-nginx",status="502"} 0+3',
        'nginx_ingress_controller_requests{instance="i",exported_service="shop",service="ingress-nginx",status="200"} 0+900',
      ],
    ],
    [
      'production-stack',
      [
        'vllm:num_incoming_requests_total{instance="r",model="m"} 0+15',
        'vllm:num_requests_running{instance="r",server="http://10.0.0.1:8000"} 3',
      ],
    ],
  ])('%s', async (_, lines) => {
    const evidence = await read([...engines, ...lines]);
    expect(last(evidence, 'gateway-requests')).toEqual([['10.0.0.1:8000', 1]]);
    expect(evidence.replicas.map(({ id }) => id)).toEqual(['10.0.0.1:8000', '10.0.0.2:8000']);
  });

  test('errors of Dynamo and of ingress-nginx', async () => {
    const dynamo = await read([...engines, 'dynamo_frontend_requests_total{instance="f",status="error"} 0+3']);
    expect(last(dynamo, 'gateway-errors')).toEqual([['10.0.0.1:8000', 0.2]]);
    const nginx = 'nginx_ingress_controller_requests{instance="i",service="vllm",status="502"} 0+3';
    expect(last(await read([...engines, nginx]), 'gateway-errors')).toEqual([['10.0.0.1:8000', 0.2]]);
  });
});

describe('behind one scope', () => {
  test('several models, and several engines of one of them', async () => {
    const evidence = await read([
      ...podOf('10.0.0.1', 'a', 'x', '0'),
      ...podOf('10.0.0.1', 'a', 'x', '1'),
      ...podOf('10.0.0.2', 'b', 'y'),
    ]);
    expect(evidence.replicas.map(({ id, model }) => [id, model])).toEqual([
      ['10.0.0.1:8000/0', 'x'],
      ['10.0.0.1:8000/1', 'x'],
      ['10.0.0.2:8000', 'y'],
    ]);
  });

  test('what only a router still exposes makes no engine of it', async () => {
    const evidence = await read([
      ...podOf('10.0.0.1', 'a'),
      'vllm:gpu_prefix_cache_hits_total{instance="router:8001",server="http://10.0.0.1:8000"} 0',
      'vllm:gpu_prefix_cache_hit_rate{instance="router:8001",server="http://10.0.0.1:8000"} 0',
    ]);
    expect(evidence.replicas.map(({ id }) => id)).toEqual(['10.0.0.1:8000']);
    expect(evidence.readings['prefix-cache-hits']?.state).toBe('absent');
    expect(evidence.warnings).toEqual([]);
  });

  test('an engine that names no model beside some that do is left out, and that is said', async () => {
    const evidence = await read([...podOf('10.0.0.1', 'a'), 'tgi_queue_size{instance="tgi:80"} 4']);
    expect(evidence.replicas.map(({ id }) => id)).toEqual(['10.0.0.1:8000']);
    expect(evidence.warnings.join()).toContain(
      'TGI names no model, so beside engines that do it was left out: tgi:80.',
    );
  });
});
