import type { Fleet } from './fleet.ts';
import type { LinkSettings } from './link.ts';
import type { Replica } from './replica.ts';
import type { Policy } from './router.ts';
import type { Act } from './scenario.ts';

type Lasting =
  | 'slowness'
  | 'share'
  | 'gapFactor'
  | 'acceptance'
  | 'leakShare'
  | 'leakBlocks'
  | 'heaviness'
  | 'errorShare';

/** Sets a property of a replica that outlives its restarts. */
export function set(at: number, number: number, changes: Partial<Record<Lasting, number>>): Act {
  return {
    at,
    act: (fleet) => {
      const replica = replicaOf(fleet, number);
      Object.assign(replica, changes);
      replica.apply();
    },
  };
}

/** The engine core stands still; its API server goes on answering. */
export function freeze(at: number, number: number, seconds: number): Act {
  return { at, act: (fleet, now) => replicaOf(fleet, number).engine.freeze(now + seconds) };
}

/** The process dies and comes back `down` seconds later, empty. */
export function crash(at: number, number: number, down: number, how: 'OOMKilled' | 'Error'): Act {
  return { at, act: (fleet, now) => kill(fleet, replicaOf(fleet, number), now, down, how) };
}

/** A replica is taken out of the router, finishes what it has, ends, and comes back; ready `boot` seconds later. */
export function restart(at: number, number: number, boot: number): Act {
  return {
    at,
    act: (fleet, now) => {
      const replica = replicaOf(fleet, number);
      replica.listed = false;
      const look = (then: number): void => {
        if (replica.inFlight > 0 && then < now + 60) {
          fleet.agenda.add(then + 0.5, look);
          return;
        }
        replica.die(then, 'Completed');
        fleet.agenda.add(then + boot, (ready) => replica.start(ready));
      };
      look(now);
    },
  };
}

/** A replica that was not there before. */
export function start(at: number, number: number): Act {
  return { at, act: (fleet, now) => replicaOf(fleet, number).start(now) };
}

/** A replica is taken away for good: drained, ended, and no longer a target. */
export function remove(at: number, number: number): Act {
  return {
    at,
    act: (fleet, now) => {
      const replica = replicaOf(fleet, number);
      replica.listed = false;
      const look = (then: number): void => {
        if (replica.inFlight > 0 && then < now + 120) {
          fleet.agenda.add(then + 0.5, look);
          return;
        }
        replica.die(then, 'Completed');
        replica.removed = true;
      };
      look(now);
    },
  };
}

/** Host memory is lost at that many bytes a second; at the limit the kernel kills the process, which is back `down` seconds later. */
export function leakHost(at: number, number: number, bytesPerSecond: number, down: number): Act {
  const tick = 5;
  return {
    at,
    act: (fleet, now) => {
      const replica = replicaOf(fleet, number);
      const grow = (then: number): void => {
        if (replica.up) replica.hostLeak += bytesPerSecond * tick;
        if (replica.up && replica.hostBase + replica.hostLeak > replica.hostLimit) {
          kill(fleet, replica, then, down, 'OOMKilled');
        }
        fleet.agenda.add(then + tick, grow);
      };
      grow(now);
    },
  };
}

/** GPU memory outside the KV pool grows, MiB a second. */
export function leakGpu(at: number, number: number, mebibytesPerSecond: number): Act {
  const tick = 5;
  return {
    at,
    act: (fleet, now) => {
      const replica = replicaOf(fleet, number);
      const grow = (then: number): void => {
        if (replica.up) replica.gpuLeak += mebibytesPerSecond * tick;
        fleet.agenda.add(then + tick, grow);
      };
      grow(now);
    },
  };
}

export function route(at: number, policy: Policy): Act {
  return {
    at,
    act: (fleet) => {
      fleet.router.policy = policy;
    },
  };
}

/** Changes the way KV takes into all decode replicas. */
export function relink(at: number, changes: Partial<LinkSettings>): Act {
  return {
    at,
    act: (fleet) => {
      for (const link of fleet.links) link.settings = { ...link.settings, ...changes };
    },
  };
}

function replicaOf(fleet: Fleet, number: number): Replica {
  const replica = fleet.replicas[number];
  if (!replica) throw new RangeError(`no replica ${number}`);
  return replica;
}

function kill(fleet: Fleet, replica: Replica, now: number, down: number, how: 'OOMKilled' | 'Error'): void {
  if (!replica.up) return;
  replica.die(now, how);
  fleet.agenda.add(now + down, (then) => replica.start(then));
}
