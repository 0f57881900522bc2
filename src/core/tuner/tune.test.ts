import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { derive, pointsOf } from './derive.ts';
import { GPUS, gpuNamed } from './gpus.ts';
import { inputsOf, type TunerRequest } from './inputs.ts';
import { quantileOf, residentOf } from './lengths.ts';
import { modelOf } from './model.ts';
import { MODELS, presetNamed } from './models.ts';
import { tune } from './tune.ts';

function request(gpu: string, model: string, more: Partial<TunerRequest> = {}): TunerRequest {
  const card = gpuNamed(gpu);
  const preset = presetNamed(model);
  if (!card || !preset) throw new Error('no such preset');
  return {
    gpu: card,
    model: modelOf(preset.name, preset.config),
    tensor: 1,
    pipeline: 1,
    data: 1,
    kvDtype: 'auto',
    workload: 'chat',
    targets: { ttft: 0.5, itl: 0.05, e2e: null, throughput: null },
    given: {},
    measured: null,
    ...more,
  };
}

const row = (r: TunerRequest, id: string) => tune(r).results.find((one) => one.id === id);
const value = (r: TunerRequest, id: string) => row(r, id)?.value ?? null;
const kinds = (r: TunerRequest) => tune(r).warnings.map((w) => `${w.kind}: ${w.says}`);

describe('what a running request holds, against the simulated mixes of pathologies.md §13', () => {
  test.each([
    ['near-equal long answers', 1000, 0.2, 5000, 0.2, 3534, 1504],
    ['long answers', 1000, 0.8, 5000, 1, 5636, 5047],
    ['heavy-tailed prompts', 3000, 1.5, 500, 1, 3448, 3960],
    ['short chat', 800, 1.2, 300, 0.9, 1070, 1004],
  ])('%s', (_, prompt, promptSpread, answer, answerSpread, mean, sd) => {
    const found = residentOf({ mean: prompt, spread: promptSpread }, { mean: answer, spread: answerSpread });
    // The simulation draws from other families of distributions, cut off at the model's length.
    expect(Math.abs(found.mean / mean - 1)).toBeLessThan(0.07);
    expect(Math.abs(found.sd / sd - 1)).toBeLessThan(0.15);
  });

  test('lengths without spread', () => {
    const even = residentOf({ mean: 1000, spread: 0 }, { mean: 600, spread: 0 });
    expect(even.mean).toBe(1300);
    expect(even.sd).toBeCloseTo(600 / Math.sqrt(12), 9);
    expect(quantileOf({ mean: 700, spread: 0 }, 0.95)).toBe(700);
  });
});

describe('seats', () => {
  test('memory decides where the targets are loose', () => {
    const loose = request('h100', 'llama-3.1-8b', { targets: { ttft: 5, itl: 0.5, e2e: null, throughput: null } });
    const seats = row(loose, 'seats');
    expect(seats?.says).toBe('Memory decides.');
    const { middle } = pointsOf(inputsOf(loose));
    const d = derive(loose, middle);
    // One more multiple of 8 would not fit N·μ + z·σ·√N ≤ 0.92·C.
    const demand = (n: number) => n * d.resident.mean + 2.33 * d.resident.sd * Math.sqrt(n);
    expect(demand(d.seats)).toBeLessThanOrEqual(0.92 * d.capacity);
    expect(demand(d.seats + 8)).toBeGreaterThan(0.92 * d.capacity);
  });

  test('the ITL target decides where it is tight, and the step then takes just that', () => {
    const tight = request('h100', 'llama-3.1-8b', { targets: { ttft: 0.5, itl: 0.03, e2e: null, throughput: null } });
    const d = derive(tight, pointsOf(inputsOf(tight)).middle);
    expect(d.byPace).toBeLessThan(d.byMemory);
    expect(d.meanStep).toBeLessThanOrEqual(0.03);
    expect(d.meanStep).toBeGreaterThan(0.03 * 0.93);
  });

  test('spread costs seats: not the mean alone decides', () => {
    const loose = { ttft: 5, itl: 0.5, e2e: null, throughput: null };
    const even = request('h100', 'llama-3.1-8b', { targets: loose, given: { 'prompt-spread': 0.1 } });
    const wide = request('h100', 'llama-3.1-8b', { targets: loose, given: { 'prompt-spread': 3 } });
    expect(value(wide, 'held-tokens')).toBe(value(even, 'held-tokens'));
    expect(value(wide, 'seats')).toBeLessThan(value(even, 'seats') as number);
  });

  test('answers of one length peak together', () => {
    const loose = { ttft: 5, itl: 5, e2e: null, throughput: null };
    const equal = request('h100', 'llama-3.1-8b', {
      targets: loose,
      given: { 'prompt-tokens': 200, 'prompt-spread': 0, 'answer-tokens': 4000, 'answer-spread': 0 },
    });
    expect(value(equal, 'seats-by-memory')).toBeCloseTo((1.2 * 0.92 * (value(equal, 'kv-tokens') as number)) / 4200, 6);
  });

  test('fp8 in the cache holds twice the tokens', () => {
    const plain = value(request('h100', 'llama-3.1-8b'), 'kv-tokens') as number;
    const half = value(request('h100', 'llama-3.1-8b', { kvDtype: 'fp8' }), 'kv-tokens') as number;
    expect(half / plain).toBeCloseTo(2, 3);
  });

  test('a window takes room for each request, beside its tokens', () => {
    const gemma = request('h100', 'gemma-3-27b');
    // Up to 1,024 tokens in 52 layers beside 10 that grow: 5.2 tokens' worth for each.
    expect(value(gemma, 'held-tokens')).toBeCloseTo(1271.5 + 5.2 * 1024 + 8, 0);
    expect(row(gemma, 'kv-tokens')?.says).toMatch(/^Approximate/);
    expect(row(request('h100', 'llama-3.1-8b'), 'kv-tokens')?.says).toBe('');
  });
});

describe('every preset on every GPU', () => {
  const all = MODELS.flatMap(({ id }) => GPUS.map((gpu) => [id, gpu.id] as const));

  test.each(all)('%s on %s: ranges hold their value, and settings go together', (model, gpu) => {
    const answer = tune(request(gpu, model));
    for (const { id, value, range, sum } of answer.results) {
      expect(sum, id).not.toMatch(/NaN|undefined|Infinity/);
      if (value === null || range === null || ['token-budget', 'long-prompt-cap'].includes(id)) continue;
      expect(range[0], id).toBeLessThanOrEqual(value + 1e-9);
      expect(range[1], id).toBeGreaterThanOrEqual(value - 1e-9);
    }
    const set = Object.fromEntries(answer.settings.map((s) => [s.id, s.value])) as Record<string, number>;
    if (answer.settings.length === 0) {
      expect(answer.warnings.some((w) => w.kind === 'physics')).toBe(true);
      return;
    }
    // vLLM refuses to start with a budget below the seats.
    expect(set['max-num-batched-tokens']).toBeGreaterThanOrEqual(set['max-num-seqs'] as number);
    expect(set['max-num-queued-reqs']).toBeGreaterThanOrEqual(set['max-num-seqs'] as number);
    if (set['long-prefill-token-threshold'] !== undefined)
      expect(set['long-prefill-token-threshold']).toBeLessThan(set['max-num-batched-tokens'] as number);
  });

  test('worse inputs never give more seats', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...all),
        fc.double({ min: 1.05, max: 4, noNaN: true }),
        fc.constantFrom('prompt-tokens', 'answer-spread', 'prompt-spread', 'overhead', 'step-empty', 'step-per-token'),
        ([model, gpu], factor, id) => {
          const before = request(gpu, model);
          const input = inputsOf(before)[id];
          const after = request(gpu, model, { given: { [id]: (input?.value ?? 0) * factor } });
          expect(value(after, 'seats')).toBeLessThanOrEqual(value(before, 'seats') as number);
        },
      ),
    );
  });
});

describe('warnings', () => {
  test.each([
    ['weights that do not fit', request('l4', 'llama-3.3-70b'), /physics: The weights do not fit: .* are missing/],
    [
      'a pace the bandwidth does not allow',
      request('l4', 'llama-3.1-8b'),
      /physics: A step takes .* with a single request/,
    ],
    [
      'a first token faster than the prompt can be read',
      request('l4', 'llama-3.1-8b', { workload: 'rag' }),
      /physics: A long prompt .* with the whole GPU to itself/,
    ],
    [
      'targets that exclude each other',
      request('h100', 'llama-3.1-8b', {
        workload: 'rag',
        targets: { ttft: 0.3, itl: 0.03, e2e: null, throughput: null },
      }),
      /contradiction: At .* seats the TTFT target needs/,
    ],
    [
      'an end-to-end target shorter than its parts',
      request('h100', 'llama-3.1-8b', { targets: { ttft: 0.5, itl: 0.05, e2e: 10, throughput: null } }),
      /contradiction: A mean answer of 300 tokens .* answers up to 190 tokens/,
    ],
    [
      'more than one replica gives',
      request('h100', 'llama-3.1-8b', { targets: { ttft: 0.5, itl: 0.05, e2e: null, throughput: 50_000 } }),
      /contradiction: 50,000 tokens\/s are more than one replica gives/,
    ],
    ['heads that cannot be shared', request('h100', 'qwen2.5-7b', { tensor: 8 }), /physics: 28 attention heads/],
    ['copies of KV heads', request('h100', 'qwen2.5-7b', { tensor: 7 }), /care: 7 GPUs share 4 KV heads/],
    ['a latent on every GPU', request('h200', 'deepseek-v3', { tensor: 8 }), /care: Each of the 8 GPUs keeps/],
    ['an approximate capacity', request('h100', 'gpt-oss-120b'), /care: Layers differ/],
    ['a GPU nobody named', request('24', 'qwen2.5-7b'), /care: With GiB alone/],
  ])('%s', (_, asked, says) => {
    expect(
      kinds(asked).some((line) => says.test(line)),
      kinds(asked).join('\n'),
    ).toBe(true);
  });

  test('a GPU nobody named gives memory, and says that speed is not known', () => {
    const answer = tune(request('24', 'qwen2.5-7b'));
    expect(answer.settings.map((s) => s.id)).toEqual(['max-num-seqs']);
    expect(answer.results.find((r) => r.id === 'token-budget')).toMatchObject({ value: null, sum: /not known/ });
  });
});

describe('inputs', () => {
  test('what is typed in counts, and says so', () => {
    const typed = tune(request('h100', 'llama-3.1-8b', { given: { 'prompt-tokens': 200 } }));
    expect(typed.inputs.find((i) => i.id === 'prompt-tokens')).toMatchObject({ value: 200, low: 200, from: 'given' });
    expect(typed.assumed).not.toContain('prompt-tokens');
    expect(typed.assumed).toContain('answer-tokens');
    expect(typed.measured).toEqual([]);
  });

  test('replicas follow from the arrivals, or from a throughput', () => {
    const arriving = request('h100', 'llama-3.1-8b', { given: { 'request-rate': 40 } });
    const each = tune(arriving).results.find((r) => r.id === 'throughput')?.value as number;
    expect(value(arriving, 'replicas')).toBe(Math.ceil(40 / (each / 300) / 0.75));
    const wanted = request('h100', 'llama-3.1-8b', {
      targets: { ttft: 0.5, itl: 0.05, e2e: null, throughput: 10_000 },
    });
    expect(value(wanted, 'replicas')).toBe(Math.ceil(10_000 / each / 0.75));
    expect(value(request('h100', 'llama-3.1-8b'), 'replicas')).toBeNull();
  });

  test('a model longer than the cache must be cut, or the server does not start', () => {
    const small = request('l4', 'llama-3.1-8b', { targets: { ttft: 5, itl: 0.2, e2e: null, throughput: null } });
    const cut = tune(small).settings.find((s) => s.id === 'max-model-len')?.value;
    expect(cut).toBe(value(small, 'kv-tokens'));
    expect(tune(request('h100', 'llama-3.1-8b')).settings.map((s) => s.id)).not.toContain('max-model-len');
  });
});

describe('the textbook beside it', () => {
  test('its procedure, word for word: Llama-70B on 4 × 80 GB', () => {
    const { textbook } = tune(request('h100', 'llama-3.3-70b', { tensor: 4 }));
    // 320 GB × 0.90 − 141.1 GB = 146.9 GB; ÷ 327,680 B; ÷ 2,048.
    expect(textbook.settings).toEqual([
      { id: 'max-num-seqs', value: 218 },
      { id: 'max-num-batched-tokens', value: 2048 },
      { id: 'gpu-memory-utilization', value: 0.9 },
    ]);
    expect(textbook.steps.map((s) => s.result)).toContain('320 KiB a token');
    expect(textbook.differences.join(' ')).toMatch(/more than the ITL target allows/);
  });

  test('below 50 ms it takes 64 whatever the machine; from 1 s on it takes 8,192 tokens', () => {
    const targets = { ttft: 1, itl: 0.04, e2e: null, throughput: null };
    const { textbook } = tune(request('h100', 'llama-3.1-8b', { targets }));
    expect(textbook.settings.map((s) => s.value)).toEqual([64, 8192, 0.9]);
    expect(textbook.differences.join(' ')).toMatch(/flat 64/);
  });

  test('it takes latent attention for the full kind', () => {
    const { textbook } = tune(request('h200', 'deepseek-v3', { tensor: 8 }));
    expect(textbook.differences.join(' ')).toMatch(/It counts .* KiB a token as if every layer/);
  });
});
