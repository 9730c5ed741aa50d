import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrainingItem } from '../../../training/items/item';
import { readItems, writeItems } from '../../../training/items/itemStore';

const item = (id: string, height: number, width: number): TrainingItem => ({
  id,
  person: `person of ${id}`,
  set: 'näme with ümlauts\n',
  modality: 'MR',
  kind: 'labelled',
  height,
  width,
  // Newlines and braces among the pixels must not be taken for the next header.
  max: Uint8Array.from({ length: height * width }, (_, i) => [10, 123, 0, 255][i % 4]!),
  mean: Uint8Array.from({ length: height * width }, (_, i) => (i * 7) % 256),
  lateral:
    id.length % 2 ? null : Uint8Array.from({ length: height * width }, (_, i) => (i * 11) % 256),
  levels: [{ name: 'L3', row: -3.25, column: 11.5 }],
  labelledRows: { from: 2, to: 30.5 },
  lastRib: { row: 4.5, column: 3 },
});

describe('the item store', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'items-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('gives back what was written', () => {
    const file = join(folder, 'deep', 'a.items');
    const items = [item('a', 5, 3), item('b', 40, 17), { ...item('c', 1, 1), labelledRows: null }];
    expect(writeItems(file, items.values())).toBe(3);
    const back = readItems(file).map((each) => ({
      ...each,
      max: Uint8Array.from(each.max),
      mean: Uint8Array.from(each.mean),
    }));
    expect(back).toEqual(items);
    expect(readdirSync(join(folder, 'deep'))).toEqual(['a.items']);
  });

  it('leaves nothing behind when an item is malformed, and names it', () => {
    const bad = { ...item('the-bad-one', 5, 3), mean: new Uint8Array(4) };
    expect(() => writeItems(join(folder, 'a.items'), [item('a', 5, 3), bad])).toThrow(
      /the-bad-one.*15/,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses positions that are no number', () => {
    const bad = { ...item('nan', 5, 3), levels: [{ name: 'L3' as const, row: NaN, column: 1 }] };
    expect(() => writeItems(join(folder, 'a.items'), [bad])).toThrow(/nan.*L3/);
  });

  it.each([1, 40, 700])('notices a file that is %d bytes short', (missing) => {
    const file = join(folder, 'a.items');
    writeItems(file, [item('a', 20, 20), item('b', 20, 20)]);
    const whole = readFileSync(file);
    writeFileSync(file, whole.subarray(0, whole.length - missing));
    expect(() => readItems(file)).toThrow(/a\.items is cut short/);
  });

  it('refuses another kind of file', () => {
    const file = join(folder, 'a.items');
    writeFileSync(file, '{"format":"other"}\n');
    expect(() => readItems(file)).toThrow(/not of the format/);
    writeFileSync(file, 'plain text\n');
    expect(() => readItems(file)).toThrow(/not a file of training items/);
  });
});
