import { Command } from 'commander';
import { sayCount, sayDuration } from '../../core/base/say.ts';
import { eventOf } from '../../core/watch/event.ts';
import type { Occasion } from '../../core/watch/messages.ts';
import { type ProfileId, targetsOf } from '../../core/verdict/profiles.ts';
import { EXIT } from '../exit.ts';
import { pageLink } from '../page-link.ts';
import { addSourceOptions, chosenSource, type SourceOptions } from '../sources.ts';
import { collectKnob, parseDuration, parsePage, parseProfile } from '../values.ts';
import { runHook } from './hook.ts';
import { looksAt } from './loop.ts';
import { readMemory, writeMemory } from './memory-file.ts';
import { type Address, ownMetrics, parseAddress, serveMetrics } from './own-metrics.ts';
import { collectWebhook, openMail, type Webhook } from './webhook.ts';

interface Options extends SourceOptions {
  readonly selector: string;
  readonly model?: string;
  readonly range: number;
  readonly every: number;
  readonly profile: ProfileId;
  readonly knob: Record<string, number>;
  readonly timeout: number;
  readonly webhook: readonly Webhook[];
  readonly exec?: string;
  readonly listen?: Address;
  readonly state?: string;
  readonly pageUrl?: string;
}

/** Messages that still wait when the program is told to end get this long. */
const LAST_POST_MS = 5000;

/** @param done is told the exit code */
export function watchCommand(version: string, done: (exit: number) => void): Command {
  return addSourceOptions(
    new Command('watch').description('judges again and again; a line of JSON whenever what is wrong changes'),
  )
    .option('--selector <matchers>', 'label matchers, PromQL form: \'{job="vllm"}\'', '')
    .option('--model <name>', 'served model; default: all, judged one by one')
    .option('--every <duration>', 'between two looks', parseDuration, 15)
    .option('--range <duration>', 'how far every look goes back', parseDuration, 1800)
    .option('--profile <name>', 'SLO profile', parseProfile, 'chat')
    .option('--knob <name=value>', 'what the metrics do not tell, e.g. max-num-seqs=64; repeatable', collectKnob, {})
    .option('--timeout <duration>', 'for one look', parseDuration, 30)
    .option(
      '--webhook <[shape=]url>',
      'posts every change there; shapes: json (the line as it is), slack, alertmanager (its base URL; told at every look, as it wants); repeatable',
      collectWebhook,
      [],
    )
    .option('--exec <command>', 'runs it at every change, with the line of JSON on its standard input')
    .option(
      '--listen <address>',
      'HOST:PORT for /metrics of its own: the newest verdict, and its own health',
      parseAddress,
    )
    .option('--state <file>', 'remembers there what was said, so that a restart says nothing twice and misses nothing')
    .option(
      '--page-url <url>',
      'address of the page; every change then links to what it shows of a --prometheus source',
      parsePage,
    )
    .addHelpText(
      'after',
      '\nBad news is said after two looks that agree, good news after four. SIGTERM or Ctrl-C ends it with exit code 0.\n\nExample:\n  vllm-triage watch --prometheus http://127.0.0.1:9090 --webhook alertmanager=http://127.0.0.1:9093 --listen :9469',
    )
    .action(async (_: unknown, command: Command) => done(await act(command.opts<Options>(), version)));
}

async function act(options: Options, version: string): Promise<number> {
  const chosen = chosenSource(options);
  if (typeof chosen === 'string') return complain(chosen);
  if (chosen.follow === null) return complain(`--${chosen.kind} does not go on; watch needs --prometheus or --metrics`);
  const stop = new AbortController();
  const end = () => stop.abort();
  process.once('SIGINT', end).once('SIGTERM', end);
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const metrics = ownMetrics(version);
  let served: { url: string; stop(): void } | undefined;
  // They may still deliver after the last look.
  const lastPost = new AbortController();
  try {
    const remembered = options.state === undefined ? null : await readMemory(options.state);
    if (options.listen) {
      served = await serveMetrics(options.listen, metrics);
      say(`own metrics at ${served.url}`);
    }
    const mails = options.webhook.map((webhook) =>
      openMail(webhook, {
        fetch: globalThis.fetch,
        chance: Math.random,
        stop: lastPost.signal,
        onResult: (result, says) => {
          metrics.notified(result);
          if (result !== 'sent') say(says);
        },
      }),
    );
    const looks = looksAt({
      source: await chosen.follow(stop.signal),
      request: {
        from: 'start',
        to: 'now',
        range: options.range,
        selector: options.selector,
        ...(options.model === undefined ? {} : { model: options.model }),
        knobs: options.knob,
      },
      targets: targetsOf(options.profile),
      every: options.every,
      timeout: options.timeout,
      memory: remembered,
      now: () => Date.now() / 1000,
      chance: Math.random,
      stop: stop.signal,
    });
    say(`watching every ${sayDuration(options.every)}`);
    for await (const { at, took, verdict, trouble, memory, change, next } of looks) {
      metrics.judged(verdict, took, at);
      if (trouble !== null) say(`blind: ${trouble} Next look in ${sayDuration(next)}.`);
      const page =
        options.pageUrl === undefined
          ? null
          : pageLink({ ...options, page: options.pageUrl, source: chosen, from: at - options.range, to: at });
      const event = change && eventOf(change, verdict, version, page);
      if (event) process.stdout.write(`${JSON.stringify(event)}\n`);
      const { stand, at: told } = memory.told;
      const occasion: Occasion = { at, stand, before: change?.before ?? null, told, event, verdict, page, every: next };
      for (const mail of mails) mail.post(occasion);
      // After the line and before the command: what was said is not said again, whatever the command does.
      if (options.state !== undefined) await writeMemory(options.state, memory);
      if (event && options.exec !== undefined) {
        const wrong = await runHook(options.exec, event, stop.signal);
        if (wrong !== null) say(wrong);
      }
    }
    await Promise.all(mails.map((mail) => mail.empty(AbortSignal.timeout(LAST_POST_MS))));
    const lost = mails.reduce((sum, mail) => sum + mail.waiting, 0);
    if (lost > 0) say(`${sayCount(lost, 'message')} could not be delivered before the end`);
    return EXIT.healthy;
  } catch (error) {
    return complain(error instanceof Error ? error.message : String(error));
  } finally {
    lastPost.abort();
    served?.stop();
    process.off('SIGINT', end).off('SIGTERM', end);
  }
}

function complain(message: string): number {
  process.stderr.write(`error: ${message}\n`);
  return EXIT.usage;
}
