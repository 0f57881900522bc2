import { profilingWays, type Releases } from '../../core/traces/commands.ts';
import { CopyButton } from '../controls/copy-button.tsx';

/** How to record a profile, written for copying; the ways that fit the releases the source may run, the best first. */
export function ProfilingCommands({
  releases,
  copied,
  onCopy,
}: {
  readonly releases: Releases;
  readonly copied: string | null;
  readonly onCopy: (text: string) => void;
}) {
  return (
    <div className="flex flex-col gap-5">
      <p className="text-[12.8px] leading-[19px] text-ink-2">
        {sayReleases(releases)} A server is slower while it is profiled, and whoever reaches its port can start and stop
        the profiler: use a replica without users.
      </p>
      {profilingWays(releases).map(({ id, title, releases: fits, server, client, gives }) => (
        <div key={id} data-way={id} className="min-w-0">
          <div className="mb-1 flex flex-wrap items-baseline gap-x-3">
            <h3 className="text-[13.5px] font-[620]">{title}</h3>
            <span className="text-[12px] text-ink-3">{fits}</span>
          </div>
          {[server, client].map((text, i) => (
            <div key={text} className="mt-1.5 flex items-start gap-2">
              <pre
                tabIndex={0}
                className="min-w-0 flex-1 overflow-x-auto rounded-md border border-hairline bg-surface px-3 py-2 font-mono text-[12px] leading-[18px] whitespace-pre-wrap text-ink [overflow-wrap:anywhere]"
              >
                {text}
              </pre>
              <CopyButton
                copied={copied === text}
                onCopy={() => onCopy(text)}
                label={`Copy ${i === 0 ? 'the start of the server' : 'what follows'}, ${title}`}
              />
            </div>
          ))}
          <p className="mt-1 text-[12px] text-ink-3">{gives}</p>
        </div>
      ))}
    </div>
  );
}

function sayReleases({ from, to, because }: Releases): string {
  if (from !== null && from === to) return `For vLLM ${from}, ${because}.`;
  if (from === null && to === null) return 'For every release, since nothing says which one runs.';
  const range = from === null ? `${to} or older` : to === null ? `${from} or newer` : `${from} to ${to}`;
  return `For vLLM ${range}: ${because}.`;
}
