import { LEVEL_NAMES, type LevelName } from '../../../src/levels/types';
import type { TrainingItem } from '../../../training/items/item';
import { LAST_RIB_MAP, OUTPUT_MAPS, STRIDE } from '../../../training/network/maps';
import { augment, type AugmentOptions, type Example } from '../../../training/batches/augment';
import { placeCrop, sample, toCrop } from '../../../training/batches/crop';
import { DEFAULT_TRAINING } from '../../../training/train/options';
import { Random } from '../../../training/tools/random';

const [HEIGHT, WIDTH] = [96, 64];
const [ROWS, COLUMNS] = [HEIGHT / STRIDE, WIDTH / STRIDE];
const BODY = LEVEL_NAMES.length;
const map = (name: LevelName) => LEVEL_NAMES.indexOf(name);

/** Grey with one bright dot, exp(-d^2 / 2 sd^2), at fractional coordinates. */
function dotItem(row: number, column: number, changes: Partial<TrainingItem> = {}): TrainingItem {
  const [height, width, sd] = [160, 90, 3];
  const max = Uint8Array.from({ length: height * width }, (_, i) => {
    const distance = (Math.floor(i / width) - row) ** 2 + ((i % width) - column) ** 2;
    return Math.round(30 + 220 * Math.exp(-distance / (2 * sd ** 2)));
  });
  return {
    ...{ id: 'dot', person: 'dot', set: 'made-up', modality: 'CT', kind: 'synthetic' },
    ...{ height, width, max, mean: max, lateral: null, labelledRows: null, lastRib: null },
    levels: [{ name: 'L3', row, column }],
    ...changes,
  };
}

const newExample = (): Example => ({
  input: new Float32Array(HEIGHT * WIDTH * 3),
  target: new Float32Array(ROWS * COLUMNS * OUTPUT_MAPS),
  mask: new Float32Array(ROWS * COLUMNS * OUTPUT_MAPS),
  inView: new Float32Array(OUTPUT_MAPS),
  inViewMask: new Float32Array(OUTPUT_MAPS),
});

const augmented = (
  item: TrainingItem,
  seed: number,
  options: Partial<AugmentOptions> = {},
): Example => {
  const example = newExample();
  const given = { ...DEFAULT_TRAINING, height: HEIGHT, width: WIDTH, ...options };
  augment(item, given, Random.ofKeys(seed), example);
  return example;
};

/** Centre of mass of what lies above a level, (row, column). */
function centroid(values: ArrayLike<number>, width: number, above: number) {
  let [sum, rows, columns] = [0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const mass = Math.max(0, values[i]! - above);
    sum += mass;
    rows += mass * Math.floor(i / width);
    columns += mass * (i % width);
  }
  return { row: rows / sum, column: columns / sum };
}

describe('a crop', () => {
  it('shows a dot where toCrop says, at any scale, aspect and rotation', () => {
    let tested = 0;
    for (let seed = 0; seed < 60; seed++) {
      const item = dotItem(80.3 + (seed % 7), 47.6 - (seed % 5));
      const placement = placeCrop(item, Random.ofKeys(seed));
      const { row, column } = item.levels[0]!;
      const expected = toCrop(placement, HEIGHT, WIDTH, row, column);
      const margin = 12;
      if (expected[0] < margin || expected[0] > HEIGHT - margin) continue;
      if (expected[1] < margin || expected[1] > WIDTH - margin) continue;
      const crop = sample(item, item.max, placement, HEIGHT, WIDTH);
      const found = centroid(crop, WIDTH, 35 / 255);
      expect(Math.abs(found.row - expected[0])).toBeLessThan(0.1);
      expect(Math.abs(found.column - expected[1])).toBeLessThan(0.1);
      tested++;
    }
    expect(tested).toBeGreaterThan(20);
  });

  it('is the picture itself, and black outside, where nothing is changed', () => {
    const item = dotItem(70, 40);
    const identity = [1, 0, 0, 1] as const;
    const placement = { forward: identity, inverse: identity, centre: [47.5, 31.5] as const };
    const crop = sample(item, item.max, placement, HEIGHT, WIDTH);
    for (const [row, column] of [
      [0, 0],
      [70, 40],
      [95, 63],
    ] as const) {
      expect(crop[row * WIDTH + column]).toBeCloseTo(item.max[row * item.width + column]! / 255, 6);
    }
    const above = { ...placement, centre: [47.5 - 60, 31.5] as const };
    const shifted = sample(item, item.max, above, HEIGHT, WIDTH);
    expect(shifted.subarray(0, 59 * WIDTH).every((value) => value === 0)).toBe(true);
    expect(shifted[60 * WIDTH]).toBeCloseTo(item.max[0]! / 255, 6);
  });

  it('turns and scales by a known amount', () => {
    // Forward (a b; c d) with its inverse: 90 degrees and twice as large.
    const placement = {
      forward: [0, -2, 2, 0] as const,
      inverse: [0, 0.5, -0.5, 0] as const,
      centre: [80, 45] as const,
    };
    const item = dotItem(84, 40);
    // 4 rows below and 5 columns in front of the centre: (-2 x -5, 2 x 4) from the middle of the crop.
    expect(toCrop(placement, HEIGHT, WIDTH, 84, 40)).toEqual([47.5 + 10, 31.5 + 8]);
    const found = centroid(sample(item, item.max, placement, HEIGHT, WIDTH), WIDTH, 35 / 255);
    expect(found.row).toBeCloseTo(57.5, 1);
    expect(found.column).toBeCloseTo(39.5, 1);
  });
});

describe('an example', () => {
  it('has its heat where its picture has the dot', () => {
    const distances: number[] = [];
    for (let seed = 0; seed < 150; seed++) {
      const { input, target } = augmented(dotItem(80, 45), seed);
      const heat = target.filter((_, i) => i % OUTPUT_MAPS === map('L3'));
      const { row, column } = centroid(heat, COLUMNS, 0.05);
      if (Math.max(...heat) < 0.9 || row < 8 || row > ROWS - 8) continue;
      // Output i is centred on input 2 i + 0.5; look round it for the brightest place.
      const centre = { row: STRIDE * row + 0.5, column: STRIDE * column + 0.5 };
      const reach = 12;
      const nearby = Float32Array.from({ length: HEIGHT * WIDTH }, (_, i) => {
        const far =
          Math.abs(Math.floor(i / WIDTH) - centre.row) > reach ||
          Math.abs((i % WIDTH) - centre.column) > reach;
        return far ? 0 : input[3 * i]!;
      });
      const found = centroid(nearby, WIDTH, 0.6 * Math.max(...nearby));
      distances.push(Math.hypot(found.row - centre.row, found.column - centre.column));
    }
    // Boxes of metal cover or outshine the dot in some.
    distances.sort((a, b) => a - b);
    expect(distances.length).toBeGreaterThan(50);
    expect(distances[Math.floor(0.5 * distances.length)]).toBeLessThan(0.3);
    expect(distances[Math.floor(0.75 * distances.length)]).toBeLessThan(0.6);
  });

  it('has max, mean and their mix as input', () => {
    const item = dotItem(80, 45, { mean: new Uint8Array(160 * 90).fill(90) });
    const { input } = augmented(item, 2, { channels: ['max', 'mean', 'mix'] });
    let differing = 0;
    for (let i = 0; i < HEIGHT * WIDTH; i++) {
      const [max, mean, mix] = input.subarray(3 * i, 3 * i + 3);
      expect(mix).toBeCloseTo((max! + mean!) / 2, 6);
      if (max !== mean) differing++;
    }
    expect(differing).toBeGreaterThan(100);
  });

  it('teaches the body map every level, and a level nothing of another', () => {
    const levels = [
      { name: 'L2' as const, row: 63, column: 45 },
      { name: 'L3' as const, row: 80, column: 45 },
    ];
    const highest: number[] = [];
    for (let seed = 0; seed < 20; seed++) {
      const { target } = augmented(dotItem(80, 45, { levels }), seed);
      highest.push(Math.max(...target));
      for (let at = 0; at < target.length; at += OUTPUT_MAPS) {
        const [above, below] = [target[at + map('L2')]!, target[at + map('L3')]!];
        if (target[at + BODY] !== Math.max(above, below)) throw new Error(`body map at ${at}`);
        if (target[at + map('L4')] !== 0) throw new Error(`L4 at ${at}`);
      }
    }
    expect(Math.max(...highest)).toBeLessThanOrEqual(1);
    // A centre is at most half an output pixel from the grid.
    expect(highest.filter((value) => value > 0.93).length).toBeGreaterThan(5);
  });
});

describe('what is known of an example', () => {
  /** Share of the rows in which a map's mask is above 0, by the row of the item they show. */
  const knownRows = (item: TrainingItem, level: number, seed: number) => {
    const { mask } = augmented(item, seed);
    const placement = placeCrop(item, Random.ofKeys(seed));
    return Array.from({ length: ROWS }, (_, r) => {
      const dr = STRIDE * r + 0.5 - (HEIGHT / 2 - 0.5);
      const c = COLUMNS / 2;
      const dc = STRIDE * c + 0.5 - (WIDTH / 2 - 0.5);
      return {
        itemRow: placement.centre[0] + placement.inverse[0] * dr + placement.inverse[1] * dc,
        weight: mask[(r * COLUMNS + c) * OUTPUT_MAPS + level]!,
      };
    });
  };
  const seeds = Array.from({ length: 20 }, (_, i) => i);

  it('of a labelled scan: unlabelled levels only where every level is labelled', () => {
    const item = dotItem(80, 45, { kind: 'labelled', labelledRows: { from: 60, to: 100 } });
    const [inside, outside] = [[], []] as [number[], number[]];
    for (const seed of seeds) {
      for (const { itemRow, weight } of knownRows(item, map('L4'), seed)) {
        (itemRow >= 60 && itemRow <= 100 ? inside : outside).push(weight);
      }
      for (const { weight } of knownRows(item, map('L3'), seed)) expect(weight).toBeGreaterThan(0);
      for (const { itemRow, weight } of knownRows(item, BODY, seed)) {
        expect(weight > 0).toBe(itemRow >= 60 && itemRow <= 100);
      }
    }
    expect(inside.length).toBeGreaterThan(100);
    expect(outside.length).toBeGreaterThan(100);
    expect(inside.every((weight) => weight > 0)).toBe(true);
    expect(outside.every((weight) => weight === 0)).toBe(true);
  });

  it('of a synthetic one: everything, but bodies above the uppermost level that has a name', () => {
    const levels = [
      { name: 'T9' as const, row: 60, column: 45 },
      { name: 'T10' as const, row: 74, column: 45 },
    ];
    const item = dotItem(60, 45, { levels });
    for (const seed of seeds) {
      for (const { weight } of knownRows(item, map('S1'), seed)) expect(weight).toBeGreaterThan(0);
      for (const { itemRow, weight } of knownRows(item, BODY, seed)) {
        expect(weight > 0).toBe(itemRow >= 52);
      }
    }
  });

  it.each([
    ['chest', 'no-l3', 'below', ['L3', 'L4', 'L5', 'S1']],
    ['pelvis', 'below-l3', 'above', ['T9', 'T10', 'T11', 'T12', 'L1', 'L2', 'L3']],
  ] as const)('of a %s (%s): that L3 and what is %s is not there, and nothing else', (...row) => {
    const [, kind, , absent] = row;
    const item = dotItem(80, 45, { kind, levels: [] });
    for (const seed of seeds) {
      const { target, mask } = augmented(item, seed);
      expect(target.every((value) => value === 0)).toBe(true);
      for (let i = 0; i < mask.length; i++) {
        const level = i % OUTPUT_MAPS;
        const known = (absent as readonly string[]).includes(LEVEL_NAMES[level] ?? 'body');
        if (level === LAST_RIB_MAP) continue;
        if (known !== mask[i]! > 0) throw new Error(`map ${level} has the weight ${mask[i]}`);
      }
    }
  });

  it('less where the picture shows nothing', () => {
    const weights = new Set<number>();
    // Bright enough that no change of its appearance makes a shown row black.
    const max = dotItem(80, 45).max.map((value) => Math.max(value, 80));
    const bright = dotItem(80, 45, { max, mean: max });
    for (const seed of seeds) {
      const { input, mask, target } = augmented(bright, seed);
      for (let r = 0; r < ROWS; r++) {
        const pixels = input.subarray(STRIDE * r * WIDTH * 3, (STRIDE * r + 1) * WIDTH * 3);
        const black = pixels.every((value) => value === 0);
        const at = r * COLUMNS * OUTPUT_MAPS;
        const weight = mask[at + map('L3')]!;
        weights.add(weight);
        if (black) expect(weight).toBeCloseTo(0.3, 6);
        if (black) {
          const row = target.subarray(at, at + COLUMNS * OUTPUT_MAPS);
          expect(row.every((value) => value === 0)).toBe(true);
        }
      }
    }
    expect(weights.size).toBe(2);
  });
});
