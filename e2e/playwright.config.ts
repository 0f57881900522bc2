import { availableParallelism } from 'node:os';
import { defineConfig } from '@playwright/test';
import { adviceFor, findProgram } from '../scripts/tools/programs.js';

const chromium = findProgram('chromium', process.env);
if (chromium === null) throw new Error(adviceFor('chromium', process.env));

/**
 * The stories play in a Chromium that is already there; Playwright's own download is never used. The built page and the
 * Prometheus are started by fixtures/app.ts, each on a free port, so that two runs can share a machine.
 */
export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  forbidOnly: process.env['CI'] !== undefined,
  // One more than there are cores: a page with a Prometheus behind it keeps one busy at times, and waits for a clock at others.
  workers: availableParallelism() + 1,
  timeout: 60_000,
  // The machine that runs this may be busy with other things; what is wrong stays wrong the second time.
  retries: 1,
  expect: { timeout: 15_000 },
  reporter: 'list',
  use: {
    headless: true,
    viewport: { width: 1280, height: 800 },
    timezoneId: 'UTC',
    locale: 'en-GB',
    trace: 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: chromium,
      args: ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
    },
  },
});
