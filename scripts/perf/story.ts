import { set } from '../evaluation/simulator/acts.ts';
import { lognormal } from '../evaluation/simulator/lengths.ts';
import { WATCH_DEFAULTS } from '../evaluation/simulator/recorder.ts';
import { play, type Scenario } from '../evaluation/simulator/scenario.ts';
import { ENGINE_DEFAULTS, FRONT_END_DEFAULTS } from '../evaluation/simulator/settings.ts';

/** Seconds between scrapes: what most fleets are set to. */
export const INTERVAL = 15;
/** Replicas that are simulated; every other one is a copy of a healthy one of these, a little different. */
export const SIMULATED = 7;
/** The one with the throttled GPU. */
export const SICK = 0;
/** Seconds before the first scrape, so that nobody starts with an empty cache and an empty batch. */
const WARM_UP = 60;
/** How many times slower the sick one works, from when on: seconds before the page is opened. */
const SLOWNESS = 3;
const SICK_FOR = 600;

/**
 * A few replicas of one model behind a router, as vLLM 0.32, their GPUs, containers and gateway export it. One GPU is
 * throttled ten minutes before `behind` seconds have passed.
 * @param behind, ahead seconds of data before and after the moment the page is opened
 * @returns OpenMetrics text; the moment of opening is `behind` seconds after `epoch`
 */
export function tellStory(behind: number, ahead: number, epoch: number): string {
  const scenario: Scenario = {
    seed: 10,
    seconds: WARM_UP + behind + ahead,
    replicas: Array.from({ length: SIMULATED }, (_, i) => ({
      engine: ENGINE_DEFAULTS,
      frontEnd: FRONT_END_DEFAULTS,
      version: '0.32' as const,
      model: 'meta-llama/Llama-3.3-70B-Instruct',
      gpus: 1,
      role: 'both' as const,
      startedAt: -86_400 - 3_000 * i,
    })),
    policy: { kind: 'round-robin' },
    phases: [{ from: 0, traffic: [{ rate: 2 * SIMULATED, prompt: lognormal(400, 0.6), output: lognormal(150, 0.6) }] }],
    acts: [set(WARM_UP + behind - SICK_FOR, SICK, { slowness: SLOWNESS })],
    targets: { firstToken: 0.5, perToken: 0.05 },
    watch: { ...WATCH_DEFAULTS, from: WARM_UP, interval: INTERVAL },
    epoch: epoch - WARM_UP,
  };
  return play(scenario).recorder?.text() ?? '';
}
