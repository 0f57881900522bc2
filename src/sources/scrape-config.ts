/**
 * The scrape job for a fleet, as Prometheus' configuration wants it:
 * https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config. Plain text without a YAML
 * library: every string is written as JSON, which YAML reads as it is.
 */

/** Exporters that know the GPUs beside an engine, and the port each listens on unless told otherwise. */
export const GPU_EXPORTERS = {
  dcgm: { job: 'dcgm', port: 9400, title: 'NVIDIA dcgm-exporter' },
  'nvidia-smi': { job: 'nvidia-gpu', port: 9835, title: 'nvidia_gpu_exporter, which asks nvidia-smi' },
} as const;

export type GpuExporter = keyof typeof GPU_EXPORTERS;

export interface ScrapeConfigOptions {
  /** `host:port`, `host`, or the URL of a metrics page; at least one. */
  readonly targets: readonly string[];
  readonly job?: string;
  readonly gpu?: GpuExporter;
}

/** What a queue does within 15 s is gone from a slower scrape; at 5 s a rate over 20 s holds four samples. */
export const WANTED_INTERVAL = 5;
/** vLLM's own port. */
const VLLM_PORT = 8000;

interface Target {
  readonly scheme: string;
  readonly host: string;
  readonly port: string | null;
  readonly path: string;
}

/**
 * The job for the targets at hand, one per scheme and path, each once and in the order given.
 * @throws RangeError for a target that is neither an address nor a URL, and where there is none
 */
export function scrapeConfig({ targets, job = 'vllm', gpu }: ScrapeConfigOptions): string {
  if (targets.length === 0) throw new RangeError('no target to scrape');
  const parsed = targets.map(targetOf);
  const pages = new Map<string, Target[]>();
  for (const target of parsed) {
    const key = `${target.scheme} ${target.path}`;
    pages.set(key, [...(pages.get(key) ?? []), target]);
  }
  const jobs = [...pages.values()].map((page, index) =>
    jobText(index === 0 ? job : `${job}-${index + 1}`, page[0] as Target, [...new Set(page.map(addressOf))], VLLM_NOTE),
  );
  if (gpu !== undefined) {
    const { job: name, port, title } = GPU_EXPORTERS[gpu];
    const hosts = [...new Set(parsed.map(({ host }) => `${host}:${port}`))];
    jobs.push(jobText(name, { scheme: 'http', path: '/metrics' }, hosts, `${title}, on the hosts of the engines`));
  }
  const guessed = parsed.filter(({ port }) => port === null).map(({ host }) => host);
  const note =
    guessed.length === 0
      ? ''
      : `# No port is known of ${[...new Set(guessed)].join(', ')}: ${VLLM_PORT} is vLLM's own.\n`;
  return `${note}scrape_configs:\n${jobs.join('')}`;
}

const VLLM_NOTE = 'One target per vLLM server, not the service in front of them';

function jobText(
  name: string,
  { scheme, path }: Pick<Target, 'scheme' | 'path'>,
  addresses: readonly string[],
  note: string,
): string {
  return [
    `  # ${note}.`,
    `  - job_name: ${JSON.stringify(name)}`,
    `    scrape_interval: ${WANTED_INTERVAL}s`,
    `    scrape_timeout: ${WANTED_INTERVAL}s`,
    ...(scheme === 'http' ? [] : [`    scheme: ${scheme}`]),
    ...(path === '/metrics' ? [] : [`    metrics_path: ${JSON.stringify(path)}`]),
    '    static_configs:',
    '      - targets:',
    ...addresses.map((address) => `          - ${JSON.stringify(address)}`),
    '',
  ].join('\n');
}

function addressOf({ scheme, host, port }: Target): string {
  return `${host}:${port ?? (scheme === 'https' ? 443 : VLLM_PORT)}`;
}

/** Credentials in a URL are left out: a configuration file names them in a place of its own. */
function targetOf(text: string): Target {
  const trimmed = text.trim();
  const isUrl = /^https?:\/\//i.test(trimmed);
  let url: URL;
  try {
    url = new URL(isUrl ? trimmed : `http://${trimmed}`);
  } catch {
    throw new RangeError(`"${text}" is neither host:port nor a URL`);
  }
  if (url.hostname === '' || (!isUrl && /[/?#@\s]/.test(trimmed)))
    throw new RangeError(`"${text}" is neither host:port nor a URL`);
  const scheme = url.protocol.slice(0, -1);
  // A URL without a port means the one of its scheme; an instance label without one says nothing.
  const port = url.port || (isUrl || /:80$/.test(trimmed) ? (scheme === 'https' ? '443' : '80') : null);
  return { scheme, host: url.hostname, port, path: isUrl && url.pathname !== '/' ? url.pathname : '/metrics' };
}
