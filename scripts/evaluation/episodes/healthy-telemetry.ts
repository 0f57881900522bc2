import type { Version } from '../simulator/dialect.ts';
import { plansOf, tell, usual } from './ground.ts';
import { healthy } from './healthy.ts';

/** Look-alikes in which only the watching is odd. */
export const HEALTHY_TELEMETRY = [
  healthy({
    id: 'scrape-gaps',
    wish: { intervals: [5, 10, 15] },
    story: (ground, pressure) => {
      const { random, watch } = ground;
      const blind = Array.from({ length: random.whole(3, 6) }, () => {
        const from = random.between(90, ground.seconds - 60);
        return { from, to: from + watch.interval * random.pick([1, 1, 1.9]) };
      });
      return tell(ground, {
        phases: [{ from: 0, traffic: [usual(ground, ground.calmRate * Math.min(1, pressure))] }],
        watch: { ...watch, blind },
      });
    },
    perturbations: ['single scrapes missing'],
  }),

  healthy({
    id: 'old-names',
    wish: { versions: ['0.8', '0.9', '0.11'] },
    story: (ground, pressure) =>
      tell(ground, { phases: [{ from: 0, traffic: [usual(ground, ground.calmRate * Math.min(1, pressure))] }] }),
  }),

  // Half of the fleet has been upgraded.
  healthy({
    id: 'mixed-versions',
    wish: { replicas: [2, 3, 4], versions: ['0.32'] },
    story: (ground, pressure) => {
      const other = ground.random.pick<Version>(['0.8', '0.9', '0.11']);
      return tell(ground, {
        replicas: plansOf(ground).map((plan, i) => (i % 2 === 1 ? { ...plan, version: other } : plan)),
        phases: [{ from: 0, traffic: [usual(ground, ground.calmRate * Math.min(1, pressure))] }],
      });
    },
    perturbations: ['mixed versions'],
  }),
];
