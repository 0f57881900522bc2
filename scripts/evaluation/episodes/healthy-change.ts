import { remove, restart, start } from '../simulator/acts.ts';
import { lognormal } from '../simulator/lengths.ts';
import { plansOf, tell, usual } from './ground.ts';
import { healthy } from './healthy.ts';
import { proveCalm } from './proof.ts';

/** Look-alikes in which somebody changes something, and does it right. */
export const HEALTHY_CHANGE = [
  // One replica after the other, each drained first, the rest strong enough.
  healthy({
    id: 'rolling-restart',
    wish: { replicas: [3, 4, 4], policies: [{ kind: 'least-loaded' }], calm: [800, 1000] },
    story: (ground, pressure) => {
      const { random, replicas } = ground;
      const boot = random.between(40, 75);
      const first = random.between(120, 180);
      const apart = Math.min(170, (ground.seconds - first - 120) / replicas);
      return tell(ground, {
        phases: [{ from: 0, traffic: [usual(ground, ground.calmRate * 0.65 * Math.min(1, pressure))] }],
        acts: Array.from({ length: replicas }, (_, i) => restart(first + i * apart, i, boot)),
      });
    },
    prove: (figures) => proveCalm(figures, [figures.lost < 0.002], { 'lost share': figures.lost }),
  }),

  // Counters begin again at zero, as one replica is replaced in calm.
  healthy({
    id: 'counter-reset',
    wish: { replicas: [2, 2, 3], policies: [{ kind: 'least-loaded' }] },
    story: (ground, pressure) => {
      const { random } = ground;
      return tell(ground, {
        phases: [{ from: 0, traffic: [usual(ground, ground.calmRate * 0.5 * Math.min(1, pressure))] }],
        acts: [restart(random.between(150, 400), random.whole(0, ground.replicas - 1), random.between(20, 60))],
      });
    },
    prove: (figures) => proveCalm(figures, [figures.lost < 0.002], { 'lost share': figures.lost }),
  }),

  healthy({
    id: 'scale-up',
    wish: { replicas: [2, 3, 4], policies: [{ kind: 'least-loaded' }, { kind: 'round-robin' }] },
    story: (ground, pressure) => {
      const { random, replicas, onset } = ground;
      const at = random.between(200, onset * 0.6);
      const before = ground.calmRate * 0.8 * Math.min(1, pressure) * (replicas - 1);
      const after = ground.calmRate * 0.85 * Math.min(1, pressure) * replicas;
      const rate = (now: number) => before + (after - before) * Math.max(0, Math.min(1, (now - at) / 120));
      return tell(ground, {
        replicas: plansOf(ground).map((plan, i) => (i === replicas - 1 ? { ...plan, startedAt: Infinity } : plan)),
        phases: [{ from: 0, traffic: [usual(ground, 0, { rate })] }],
        acts: [start(at, replicas - 1)],
      });
    },
  }),

  healthy({
    id: 'scale-to-zero',
    wish: { replicas: [1, 2, 2, 3] },
    story: (ground, pressure) => {
      const quiet = Math.round(ground.seconds * 0.5);
      return tell(ground, {
        phases: [
          { from: 0, traffic: [usual(ground, ground.calmRate * 0.6 * Math.min(1, pressure))] },
          { from: quiet, traffic: [] },
        ],
        acts: Array.from({ length: ground.replicas }, (_, i) => remove(quiet + 180 + 40 * i, i)),
      });
    },
  }),

  healthy({
    id: 'asleep',
    wish: { replicas: [1, 1, 2], needs: ['modern'] },
    story: (ground, pressure) => {
      const quiet = Math.round(ground.seconds * 0.4);
      return tell(ground, {
        phases: [
          { from: 0, traffic: [usual(ground, ground.calmRate * 0.6 * Math.min(1, pressure))] },
          { from: quiet, traffic: [] },
        ],
        acts: Array.from({ length: ground.replicas }, (_, i) => ({
          at: quiet + 150 + i,
          act: (fleet: { readonly replicas: readonly { awake: boolean }[] }) => {
            const replica = fleet.replicas[i];
            if (replica) replica.awake = false;
          },
        })),
      });
    },
  }),

  // Somewhat other requests, and no harm in them.
  healthy({
    id: 'mix-change',
    wish: { calm: [1200, 1500], intervals: [5, 10, 15, 30] },
    story: (ground, pressure) => {
      const { random } = ground;
      const rate = ground.calmRate * 0.6 * Math.min(1, pressure);
      const prompt = lognormal(ground.prompt.mean * random.between(0.85, 1.2), 0.5);
      const output = lognormal(ground.output.mean * random.between(0.85, 1.2), 0.5);
      return tell(ground, {
        phases: [
          {
            from: 0,
            traffic: [
              usual(
                { ...ground, prompt: lognormal(ground.prompt.mean, 0.5), output: lognormal(ground.output.mean, 0.5) },
                rate,
              ),
            ],
          },
          { from: ground.seconds / 2, traffic: [usual(ground, rate, { prompt, output })] },
        ],
      });
    },
    prove: (figures) => proveCalm(figures),
  }),
];
