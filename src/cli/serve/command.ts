import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Command, InvalidArgumentError } from 'commander';
import { EXIT } from '../exit.ts';
import { readHeaders } from '../headers.ts';
import { collectHeader, collectText, parseDuration } from '../values.ts';
import { pageFolder } from './page.ts';
import { startServe } from './server.ts';
import { type ServedArguments, type ServedSource, servedSources } from './sources.ts';

interface Options extends ServedArguments {
  readonly port: number;
  readonly host: string;
  readonly allowedHost: readonly string[];
  readonly embedOrigin: readonly string[];
  readonly timeout: number;
  readonly open: boolean;
}

/** @param done is told the exit code */
export function serveCommand(done: (exit: number) => void): Command {
  return new Command('serve')
    .description('the page, with a relay on its own origin to the sources named here and to nothing else')
    .option('--prometheus <[name=]url>', 'base URL of a Prometheus-compatible API; repeatable', collectText, [])
    .option(
      '--metrics <[name=]url>',
      'a /metrics page, scraped every 5 s and kept for 30 minutes; repeatable, one per replica',
      collectText,
      [],
    )
    .option(
      '--header <header>',
      "sent to the source and never to the browser, 'NAME: VALUE', with several sources 'SOURCE/NAME: VALUE'; @FILE reads the value from a file, $NAME from the environment, also after Bearer or Basic; repeatable",
      collectSourceHeader,
      {},
    )
    .option('--port <port>', 'the next free one if it is taken', parsePort, 8686)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option(
      '--allowed-host <name>',
      'a name this server may be called by, beside addresses and localhost; repeatable',
      collectText,
      [],
    )
    .option(
      '--embed-origin <origin>',
      'a page elsewhere that may frame this one and talk to it, https://portal.example; repeatable',
      collectOrigin,
      [],
    )
    .option('--timeout <duration>', 'for one answer of a source', parseDuration, 60)
    .option('--open', 'open the page in a browser', false)
    .addHelpText(
      'after',
      "\nExample:\n  vllm-triage serve --prometheus prod=https://prometheus.example --header 'Authorization: Bearer $TOKEN' --open",
    )
    .action(async (_: unknown, command: Command) => done(await act(command.opts<Options>())));
}

async function act(options: Options): Promise<number> {
  const log = (line: string) => void process.stderr.write(`${line}\n`);
  try {
    const sources = servedSources(options);
    // A header that cannot be read now would otherwise be found missing by whoever opens the page.
    for (const { headers } of sources) await readHeaders(headers, process.env);
    const { host, port, timeout } = options;
    const allowedHosts = [host, ...options.allowedHost].map((name) => name.toLowerCase());
    const { url, stop } = await startServe({
      sources,
      page: pageFolder(),
      host,
      port,
      allowedHosts,
      embedOrigins: options.embedOrigin,
      timeout,
      log,
    });
    log(`serving ${url}/ with ${sources.map(sayOf).join(', ') || 'no source'}`);
    if (!isLoopback(host)) log('Whoever reaches this address can read these sources: there is no sign-in.');
    if (options.open) openBrowser(`${url}/`);
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    await stop();
    return EXIT.healthy;
  } catch (error) {
    log(`error: ${error instanceof Error ? error.message : String(error)}`);
    return EXIT.usage;
  }
}

/** What the log says of a source: nothing of its address, which may hold a password. */
function sayOf({ kind, name, urls }: ServedSource): string {
  if (kind === 'prometheus') return `${name} (Prometheus)`;
  return `${name} (${urls.length === 1 ? 'one /metrics page' : `${urls.length} /metrics pages`})`;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

/** `SOURCE/NAME: VALUE`, the source left out where there is one. */
function collectSourceHeader(text: string, before: Record<string, string>): Record<string, string> {
  const [, source = '', rest = text] = /^([a-z0-9-]+\/)([^/].*)$/i.exec(text) ?? [];
  const [[name, value] = ['', '']] = Object.entries(collectHeader(rest, {}));
  return { ...before, [source + name]: value };
}

/** An origin and nothing more: what stands behind it would be ignored by browsers, and `*` would be everybody. */
function collectOrigin(text: string, before: readonly string[]): readonly string[] {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text) || new URL(text).origin !== text)
    throw new InvalidArgumentError('expected an origin such as https://portal.example, without a path.');
  return [...before, text];
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535 || text.trim() === '')
    throw new InvalidArgumentError('expected a port from 0 to 65535.');
  return port;
}

/** Opens the page as a person would; where there is no browser the address in the log has to do. */
function openBrowser(url: string): void {
  const openers: Partial<Record<NodeJS.Platform, [string, string[]]>> = {
    darwin: ['open', [url]],
    win32: ['cmd', ['/c', 'start', '', url]],
  };
  const [command, args] = openers[process.platform] ?? ['xdg-open', [url]];
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.on('error', () => process.stderr.write(`${command} is not there; open the address yourself.\n`));
  child.unref();
}
