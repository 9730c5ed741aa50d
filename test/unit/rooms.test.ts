import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import ROOMS from '../../src/rooms.json';
import TRAINING_ROOMS from '../../training/rooms.json';

interface Room {
  readonly holds: string;
  readonly imports: readonly string[];
  readonly upwards?: readonly string[];
  readonly pure?: boolean;
  readonly inPlugin?: boolean;
}

const rooms: [string, Room][] = Object.entries(ROOMS);
const names = rooms.map(([name]) => name);
const foldersIn = (path: string) =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

/** Cells of the rows of docs/architecture.md that begin so. */
const tableOf = (beginning: string) =>
  readFileSync('docs/architecture.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(beginning))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

describe('the rooms of src', () => {
  it('are its folders', () => {
    const ground = names.filter((name) => name !== '.' && !name.includes('/'));
    expect([...ground].sort()).toEqual(foldersIn('src').sort());
  });

  it('of the viewer are its folders', () => {
    const inside = names.filter((name) => name.startsWith('viewer/'));
    expect(inside.map((name) => name.slice('viewer/'.length)).sort()).toEqual(
      foldersIn('src/viewer').sort(),
    );
  });

  it.each(rooms)('%s imports upwards only the state of the room it is in', (name, { upwards }) => {
    const around = name.split('/').slice(0, -1);
    expect(upwards ?? around).toEqual(around);
  });

  it.each(rooms)('%s imports only rooms below it', (name, { imports }) => {
    const below = names.slice(0, names.indexOf(name));
    expect(imports.filter((other) => !below.includes(other))).toEqual([]);
  });

  it('stand in the table of docs/architecture.md', () => {
    expect(tableOf('| `src')).toEqual(
      rooms.map(([name, { holds, pure, inPlugin }]) => [
        name === '.' ? "`src`'s own files" : `\`src/${name}\``,
        holds,
        pure ? 'yes' : '',
        inPlugin === false ? 'no' : '',
      ]),
    );
  });
});

describe('the rooms of training', () => {
  const training: [string, Room][] = Object.entries(TRAINING_ROOMS);
  const own = training.map(([name]) => name);

  it('are its folders', () => {
    const beside = ['node_modules', 'recipes', 'test', 'work'];
    const folders = foldersIn('training').filter((name) => !beside.includes(name));
    expect([...own].sort()).toEqual(folders.sort());
  });

  it.each(training)('%s imports only rooms below it, and rooms of src', (name, { imports }) => {
    const below = [...own.slice(0, own.indexOf(name)), ...names.map((room) => `src/${room}`)];
    expect(imports.filter((other) => !below.includes(other))).toEqual([]);
  });

  it('stand in a table of docs/architecture.md', () => {
    expect(tableOf('| `training/')).toEqual(
      training.map(([name, { holds }]) => [`\`training/${name}\``, holds]),
    );
  });
});

describe('the arrows between rooms', () => {
  const inSrc = (name: string) => (name === '.' ? 'src' : `src/${name}`);
  const inTraining = (name: string) => (name.startsWith('src/') ? name : `training/${name}`);
  const houses: [string, string[]][] = [
    ...rooms.map(([name, { imports, upwards = [] }]): [string, string[]] => [
      inSrc(name),
      [...imports, ...upwards].map(inSrc),
    ]),
    ...Object.entries<Room>(TRAINING_ROOMS).map(([name, { imports }]): [string, string[]] => [
      inTraining(name),
      imports.map(inTraining),
    ]),
  ];
  const innerFirst = houses.map(([room]) => room).sort((a, b) => b.length - a.length);
  const roomOf = (file: string) =>
    innerFirst.find((room) => `${dirname(file)}/`.startsWith(`${room}/`));
  const actual = new Map<string, Set<string>>();
  for (const room of innerFirst) {
    for (const name of readdirSync(room, { recursive: true, encoding: 'utf8' })) {
      const file = join(room, name);
      if (!/\.(tsx?|mjs)$/.test(name) || roomOf(file) !== room) continue;
      for (const [, from, late] of readFileSync(file, 'utf8').matchAll(
        /\bfrom '(\.[^']+)'|\bimport\('(\.[^']+)'\)/g,
      )) {
        const other = roomOf(join(dirname(file), from ?? late));
        if (other && other !== room) actual.set(room, (actual.get(room) ?? new Set()).add(other));
      }
    }
  }

  it.each(houses)(
    'of %s are its imports: take out of rooms.json what is unused',
    (room, allowed) => {
      expect([...allowed].sort()).toEqual([...(actual.get(room) ?? [])].sort());
    },
  );
});

describe('the picture of the rooms', () => {
  it('is that of today: else run node scripts/rooms.mjs', () => {
    const script = `
      import { readFileSync } from 'node:fs';
      import { arrowsOf, drawn } from './scripts/rooms.mjs';
      const text = readFileSync('docs/architecture.md', 'utf8');
      const rooms = { a: { imports: [] }, b: { imports: ['a'] }, c: { imports: ['b', 'a', 'src/x'] } };
      const changed = drawn(text, { src: { alone: { imports: [] } } });
      console.log(JSON.stringify([arrowsOf(rooms), drawn(text) === text, changed === text]));`;
    const out = execFileSync('node', ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
    });
    const arrows = [
      ['b', 'a'],
      ['c', 'b'],
    ];
    expect(JSON.parse(out)).toEqual([arrows, true, false]);
  });
});

describe('walls', () => {
  const WALL = 'boundaries/dependencies';
  /** Files that lint reads as if they stood there, with what they import, and the rule against it. */
  const planted: readonly (readonly [string, string, string | null])[] = [
    ['src/levels/planted.ts', '../series/types', WALL],
    ['src/viewer/host/planted.ts', '../mark/types', WALL],
    ['src/viewer/host/planted.ts', '../state', WALL],
    ['src/viewer/screen/planted.ts', '../keep/types', WALL],
    ['src/viewer/nifti/planted.ts', '../search/session', WALL],
    ['src/viewer/keep/planted.ts', '../search/session', WALL],
    ['src/panel/planted.ts', '../viewer/nifti/names', WALL],
    ['src/viewer/mark/planted.ts', '../screen/levelPlane', null],
    ['src/viewer/mark/planted.ts', '../state', null],
    ['src/viewer/mark/planted.ts', '../findL3Viewer', 'no-restricted-imports'],
    ['src/panel/planted.ts', '../viewer/state', null],
    ['src/finder/planted.ts', '../../training/items/item', WALL],
    ['training/items/planted.ts', '../prepare/caseCache', WALL],
    ['training/synthesis/planted.ts', '../../src/viewer/state', WALL],
    ['training/evaluate/planted.ts', '../export/facts', WALL],
    ['training/retrain/planted.ts', '../export/facts', null],
    ['training/evaluate/planted.ts', '../../src/levels/types', null],
  ];
  const script = `
    import { ESLint } from 'eslint';
    const eslint = new ESLint();
    const verdicts = [];
    for (const [filePath, from] of ${JSON.stringify(planted)}) {
      const code = \`import type * as A from '\${from}';\\nexport type B = typeof A;\\n\`;
      const [{ messages }] = await eslint.lintText(code, { filePath });
      verdicts.push(messages.map(({ ruleId }) => ruleId));
    }
    console.log(JSON.stringify(verdicts));`;

  it('stop a wrong import, and no right one', () => {
    const out = execFileSync('node', ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
    });
    const verdicts = JSON.parse(out) as string[][];
    expect(planted.map(([file, from], i) => [file, from, verdicts[i]])).toEqual(
      planted.map(([file, from, rule]) => [file, from, rule ? [rule] : []]),
    );
  }, 120_000);
});
