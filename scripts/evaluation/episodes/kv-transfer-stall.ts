import { relink } from '../simulator/acts.ts';
import { lognormal } from '../simulator/lengths.ts';
import { plansOf, tell, usual } from './ground.ts';
import type { EpisodeRecipe } from './kind.ts';
import { proveHurt } from './proof.ts';

/** Bytes of KV a token, and bytes a second of a link that is fine. */
export const BYTES_PER_TOKEN = 160_000;
export const FAST = 12e9;

/** Prefill and decode apart; the way between them gets slow or loses transfers. */
export const kvTransferStall: EpisodeRecipe = {
  id: 'kv-transfer-stall',
  group: 'pathology',
  strengths: ['mild', 'strong'],
  wish: () => ({
    profiles: ['chat', 'rag', 'agentic'],
    replicas: [2, 3, 4],
    needs: ['modern', 'by-reason'],
    intervals: [5, 5, 10, 15],
  }),
  draft: (ground, strength, pressure) => {
    const { random, onset, ends, replicas } = ground;
    const decoders = Math.max(1, Math.floor(replicas / 2));
    const rate = (Math.max(0.4, ground.calmRate * 0.8) * decoders) / replicas;
    const prompt = lognormal(Math.max(400, ground.prompt.mean), 0.4);
    const split = { ...ground, prompt };
    const bytes = ((rate * replicas) / decoders) * prompt.mean * BYTES_PER_TOKEN;
    const fails = random.chance(0.3);
    const busy = (strength === 'mild' ? 0.8 : 1.15) * pressure;
    const change = fails
      ? { failShare: Math.min(0.8, (strength === 'mild' ? 0.25 : 0.6) * pressure), timeout: random.between(8, 20) }
      : { bytesPerSecond: bytes / busy, latency: 0.05 };
    const good = { latency: 0.003, bytesPerSecond: FAST, bytesPerToken: BYTES_PER_TOKEN, failShare: 0, timeout: 30 };
    const back = { latency: good.latency, bytesPerSecond: FAST, failShare: 0 };
    const scenario = tell(split, {
      replicas: plansOf(split).map((plan, i) => ({ ...plan, role: i < replicas - decoders ? 'prefill' : 'decode' })),
      link: good,
      phases: [{ from: 0, traffic: [usual(split, rate)] }],
      acts: [relink(onset, change), ...(ends === null ? [] : [relink(ends, back)])],
    });
    return {
      scenario,
      primary: 'kv-transfer-stall',
      lenient: fails ? ['request-failures', 'deferred-admission'] : ['deferred-admission'],
      onset,
      ends,
      replicas: Array.from({ length: decoders }, (_, i) => replicas - decoders + i),
      quiet: false,
      without: { 'with the fast link': { ...scenario, acts: [] } },
      perturbations: [fails ? 'failed transfers' : 'slow transfers', `${decoders} of ${replicas} decode`],
    };
  },
  prove: (figures, draft, strength) => {
    const decode = draft.replicas[0] as number;
    return proveHurt(
      strength,
      figures.late,
      [figures.refusedBy('deferred', decode) > 0.8],
      {
        'refusals by deferral': figures.refusedBy('deferred', decode),
        'time held by deferral': figures.refused('deferred', decode),
        waiting: figures.waiting(decode),
        'failed transfers': figures.outcome.fleet.replicas.reduce((sum, one) => sum + one.metrics.transfersFailed, 0),
      },
      strength === 'mild' ? [0.12, 0.6] : [0.45, 1.01],
    );
  },
};
