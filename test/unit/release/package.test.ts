import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import PACKAGE from '../../../package.json';
import VIEWER from '../../../scripts/viewer.json';
import ROOMS from '../../../src/rooms.json';
import OTHERS from '../../e2e/long/otherViewers.json';

/** npm's own reading of version ranges; jest brings it along. */
const { satisfies } = jest.requireActual<{ satisfies(version: string, range: string): boolean }>(
  'semver',
);
const LOCK = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  readonly packages: Readonly<Record<string, { readonly optionalDependencies?: object }>>;
};
const rooms: Readonly<Record<string, { readonly imports: readonly string[] }>> = ROOMS;

/** The rooms that a room is made of, itself among them. */
function closure(room: string, found = new Set<string>()): Set<string> {
  if (found.has(room)) return found;
  found.add(room);
  rooms[room].imports.forEach((other) => closure(other, found));
  return found;
}

/** The files at or below a path that the package holds as it stands in the repository. */
function filesAt(path: string): string[] {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path).flatMap((name) => filesAt(join(path, name)));
}

const sources = PACKAGE.files.filter((entry) => entry.startsWith('src/') && entry.endsWith('/'));

/** npm packages that a text imports when it runs; types are gone by then. */
function importedBy(text: string): string[] {
  const statements = text.matchAll(
    /^(?:import|export)(?!\s+type\b)[^;]*?from '([^']+)'|\bimport\('([^']+)'\)/gm,
  );
  return [...statements]
    .map(([, from, dynamic]) => from ?? dynamic)
    .filter((name) => !/^(\.|node:)/.test(name))
    .map((name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/'));
}

describe('the npm package', () => {
  test('holds of the sources what the command line is made of', () => {
    const expected = [...closure('cli')].map((room) => `src/${room}/`);
    expect([...sources].sort()).toEqual(expected.sort());
  });

  test('depends on what these sources import, and on nothing else', () => {
    const shipped = [...sources, 'scripts/'].flatMap(filesAt);
    const imported = shipped.flatMap((file) => importedBy(readFileSync(file, 'utf8')));
    expect(Object.keys(PACKAGE.dependencies).sort()).toEqual([...new Set(imported)].sort());
  });

  test('is found by what OHIF looks for, and may be published', () => {
    expect(PACKAGE.keywords).toContain('ohif-extension');
    expect(PACKAGE).not.toHaveProperty('private');
    expect(PACKAGE.publishConfig).toEqual({ access: 'public' });
    expect(PACKAGE.main).toBe(`dist/find-l3/${PACKAGE.version}/index.umd.js`);
    expect(LOCK).toMatchObject({ name: PACKAGE.name, version: PACKAGE.version });
  });

  test('asks for the viewers it is tested on, and pulls none of them in', () => {
    const range = PACKAGE.peerDependencies['@ohif/core'];
    for (const { version } of [VIEWER, ...OTHERS])
      expect([version, satisfies(version, range)]).toEqual([version, true]);
    for (const version of ['3.10.4', '3.15.0'])
      expect([version, satisfies(version, range)]).toEqual([version, false]);
    expect(PACKAGE.peerDependenciesMeta['@ohif/core']).toEqual({ optional: true });
  });
});

test('npm ci finds in the lock file every platform’s part of a package', () => {
  const { packages } = LOCK;
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
    ),
  );
  expect(missing).toEqual([]);
});

describe('documents and files of a deployment', () => {
  const admin = readFileSync('docs/admin.md', 'utf8');

  test('name this version, wherever they name one', () => {
    const config = readFileSync('deploy/app-config.js', 'utf8');
    const named = `${admin}${config}`.matchAll(/find-l3\/(\d+\.\d+\.\d+)/g);
    const versions = [...named].map(([, version]) => version);
    expect(versions.length).toBeGreaterThan(4);
    expect(new Set(versions)).toEqual(new Set([PACKAGE.version]));
    expect(admin).toContain(`@ohif/app@${VIEWER.version}`);
  });

  test('name files that are there', () => {
    const named = [...admin.matchAll(/\bdeploy\/[\w./-]*\w/g)].map(([path]) => path);
    expect(named).toContain('deploy/nginx/find-l3.conf');
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
  });

  test('of the two READMEs give the same commands and links', () => {
    const parts = (file: string, pattern: RegExp) =>
      [...readFileSync(file, 'utf8').matchAll(pattern)].map(([found]) => found);
    const english = readFileSync('README.md', 'utf8');
    for (const command of parts('README.zh.md', /^ {4}npm .*$/gm))
      expect(english).toContain(command);
    const links = parts('README.zh.md', /\]\((?!http)[^)]+\)/g).map((link) => link.slice(2, -1));
    expect(links.filter((link) => !existsSync(link))).toEqual([]);
  });
});
