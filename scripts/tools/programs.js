// Where the programs of the tests are: a Chromium, a Prometheus with its promtool, an nginx, a VictoriaMetrics and an Alertmanager. Used by the test command, by
// Playwright's configuration and by whoever starts one of them in a test. Nothing is ever downloaded but Debian packages.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/**
 * @typedef {object} Program
 * @property {string} title as a person calls it
 * @property {string} variable environment variable that names its file
 * @property {readonly string[]} names on PATH, in order of preference
 * @property {readonly string[]} packages Debian packages that bring it, in order of preference
 * @property {readonly string[]} [folders] where it is put although PATH leaves it out for all but root
 */

/** @type {Record<'chromium' | 'prometheus' | 'promtool' | 'nginx' | 'victoria-metrics' | 'alertmanager', Program>} */
export const PROGRAMS = {
  chromium: {
    title: 'Chromium',
    variable: 'VLLM_TRIAGE_CHROMIUM',
    names: ['chromium', 'chromium-headless-shell', 'google-chrome'],
    packages: ['chromium-headless-shell', 'chromium'],
  },
  prometheus: {
    title: 'Prometheus',
    variable: 'VLLM_TRIAGE_PROMETHEUS',
    names: ['prometheus'],
    packages: ['prometheus'],
  },
  promtool: {
    title: 'promtool',
    variable: 'VLLM_TRIAGE_PROMTOOL',
    names: ['promtool'],
    packages: ['prometheus'],
  },
  nginx: {
    title: 'nginx',
    variable: 'VLLM_TRIAGE_NGINX',
    names: ['nginx'],
    packages: ['nginx-light', 'nginx'],
    folders: ['/usr/sbin'],
  },
  'victoria-metrics': {
    title: 'VictoriaMetrics',
    variable: 'VLLM_TRIAGE_VICTORIA_METRICS',
    names: ['victoria-metrics'],
    packages: ['victoria-metrics'],
  },
  alertmanager: {
    title: 'Alertmanager',
    variable: 'VLLM_TRIAGE_ALERTMANAGER',
    names: ['prometheus-alertmanager', 'alertmanager'],
    packages: ['prometheus-alertmanager'],
  },
};

/** @typedef {keyof typeof PROGRAMS} ProgramId */
/** @typedef {Record<string, string | undefined>} Environment */

/**
 * The file of a program: the one its variable names, else the first of its names on PATH. `null` where neither leads to an
 * executable file; a variable that leads nowhere is not passed over for PATH, since somebody meant it.
 * @param {ProgramId} id @param {Environment} environment
 */
export function findProgram(id, environment) {
  const { variable, names, folders: further = [] } = PROGRAMS[id];
  const named = environment[variable];
  if (named) return isExecutable(named) ? named : null;
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  // An unpacked release of Prometheus has its promtool beside it.
  const prometheus = environment[PROGRAMS.prometheus.variable];
  if (id === 'promtool' && prometheus) folders.unshift(dirname(prometheus));
  for (const name of names) {
    for (const folder of [...folders, ...further]) {
      const file = join(folder, name);
      if (isExecutable(file)) return file;
    }
  }
  return null;
}

/**
 * What somebody has to do so that a missing program is there: one sentence.
 * @param {ProgramId} id @param {Environment} environment
 */
export function adviceFor(id, environment) {
  const { title, variable, names, packages } = PROGRAMS[id];
  const named = environment[variable];
  if (named) return `${title}: ${variable} names ${named}, which is not an executable file; correct or unset it.`;
  return `${title}: install the Debian package ${packages.join(' or ')}, or put ${names.join(' or ')} on PATH, or name its file in ${variable}.`;
}

/**
 * Installs what is missing from Debian, where that is possible at all (root, apt-get).
 * @param {readonly ProgramId[]} missing
 * @param {(line: string) => void} tell
 */
export function installPrograms(missing, tell) {
  if (process.getuid?.() !== 0 || !onPath('apt-get')) return;
  // RUNLEVEL=1 keeps Debian's package scripts from starting the services they bring.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  tell('apt-get update');
  spawnSync('apt-get', ['update', '-qq'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  for (const id of missing) {
    for (const name of PROGRAMS[id].packages) {
      if (findProgram(id, process.env) !== null) break;
      tell(`apt-get install ${name}`);
      const run = spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], {
        env,
        encoding: 'utf8',
      });
      if (run.status !== 0)
        tell(`${name} could not be installed: ${lastLine(run.stderr) || `apt-get ended with ${run.status}`}`);
    }
  }
}

/** @param {string} name */
function onPath(name) {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
}

/** @param {string} text */
function lastLine(text) {
  return text.trim().split('\n').at(-1) ?? '';
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
