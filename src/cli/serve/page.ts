import { createReadStream, existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { OFFLINE_PAGE } from '../../sources/snapshot/offline.ts';

/** What the page is told of the sources of its server: enough to name and to ask them. */
export interface OfferedSource {
  readonly kind: 'prometheus' | 'metrics';
  readonly name: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.gz': 'application/gzip',
};

/**
 * What the page may do: run its own scripts, and read from wherever its viewer points it. Styles may stand inline, which is
 * how dialogs hold the page behind them still. WebAssembly is SQLite, which reads the exports of Nsight Systems. Only its own server
 * and the pages named may frame it: see docs/embed.md.
 */
const POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' http: https:; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'none'";

/** What is written into the page as it is sent. */
export interface WrittenIn {
  readonly offered: readonly OfferedSource[];
  /** Origins that may frame the page and talk to it. */
  readonly embedOrigins: readonly string[];
}

/** The folder of the built page: beside the built command line, or where the build puts it when run from source. */
export function pageFolder(): string {
  const folders = ['../app/', '../../../dist/app/'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const found = folders.find((folder) => existsSync(join(folder, 'index.html')));
  if (found === undefined) throw new Error('the page is not built: run `npm run build` first');
  return found;
}

/**
 * The page as one file that opens without a network, before a snapshot is put in.
 * @throws Error if the page is not built
 */
export async function offlineTemplate(): Promise<string> {
  return readFile(join(pageFolder(), OFFLINE_PAGE), 'utf8').catch(() => {
    throw new Error('the offline page is not built: run `npm run build` first');
  });
}

/** One file of the page. @returns whether there is one at this path */
export async function sendPage(
  folder: string,
  path: string,
  written: WrittenIn,
  head: boolean,
  response: ServerResponse,
): Promise<boolean> {
  const name = path === '/' ? '/index.html' : path;
  const file = join(folder, name);
  // join has resolved every `..`; what still lies inside is a file of the page.
  if (!file.startsWith(folder.endsWith(sep) ? folder : folder + sep) || name.includes('\0')) return false;
  const found = await stat(file).catch(() => null);
  if (found === null || !found.isFile()) return false;
  const headers = {
    'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
    // Names of built files change with what is in them; all others are asked for anew.
    'Cache-Control': name.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
  };
  if (name === '/index.html') {
    const html = withWritten(await readFile(file, 'utf8'), written);
    const ancestors = ["'self'", ...written.embedOrigins].join(' ');
    response.writeHead(200, { ...headers, 'Content-Security-Policy': `${POLICY}; frame-ancestors ${ancestors}` });
    response.end(head ? undefined : html);
    return true;
  }
  response.writeHead(200, { ...headers, 'Content-Length': found.size });
  if (head) response.end();
  else await pipeline(createReadStream(file), response).catch(() => response.destroy());
  return true;
}

/** The page told what its server knows: a page on a plain file server asks nobody in vain. */
function withWritten(html: string, { offered, embedOrigins }: WrittenIn): string {
  return html.replace('</head>', `${meta('sources', offered)}${meta('embed', embedOrigins)}</head>`);
}

function meta(name: string, value: unknown): string {
  const text = JSON.stringify(value).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
  return `<meta name="vllm-triage-${name}" content="${text}" />`;
}
