import { createHash } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { PAGE_POLICY } from './src/cli/serve/policy.ts';

/**
 * Four builds from one file: the page (default); with `--mode cli` the command line as one file that plain Node 20 can start;
 * with `--mode offline` the page once more as one HTML file, into which a snapshot is put when it is shared; with `--mode embed` the
 * module for other people's pages.
 */
const BUILDS = { cli: commandLine, offline: offlinePage, embed } as const;

export default defineConfig(({ mode }) => (mode in BUILDS ? BUILDS[mode as keyof typeof BUILDS]() : page()));

/** What holds the page still behind a dialog writes a style element, which the policy refuses; ours does the same by the CSSOM. */
const ALIASES = {
  'react-style-singleton': fileURLToPath(new URL('./src/ui/controls/style-singleton.ts', import.meta.url)),
};
/** Links are left alone, so that what is built does not depend on where the packages really lie. */
const RESOLVE = { alias: ALIASES, preserveSymlinks: true };

/** Names and texts of the licences of what a build holds, which most of them want to travel along. */
const LICENCES = { fileName: 'licenses.md' };

function page() {
  return {
    // Relative addresses let the built page be served under any path prefix.
    base: './',
    plugins: [react(), tailwindcss(), pagePolicy()],
    resolve: RESOLVE,
    build: {
      outDir: 'dist/app',
      license: LICENCES,
      target: 'es2023',
      // For whoever wants to know what a chunk holds.
      manifest: true,
      rolldownOptions: {
        output: {
          codeSplitting: {
            // Groups take their dependencies along: without the first one React would end up inside the chart chunk,
            // and the page could not start before the charts are loaded.
            groups: [
              {
                name: 'react',
                test: /node_modules[\\/](react|react-dom|scheduler|use-sync-external-store|clsx)[\\/]/,
                priority: 2,
              },
              { name: 'recharts', test: /node_modules[\\/](recharts|victory-vendor|d3-[a-z]+)[\\/]/, priority: 1 },
            ],
          },
        },
      },
    },
    worker: { format: 'es' as const },
    // Vite takes the next free port where one is taken, and prints the one it got.
    server: { host: '127.0.0.1', port: 8687 },
    preview: { host: '127.0.0.1', port: 8686, strictPort: false },
    test: {
      // Wide, because a test that compiles or starts something may share the machine with other work.
      testTimeout: 60_000,
      // More than there are cores: the slow ones wait for real programs, for scrapes and for clocks.
      maxWorkers: 4,
      projects: [
        {
          extends: true as const,
          test: {
            name: 'core',
            environment: 'node',
            include: ['src/**/*.test.ts', 'scripts/**/*.test.ts'],
            // Files of one process share what they import: loading it anew for each was a fifth of all the work.
            isolate: false,
            globalSetup: 'src/testing/built-command.ts',
          },
        },
        { extends: true as const, test: { name: 'ui', environment: 'jsdom', include: ['src/**/*.test.tsx'] } },
      ],
    },
  };
}

/** `dist/app/offline.html`, beside the page, which takes it from there. */
function offlinePage() {
  return {
    base: './',
    publicDir: false as const,
    plugins: [workersWithin(), withoutSqlite(), react(), tailwindcss(), oneFile()],
    resolve: RESOLVE,
    build: {
      outDir: 'dist/app',
      emptyOutDir: false,
      target: 'es2023',
      assetsInlineLimit: Number.POSITIVE_INFINITY,
      cssCodeSplit: false,
      rolldownOptions: { output: { codeSplitting: false } },
    },
    // From a disk a browser starts no module of a worker's, only a plain script.
    worker: { format: 'iife' as const, plugins: () => [withoutSqlite()] },
  };
}

/** Workers that read what nobody opens in a page that was sent to show an incident, and that may ask nobody for anything. */
const NOT_OFFLINE = /\/(load|trace)-worker\.ts$/;
const LEFT_OUT =
  'new Worker(URL.createObjectURL(new Blob([\'throw new Error("A page saved as one file does not read this; open it in the page itself.")\'])))';

/** A page opened from a disk may start no worker from a file, so they travel in its script. */
function workersWithin(): Plugin {
  const START = /new Worker\(new URL\('(\.\/[\w-]+\.ts)', import\.meta\.url\), \{ type: 'module' \}\)/g;
  return {
    name: 'vllm-triage:workers-within',
    enforce: 'pre',
    transform(code, id) {
      if (!id.includes('/src/state/')) return null;
      const files: string[] = [];
      const inside = code.replace(START, (_, file: string) =>
        NOT_OFFLINE.test(file) ? LEFT_OUT : `new WorkerWithin${files.push(file)}()`,
      );
      if (inside === code) return null;
      const imports = files.map((file, i) => `import WorkerWithin${i + 1} from '${file}?worker&inline';`);
      return { code: `${imports.join('\n')}\n${inside}`, map: null };
    },
  };
}

/** A third of the file would be SQLite, for exports of profiles that nobody opens in a page that was sent to show an incident. */
function withoutSqlite(): Plugin {
  return {
    name: 'vllm-triage:without-sqlite',
    enforce: 'pre',
    resolveId: (id) => (id.startsWith('sql.js') ? '\0without-sqlite' : null),
    load: (id) =>
      id === '\0without-sqlite'
        ? "export default () => { throw new Error('A page that was saved as one file reads no SQLite; open the export in the page itself, or with vllm-triage trace.'); };"
        : null,
  };
}

/**
 * What the page may do where it carries all of itself: run exactly that, and ask nobody for anything. A script or style of another
 * text than these is refused.
 */
function offlinePolicy(scripts: readonly string[], style: string): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return `default-src 'none'; script-src ${scripts.map(hash).join(' ')}; style-src ${hash(style)}; img-src data: blob:; worker-src blob: data:; base-uri 'none'; form-action 'none'`;
}

/** The policy for web servers that send none. It cannot say there who may frame the page. Not while developing, which needs inline scripts. */
function pagePolicy(): Plugin {
  return {
    name: 'vllm-triage:page-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: PAGE_POLICY },
        injectTo: 'head-prepend',
      },
    ],
  };
}

/** Unpacks script and style in the browser: packed they are a third, and text in base64 a little more. */
const START_OFFLINE = `
const unpacked = async (id) => {
  const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (char) => char.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'))).text();
};
const put = async (name, id, more) =>
  document.head.append(Object.assign(document.createElement(name), { textContent: await unpacked(id), ...more }));
await put('style', 'packed-style', {});
await put('script', 'packed-script', { type: 'module' });
`;

/** Script and style of the only chunk, packed into one HTML file with an empty place for a snapshot. */
function oneFile(): Plugin {
  return {
    name: 'vllm-triage:one-file',
    // After Vite's own, which still writes into the chunk.
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        let script = '';
        let style = '';
        for (const [name, part] of Object.entries(bundle)) {
          if (part.type === 'chunk') script += part.code;
          else if (name.endsWith('.css')) style += String(part.source);
          delete bundle[name];
        }
        const packed = (text: string) => deflateSync(text, { level: 9 }).toString('base64');
        const hold = (id: string, text: string) => `<script type="text/plain" id="${id}">${text}</script>`;
        this.emitFile({
          type: 'asset',
          fileName: 'offline.html',
          source: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta http-equiv="Content-Security-Policy" content="${offlinePolicy([START_OFFLINE, script], style)}" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<title>vLLM Triage</title>
</head>
<body>
<div id="root"></div>
<noscript>This page runs in the browser and needs JavaScript.</noscript>
${hold('vllm-triage-snapshot', '')}
${hold('packed-style', packed(style))}
${hold('packed-script', packed(script))}
<script type="module">${START_OFFLINE}</script>
</body>
</html>
`,
        });
      },
    },
  };
}

/** Not as a library, which would leave React and its development mode to the host. */
function embed() {
  return {
    base: './',
    publicDir: false as const,
    plugins: [react(), tailwindcss()],
    resolve: RESOLVE,
    build: {
      outDir: 'dist/embed',
      license: LICENCES,
      target: 'es2023',
      modulePreload: false as const,
      rolldownOptions: {
        input: 'src/embed/index.ts',
        preserveEntrySignatures: 'strict' as const,
        output: { entryFileNames: 'vllm-triage.js', chunkFileNames: 'parts/[name]-[hash].js' },
      },
    },
    worker: { format: 'es' as const },
  };
}

function commandLine() {
  return {
    publicDir: false as const,
    plugins: [executable()],
    resolve: { preserveSymlinks: true },
    ssr: { noExternal: true as const },
    build: {
      ssr: 'src/cli/main.ts',
      outDir: 'dist/cli',
      license: LICENCES,
      target: 'node20',
      minify: false,
      rolldownOptions: { output: { entryFileNames: 'vllm-triage.js', codeSplitting: false } },
    },
  };
}

/** Puts the `#!` line first exactly once, whether or not the entry brought its own, and sets the executable bit. */
function executable(): Plugin {
  return {
    name: 'vllm-triage:executable',
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk' || !chunk.isEntry) continue;
        chunk.code = `#!/usr/bin/env node\n${chunk.code.replace(/^#!.*\n/, '')}`;
      }
    },
    writeBundle(options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === 'chunk' && chunk.isEntry) chmodSync(`${options.dir}/${chunk.fileName}`, 0o755);
      }
    },
  };
}
