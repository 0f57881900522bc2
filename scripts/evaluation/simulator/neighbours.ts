import type { Fleet } from './fleet.ts';
import { type Labels, type SampleSet, single } from './page.ts';
import type { Random } from './random.ts';
import type { Replica } from './replica.ts';

/** Sensors of the GPUs of one replica, as the DCGM exporter shows them: a model of the hardware, read at every scrape. */
export class GpuSensors {
  readonly sets: SampleSet[] = [];
  private readonly replica: Replica;
  private readonly random: Random;
  private lastAt = 0;
  private lastBusy = 0;
  private lastActive = 0;
  private utilization = 0;
  private active = 0;
  private violation = 0;
  private xid = 0;
  private knownRestarts = 0;

  /** @param profiling whether the profiling counters are on, which the default list leaves out */
  constructor(replica: Replica, target: (gpu: number) => Labels, profiling: boolean, random: Random) {
    this.replica = replica;
    this.random = random;
    for (let gpu = 0; gpu < replica.plan.gpus; gpu += 1) {
      const labels = target(gpu);
      const gauge = (name: string, value: () => number) => this.sets.push(single(name, 'gauge', labels, value));
      if (profiling) gauge('DCGM_FI_PROF_SM_ACTIVE', () => this.near(this.active, 0.01, 3));
      gauge('DCGM_FI_DEV_GPU_UTIL', () => Math.round(100 * this.utilization));
      gauge('DCGM_FI_DEV_SM_CLOCK', () => 15 * Math.round(1755 / replica.slowness / 15));
      gauge('DCGM_FI_DEV_POWER_USAGE', () => this.near(this.power(), 4, 1));
      gauge('DCGM_FI_DEV_FB_USED', () => Math.round(this.replica.up ? 73200 + this.replica.gpuLeak : 4));
      gauge('DCGM_FI_DEV_XID_ERRORS', () => this.xid);
      this.sets.push(single('DCGM_FI_DEV_THERMAL_VIOLATION', 'gauge', labels, () => Math.round(this.violation)));
    }
  }

  take(stamp: string, now: number): void {
    const { replica } = this;
    const { gpuSeconds, smSeconds } = replica.engine;
    const span = Math.max(0.5, now - this.lastAt);
    // A new life counts from zero.
    const busy = gpuSeconds >= this.lastBusy ? gpuSeconds - this.lastBusy : gpuSeconds;
    const active = smSeconds >= this.lastActive ? smSeconds - this.lastActive : smSeconds;
    this.utilization = replica.up ? Math.min(1, busy / span) : 0;
    this.active = replica.up ? Math.min(1, active / span) : 0;
    if (replica.slowness > 1.05) this.violation += span * 1e6 * (1 - 1 / replica.slowness);
    if (replica.restarts > this.knownRestarts && replica.lastEnd === 'Error') this.xid = 31;
    this.knownRestarts = replica.restarts;
    this.lastAt = now;
    this.lastBusy = gpuSeconds;
    this.lastActive = smSeconds;
    for (const set of this.sets) set.take(stamp);
  }

  private power(): number {
    return 95 + (520 * this.active) / this.replica.slowness ** 2;
  }

  private near(value: number, spread: number, digits: number): number {
    return Number(Math.max(0, value + spread * this.random.gaussian()).toFixed(digits));
  }
}

/** What cAdvisor and kube-state-metrics know of a replica's container. */
export class Container {
  readonly sets: SampleSet[];
  private readonly replica: Replica;
  private readonly random: Random;
  private periods = 0;
  private throttled = 0;
  private lastAt = 0;
  private readonly reasons = new Map<string, SampleSet>();
  private readonly kube: Labels;

  constructor(replica: Replica, cadvisor: Labels, kube: Labels, random: Random) {
    this.replica = replica;
    this.random = random;
    this.kube = kube;
    this.sets = [
      single('container_memory_working_set_bytes', 'gauge', cadvisor, () => this.memory()),
      single('container_spec_memory_limit_bytes', 'gauge', cadvisor, () => replica.hostLimit),
      single('container_cpu_cfs_periods', 'counter', cadvisor, () => this.periods),
      single('container_cpu_cfs_throttled_periods', 'counter', cadvisor, () => this.throttled),
      single('kube_pod_container_status_restarts', 'counter', kube, () => replica.restarts),
    ];
  }

  take(stamp: string, now: number): void {
    const { replica } = this;
    const span = now - this.lastAt;
    this.lastAt = now;
    const periods = Math.max(0, Math.round(span / 0.1));
    this.periods += periods;
    // A quota is felt in the periods in which there is more to do than it allows.
    const squeezed = replica.share < 0.9 || replica.gapFactor > 3;
    const load = squeezed ? Math.min(0.95, 0.55 + 0.05 * Math.min(8, replica.engine.running.length)) : 0.01;
    this.throttled += Math.round(periods * load * this.random.between(0.9, 1));
    for (const set of this.sets) set.take(stamp);
    if (replica.lastEnd === null) return;
    if (!this.reasons.has(replica.lastEnd)) {
      const reason = replica.lastEnd;
      this.reasons.set(
        reason,
        single('kube_pod_container_status_last_terminated_reason', 'gauge', { ...this.kube, reason }, () =>
          Number(replica.lastEnd === reason),
        ),
      );
    }
    this.reasons.get(replica.lastEnd)?.take(stamp);
  }

  all(): SampleSet[] {
    return [...this.sets, ...this.reasons.values()];
  }

  private memory(): number {
    const { replica } = this;
    if (!replica.up) return 2e8;
    return Math.round(replica.hostBase + replica.hostLeak + 4e7 * this.random.gaussian());
  }
}

/** The counters of an inference gateway. */
export class Gateway {
  readonly sets: SampleSet[];
  private readonly errors: SampleSet;
  private readonly fleet: Fleet;

  constructor(fleet: Fleet, model: string, target: Labels) {
    this.fleet = fleet;
    const labels = { model_name: model, target_model_name: model, ...target };
    this.sets = [single('llm_d_epp_request', 'counter', labels, () => fleet.gatewayRequests)];
    this.errors = single(
      'llm_d_epp_request_error',
      'counter',
      { error_code: 'ServiceUnavailable', ...labels },
      () => fleet.gatewayErrors,
    );
  }

  take(stamp: string): void {
    for (const set of this.sets) set.take(stamp);
    if (this.fleet.gatewayErrors > 0) this.errors.take(stamp);
  }

  all(): SampleSet[] {
    return [...this.sets, this.errors];
  }
}
