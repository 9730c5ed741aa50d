import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import PACKAGE from '../../../package.json';
import { putPhantom } from '../batch/tree';

/** npm's own reading of version ranges; jest brings it along. */
const { satisfies } = jest.requireActual<{ satisfies(version: string, range: string): boolean }>(
  'semver',
);
jest.setTimeout(180_000);

const FILE = 'deploy/container/Containerfile';
const TEXT = readFileSync(FILE, 'utf8');
/** Instructions and what follows them, in order; continued lines as one. */
const STEPS = TEXT.replace(/^#.*\n/gm, '')
  .replace(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => /^([A-Z]+)\s+(.*)$/.exec(line)?.slice(1) ?? [line, '']);
const all = (instruction: string) =>
  STEPS.filter(([name]) => name === instruction).map(([, rest]) => rest);
const COPIES = all('COPY').map((rest) => rest.split(/\s+/));
const SOURCES = COPIES.flatMap((words) => words.slice(0, -1));
const [WORKDIR] = all('WORKDIR');
const words = (instruction: string) => JSON.parse(all(instruction)[0]) as string[];

/** Whether npm packs a path, or some of what is below it. */
function isPacked(path: string): boolean {
  const under = (entry: string, folder: string) =>
    entry === folder || entry.startsWith(`${folder}/`);
  const entries = ['package.json', ...PACKAGE.files].map((entry) => entry.replace(/\/$/, ''));
  return entries.some((entry) => under(entry, path) || under(path, entry));
}

describe('the container file', () => {
  test('has no other instructions than those that are looked at here', () => {
    const known = 'FROM WORKDIR COPY RUN USER STOPSIGNAL ENTRYPOINT CMD'.split(' ');
    expect(STEPS.filter(([name]) => !known.includes(name))).toEqual([]);
    for (const once of ['FROM', 'WORKDIR', 'USER', 'STOPSIGNAL', 'ENTRYPOINT', 'CMD'])
      expect([once, all(once).length]).toEqual([once, 1]);
  });

  test('begins with a Node.js that this release runs on', () => {
    const [, major] = /^docker\.io\/library\/node:(\d+)-/.exec(all('FROM')[0]) ?? [];
    expect(satisfies(`${major}.99.0`, PACKAGE.engines.node)).toBe(true);
  });

  test('copies what the npm package holds', () => {
    expect(SOURCES.length).toBeGreaterThan(3);
    expect(SOURCES.filter((path) => !isPacked(path))).toEqual([]);
  });

  test('installs what running needs: peers as .npmrc tells, which is not packed, and no lock file, which would ask for the rest', () => {
    expect(readFileSync('.npmrc', 'utf8')).toContain('legacy-peer-deps=true');
    expect(all('RUN')[0]).toMatch(/^npm install --omit=dev --legacy-peer-deps --no-package-lock /);
    expect(SOURCES.join(' ')).not.toContain('lock');
  });

  test('does not run as root, by a number, which Kubernetes can tell from root', () => {
    expect(all('USER')[0]).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    const after = STEPS.slice(STEPS.findIndex(([name]) => name === 'USER')).map(([name]) => name);
    expect(after).not.toContain('RUN');
    expect(after).not.toContain('COPY');
  });

  test('names this version', () => {
    const versions = [...TEXT.matchAll(/find-l3[@-](\d+\.\d+\.\d+)/g)].map(
      ([, version]) => version,
    );
    expect(versions).toEqual([PACKAGE.version, PACKAGE.version]);
  });
});

describe('its steps, followed in a folder', () => {
  let root = '';
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'find-l3-container-'));
    for (const copied of COPIES) {
      const to = copied[copied.length - 1];
      for (const from of copied.slice(0, -1)) {
        const target = join(root, WORKDIR, to, to.endsWith('/') ? from : '');
        if (existsSync(from) && from !== 'dist') cpSync(from, target, { recursive: true });
      }
    }
    // What building makes: the models that ship.
    const dist = COPIES.find(([from]) => from === 'dist')?.[1] ?? 'dist is not copied';
    const models = join(root, WORKDIR, dist, 'find-l3', PACKAGE.version, 'models');
    mkdirSync(join(models, '..'), { recursive: true });
    cpSync('models', models, { recursive: true });
    symlinkSync(resolve('node_modules'), join(root, WORKDIR, 'node_modules'));
  });
  afterAll(() => rmSync(root, { recursive: true }));

  const started = (args: readonly string[]) => {
    const [program, script, ...more] = words('ENTRYPOINT');
    expect([program, posix.isAbsolute(script)]).toEqual(['node', true]);
    return spawnSync(process.execPath, [join(root, script), ...more, ...args], {
      encoding: 'utf8',
    });
  };

  test('end in the command line, which tells its help', () => {
    const { status, stdout, stderr } = started(words('CMD'));
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('find-l3');
  });

  test('take the command that stands at the top of the file', async () => {
    const [data, out] = [join(root, 'data'), join(root, 'out')];
    await putPhantom(data, 'one');
    const [, command] = /\bfind-l3 (batch .*)$/m.exec(TEXT.replace(/^# ?/gm, '')) ?? [];
    const here: Record<string, string> = { '/data': data, '/out': out, '4': '1' };
    expect(started(command.split(' ').map((word) => here[word] ?? word)).status).toBe(0);
    expect(readFileSync(join(out, 'results.csv'), 'utf8')).toContain(',found,');
  });
});
