import { chmodSync } from 'node:fs';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** Two builds from one file: the page (default) and, with `--mode cli`, the command line as one file that plain Node 20 can start. */
export default defineConfig(({ mode }) => (mode === 'cli' ? commandLine() : page()));

function page() {
  return {
    // Relative addresses let the built page be served under any path prefix.
    base: './',
    plugins: [react(), tailwindcss()],
    build: {
      outDir: 'dist/app',
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
      projects: [
        {
          extends: true as const,
          test: { name: 'core', environment: 'node', include: ['src/**/*.test.ts', 'scripts/**/*.test.ts'] },
        },
        { extends: true as const, test: { name: 'ui', environment: 'jsdom', include: ['src/**/*.test.tsx'] } },
      ],
    },
  };
}

function commandLine() {
  return {
    publicDir: false as const,
    plugins: [executable()],
    ssr: { noExternal: true as const },
    build: {
      ssr: 'src/cli/main.ts',
      outDir: 'dist/cli',
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
