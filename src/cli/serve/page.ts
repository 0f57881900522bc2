import { createReadStream, existsSync } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { OFFLINE_PAGE } from '../../sources/snapshot/offline.ts';
import { PAGE_POLICY, PERMISSIONS } from './policy.ts';

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
  const file = await fileIn(folder, name);
  const found = file === null ? null : await stat(file).catch(() => null);
  if (file === null || found === null || !found.isFile()) return false;
  const headers = {
    'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
    // Names of built files change with what is in them; all others are asked for anew.
    'Cache-Control': name.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Permissions-Policy': PERMISSIONS,
    // Of a worker its own file's policy counts, not that of the page that starts it.
    'Content-Security-Policy': `${PAGE_POLICY}; frame-ancestors ${["'self'", ...written.embedOrigins].join(' ')}`,
  };
  if (name === '/index.html') {
    const html = withWritten(await readFile(file, 'utf8'), written);
    response.writeHead(200, headers);
    response.end(head ? undefined : html);
    return true;
  }
  response.writeHead(200, { ...headers, 'Content-Length': found.size });
  if (head) response.end();
  else await pipeline(createReadStream(file), response).catch(() => response.destroy());
  return true;
}

/** Where a name leads, links in the file system followed; `null` for what is not there or lies outside the folder. */
async function fileIn(folder: string, name: string): Promise<string | null> {
  if (name.includes('\0')) return null;
  const [home, file] = await Promise.all([realpath(folder), realpath(join(folder, name)).catch(() => null)]);
  return file?.startsWith(home + sep) ? file : null;
}

/** The page told what its server knows: a page on a plain file server asks nobody in vain. */
function withWritten(html: string, { offered, embedOrigins }: WrittenIn): string {
  return html.replace('</head>', `${meta('sources', offered)}${meta('embed', embedOrigins)}</head>`);
}

function meta(name: string, value: unknown): string {
  const text = JSON.stringify(value).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
  return `<meta name="vllm-triage-${name}" content="${text}" />`;
}
