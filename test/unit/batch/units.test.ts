import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apart, MOST_BESIDE, MOST_FILES, unitsIn } from '../../../src/batch/units';

let root = '';
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'find-l3-units-'))));
afterEach(() => rmSync(root, { recursive: true }));

function put(...names: string[]): void {
  for (const name of names) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), '');
  }
}

async function units(leaveOut?: string): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {};
  for await (const { name, files, faults } of unitsIn(root, leaveOut)) {
    expect(faults).toEqual([]);
    expect(all).not.toHaveProperty([name]);
    all[name] = files.map((file) => file.slice(root.length + 1));
  }
  return all;
}

describe('units of a tree', () => {
  it('hold the folders side by side in one, and every file once', async () => {
    put('top', 'p1/x', 'p1/s2/b', 'p1/s2/a', 'p1/s1/c', 'p2/s1/d', 'p1/s1/deep/e');
    expect(await units()).toEqual({
      '': ['top'],
      '*': ['p1/x'],
      'p1/*': ['p1/s1/c', 'p1/s2/a', 'p1/s2/b'],
      'p1/s1/*': ['p1/s1/deep/e'],
      'p1/s1/deep/*': [],
      'p1/s2/*': [],
      'p2/*': ['p2/s1/d'],
      'p2/s1/*': [],
    });
  });

  it('are single folders where many lie side by side, by number or by files', async () => {
    for (let n = 0; n <= MOST_BESIDE; n++) put(`many/s${n}/a`);
    const many = await units();
    expect(many['many/*']).toBeUndefined();
    expect(many['many/s7']).toEqual(['many/s7/a']);
    put(...Array.from({ length: MOST_FILES / 2 }, (_, n) => `large/one/${n}`));
    put(...Array.from({ length: MOST_FILES / 2 }, (_, n) => `large/two/${n}`));
    expect((await units())['large/*']).toHaveLength(MOST_FILES);
    put('large/two/one-more');
    const apart = await units();
    expect(apart['large/*']).toBeUndefined();
    expect(apart['large/two']).toHaveLength(MOST_FILES / 2 + 1);
  });

  it('leave out what is hidden, what is asked for, and ways back up', async () => {
    put('p/a', '.hidden/b', 'p/.c', 'out/d');
    symlinkSync(root, join(root, 'p', 'up'));
    symlinkSync(join(root, 'gone'), join(root, 'p', 'dangling'));
    const files = Object.values(await units(join(root, 'out'))).flat();
    expect(files).toEqual(['p/a']);
  });

  it('follow links to files and folders', async () => {
    put('p/a', 'p/s/b');
    mkdirSync(join(root, 'q'));
    symlinkSync(join(root, 'p', 's'), join(root, 'q', 'link'));
    symlinkSync(join(root, 'p', 'a'), join(root, 'q', 'file'));
    expect(
      Object.values(await units())
        .flat()
        .sort(),
    ).toEqual(['p/a', 'p/s/b', 'q/file', 'q/link/b']);
  });

  it('tell of a folder that cannot be listed', async () => {
    const faults = [];
    for await (const unit of unitsIn(join(root, 'gone'))) faults.push(...unit.faults);
    expect(faults).toMatchObject([{ path: join(root, 'gone'), what: 'does not exist' }]);
  });
});

it('inputs that lie in another one are left out', () => {
  const paths = (inputs: string[]) => apart(inputs).map(({ input }) => input);
  expect(paths(['/a/b', '/a', '/ab', '/a/', '/c/../a/x'])).toEqual(['/a', '/ab']);
  expect(paths(['x', './x/y', 'x'])).toEqual(['x']);
  expect(paths(['/', '/a'])).toEqual(['/']);
});
