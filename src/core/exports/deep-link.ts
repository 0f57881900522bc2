import type { Targets } from '../verdict/profiles.ts';

/** Where an alert leads: the page at this address, reading this source and scope. */
export interface LinkTarget {
  /** Address of the page, with or without a path; `null` for rules without links. */
  readonly page: string | null;
  /** Address of the Prometheus as the page reaches it; `null` leaves the choice to the page. */
  readonly prometheus: string | null;
  readonly selector: string;
  readonly model?: string | undefined;
  readonly targets: Targets;
}

/** Seconds shown before the alert: the page's own default range. */
const RANGE = 1800;

/**
 * The address of the page for an alert, as a Prometheus template: the range ends when the rule was last evaluated and begins
 * early enough to show the onset. Prometheus hands templates no time, so they ask for it. Links keep contract.md §4: TIME in
 * unix milliseconds.
 * @param holds seconds the alert waited before it fired
 * @returns `null` without a page
 */
export function deepLink(target: LinkTarget, holds: number): string | null {
  if (target.page === null) return null;
  const ago = RANGE + holds;
  const pairs: [string, string][] = [];
  if (target.prometheus !== null) pairs.push(['prometheus', literal(target.prometheus)]);
  if (target.selector !== '' && target.selector !== '{}') pairs.push(['selector', literal(target.selector)]);
  if (target.model !== undefined) pairs.push(['model', literal(target.model)]);
  pairs.push(['from', time(-ago)], ['to', time(0)]);
  if (target.targets.profile !== 'chat') pairs.push(['profile', target.targets.profile]);
  if (target.targets.profile === 'custom')
    for (const name of ['ttft', 'tbt', 'e2e'] as const) pairs.push([name, String(target.targets[name])]);
  const base = target.page.endsWith('/') ? target.page : `${target.page}/`;
  const model = target.model === undefined ? '{{ with $labels.model_name }}&model={{ . | urlquery }}{{ end }}' : '';
  return `${base}?${pairs.map(([name, value]) => `${name}=${value}`).join('&')}${model}`;
}

const literal = (text: string) => encodeURIComponent(text);

/** Unix milliseconds so many seconds from the evaluation. */
function time(seconds: number): string {
  const when = seconds === 0 ? 'time()' : `(time() - ${-seconds})`;
  return `{{ with query "${when} * 1000" }}{{ . | first | value | printf "%.0f" }}{{ end }}`;
}
