import type { EngineBook } from './books.ts';
import { Clients, type Targets } from './clients.ts';
import { Fleet, type FleetPlan } from './fleet.ts';
import { Recorder, type Watch } from './recorder.ts';
import type { Phase } from './traffic.ts';

/** Something done to the fleet at a second of the episode. */
export interface Act {
  readonly at: number;
  readonly act: (fleet: Fleet, at: number) => void;
}

/** A whole story: who runs, who asks, what goes wrong, who watches. */
export interface Scenario extends FleetPlan {
  readonly phases: readonly Phase[];
  readonly acts: readonly Act[];
  readonly targets: Targets;
  readonly watch: Watch;
  /** Unix seconds of second 0. */
  readonly epoch: number;
}

export interface Outcome {
  readonly scenario: Scenario;
  readonly fleet: Fleet;
  readonly clients: Clients;
  readonly recorder: Recorder | null;
  readonly engines: readonly EngineBook[];
}

/** Plays a story to its end. @param watched false where only the books are wanted */
export function play(scenario: Scenario, watched = true): Outcome {
  const fleet = new Fleet(scenario);
  const recorder = watched ? new Recorder(fleet, scenario.watch, scenario.epoch, scenario.seed) : null;
  const clients = new Clients(fleet, scenario.phases, scenario.targets, scenario.seed);
  for (const { at, act } of scenario.acts) fleet.agenda.add(at, (then) => act(fleet, then));
  fleet.run();
  return { scenario, fleet, clients, recorder, engines: fleet.replicas.map(({ book }) => book) };
}
