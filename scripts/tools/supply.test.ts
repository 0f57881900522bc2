import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(root + path, 'utf8');

interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly inBundle?: boolean;
  readonly hasInstallScript?: boolean;
}
const { '': own, ...packages } = JSON.parse(read('package-lock.json')).packages as Record<string, Locked>;
const manifest = JSON.parse(read('package.json'));

/** Licences that ask for no more than their own text beside what is made of a part, which licenses.md brings. */
const ALLOWED = new Set(['MIT', 'ISC', 'Apache-2.0', 'BSD-3-Clause', 'BSD-2-Clause', '0BSD']);
const allAllowed = (license: string | undefined) =>
  license !== undefined &&
  license
    .replace(/[()]/g, '')
    .split(/ AND /)
    .every((one) => ALLOWED.has(one));

test('the list of parts (`npm run sbom`) holds every part of the lock file, by its hash', () => {
  const told = spawnSync('npm', ['run', '--silent', 'sbom'], { cwd: root, encoding: 'utf8', maxBuffer: 64e6 });
  expect(told.status, told.stderr).toBe(0);
  const { components } = JSON.parse(told.stdout) as {
    components: { group?: string; name: string; version: string; hashes?: { alg: string }[] }[];
  };
  const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const listed = new Set(components.map(({ group, name, version }) => `${group ? `${group}/` : ''}${name}@${version}`));
  const missing = Object.entries(packages).filter(([path, { version }]) => !listed.has(`${nameOf(path)}@${version}`));
  expect(missing.map(([path]) => path)).toEqual([]);
  expect(components.filter(({ hashes }) => hashes?.some(({ alg }) => alg === 'SHA-512')).length).toBeGreaterThan(100);
}, 60_000);

describe('the lock file', () => {
  test('says the same as package.json, and names what was had by its hash', () => {
    for (const kind of ['dependencies', 'devDependencies'] as const)
      expect((own as unknown as Record<string, object>)[kind], kind).toEqual(manifest[kind]);
    const without = Object.entries(packages).filter(
      ([, one]) => !one.inBundle && !one.integrity?.startsWith('sha512-'),
    );
    expect(without.map(([name]) => name)).toEqual([]);
    expect(Object.keys(packages).length).toBeGreaterThan(100);
  });

  test('leads to no other place than the registry', () => {
    expect(Object.values(packages).flatMap(({ resolved }) => resolved ?? [])).toEqual([]);
    for (const range of Object.values({ ...manifest.dependencies, ...manifest.devDependencies }))
      expect(range).toMatch(/^[\^~]?\d/);
  });

  test('nothing runs when it is installed: not ours, and of others only what is not needed', () => {
    expect(read('.npmrc').split('\n')).toContain('ignore-scripts=true');
    expect(Object.keys(manifest.scripts).filter((name) => /^(pre|post)|^(install|prepare)$/.test(name))).toEqual([]);
    const scripted = Object.entries(packages).filter(([, one]) => one.hasInstallScript);
    // Its script only puts the program that came as a package in the place of a starter in JavaScript.
    expect(scripted.map(([name]) => name)).toEqual(['node_modules/esbuild']);
  });
});

describe('what ships', () => {
  const builds = ['app', 'embed', 'cli'];

  test.each(builds)('dist/%s holds parts under licences that allow it, with their texts', (build) => {
    const file = `dist/${build}/licenses.md`;
    if (!existsSync(root + file)) throw new Error('Not built: run `npm run build` first.');
    const parts = [...read(file).matchAll(/^## (.+) - (\S+) \((.+)\)$/gm)].map(([, name, version, license]) => ({
      name,
      version,
      license,
    }));
    expect(parts.length).toBeGreaterThan(5);
    expect(parts.filter(({ license }) => !allAllowed(license))).toEqual([]);
  });

  test('so does everything that may come to ship', () => {
    const shipping = Object.entries(packages).filter(([, one]) => !one.dev && !one.devOptional);
    expect(shipping.length).toBeGreaterThan(20);
    expect(shipping.filter(([, one]) => !allAllowed(one.license)).map(([name, one]) => [name, one.license])).toEqual(
      [],
    );
  });
});

test('what builds and tests runs with no more rights than the checkout: no workflow asks for any', () => {
  expect(existsSync(`${root}.github/workflows`)).toBe(false);
  expect(readdirSync(`${root}.ci`)).toEqual(['run']);
  expect(read('.ci/run')).not.toMatch(/\$\{?[A-Z_]*(TOKEN|SECRET|PASSWORD|KEY)/);
});
