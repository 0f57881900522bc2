import { namesIn } from './dialect.ts';
import type { Histogram } from './histogram.ts';
import { FINISHED_REASONS, type Metrics } from './metrics.ts';
import { histogram, type Labels, type SampleSet, single } from './page.ts';
import type { Replica } from './replica.ts';

/** What of a page is kept. */
export interface PageOptions {
  /** Added by the scraper to every series: instance, job, pod. */
  readonly target: Labels;
  /** `:` as exported, `_` after some converters. */
  readonly separator: ':' | '_';
  readonly byReason: boolean;
  /** Families that nobody draws are dropped, as relabelling rules often do. */
  readonly lean: boolean;
  /** API server processes, of which several export no `process_*`. */
  readonly process: boolean;
  /** Unix seconds at which the episode starts. */
  readonly epoch: number;
}

/** Families of a page that say nothing about an incident. */
const DROPPED = new Set([
  'estimated_flops_per_gpu',
  'estimated_read_bytes_per_gpu',
  'estimated_write_bytes_per_gpu',
  'mm_cache_queries',
  'mm_cache_hits',
  'request_params_n',
  'request_max_num_generation_tokens',
]);

/** The `/metrics` page of a replica, as its release writes it. It may gain series during the episode. */
export class EnginePage {
  readonly sets: SampleSet[] = [];
  private readonly replica: Replica;
  private readonly options: PageOptions;
  private readonly labels: Labels;
  private readonly statuses = new Map<string, SampleSet[]>();
  private readonly adapters = new Map<string, { set: SampleSet; seen: number; life: number }>();

  constructor(replica: Replica, options: PageOptions) {
    this.replica = replica;
    this.options = options;
    this.labels = { engine: '0', model_name: replica.plan.model, ...options.target };
    this.build();
  }

  /** Keeps the page as it is now. @param now seconds of the episode @param without families that are lost on the way */
  take(stamp: string, now: number, without: RegExp | null): void {
    for (const status of this.replica.metrics.http.keys()) this.httpSets(status);
    for (const [status, sets] of this.statuses) {
      if (this.replica.metrics.http.has(status)) for (const set of sets) set.take(stamp);
    }
    this.noteAdapters(now);
    for (const { set, life } of this.adapters.values()) if (life === this.replica.life) set.take(stamp);
    for (const set of this.sets) if (!without?.test(set.family)) set.take(stamp);
  }

  /** Everything taken. */
  all(): SampleSet[] {
    return [...this.sets, ...[...this.statuses.values()].flat(), ...[...this.adapters.values()].map(({ set }) => set)];
  }

  private build(): void {
    const { replica, options, sets } = this;
    const { settings } = replica.engine;
    const { version } = replica.plan;
    const now = (): Metrics => replica.metrics;
    const names = (family: string) =>
      options.lean && DROPPED.has(family)
        ? []
        : namesIn(version, family).map((name) => `vllm${options.separator}${name}`);
    const gauge = (family: string, value: () => number, labels: Labels = {}) => {
      for (const name of names(family)) sets.push(single(name, 'gauge', { ...labels, ...this.labels }, value));
    };
    const counter = (family: string, value: () => number, labels: Labels = {}) => {
      for (const name of names(family)) sets.push(single(name, 'counter', { ...labels, ...this.labels }, value));
    };
    const times = (family: string, value: () => Histogram) => {
      for (const name of names(family)) sets.push(histogram(name, this.labels, value));
    };

    gauge('num_requests_running', () => now().running);
    gauge('num_requests_waiting', () => now().waiting);
    if (options.byReason) {
      const family = 'num_requests_waiting_by_reason';
      gauge(family, () => now().waiting - now().waitingDeferred, { reason: 'capacity' });
      gauge(family, () => now().waitingDeferred, { reason: 'deferred' });
    }
    gauge('kv_cache_usage_perc', () => now().cacheUsage);
    const inBlocks = version === '0.8' ? settings.blockSize : 1;
    counter('prefix_cache_queries', () => Math.floor(now().prefixQueries / inBlocks));
    counter('prefix_cache_hits', () => Math.floor(now().prefixHits / inBlocks));
    counter('external_prefix_cache_queries', () => now().externalQueries);
    counter('external_prefix_cache_hits', () => now().externalHits);
    counter('mm_cache_queries', () => 0);
    counter('mm_cache_hits', () => 0);
    counter('num_preemptions', () => now().preemptions);
    counter('prompt_tokens', () => now().promptTokens);
    counter('prompt_tokens_by_source', () => now().promptComputed, { source: 'local_compute' });
    counter('prompt_tokens_by_source', () => now().promptCached - now().promptExternal, { source: 'local_cache_hit' });
    counter('prompt_tokens_by_source', () => now().promptExternal, { source: 'external_kv_transfer' });
    counter('prompt_tokens_cached', () => now().promptCached);
    for (const source of ['device', 'host', 'p2p', 'disk', 'external_unspecified']) {
      counter(
        'prompt_tokens_cached_by_source',
        () => (source === 'device' ? now().cachedAtAdmission : source === 'p2p' ? now().externalHits : 0),
        { source },
      );
    }
    counter('generation_tokens', () => now().generationTokens);
    for (const reason of FINISHED_REASONS) {
      if (version !== '0.32' && (reason === 'error' || reason === 'repetition')) continue;
      counter('request_success', () => now().finished[reason], { finished_reason: reason });
    }
    for (const reason of ['max_num_queued_reqs', 'max_num_queued_tokens']) {
      const { engine: _engine, ...rest } = this.labels;
      for (const name of names('admission_rejections')) {
        const value = () => (reason === 'max_num_queued_reqs' ? now().rejections : 0);
        sets.push(single(name, 'counter', { reason, ...rest }, value));
      }
    }
    for (const state of ['awake', 'weights_offloaded', 'discard_all']) {
      gauge('engine_sleep_state', () => Number((state === 'awake') === replica.awake && state !== 'discard_all'), {
        sleep_state: state,
      });
    }
    for (const work of ['flops', 'read_bytes', 'write_bytes']) counter(`estimated_${work}_per_gpu`, () => 0);
    times('time_to_first_token_seconds', () => now().firstToken);
    times('inter_token_latency_seconds', () => now().betweenTokens);
    times('request_time_per_output_token_seconds', () => now().perOutputToken);
    times('e2e_request_latency_seconds', () => now().e2e);
    times('request_queue_time_seconds', () => now().queue);
    times('request_prefill_time_seconds', () => now().prefill);
    times('request_decode_time_seconds', () => now().decode);
    times('request_inference_time_seconds', () => now().inference);
    times('iteration_tokens_total', () => now().iteration);
    times('request_prompt_tokens', () => now().promptLength);
    times('request_generation_tokens', () => now().outputLength);
    times('request_max_num_generation_tokens', () => now().maxOutputLength);
    times('request_params_max_tokens', () => now().paramsMaxTokens);
    times('request_params_n', () => now().paramsN);
    times('request_prefill_kv_computed_tokens', () => now().computedLength);
    times('request_num_preemptions', () => now().requestPreemptions);
    if (settings.speculation) {
      counter('spec_decode_num_drafts', () => now().drafts);
      counter('spec_decode_num_draft_tokens', () => now().draftTokens);
      counter('spec_decode_num_accepted_tokens', () => now().acceptedTokens);
      for (let position = 0; position < settings.speculation.tokens; position += 1) {
        counter('spec_decode_num_accepted_tokens_per_pos', () => now().acceptedByPosition[position] ?? 0, {
          position: String(position),
        });
      }
    }
    if (replica.plan.role !== 'both') {
      times('nixl_xfer_time_seconds', () => now().transferTime);
      times('nixl_post_time_seconds', () => now().transferPost);
      times('nixl_bytes_transferred', () => now().transferBytes);
      counter('nixl_num_failed_transfers', () => now().transfersFailed);
      counter('nixl_num_failed_notifications', () => now().notificationsFailed);
      counter('nixl_num_kv_expired_reqs', () => now().transfersExpired);
    }
    this.cacheConfig();
    this.process();
  }

  private cacheConfig(): void {
    const { replica, options } = this;
    const { settings } = replica.engine;
    const { version } = replica.plan;
    const tokens = settings.blocks * settings.blockSize;
    const labels: Record<string, string> = {
      block_size: String(settings.blockSize),
      cache_dtype: 'auto',
      enable_prefix_caching: settings.prefixCaching ? 'True' : 'False',
      gpu_memory_utilization: version === '0.32' ? '0.92' : '0.9',
      num_gpu_blocks: version === '0.8' ? 'None' : String(settings.blocks),
      num_gpu_blocks_override: 'None',
      sliding_window: 'None',
    };
    if (version !== '0.8') labels['engine'] = '0';
    if (version === '0.32') {
      labels['kv_cache_size_tokens'] = String(tokens);
      labels['kv_cache_max_concurrency'] = String(tokens / settings.maxModelLen);
      labels['effective_attention_block_size'] = String(settings.blockSize);
      labels['prefix_caching_hash_algo'] = 'sha256';
    } else {
      labels['swap_space'] = '4';
      labels['cpu_offload_gb'] = '0';
    }
    this.sets.push(
      single(`vllm${options.separator}cache_config_info`, 'gauge', { ...labels, ...options.target }, () => 1),
    );
  }

  private process(): void {
    const { replica, options, sets } = this;
    if (!options.process) return;
    const { target } = options;
    sets.push(
      single('process_start_time_seconds', 'gauge', target, () => options.epoch + replica.startedAt),
      single('process_cpu_seconds', 'counter', target, () => Math.round(replica.frontEnd.cpu * 100) / 100),
      single('process_resident_memory_bytes', 'gauge', target, () => Math.round(1.1e9 + 0.6 * replica.hostLeak)),
    );
    if (options.lean) return;
    sets.push(
      single('process_virtual_memory_bytes', 'gauge', target, () => 4.630736896e10),
      single('process_open_fds', 'gauge', target, () => 42 + replica.inFlight),
      single('process_max_fds', 'gauge', target, () => 65535),
    );
    sets.push(histogram('http_request_duration_highr_seconds', target, () => replica.metrics.httpDurationFine));
  }

  private httpSets(status: string): void {
    if (this.statuses.has(status)) return;
    const { replica, options } = this;
    const handler = { handler: '/v1/chat/completions', method: 'POST' };
    const sets = [
      single(
        'http_requests',
        'counter',
        { ...handler, status, ...options.target },
        () => replica.metrics.http.get(status) ?? 0,
      ),
    ];
    if (this.statuses.size === 0 && !options.lean) {
      sets.push(
        histogram(
          'http_request_duration_seconds',
          { ...handler, ...options.target },
          () => replica.metrics.httpDuration,
        ),
      );
    }
    this.statuses.set(status, sets);
  }

  /** `lora_requests_info`: a series for every combination that has been, its value the time at which it last was. */
  private noteAdapters(now: number): void {
    const { replica, options } = this;
    const { maxLoras } = replica.engine.settings;
    if (maxLoras === 0) return;
    const { running, waiting } = replica.engine.adapters();
    const names = (list: readonly number[]) => list.map((adapter) => `a${adapter}`).join(',');
    const labels = {
      max_lora: String(maxLoras),
      running_lora_adapters: names(running),
      waiting_lora_adapters: names(waiting),
    };
    const key = `${replica.life} ${labelsKey(labels)}`;
    const known = this.adapters.get(key);
    if (known) {
      known.seen = now;
      return;
    }
    const entry: { set: SampleSet; seen: number; life: number } = {
      seen: now,
      life: replica.life,
      set: single(
        `vllm${options.separator}lora_requests_info`,
        'gauge',
        { ...labels, ...options.target },
        (): number => options.epoch + entry.seen,
      ),
    };
    this.adapters.set(key, entry);
  }
}

function labelsKey(labels: Labels): string {
  return Object.values(labels).join('/');
}
