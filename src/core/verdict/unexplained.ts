import { sayDuration, sayList } from '../base/say.ts';
import type { Engine, Judged } from '../evidence/judged.ts';
import { type Stretch, stretchOf } from '../evidence/stretch.ts';
import { countOf } from '../evidence/stand-in.ts';
import { countOver, over } from '../evidence/trace.ts';
import type { Targets } from './profiles.ts';
import type { Attainment } from './verdict.ts';

/** The last two minutes of a fleet, or of some of its engines. */
export function recentStretch(judged: Judged, engines: readonly Engine[] = judged.engines): Stretch {
  return stretchOf(engines, judged.grid, Math.max(0, judged.end - Math.round(120 / judged.grid.step)), judged.end);
}

/** Share of requests that must be hurt, and how many must have been seen, before a harm without a cause is said aloud. */
const HURT = { late: 0.2, slow: 0.5, seen: 20 } as const;

/** People are hurt and no finding says why: by a queue, or by slow tokens on some replica. */
export interface Unexplained {
  readonly what: 'wait' | 'pace';
  readonly engines: readonly Engine[];
}

/** Late first tokens without any queue are what long prompts cost, and no harm of the engine's making. */
export function unexplained(
  fleets: readonly Judged[],
  attainment: readonly Attainment[],
  targets: Targets,
): Unexplained | null {
  // Nobody reads along with a batch, nor waits for its first token.
  if (targets.profile === 'batch') return null;
  const slow = fleets.flatMap((judged) =>
    judged.engines.filter((engine) => {
      const share = over(engine.harm.slowTokens, judged.grid, judged.end, judged.main);
      const seen = countOver(engine.trace.finishes, judged.grid, judged.end, judged.main);
      return (share ?? 0) >= HURT.slow && (seen ?? 0) >= HURT.seen;
    }),
  );
  const ttft = attainment.find((a) => a.metric === 'ttft');
  const late = ttft?.now ? 1 - ttft.now.high : 0;
  if (late >= HURT.late && (ttft?.observed ?? 0) >= HURT.seen) {
    const queued = fleets.some((judged) => {
      const now = recentStretch(judged);
      const inside = (now.queue ?? 0) + (now.prefill ?? 0);
      // A queue, or time that passes before a request reaches the engine; reading a long prompt is neither.
      const outside = now.ttft !== null && now.prefill !== null && now.ttft - inside > targets.ttft;
      return ((now.waiting ?? 0) >= 1 && (now.queue ?? 0) > 0.5 * targets.ttft) || outside;
    });
    if (queued) return { what: 'wait', engines: [] };
  }
  return slow.length > 0 ? { what: 'pace', engines: slow } : null;
}

/** "vllm-1 takes 98 ms a token, the others 36 ms (target 50 ms)." */
export function sayPace(judged: Judged, slow: readonly Engine[], targets: Targets): string {
  const itl = (engines: readonly Engine[]) => recentStretch(judged, engines).itl;
  const others = judged.engines.filter((e) => !slow.includes(e));
  const rest = others.length === 0 ? null : itl(others);
  const target = `target ${sayDuration(targets.tbt)}`;
  const names =
    slow.length === judged.engines.length && slow.length > 1
      ? `All ${countOf(slow).toLocaleString('en')} replicas`
      : sayList(slow.map((e) => e.id));
  return `${names} ${countOf(slow) === 1 ? 'takes' : 'take'} ${sayDuration(itl(slow) ?? 0)} a token${rest === null ? '' : `, the others ${sayDuration(rest)}`} (${target}).`;
}
