import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DETECTORS } from '../detectors/index.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { buildScene } from '../evidence/notation.ts';
import { diagnose } from '../verdict/diagnose.ts';
import { targetsOf } from '../verdict/profiles.ts';
import { impliedBy, leftovers, type Redaction, REDACTIONS, redact } from './redact.ts';
import { reductions } from './reduce.ts';
import { takeSnapshot } from './snapshot.ts';

const ALL = new Set(REDACTIONS.map(({ id }) => id));
const CHAT = targetsOf('chat');

interface Names {
  readonly hosts: readonly [string, string, string];
  readonly pods: readonly [string, string];
  readonly model: string;
  readonly adapters: readonly [string, string];
  readonly namespace: string;
  readonly label: string;
  readonly server: string;
}

/** A sick fleet with every kind of name in every place a name can stand. */
function fleet({ hosts, pods, model, adapters, namespace, label, server }: Names): Evidence {
  const [one, two] = hosts.map((host) => `${host}.${namespace}.svc:8000`) as [string, string];
  const scene = buildScene({
    replicas: [one, two],
    model: `${label}/${model}`,
    lines: { running: '3', 'kv-cache-usage': '0.3+0.02x30 1x9', preemptions: '0x10 0.7 ...', waiting: '0x10 9 ...' },
    histograms: { ttft: '0.2*5x10 9*5 ...' },
    labels: {
      'cache-config': { block_size: '16', num_gpu_blocks: '600', pod: pods[0], namespace, job: label, instance: one },
      'lora-adapters': { max_lora: '2', running_lora_adapters: adapters.join(','), waiting_lora_adapters: adapters[0] },
    },
  });
  const selector = `{namespace="${namespace}",pod=~"${pods[0]}.*|${pods[1]}",cluster="${label}"}`;
  const readings = Object.fromEntries(
    Object.entries(scene.readings).map(([id, reading]) => [
      id,
      {
        ...reading,
        query: `max by (instance) (vllm:x{source="local_compute",namespace="${namespace}",pod=~"${pods[0]}.*|${pods[1]}"})`,
        problem: `${server} said: ${hosts[2]} timed out`,
        lines: reading.lines.map((line) => ({ ...line, part: id === 'preemptions' ? `${label} tier` : line.part })),
      },
    ]),
  );
  return {
    ...scene,
    readings,
    selector,
    source: { kind: 'prometheus', label: `https://${server}/prom`, flavour: 'Prometheus 2.42.0' },
    warnings: [
      `1 target in scope cannot be scraped: ${hosts[2]}:8000.`,
      `${encodeURIComponent(`${label}/${model}`)} is gone`,
    ],
  };
}

const word = fc.stringMatching(/^[a-zA-Z]{4}[0-9][a-zA-Z0-9]{2,5}$/);
const names: fc.Arbitrary<Names> = fc
  .uniqueArray(word, { minLength: 11, maxLength: 11, selector: (w) => w.toLowerCase() })
  .map((w) => ({
    hosts: [`${w[0]}-0`, `${w[0]}-10`, w[1] as string],
    pods: [`${w[2]}-${w[3]}`, w[4] as string],
    model: `${w[5]}-8B`,
    adapters: [w[6] as string, w[7] as string],
    namespace: w[8] as string,
    label: w[9] as string,
    server: `${w[10]}.internal`,
  }));

/** Everything that leaves, as text: the snapshot whole, and each step of its reduction. */
function leaving(evidence: Evidence): string {
  const snapshot = takeSnapshot(evidence, CHAT, diagnose(evidence, CHAT), { version: '1.0.0', takenAt: 1.8e9 });
  return JSON.stringify([snapshot, ...reductions(snapshot)]);
}

describe('nothing of a redacted name is left', () => {
  test('all kinds: no name in evidence, verdict, queries, titles or facts, in whatever letters', () => {
    fc.assert(
      fc.property(names, (given) => {
        const evidence = fleet(given);
        const text = leaving(redact(evidence, ALL).evidence);
        const secret = [...Object.values(given)].flat();
        expect(leftovers(leaving(evidence), secret)).toEqual(secret);
        expect(leftovers(text, secret)).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  test.each<[Redaction, (given: Names) => readonly string[], (given: Names) => readonly string[]]>([
    ['hosts', ({ hosts }) => hosts, ({ adapters }) => adapters],
    ['pods', ({ pods }) => pods, ({ namespace, label }) => [namespace, label]],
    ['models', ({ model, adapters }) => [model, ...adapters], ({ hosts }) => hosts.slice(0, 2)],
    ['namespaces', ({ namespace }) => [namespace], ({ model }) => [model]],
    ['labels', ({ label }) => [label], ({ namespace }) => [namespace]],
    ['urls', ({ server }) => [server], ({ hosts }) => hosts],
    ['text', ({ hosts: [, , down] }) => [down], ({ hosts: [one, two] }) => [one, two]],
  ])('%s alone: those names are gone, others stay', (kind, gone, stay) => {
    fc.assert(
      fc.property(names, (given) => {
        // Free text stays with `urls` alone, and may name the server.
        const text = leaving(redact(fleet(given), new Set([kind])).evidence);
        expect(leftovers(text, gone(given))).toEqual([]);
        expect(leftovers(text, stay(given))).toEqual(stay(given));
      }),
      { numRuns: 10 },
    );
  });

  test('selector and queries', () => {
    const [given] = fc.sample(names, 1) as [Names];
    const evidence = fleet(given);
    const bare = redact(evidence, new Set(['selector'])).evidence;
    expect(bare.selector).toBe('{}');
    expect(bare.readings.running?.query).toBe('max by (instance) (vllm:x{source="local_compute"})');
    const silent = leaving(redact(evidence, new Set(['queries'])).evidence);
    expect(silent).not.toContain('vllm:x{');
  });
});

test('the verdict is the same in other names, for every pathology', async () => {
  for (const { id } of DETECTORS) {
    const { SCENES } = (await import(`../detectors/${id}/scenes.ts`)) as { SCENES: { sick: Evidence } };
    const { evidence } = redact(SCENES.sick, ALL);
    const [before, after] = [diagnose(SCENES.sick, CHAT), diagnose(evidence, CHAT)];
    const told = (verdict: typeof before) => ({
      status: verdict.status,
      findings: verdict.findings.map((f) => [f.pathology, f.confidence, f.severity, f.since, f.scope.instances.length]),
    });
    expect(told(after), id).toEqual(told(before));
  }
});

test('aliases are those one would guess, and the same wherever a name stands', () => {
  const scene = buildScene({
    replicas: ['10.0.0.7:8000/0', '10.0.0.7:8000/1', 'vllm-1:80'],
    model: 'meta/Llama-8B',
    lines: { running: '1x9' },
  });
  const { evidence, aliases } = redact(
    { ...scene, selector: '{instance="10.0.0.7:8000"}' },
    new Set(['hosts', 'models']),
  );
  expect(evidence.replicas).toEqual([
    { id: 'replica-1/0', instance: 'replica-1', engine: '0', model: 'model-1' },
    { id: 'replica-1/1', instance: 'replica-1', engine: '1', model: 'model-1' },
    { id: 'replica-2', instance: 'replica-2', engine: '0', model: 'model-1' },
  ]);
  expect(evidence.selector).toBe('{instance="replica-1"}');
  expect(evidence.readings.running?.lines.map((line) => line.replica)).toEqual(evidence.replicas.map(({ id }) => id));
  expect(aliases.map(({ name, alias }) => [name, alias])).toEqual([
    ['10.0.0.7:8000', 'replica-1'],
    ['10.0.0.7', 'replica-1'],
    ['vllm-1:80', 'replica-2'],
    ['vllm-1', 'replica-2'],
    ['meta/Llama-8B', 'model-1'],
    ['Llama-8B', 'model-1'],
  ]);
});

test('settings of vLLM stay, since the verdict rests on them; free text goes with any kind of name', () => {
  const [given] = fc.sample(names, 1) as [Names];
  const { labels = {} } = redact(fleet(given), ALL).evidence.readings['cache-config']?.labels[0] ?? {};
  expect(labels).toMatchObject({ block_size: '16', num_gpu_blocks: '600', pod: 'pod-2', namespace: 'namespace-1' });
  expect([...impliedBy(new Set(['pods']))]).toContain('text');
  expect([...impliedBy(new Set(['queries']))]).not.toContain('text');
});

test('what is found is found in other letters and as an address writes it', () => {
  expect(leftovers('https://x/?m=META%2FLlama', ['meta/llama', 'other'])).toEqual(['meta/llama']);
});
