import { readdirSync, readFileSync } from 'node:fs';
import ROOMS from '../../src/rooms.json';

interface Room {
  readonly holds: string;
  readonly imports: readonly string[];
  readonly pure?: boolean;
  readonly inPlugin?: boolean;
}

const rooms: [string, Room][] = Object.entries(ROOMS);
const names = rooms.map(([name]) => name);
const foldersIn = (path: string) =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

describe('the rooms of src', () => {
  it('are its folders', () => {
    const ground = names.filter((name) => name !== '.' && !name.includes('/'));
    expect([...ground].sort()).toEqual(foldersIn('src').sort());
  });

  it.each(rooms)('%s imports only rooms below it', (name, { imports }) => {
    const below = names.slice(0, names.indexOf(name));
    expect(imports.filter((other) => !below.includes(other))).toEqual([]);
  });

  it('stand in the table of docs/architecture.md', () => {
    const cells = (line: string) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
    const table = readFileSync('docs/architecture.md', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| `src'))
      .map(cells);
    expect(table).toEqual(
      rooms.map(([name, { holds, pure, inPlugin }]) => [
        name === '.' ? "`src`'s own files" : `\`src/${name}\``,
        holds,
        pure ? 'yes' : '',
        inPlugin === false ? 'no' : '',
      ]),
    );
  });
});
