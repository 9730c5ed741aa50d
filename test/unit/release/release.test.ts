import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { name, version } from '../../../package.json';
import { RELEASE } from '../../../src/release/release';

const COMMIT = pathToFileURL(resolve('scripts/commit.mjs')).href;
const commitOf = (root: string) =>
  execFileSync(process.execPath, [
    '--input-type=module',
    '-e',
    `import { commitOf } from '${COMMIT}'; console.log(commitOf(${JSON.stringify(root)}));`,
  ])
    .toString()
    .trim();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'find-l3-release-'));
});
afterEach(() => rm(folder, { recursive: true }));

const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=n', '-c', 'user.email=e@example.org', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
    .toString()
    .trim();

test('a release is what package.json says, and knows no commit where nobody said one', () => {
  const expected = { name: 'find-l3', packageName: name, version, commit: 'unknown' };
  expect(RELEASE).toEqual(expected);
});

describe('the commit', () => {
  test('of a checkout is the one that is checked out, and says where files differ', async () => {
    await writeFile(join(folder, 'a'), 'a');
    git('init', '-q');
    git('add', 'a');
    git('commit', '-qm', 'first');
    const head = git('rev-parse', '--short=12', 'HEAD');
    git('tag', '-am', 'v1', 'v1');
    expect(commitOf(folder)).toBe(head);
    await writeFile(join(folder, 'a'), 'b');
    expect(commitOf(folder)).toBe(`${head}+changes`);
  });

  test('of a packed release is the one it was packed from', async () => {
    await writeFile(join(folder, '.commit'), '0123456789ab\n');
    expect(commitOf(folder)).toBe('0123456789ab');
  });

  test('is unknown without history', () => {
    expect(commitOf(folder)).toBe('unknown');
  });
});
