import type { Random } from './random.ts';
import type { Replica } from './replica.ts';
import type { Job } from './request.ts';

/** How a gateway spreads requests over replicas. */
export type Policy =
  | { readonly kind: 'round-robin' }
  | { readonly kind: 'least-loaded' }
  | { readonly kind: 'random' }
  /** The same prefix or conversation always to the same replica. */
  | { readonly kind: 'sticky' }
  | { readonly kind: 'weighted'; readonly weights: readonly number[] };

export class Router {
  private turn = 0;

  policy: Policy;
  private readonly random: Random;

  constructor(policy: Policy, random: Random) {
    this.policy = policy;
    this.random = random;
  }

  /** @returns `null` if no replica is thought to be alive */
  pick(replicas: readonly Replica[], job: Job): Replica | null {
    const alive = replicas.filter((replica) => replica.listed);
    if (alive.length === 0) return null;
    const { policy } = this;
    switch (policy.kind) {
      case 'round-robin':
        this.turn += 1;
        return alive[this.turn % alive.length] as Replica;
      case 'least-loaded': {
        let best = alive[this.random.whole(0, alive.length - 1)] as Replica;
        for (const replica of alive) if (replica.inFlight < best.inFlight) best = replica;
        return best;
      }
      case 'random':
        return this.random.pick(alive);
      case 'sticky': {
        const identity = job.prefix !== 0 ? job.prefix : job.content;
        return alive[(Math.imul(identity, 2654435761) >>> 8) % alive.length] as Replica;
      }
      case 'weighted':
        return alive[this.random.weighted(alive.map((replica) => policy.weights[replica.number] ?? 1))] as Replica;
      default:
        return policy satisfies never;
    }
  }
}
