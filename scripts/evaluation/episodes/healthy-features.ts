import { set } from '../simulator/acts.ts';
import { lognormal } from '../simulator/lengths.ts';
import { plansOf, tell, usual } from './ground.ts';
import { healthy } from './healthy.ts';
import { BYTES_PER_TOKEN, FAST } from './kv-transfer-stall.ts';
import { proveCalm } from './proof.ts';

/** Look-alikes that use something special, and use it well. */
export const HEALTHY_FEATURES = [
  healthy({
    id: 'speculation',
    wish: { needs: ['modern'] },
    story: (drawn, pressure) => {
      const { random } = drawn;
      const tokens = random.pick([2, 3, 4, 5]);
      const ground = { ...drawn, engine: { ...drawn.engine, speculation: { tokens, draftCost: 0.04 } } };
      const acceptance = random.between(0.6, 0.85);
      return tell(ground, {
        phases: [{ from: 0, traffic: [usual(ground, ground.calmRate * 0.8 * Math.min(1, pressure))] }],
        acts: Array.from({ length: ground.replicas }, (_, i) => set(0, i, { acceptance })),
      });
    },
    prove: (figures) => proveCalm(figures, [figures.perDraft > 1.5], { 'tokens a draft': figures.perDraft }),
  }),

  healthy({
    id: 'lora',
    wish: { needs: ['modern'] },
    story: (drawn, pressure) => {
      const { random } = drawn;
      const maxLoras = random.pick([4, 8]);
      const adapters = Array.from({ length: random.whole(2, maxLoras) }, () => random.between(0.3, 1));
      const ground = { ...drawn, engine: { ...drawn.engine, maxLoras } };
      return tell(ground, {
        phases: [{ from: 0, traffic: [usual(ground, ground.calmRate * Math.min(1, pressure), { adapters })] }],
      });
    },
    prove: (figures) => proveCalm(figures, [figures.refused('deferred') < 0.01]),
  }),

  healthy({
    id: 'split',
    wish: { replicas: [2, 3, 4], needs: ['modern'], profiles: ['chat', 'rag', 'agentic'] },
    story: (ground, pressure) => {
      const { replicas } = ground;
      const decoders = Math.max(1, Math.floor(replicas / 2));
      return tell(ground, {
        replicas: plansOf(ground).map((plan, i) => ({ ...plan, role: i < replicas - decoders ? 'prefill' : 'decode' })),
        link: { latency: 0.003, bytesPerSecond: FAST, bytesPerToken: BYTES_PER_TOKEN, failShare: 0, timeout: 30 },
        phases: [
          { from: 0, traffic: [usual(ground, (ground.calmRate * 0.7 * Math.min(1, pressure) * decoders) / replicas)] },
        ],
      });
    },
    perturbations: ['prefill and decode apart'],
  }),

  // Every prompt is another one: there is nothing to reuse.
  healthy({
    id: 'prefixless',
    wish: { profiles: ['rag', 'chat', 'batch'] },
    story: (ground, pressure) =>
      tell(ground, { phases: [{ from: 0, traffic: [usual(ground, ground.calmRate * Math.min(1, pressure))] }] }),
    prove: (figures) => proveCalm(figures, [figures.prefixHits < 0.01], { 'hit share': figures.prefixHits }),
  }),

  healthy({
    id: 'shared-prefix',
    story: (ground, pressure) => {
      const { random, targets, engine } = ground;
      const tokens = Math.round(Math.min(6000, (0.4 * targets.firstToken) / engine.pace.beta) * random.between(0.5, 1));
      const prefix = { tokens, groups: random.pick([1, 2, 5]) };
      const own = lognormal(Math.max(60, ground.prompt.mean * 0.3), 0.4);
      return tell(ground, {
        phases: [
          { from: 0, traffic: [usual(ground, ground.calmRate * 0.6 * Math.min(1, pressure), { prefix, prompt: own })] },
        ],
      });
    },
    prove: (figures) => proveCalm(figures, [figures.prefixHits > 0.3], { 'hit share': figures.prefixHits }),
  }),

  healthy({
    id: 'conversations',
    wish: { profiles: ['chat', 'agentic'] },
    story: (ground, pressure) => {
      const { random } = ground;
      const mean = random.between(3, 6);
      const prompt = lognormal(Math.min(ground.prompt.mean, 250), 0.5);
      return tell(ground, {
        phases: [
          {
            from: 0,
            traffic: [
              usual(ground, (ground.calmRate * 0.5 * Math.min(1, pressure)) / mean, {
                prompt,
                turns: { mean, think: random.between(10, 30) },
              }),
            ],
          },
        ],
      });
    },
  }),

  // Somebody always closes a tab.
  healthy({
    id: 'few-aborts',
    wish: { profiles: ['chat', 'rag', 'agentic'] },
    story: (ground, pressure) => {
      const rate = ground.calmRate * Math.min(1, pressure);
      const step = ground.engine.pace.alpha / 0.6;
      const impatient = { answerPatience: ground.output.mean * step * 0.6 };
      return tell(ground, {
        phases: [{ from: 0, traffic: [usual(ground, rate * 0.985), usual(ground, rate * 0.015, impatient)] }],
      });
    },
    prove: (figures) => proveCalm(figures, [figures.lost < 0.025], { 'lost share': figures.lost }),
  }),
];
