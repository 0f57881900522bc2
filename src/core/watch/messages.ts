import { sayShare } from '../base/say.ts';
import { formatInstant } from '../verdict/format.ts';
import type { Verdict } from '../verdict/verdict.ts';
import type { WatchEvent } from './event.ts';
import type { Stand } from './stand.ts';

/** What a message is made of at one look. */
export interface Occasion {
  /** Unix seconds. */
  readonly at: number;
  /** How things stand by what was said last, and what was said before where this look changed it. */
  readonly stand: Stand;
  readonly before: Stand | null;
  /** When that stand was said, unix seconds. */
  readonly told: number;
  /** `null` at a look that changed nothing. */
  readonly event: WatchEvent | null;
  /** Newest verdict; `null` where the source cannot be read. */
  readonly verdict: Verdict | null;
  /** Address of the page as it looks at this moment; `null` where no page was named. */
  readonly page: string | null;
  /** Seconds until the next look. */
  readonly every: number;
}

export interface MessageShape {
  /** Where it goes, given what the operator named. */
  address(url: string): string;
  /** What is posted as JSON; `null` for nothing to say at this look. */
  body(occasion: Occasion): unknown;
  /** Whether every look is a message of its own that replaces one not delivered yet: a state, and not news. */
  readonly state: boolean;
}

export type ShapeId = 'json' | 'slack' | 'alertmanager';

/** Shapes of `--webhook [SHAPE=]URL`. */
export const MESSAGES: Readonly<Record<ShapeId, MessageShape>> = {
  /** The line of JSON as it is. */
  json: { address: (url) => url, body: ({ event }) => event, state: false },
  /** Slack's incoming webhook, with blocks (docs.slack.dev, "Sending messages using incoming webhooks"). */
  slack: { address: (url) => url, body: (occasion) => (occasion.event ? slackOf(occasion) : null), state: false },
  /** Alertmanager's API v2, POST /api/v2/alerts. An alert that is not sent again ends by itself, so it is sent at every look. */
  alertmanager: {
    address: (url) => `${url.replace(/(?<!\/)\/+$/, '').replace(/\/api\/v2(\/alerts)?$/, '')}/api/v2/alerts`,
    body: (occasion) => {
      const alerts = alertsOf(occasion);
      return alerts.length > 0 ? alerts : null;
    },
    state: true,
  },
};

/** Looks an alert outlives its newest message: two may be lost on the way. At least three minutes, for looks that take long. */
const LOOKS_ALERT_LASTS = 4;
const LEAST_ALERT_LASTS = 180;

const MARKS: Readonly<Record<Stand['status'], string>> = {
  healthy: 'OK',
  degraded: 'DEGRADED',
  critical: 'CRITICAL',
  unknown: 'CANNOT TELL',
};

function slackOf({ stand, before, verdict, page }: Occasion): unknown {
  const head = `${MARKS[stand.status]}: ${stand.headline}`;
  const step = verdict?.plan.steps[0]?.remedy;
  const lines = [
    stand.lede,
    stand.confidence === null ? '' : `${sayShare(stand.confidence)} sure.`,
    stand.status === 'healthy' || step === undefined ? '' : `First: ${step.title}`,
    before ? `Before: ${before.headline}` : '',
  ].filter((line) => line !== '');
  const link = page === null ? '' : `\n<${escapeMrkdwn(page)}|Open the page>`;
  return {
    // What a notification shows, and programs that know no blocks.
    text: escapeMrkdwn(head),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cut(head, 150) } },
      {
        type: 'section',
        text: { type: 'mrkdwn', text: cut(escapeMrkdwn(lines.join('\n')), 3000 - link.length) + link },
      },
    ],
  };
}

/** The alert that stands, and the end of the one it took the place of. */
function alertsOf({ at, stand, before, told, every, verdict, page }: Occasion): unknown[] {
  const now = alertOf(stand);
  const gone = before && alertOf(before);
  const alerts: unknown[] = [];
  if (now) {
    const step = verdict?.plan.steps[0]?.remedy;
    alerts.push({
      labels: now,
      annotations: {
        summary: stand.headline,
        description: stand.lede,
        ...(stand.instances.length > 0 ? { instances: stand.instances.join(', ') } : {}),
        ...(stand.confidence === null ? {} : { confidence: stand.confidence.toFixed(2) }),
        ...(step === undefined ? {} : { remedy: step.title }),
      },
      // Where Alertmanager's own page leads to.
      ...(page === null ? {} : { generatorURL: page }),
      // Alertmanager takes the earlier of two starts, so the onset may be named later than the alert.
      startsAt: formatInstant(Math.min(at, stand.since ?? told)),
      endsAt: formatInstant(at + Math.max(LEAST_ALERT_LASTS, LOOKS_ALERT_LASTS * every)),
    });
  }
  if (gone && JSON.stringify(gone) !== JSON.stringify(now))
    // Whole seconds, and not a moment ahead: Alertmanager takes an end that is still to come for a time-out, and the later one counts.
    alerts.push({ labels: gone, annotations: {}, endsAt: formatInstant(Math.floor(at) - 1) });
  return alerts;
}

interface AlertLabels {
  readonly alertname: string;
  readonly pathology: string;
  readonly model?: string;
  readonly severity: string;
}

/** Labels of the alert a stand rings; `null` for health. Replicas are no labels: an alert keeps its name while its scope grows. */
function alertOf(stand: Stand): AlertLabels | null {
  if (stand.status === 'healthy') return null;
  const pathology = stand.primary ?? (stand.status === 'unknown' ? 'telemetry-gap' : 'unexplained');
  const severity = stand.status === 'critical' ? 'critical' : 'warning';
  return { alertname: 'VllmTriage', pathology, ...(stand.model ? { model: stand.model } : {}), severity };
}

/** Slack reads three characters as markup (docs.slack.dev, "Formatting message text"). */
function escapeMrkdwn(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
