import { EnginePage } from './engine-page.ts';
import type { Fleet } from './fleet.ts';
import { Container, Gateway, GpuSensors } from './neighbours.ts';
import { type Labels, type SampleSet, single, writeOpenMetrics } from './page.ts';
import { Random } from './random.ts';
import type { Replica } from './replica.ts';

/** How the fleet is watched, and what is spoilt about it. */
export interface Watch {
  /** Seconds of the episode at which scraping begins: before it the fleet warms up. */
  readonly from: number;
  readonly interval: number;
  /** Share of scrapes that fail. */
  readonly lost: number;
  readonly gpu: 'none' | 'default' | 'profiling';
  readonly container: boolean;
  readonly gateway: boolean;
  readonly byReason: boolean;
  readonly separator: ':' | '_';
  readonly lean: boolean;
  readonly process: boolean;
  /** Where it runs decides how series of other exporters are joined: names only, pods, or hosts. */
  readonly site: 'plain' | 'kubernetes' | 'hosts';
  /** Seconds of the episode in which no scrape of these replicas succeeds; all replicas if none is named. */
  readonly blind: readonly { readonly from: number; readonly to: number; readonly replicas?: readonly number[] }[];
  /** Families that vanish from a second on, as after a wrong relabelling. */
  readonly vanish?: { readonly from: number; readonly families: RegExp };
}

export const WATCH_DEFAULTS: Watch = {
  from: 30,
  interval: 5,
  lost: 0,
  gpu: 'profiling',
  container: true,
  gateway: true,
  byReason: true,
  separator: ':',
  lean: true,
  process: true,
  site: 'kubernetes',
  blind: [],
};

/** Name of a replica as a target. */
export function instanceOf(site: Watch['site'], number: number): string {
  switch (site) {
    case 'plain':
      return `vllm-${number}`;
    case 'kubernetes':
      return `10.42.${3 + number}.${17 + 7 * number}:8000`;
    case 'hosts':
      return `gpu-${String(number + 1).padStart(2, '0')}:8000`;
    default:
      return site satisfies never;
  }
}

interface Target {
  readonly up: SampleSet;
  readonly duration: SampleSet;
  readonly page: EnginePage;
  value: number;
  took: number;
}

/** Prometheus: scrapes all targets in time and keeps what they say. */
export class Recorder {
  private readonly fleet: Fleet;
  private readonly watch: Watch;
  private readonly epoch: number;
  private readonly random: Random;
  private readonly targets: Target[] = [];
  private readonly sensors: GpuSensors[] = [];
  private readonly containers: Container[] = [];
  private gateway: Gateway | null = null;
  private vanished: RegExp | null = null;
  /** Unix seconds of the first and the last scrape. */
  first = Infinity;
  last = -Infinity;

  constructor(fleet: Fleet, watch: Watch, epoch: number, seed: number) {
    this.fleet = fleet;
    this.watch = watch;
    this.epoch = epoch;
    this.random = new Random(seed, 'scrapes');
    for (const replica of fleet.replicas) this.watchReplica(replica);
    if (watch.gateway) {
      const gateway = new Gateway(fleet, (fleet.replicas[0] as Replica).plan.model, {
        instance: watch.site === 'hosts' ? 'gateway-01:9090' : '10.42.0.9:9090',
        job: 'gateway',
      });
      this.gateway = gateway;
      this.every(watch.interval, (at) => gateway.take(this.stamp(at)));
    }
  }

  /** All that was scraped, as OpenMetrics text. */
  text(): string {
    return writeOpenMetrics([
      ...this.targets.flatMap(({ up, duration, page }) => [up, duration, ...page.all()]),
      ...this.sensors.flatMap(({ sets }) => sets),
      ...this.containers.flatMap((container) => container.all()),
      ...(this.gateway?.all() ?? []),
    ]);
  }

  private watchReplica(replica: Replica): void {
    const { watch, fleet } = this;
    const { number } = replica;
    const instance = instanceOf(watch.site, number);
    const pod = `vllm-6c8d4f7b9-${(number * 7919 + 4096).toString(36).padStart(5, 'x')}`;
    const labels: Labels =
      watch.site === 'kubernetes' ? { instance, job: 'vllm', namespace: 'serving', pod } : { instance, job: 'vllm' };
    const host = instance.replace(/:\d+$/, '');
    const page = new EnginePage(replica, {
      target: labels,
      separator: watch.separator,
      byReason: watch.byReason,
      lean: watch.lean,
      process: watch.process,
      epoch: this.epoch,
    });
    const target: Target = {
      page,
      value: 0,
      took: 0,
      up: single('up', 'gauge', labels, () => target.value),
      duration: single('scrape_duration_seconds', 'gauge', labels, () => target.took),
    };
    this.targets.push(target);
    this.every(watch.interval, (at) => this.scrape(target, replica, at));
    const neighbour: Labels =
      watch.site === 'kubernetes'
        ? { exported_pod: pod, exported_namespace: 'serving', instance: `10.42.0.${50 + number}:9400`, job: 'dcgm' }
        : watch.site === 'hosts'
          ? { Hostname: host, instance: `${host}:9400`, job: 'dcgm' }
          : { instance, job: 'dcgm' };
    if (watch.gpu !== 'none') {
      const sensors = new GpuSensors(
        replica,
        (gpu) => ({ gpu: String(gpu), UUID: `GPU-${number}-${gpu}`, modelName: 'NVIDIA H100 80GB HBM3', ...neighbour }),
        watch.gpu === 'profiling',
        new Random(fleet.plan.seed, `sensors ${number}`),
      );
      this.sensors.push(sensors);
      this.every(Math.max(watch.interval, 10), (at) => sensors.take(this.stamp(at), at));
    }
    if (watch.container && watch.site === 'kubernetes') {
      const where = { container: 'vllm', namespace: 'serving', pod };
      const container = new Container(
        replica,
        { ...where, instance: `node-${number}:10250`, job: 'cadvisor' },
        { ...where, instance: '10.42.0.3:8080', job: 'kube-state-metrics' },
        new Random(fleet.plan.seed, `container ${number}`),
      );
      this.containers.push(container);
      this.every(Math.max(watch.interval, 10), (at) => container.take(this.stamp(at), at));
    }
  }

  private every(interval: number, scrape: (at: number) => void): void {
    const { fleet, random } = this;
    const offset = this.watch.from + random.between(0.05, Math.min(interval, 15) * 0.95);
    for (let at = offset; at <= fleet.plan.seconds; at += interval) {
      const then = at + random.between(0, 0.03);
      if (then <= fleet.plan.seconds) fleet.agenda.add(then, scrape);
    }
  }

  private scrape(target: Target, replica: Replica, at: number): void {
    const { watch, random } = this;
    if (replica.startedAt === Infinity || replica.removed) return;
    const stamp = this.stamp(at);
    const blind = watch.blind.some(
      ({ from, to, replicas }) => at >= from && at < to && (!replicas || replicas.includes(replica.number)),
    );
    const lost = random.chance(watch.lost);
    if (!replica.up || blind || lost) {
      // Refused at once, or timed out on the way.
      target.value = 0;
      target.took = replica.up ? Math.min(10, watch.interval) : 0.0012;
      this.note(target, stamp, at);
      return;
    }
    const took = replica.frontEnd.page(at) - at + 0.002 + 0.002 * random.next();
    if (took > Math.min(10, watch.interval)) {
      target.value = 0;
      target.took = Math.min(10, watch.interval);
      this.note(target, stamp, at);
      return;
    }
    target.value = 1;
    target.took = Number(took.toFixed(6));
    this.note(target, stamp, at);
    if (watch.vanish && at >= watch.vanish.from) this.vanished ??= watch.vanish.families;
    target.page.take(stamp, at, this.vanished);
  }

  private note(target: Target, stamp: string, at: number): void {
    target.up.take(stamp);
    target.duration.take(stamp);
    const unix = this.epoch + at;
    this.first = Math.min(this.first, Number(unix.toFixed(3)));
    this.last = Math.max(this.last, Number(unix.toFixed(3)));
  }

  private stamp(at: number): string {
    return (this.epoch + at).toFixed(3);
  }
}
