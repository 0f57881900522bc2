import type { Evidence, Replica } from '../evidence/evidence.ts';

/** What topology.json holds: which engines there are, and by which labels they can be found again. */
export interface Topology {
  readonly selector: string;
  readonly models: readonly string[];
  readonly replicas: readonly (Replica & {
    /** Whether the target answered at its last scrape; `null` where nothing tells. */
    readonly up: boolean | null;
    /** Labels of its info series by which other exporters name the same place. */
    readonly labels: Readonly<Record<string, string>>;
  })[];
}

/** By these, exporters of GPUs, containers and Kubernetes are joined to engines. */
const JOINS = /(^|_)(pod|namespace|node|host|hostname|cluster|job|container|workerid|replicaid|dp_rank)(_|$)/i;

/** A replica without such labels has none listed: its instance is all there is. */
export function topologyOf({ selector, replicas, readings }: Evidence): Topology {
  const lastUp = (id: string) =>
    readings.up?.lines.find(({ replica }) => replica === id)?.values.findLast((value) => value !== null);
  const labelsOf = (id: string) =>
    Object.values(readings).flatMap(({ labels }) => labels.filter(({ replica }) => replica === id));
  return {
    selector,
    models: [...new Set(replicas.map(({ model }) => model))],
    replicas: replicas.map((replica) => {
      const up = lastUp(replica.id) ?? null;
      const joins = labelsOf(replica.id).flatMap(({ labels }) =>
        Object.entries(labels).filter(([label]) => JOINS.test(label)),
      );
      return { ...replica, up: up === null ? null : up > 0, labels: Object.fromEntries(joins) };
    }),
  };
}
