import type { Version } from './dialect.ts';
import { lognormal, uniform } from './lengths.ts';
import { WATCH_DEFAULTS } from './recorder.ts';
import type { ReplicaPlan } from './replica.ts';
import type { Scenario } from './scenario.ts';
import { ENGINE_DEFAULTS, type EngineSettings, FRONT_END_DEFAULTS } from './settings.ts';

/** A replica for tests. */
export function planOf(engine: Partial<EngineSettings> = {}, version: Version = '0.32'): ReplicaPlan {
  return {
    engine: { ...ENGINE_DEFAULTS, ...engine },
    frontEnd: FRONT_END_DEFAULTS,
    version,
    model: 'm',
    gpus: 1,
    role: 'both',
    startedAt: -1000,
  };
}

/** Chat for a minute, then nobody: everything has ended at the end. */
export function drained(changes: Partial<Scenario> = {}): Scenario {
  return {
    seed: 5,
    seconds: 150,
    replicas: [planOf()],
    policy: { kind: 'round-robin' },
    phases: [
      { from: 0, traffic: [{ rate: 3, prompt: uniform(100, 900), output: lognormal(80, 0.6) }] },
      { from: 60, traffic: [] },
    ],
    acts: [],
    targets: { firstToken: 0.5, perToken: 0.05 },
    watch: { ...WATCH_DEFAULTS, from: 0 },
    epoch: 1_790_000_000,
    ...changes,
  };
}
