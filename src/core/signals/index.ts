/** Replaced by the catalogue list; the ids are fixed here first so that rooms can be built side by side. */
export type SignalId =
  | 'ttft' | 'itl' | 'e2e' | 'queue-time' | 'prefill-time' | 'decode-time' | 'inference-time' | 'time-per-output-token'
  | 'output-tokens' | 'prompt-tokens' | 'computed-prompt-tokens' | 'cached-prompt-tokens' | 'finished'
  | 'running' | 'waiting' | 'waiting-by-reason' | 'preemptions' | 'step-tokens' | 'request-preemptions'
  | 'kv-cache-usage' | 'cache-config'
  | 'prefix-cache-queries' | 'prefix-cache-hits'
  | 'prompt-length' | 'output-length' | 'requested-output' | 'computed-prompt-length'
  | 'process-start' | 'process-memory' | 'process-cpu' | 'engine-awake' | 'http-requests' | 'admission-rejections'
  | 'gpu-utilization' | 'gpu-sm-active' | 'gpu-memory-used'
  | 'up' | 'scrape-duration' | 'sample-age';
