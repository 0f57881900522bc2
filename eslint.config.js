import { fileURLToPath } from 'node:url';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import reactHooks from 'eslint-plugin-react-hooks';
import regexp from 'eslint-plugin-regexp';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { noMarkup } from './scripts/tools/markup.js';
import { houseRules } from './scripts/tools/rooms.js';

const CORE = [
  'base',
  'signals',
  'promql',
  'exposition',
  'serverlog',
  'evidence',
  'knobs',
  'detectors',
  'verdict',
  'tuner',
  'whatif',
  'panels',
  'traces',
  'snapshot',
  'anomalies',
  'watch',
  'report',
  'compare',
  'loadtest',
  'exports',
  'escalation',
].map((room) => `core/${room}`);

/**
 * Which room sees which: the rooms named on the right, and what those see in turn. Nothing else.
 * @type {Record<string, readonly string[]>}
 */
export const ARROWS = {
  'core/base': [],
  'core/signals': ['core/base'],
  'core/promql': ['core/signals'],
  'core/exposition': ['core/signals'],
  'core/serverlog': ['core/signals', 'core/knobs'],
  'core/evidence': ['core/signals'],
  'core/knobs': ['core/base'],
  // promql: a fact carries the query it can be had from.
  'core/detectors': ['core/evidence', 'core/knobs', 'core/promql'],
  'core/verdict': ['core/detectors'],
  'core/tuner': ['core/evidence', 'core/knobs'],
  // detectors: a remedy says what to move.
  'core/whatif': ['core/detectors'],
  // evidence and verdict: a panel says which readings it draws and takes its lines from the targets judged by.
  'core/panels': ['core/signals', 'core/evidence', 'core/verdict'],
  // verdict: a profile is held against what the metrics say.
  'core/traces': ['core/verdict'],
  'core/snapshot': ['core/verdict'],
  'core/report': ['core/verdict', 'core/whatif'],
  'core/anomalies': ['core/evidence'],
  // anomalies: what chance explains; report: how settings are read off.
  'core/compare': ['core/report', 'core/anomalies'],
  'core/watch': ['core/verdict'],
  // evidence: runs are shown beside what is live.
  'core/loadtest': ['core/evidence'],
  // panels: a dashboard asks what they ask; detectors: their alerts and the scenes that test these.
  'core/exports': ['core/verdict', 'core/panels'],
  // exposition: without a page to put in, the last samples are written as one.
  'core/escalation': ['core/report', 'core/traces', 'core/exposition'],
  sources: CORE,
  state: ['sources'],
  ui: CORE,
  app: ['state', 'ui'],
  embed: ['app', 'state', 'ui'],
  cli: [...CORE, 'sources'],
  // state: the address is set before the first paint.
  main: ['app', 'state'],
  testing: [...CORE, 'sources'],
};

/**
 * Which packages are imported where. One that is not listed is refused everywhere in src, so that a new one is a decision.
 * @type {Record<string, readonly string[]>}
 */
export const PACKAGES = {
  react: ['state', 'ui', 'app', 'embed', 'main'],
  'react-dom': ['ui', 'app', 'embed', 'main'],
  recharts: ['ui/charts'],
  '@tanstack/react-query': ['state'],
  zustand: ['state'],
  'radix-ui': ['ui', 'app'],
  cmdk: ['ui', 'app'],
  'lucide-react': ['ui', 'app'],
  fflate: ['sources/snapshot'],
  papaparse: ['sources/traces', 'ui/share'],
  'html-to-image': ['ui'],
  clsx: ['ui', 'app'],
  valibot: ['sources', 'state', 'cli', 'embed'],
  // Only its lexer: runbooks are drawn as elements of the page.
  marked: ['ui/diagnosis'],
  commander: ['cli'],
  'prom-client': ['cli/watch'],
  'eventsource-parser': ['cli/bench'],
  'sql.js': ['sources/traces'],
  // app: the menu of exports, in a chunk of its own.
  yaml: ['sources/loadtest', 'cli', 'app', 'testing'],
  vite: ['testing'],
};

const root = fileURLToPath(new URL('.', import.meta.url));
const house = houseRules({ root, arrows: ARROWS, packages: PACKAGES, node: ['cli', 'testing'] });

const CLOCK = [
  { object: 'Date', property: 'now', message: 'Time is given as an argument.' },
  { object: 'performance', property: 'now', message: 'Time is given as an argument.' },
];

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', 'test-results/', 'playwright-report/', 'public/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  tseslint.configs.recommended,
  {
    plugins: { 'import-x': importX, house: { rules: { ...house.rules, 'no-markup': noMarkup } } },
    settings: {
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.tsx', '.js'] })],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts', '.tsx'] },
    },
    rules: {
      'house/rooms': 'error',
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    // What comes from outside stays text: docs/fuzzing.md.
    files: ['src/**'],
    ignores: ['**/*.test.{ts,tsx}', '**/testing/**'],
    plugins: { regexp },
    // Known as what they are to the rule on timers.
    languageOptions: { globals: { setTimeout: 'readonly', setInterval: 'readonly' } },
    rules: {
      'house/no-markup': 'error',
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'no-script-url': 'error',
      // Text of an attacker's choice meets most of them: none may take longer than its input is long.
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential', ignorePartial: false }],
    },
  },
  {
    files: ['src/core/**'],
    ignores: ['**/*.test.ts', '**/testing/**'],
    rules: {
      // The compiler refuses most of these as well (src/core/tsconfig.json); the clock and chance are part of the bare language.
      'no-console': 'error',
      'no-restricted-globals': [
        'error',
        'fetch',
        'window',
        'document',
        'process',
        'localStorage',
        'setTimeout',
        'setInterval',
        'performance',
      ],
      'no-restricted-properties': [
        'error',
        ...CLOCK,
        { object: 'Math', property: 'random', message: 'Chance is given as an argument.' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Time is given as an argument.' },
      ],
    },
  },
  {
    files: ['src/sources/**'],
    ignores: ['**/*.test.ts'],
    rules: { 'no-restricted-properties': ['error', ...CLOCK] },
  },
  { ...reactHooks.configs.flat['recommended-latest'], files: ['src/{ui,app,state,embed}/**'] },
);
