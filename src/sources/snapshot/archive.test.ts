import { strFromU8, unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { buildScene } from '../../core/evidence/notation.ts';
import { leftovers, REDACTIONS } from '../../core/snapshot/redact.ts';
import { targetsOf } from '../../core/verdict/profiles.ts';
import { type ArchiveAsk, writeArchive } from './archive.ts';
import { readSnapshot } from './carry.ts';

const SECRET = [
  'gpu-17.prod',
  'acme/Secret-70B',
  'Secret-70B',
  'prod-llm',
  'zebra-pod-3',
  'metrics.acme',
  'acme-adapter',
];
const SCENE = buildScene({
  replicas: ['gpu-17.prod:8000'],
  model: 'acme/Secret-70B',
  lines: { running: '3', 'kv-cache-usage': '0.3+0.02x30 1x9', preemptions: '0x10 0.7 ...', waiting: '0x10 9 ...' },
  histograms: { ttft: '0.2*5x10 9*5 ...', 'prompt-length': '150*2 ...' },
  labels: {
    'cache-config': { block_size: '16', num_gpu_blocks: '600', pod: 'zebra-pod-3', namespace: 'prod-llm' },
    'lora-adapters': { max_lora: '2', running_lora_adapters: 'acme-adapter' },
  },
});
const ASK: ArchiveAsk = {
  evidence: {
    ...SCENE,
    selector: '{namespace="prod-llm"}',
    source: { kind: 'prometheus', label: 'https://metrics.acme/prom', flavour: 'Prometheus 2.42.0' },
    warnings: ['gpu-17.prod timed out'],
  },
  targets: targetsOf('chat'),
  redactions: [],
  given: { 'max-num-seqs': 64 },
  link: 'https://triage.example/?prometheus=https://metrics.acme/prom',
  pages: [{ name: 'gpu-17.prod:8000', text: 'vllm:num_requests_running{model_name="acme/Secret-70B"} 3\n', at: 1.8e9 }],
  version: '1.0.0',
  takenAt: 1.8e9,
};

/** Everything in an archive as text: the snapshot unpacked. */
async function opened(ask: ArchiveAsk): Promise<Record<string, string>> {
  const { bytes } = await writeArchive(ask);
  const texts = Object.fromEntries(Object.entries(unzipSync(bytes)).map(([name, file]) => [name, strFromU8(file)]));
  const { snapshot, damage } = await readSnapshot(texts['incident.snapshot'] as string, '');
  expect(damage).toEqual([]);
  return { ...texts, 'incident.snapshot': JSON.stringify(snapshot) };
}

test('holds every part, each saying what it is for', async () => {
  const texts = await opened(ASK);
  expect(Object.keys(texts)).toEqual([
    ...['note.md', 'verdict.json', 'health-report.md', 'arguments.txt', 'versions.txt', 'lengths.json'],
    ...['topology.json', 'metrics.prom', 'incident.snapshot'],
  ]);
  expect(texts['note.md']).toContain('https://triage.example/?prometheus=');
  expect(JSON.parse(texts['verdict.json'] as string)).toMatchObject({ schema: 'vllm-triage/verdict/1' });
  expect(texts['health-report.md']).toContain('acme/Secret-70B');
  expect(texts['arguments.txt']).toMatch(/Told with the question\n {2}--max-num-seqs 64\n/);
  expect(texts['arguments.txt']).toContain('gpu-17.prod:8000: num_gpu_blocks=600');
  expect(texts['versions.txt']).toContain('source: prometheus, Prometheus 2.42.0');
  expect(texts['versions.txt']).toContain('running: vllm:num_requests_running');
  expect(JSON.parse(texts['lengths.json'] as string).lengths).toMatchObject([{ mean: 150 }]);
  expect(JSON.parse(texts['topology.json'] as string).replicas).toMatchObject([
    { instance: 'gpu-17.prod:8000', up: true, labels: { pod: 'zebra-pod-3', namespace: 'prod-llm' } },
  ]);
  expect(texts['metrics.prom']).toBe(
    `# gpu-17.prod:8000, read at 2027-01-15T08:00:00Z; as the server wrote it\n${ASK.pages[0]?.text}`,
  );
  expect(leftovers(JSON.stringify(texts), SECRET)).toEqual(SECRET);
});

test('nothing of a redacted name is anywhere in it, also not in a page or a link', async () => {
  const texts = await opened({ ...ASK, redactions: REDACTIONS.map(({ id }) => id) });
  for (const [name, text] of Object.entries(texts)) expect(leftovers(text, SECRET), name).toEqual([]);
  expect(texts['metrics.prom']).toMatch(/^# Not a page as a server wrote it/);
  expect(texts['metrics.prom']).toContain('replica-1');
});

test('several pages stay apart, since equal series of two servers make no one page', async () => {
  const [page] = ASK.pages as [ArchiveAsk['pages'][number]];
  const texts = await opened({ ...ASK, pages: [page, { ...page, name: 'gpu-18', at: null }] });
  expect(texts['metrics-1.prom']).toContain('# gpu-17.prod:8000, read at');
  expect(texts['metrics-2.prom']).toContain('# gpu-18, read at a time nobody noted');
  expect(texts).not.toHaveProperty('metrics.prom');
});

test('equal asks give equal bytes', async () => {
  const [one, other] = [await writeArchive(ASK), await writeArchive(ASK)];
  expect(Buffer.from(one.bytes).equals(Buffer.from(other.bytes))).toBe(true);
});
