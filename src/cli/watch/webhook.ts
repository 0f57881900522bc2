import { InvalidArgumentError } from 'commander';
import { MESSAGES, type Occasion, type ShapeId } from '../../core/watch/messages.ts';
import { pause } from '../pause.ts';
import { backOff } from './back-off.ts';

export interface Webhook {
  readonly shape: ShapeId;
  readonly url: string;
}

/** `URL` or `SHAPE=URL`, collected. */
export function collectWebhook(text: string, before: readonly Webhook[]): Webhook[] {
  const [, shape = 'json', url = ''] = /^(?:([a-z]+)=)?(.*)$/s.exec(text) ?? [];
  if (!Object.hasOwn(MESSAGES, shape) || !/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ''))
    throw new InvalidArgumentError(
      `expected an http address, with ${Object.keys(MESSAGES).join(', ')} and = before it for its shape, as in slack=https://hooks.example/x.`,
    );
  return [...before, { shape: shape as ShapeId, url }];
}

/** Messages kept while a receiver is away; news older than that nobody needs. */
const MOST_WAITING = 100;
const ANSWER_WITHIN_MS = 10_000;
/** Seconds between two attempts, at first and at most. */
const FIRST_WAIT = 1;
const MOST_WAIT = 60;

export interface Mail {
  /** Takes a message; it is sent as soon as those before it are. Never throws, never waits. */
  post(occasion: Occasion): void;
  /** Resolves when nothing waits any more, or when stopped. */
  empty(stop: AbortSignal): Promise<void>;
  /** Messages not delivered yet. */
  readonly waiting: number;
}

export interface MailOptions {
  readonly fetch: typeof fetch;
  readonly chance: () => number;
  /** Ends all attempts. */
  readonly stop: AbortSignal;
  /** What happened to a message: sent, to be tried again, or given up. The address is said without what may be a secret. */
  readonly onResult: (result: 'sent' | 'retried' | 'dropped', says: string) => void;
}

/**
 * Delivers to one receiver in order. Where a state is told, a newer message takes the place of one that still waits. Tried again
 * after a lost connection, a time-out, 408, 429 and 5xx; any other answer is the receiver's last word, since it would not change.
 */
export function openMail({ shape: id, url }: Webhook, options: MailOptions): Mail {
  const shape = MESSAGES[id];
  const address = shape.address(url);
  const name = `${id} webhook at ${new URL(url).host}`;
  let waiting: unknown[] = [];
  let running: Promise<void> | null = null;

  const run = async () => {
    let failures = 0;
    while (waiting.length > 0 && !options.stop.aborted) {
      const body = waiting[0];
      const trouble = await send(address, body, options);
      if (trouble === null) options.onResult('sent', name);
      else if (trouble.final) options.onResult('dropped', `${name}: ${trouble.says}; not tried again`);
      else {
        failures += 1;
        options.onResult('retried', `${name}: ${trouble.says}; trying again`);
        await pause(backOff(failures, FIRST_WAIT, MOST_WAIT, options.chance()), options.stop);
        continue;
      }
      failures = 0;
      // It may have been replaced while it was on its way.
      if (waiting[0] === body) waiting.shift();
    }
  };

  return {
    post: (occasion) => {
      const body = shape.body(occasion);
      if (body === null) return;
      if (shape.state) waiting = [body];
      else waiting.push(body);
      if (waiting.length > MOST_WAITING) {
        waiting.shift();
        options.onResult('dropped', `${name}: more than ${MOST_WAITING} messages wait; the oldest is left out`);
      }
      running ??= run().finally(() => {
        running = null;
      });
    },
    get waiting() {
      return waiting.length;
    },
    empty: async (stop) => {
      while (running && !stop.aborted) await Promise.race([running, pause(3600, stop)]);
    },
  };
}

async function send(
  address: string,
  body: unknown,
  { fetch, stop }: MailOptions,
): Promise<{ final: boolean; says: string } | null> {
  try {
    const response = await fetch(address, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      // A message goes where the operator said and nowhere else.
      redirect: 'manual',
      signal: AbortSignal.any([stop, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
    });
    await response.body?.cancel();
    if (response.ok) return null;
    const final = response.status < 500 && ![408, 429].includes(response.status);
    return { final, says: `answered ${response.status}` };
  } catch (error) {
    const { name, message, cause } = error as Error & { cause?: { code?: string } };
    return { final: false, says: name === 'TimeoutError' ? 'no answer within 10 s' : (cause?.code ?? message) };
  }
}
