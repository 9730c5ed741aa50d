import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SOURCES } from '../../../training/prepare/sources/index';
import { NO_OPTIONS } from './sourceOptions';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tables-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('tables of levels', () => {
  const table = (text: string) => {
    const file = join(folder, 'levels.csv');
    writeFileSync(file, text);
    return SOURCES.csv.list(file, NO_OPTIONS);
  };

  it('reads levels in any order, persons, and scans that end above L3', async () => {
    const entries = await table(
      '\uFEFFinput,level,z_mm,y_mm,person,last_rib\na.nii,L4,-35,,p1,\na.nii,L3,0,12.5,p1,\na.nii,T12,101,,p1,yes\n"b, c.nii",none,,,p2,\n',
    );
    expect(entries.map(({ id, person, set }) => [id, person, set])).toEqual([
      ['a', 'p1', 'levels'],
      ['b-c', 'p2', 'levels'],
    ]);
    expect(entries[0].detail).toMatchObject({
      levels: [
        { name: 'T12', zMm: 101, yMm: null },
        { name: 'L3', zMm: 0, yMm: 12.5 },
        { name: 'L4', zMm: -35, yMm: null },
      ],
      lastRib: { name: 'T12' },
    });
    expect(entries[1].detail).toMatchObject({ levels: [] });
  });

  it.each([
    ['lines of Windows', 'input,level,z_mm\r\na,L3,1\r\n'],
    ['no line end at last', 'input,level,z_mm\na,L3,1'],
    ['blanks about cells and names', ' input, level ,z_mm\n a ,L3 , 1\n'],
    ['quoted cells', '"input","level","z_mm"\n"a" ,"L3","1"\n'],
    ['lines that are blank', 'input,level,z_mm\n\n  \na,L3,1\n\n'],
    ['columns of no meaning', 'x,input,level,z_mm,,\n"say ""b""",a,L3,1,,\n'],
  ])('reads %s', async (_, text) => {
    const [entry, ...others] = await table(text);
    expect(others).toEqual([]);
    expect(entry.id).toBe('a');
    expect(entry.detail).toMatchObject({ levels: [{ name: 'L3', zMm: 1, yMm: null }] });
  });

  it('says that it cannot be read', async () => {
    await expect(SOURCES.csv.list(join(folder, 'none.csv'), NO_OPTIONS)).rejects.toThrow(
      /none\.csv is not a readable table: ENOENT/,
    );
  });

  it.each([
    ['input,level\na,L3\n', /no column z_mm; its first line must be input,level,z_mm/],
    ['input,level,z_mm\n', /has no rows/],
    ['input,level,z_mm\na,L7,3\n', /levels\.csv, a: level "L7" is none of T9/],
    ['input,level,z_mm\na,L3,high\n', /z_mm of L3 "high" is no number/],
    ['input,level,z_mm\na,L3,1\na,L3,2\n', /L3 is listed twice/],
    ['input,level,z_mm,person\na,L3,1,p\na,L4,-30,q\n', /person differs/],
    ['input,level,z_mm\na,L3,1,9,9\n', /not a readable table: row 1: Too many fields/],
    ['input,level,z_mm\na,L3,1\na,L4\n', /not a readable table: row 2: Too few fields/],
    ['input,level,z_mm\n"a,L3,1\n', /not a readable table: row \d: Quoted field unterminated/],
    ['input,level,z_mm\na,L3,1\na"b,L4,2\n', /row 2: input has a quotation mark inside/],
    ['input,level,z_mm\na, "L3",1\n', /row 1: level has a quotation mark inside/],
    ['input,level,z_mm,z_mm\na,L3,1,2\n', /two columns z_mm/],
    ['input;level;z_mm\na;L3;1\n', /no column input, level, z_mm/],
  ])('says what is wrong with %j', async (text, message) => {
    await expect(table(text)).rejects.toThrow(message);
  });
});
