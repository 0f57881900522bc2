/**
 * How long the built command line takes to read a profile, by the clock and of processor, and the most memory it had at once: `tsx scripts/traces/measure.ts FILE…`. Wants
 * `vite build --mode cli` first. The memory is the peak of the resident set as the kernel counts it, Node included.
 */
import { execFileSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../dist/cli/vllm-triage.js', import.meta.url));
for (const file of process.argv.slice(2)) {
  const began = performance.now();
  const out = execFileSync(
    '/usr/bin/env',
    [process.execPath, '--import', watcher(), program, 'trace', file, '--format', 'json'],
    {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const took = (performance.now() - began) / 1000;
  const [, peak, user, system] = /^PEAK (\d+) (\d+) (\d+)$/m.exec(out) ?? [];
  const { files } = JSON.parse(out.replace(/^PEAK.*$/m, '')) as { files: { events: number }[] };
  process.stdout.write(
    `${file}: ${files[0]?.events} events, ${took.toFixed(2)} s (${((Number(user) + Number(system)) / 1e6).toFixed(2)} s of processor), peak ${Math.round(Number(peak) / 1024)} MiB, load ${loadavg()[0]?.toFixed(1)}\n`,
  );
}

/** A module that prints the peak when the program ends. */
function watcher(): string {
  const code =
    "process.on('exit', () => { const u = process.resourceUsage(); process.stdout.write('\\nPEAK ' + u.maxRSS + ' ' + u.userCPUTime + ' ' + u.systemCPUTime + '\\n') })";
  return `data:text/javascript,${encodeURIComponent(code)}`;
}
