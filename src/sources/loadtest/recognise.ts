/** Keys and phrases that stand near the beginning of the results we read. */
const SIGNATURES =
  /"?(vllm-triage\/bench\/|request_throughput|tokenizer_id|mean_ttft_ms|mean_e2e_latency_ms|guidellm_version|generative_benchmark|load_summary|time_to_first_token|request_performance|aiperf_version|benchmark_id|input_config|request_start_ns|results_ttft_s|results_inter_token_latency_s|num_concurrent_requests|total_input_tokens|best_configurations|server_args)\b"?/;

/**
 * Whether a text may be a load-test result, by its first characters: JSON or YAML with a key of one. GuideLLM up to 0.3 begins with
 * `benchmarks` alone.
 */
export function looksLikeLoadTest(head: string): boolean {
  const text = head.slice(0, HEAD).trimStart();
  if (/^(\{\s*"benchmarks"\s*:\s*\[|benchmarks:[^\S\n]*\n\s*-)/.test(text)) return true;
  if (!/^[[{]/.test(text) && !YAML_START.test(text)) return false;
  return SIGNATURES.test(text);
}

/** Characters that are looked at. */
export const HEAD = 65_536;
const YAML_START = /^(---|results:|version:|metadata:|benchmarks:|scenario:|config:|metrics:|args:|run:)/;
