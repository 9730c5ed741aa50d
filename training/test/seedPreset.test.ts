import { Command } from 'commander';
import type { Slice } from '../../src/series/types';
import { networkCost } from '../network/plan';
import { register } from '../train/command';
import { checkPreset } from '../article/command';
import { rowOfHighest, seedPicture, seedTarget, type SeedSlice } from '../article/seedPicture';
import { planSeed } from '../article/seedPlan';

describe("the article's network", () => {
  it('has its parameters and its cost', () => {
    // Published beside the article: about 1.69 M parameters; 74.5 G multiply-adds for 768 x 512.
    const { parameters, multiplyAdds } = networkCost(planSeed(), 768, 512);
    expect(parameters / 1e6).toBeCloseTo(1.69, 2);
    expect(multiplyAdds / 1e9).toBeCloseTo(74.5, 1);
  });

  it('joins five sources of 16 channels on four levels', () => {
    const joins = planSeed().nodes.filter(({ kind }) => kind === 'concat');
    expect(joins).toHaveLength(4);
    for (const join of joins) expect('inputs' in join && join.inputs).toHaveLength(5);
  });
});

/** 100 x 200 pixels of 2 x 1 mm: rows towards the feet from z 50, columns towards the back from y -100. */
const plane: Slice = {
  ...{ sopInstanceUID: null, frameNumber: null, rows: 100, columns: 200 },
  ...{ position: [7, -100, 50], rowCosines: [0, 1, 0], columnCosines: [0, 0, -1] },
  ...{ rowSpacing: 2, columnSpacing: 1 },
};
const sliceOf = (valueAt: (row: number, column: number) => number, slice = plane): SeedSlice => ({
  ...{ slice, slope: 2, intercept: -300 },
  pixels: Float32Array.from({ length: slice.rows * slice.columns }, (_, i) =>
    valueAt(Math.floor(i / slice.columns), i % slice.columns),
  ),
});

describe("the article's picture", () => {
  it('is the window of -300 to 1900, as mix, max and mean of two slices', () => {
    const { input, width } = seedPicture([sliceOf(() => 220), sliceOf(() => 660)], 4);
    // 2 x 220 - 300 = 140 is 0.2 of the window, 2 x 660 - 300 = 1020 is 0.6 of it.
    const pixel = [...input.subarray((10 * width + 64) * 3, (10 * width + 65) * 3)];
    [0.5, 0.6, 0.4].forEach((value, k) => expect(pixel[k]).toBeCloseTo(value, 5));
  });

  it('shows the middle 40 % of the columns, from the top of the volume on', () => {
    const { input, width, height, mmPerPixel, topZMm } = seedPicture([sliceOf(() => 1100)], 2);
    expect({ width, height, mmPerPixel, topZMm }).toEqual({
      ...{ width: 256, height: 384, mmPerPixel: 1, topZMm: 50 },
    });
    const shown = Array.from({ length: width }, (_, c) => input[(20 * width + c) * 3]! > 0);
    // 40 % of 199 mm about the middle of the picture.
    expect(shown.filter(Boolean)).toHaveLength(80);
    expect(shown.indexOf(true)).toBe(88);
    // The volume is 198 mm high.
    expect(input[(198 * width + 128) * 3]).toBeGreaterThan(0.5);
    expect(input[(201 * width + 128) * 3]).toBe(0);
  });

  it.each([
    ['as stored', plane],
    [
      'with rows towards the head and columns towards the front',
      {
        ...plane,
        position: [7, 99, -148] as const,
        rowCosines: [0, -1, 0] as const,
        columnCosines: [0, 0, 1] as const,
      },
    ],
  ])('has a mark where it lies in the patient: %s', (_, slice) => {
    // At z -30 and y 9.
    const isMark = (row: number, column: number) => {
      const z = slice.position[2] + 2 * row * slice.columnCosines[2];
      const y = slice.position[1] + column * slice.rowCosines[1];
      return Math.abs(z + 30) <= 2 && Math.abs(y - 9) <= 2;
    };
    const made = sliceOf((row, column) => (isMark(row, column) ? 1100 : 0), slice);
    const { input, width, topZMm, mmPerPixel } = seedPicture([made], 2);
    const max = input.filter((_, i) => i % 3 === 1);
    let best = 0;
    max.forEach((value, i) => {
      if (value > max[best]!) best = i;
    });
    const z = topZMm - Math.floor(best / width) * mmPerPixel;
    const y = -0.5 + ((best % width) - (width - 1) / 2) * mmPerPixel;
    expect(Math.abs(z + 30)).toBeLessThanOrEqual(2);
    expect(Math.abs(y - 9)).toBeLessThanOrEqual(2);
  });

  it('has a band of 7 rows over the middle 40 % as its target', () => {
    const picture = seedPicture([sliceOf(() => 0)], 4);
    const target = seedTarget(picture, 60.4);
    const { width, height } = picture;
    const rows = Array.from({ length: height }, (_, r) =>
      target.subarray(r * width, (r + 1) * width).reduce((sum, value) => sum + value, 0),
    );
    expect(rows.map((sum, r) => (sum > 0 ? r : -1)).filter((r) => r >= 0)).toEqual([
      57, 58, 59, 60, 61, 62, 63,
    ]);
    expect(rows[60]).toBe(Math.floor(0.7 * 128) - Math.floor(0.3 * 128));
    expect(target[60 * width + 64]).toBe(1);
    const answer = target.map((value, i) => value + (i === 62 * width + 50 ? 0.1 : 0));
    expect(rowOfHighest(answer, width)).toBe(62);
  });
});

describe('the preset on the command line', () => {
  const check = (...args: string[]) => {
    const program = new Command();
    register(program);
    const train = program.commands.find((each) => each.name() === 'train')!;
    train.action(() => checkPreset(train));
    program.parse(['node', 'train', 'train', '--name', 'x', ...args]);
  };

  it('refuses what the article fixes, and its own options without it', () => {
    expect(() => check('--preset', 'seed', '--epochs', '3', '--seed', '2')).not.toThrow();
    expect(() => check('--preset', 'seed', '--steps', '3', '--batch', '4')).toThrow(
      /leave steps, batch out/,
    );
    expect(() => check('--epochs', '3')).toThrow(/epochs: only with --preset seed/);
  });
});
