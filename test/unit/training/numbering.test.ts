import { LEVEL_NAMES, type LevelName } from '../../../src/levels/types';
import { BODY_MAP, LAST_RIB_MAP, OUTPUT_MAPS, STRIDE } from '../../../training/network/maps';
import type { TrainingItem } from '../../../training/items/item';
import { augment, type AugmentOptions, type Example } from '../../../training/batches/augment';
import { placeCrop } from '../../../training/batches/crop';
import { nameBodies, numberingShift } from '../../../training/items/numbering';
import { DEFAULT_TRAINING } from '../../../training/train/options';
import { Random } from '../../../training/tools/random';
import { drawTargets, type Targets } from '../../../training/batches/targets';

const [HEIGHT, WIDTH] = [160, 96];
const [ROWS, COLUMNS] = [HEIGHT / STRIDE, WIDTH / STRIDE];
const map = (name: LevelName) => LEVEL_NAMES.indexOf(name);
/** Bodies every 15 rows, 30 mm: T9 at row 20, T12 at 65, S1 at 155. */
const rowOf = (name: LevelName) => 20 + 15 * map(name);
const COLUMN = 45;

function spine(bearer: LevelName | null, changes: Partial<TrainingItem> = {}): TrainingItem {
  const [height, width] = [200, 90];
  const max = new Uint8Array(height * width).fill(60);
  return {
    ...{ id: 'spine', person: 'spine', set: 'made-up', modality: 'CT', kind: 'synthetic' },
    ...{ height, width, max, mean: max, lateral: max.map(() => 120), labelledRows: null },
    levels: LEVEL_NAMES.map((name) => ({ name, row: rowOf(name), column: COLUMN })),
    lastRib: bearer && { row: rowOf(bearer) + 2, column: COLUMN - 3 },
    ...changes,
  };
}

const newTargets = (): Targets => ({
  target: new Float32Array(ROWS * COLUMNS * OUTPUT_MAPS),
  mask: new Float32Array(ROWS * COLUMNS * OUTPUT_MAPS),
  inView: new Float32Array(OUTPUT_MAPS),
  inViewMask: new Float32Array(OUTPUT_MAPS),
});

/** Targets of a crop that shows the item's rows `from` to `to`, neither scaled nor turned. */
function targetsOf(
  item: TrainingItem,
  [from, to]: readonly [number, number],
  lateral: boolean,
  levelsOnly: readonly LevelName[] | null = null,
): Targets {
  const identity = [1, 0, 0, 1] as const;
  const top = (from + to) / 2 - HEIGHT / 2;
  const placement = {
    forward: identity,
    inverse: identity,
    centre: [top + HEIGHT / 2 - 0.5, COLUMN] as const,
  };
  const rows = Uint8Array.from({ length: HEIGHT }, (_, r) => +(top + r >= from && top + r <= to));
  const targets = newTargets();
  const shown = { placement, height: HEIGHT, width: WIDTH, rows, lateral };
  drawTargets(item, shown, { levelsOnly, lastRibWeight: 1 }, targets);
  return targets;
}

/** Item row of each map's spot of heat; null where there is none. */
function spots({ target }: Targets, [from, to]: readonly [number, number]): (number | null)[] {
  const top = (from + to) / 2 - HEIGHT / 2;
  return Array.from({ length: OUTPUT_MAPS }, (_, level) => {
    let best = 0;
    let row: number | null = null;
    for (let i = 0; i < ROWS * COLUMNS; i++) {
      const value = target[i * OUTPUT_MAPS + level]!;
      if (value <= Math.max(best, 0.5)) continue;
      best = value;
      row = top + STRIDE * Math.floor(i / COLUMNS) + 0.5;
    }
    return row;
  });
}

/** Maps with a weight anywhere. */
const taught = ({ mask }: Pick<Targets, 'mask'>): number[] =>
  Array.from({ length: OUTPUT_MAPS }, (_, level) => level).filter((level) => {
    for (let i = level; i < mask.length; i += OUTPUT_MAPS) if (mask[i]! > 0) return true;
    return false;
  });
const everything = Array.from({ length: OUTPUT_MAPS }, (_, level) => level);

const BOTH = [42, 165] as const;
const SACRUM = [92, 180] as const;
const RIBS = [30, 130] as const;
const NEITHER = [92, 145] as const;

describe('the two ways to count', () => {
  it.each([
    ['T12', 0],
    ['L1', -1],
    ['T11', 1],
    [null, 0],
  ] as const)('differ by what bears the last rib: %s', (bearer, shift) => {
    expect(numberingShift(spine(bearer))).toBe(shift);
  });

  it('are not compared where the body of the last rib is not listed', () => {
    const levels = spine(null).levels.filter(({ name }) => map(name) > map('L1'));
    expect(numberingShift(spine('T12', { levels }))).toBe(0);
  });

  it('change names from the sacrum up, but never the sacrum', () => {
    const names = (bearer: LevelName) =>
      nameBodies(spine(bearer), { sacrum: false, lastRib: true }).bodies.map(({ map: at }) =>
        at === null ? null : LEVEL_NAMES[at],
      );
    expect(names('L1')).toEqual([
      ...[null, 'T9', 'T10', 'T11', 'T12', 'L1', 'L2', 'L3', 'L4', 'S1'],
    ]);
    expect(names('T11')).toEqual([
      ...['T10', 'T11', 'T12', 'L1', 'L2', 'L3', 'L4', 'L5', null, 'S1'],
    ]);
  });
});

describe('a spine whose two counts agree', () => {
  it.each([
    ['both', BOTH],
    ['the sacrum', SACRUM],
    ['the ribs', RIBS],
    ['neither', NEITHER],
  ] as const)('is taught by its names, whatever is shown: %s', (_, rows) => {
    const targets = targetsOf(spine('T12'), rows, true);
    expect(taught(targets)).toEqual(everything);
    expect(spots(targets, rows)[map('L3')]).toBeCloseTo(rowOf('L3'), -0.5);
    expect([...targets.inViewMask].filter((_, at) => at !== BODY_MAP)).toEqual(
      Array.from({ length: OUTPUT_MAPS - 1 }, () => 1),
    );
    for (const name of LEVEL_NAMES) {
      const inside = rowOf(name) >= rows[0] && rowOf(name) <= rows[1];
      expect(targets.inView[map(name)]).toBe(+inside);
    }
  });
});

describe('a spine whose two counts disagree', () => {
  it.each(['L1', 'T11'] as const)('shown from ribs to sacrum, is not named: %s', (bearer) => {
    const targets = targetsOf(spine(bearer), BOTH, true);
    expect(taught(targets)).toEqual([map('L5'), map('S1'), BODY_MAP, LAST_RIB_MAP]);
    expect(spots(targets, BOTH)[map('S1')]).toBeCloseTo(rowOf('S1'), -0.5);
    expect(targets.inViewMask[map('L3')]).toBe(0);
    expect(targets.inViewMask[map('S1')]).toBe(1);
  });

  it('is counted from the sacrum where the ribs are not shown', () => {
    for (const [rows, lateral] of [
      [SACRUM, true],
      [BOTH, false],
    ] as const) {
      const targets = targetsOf(spine('L1'), rows, lateral);
      expect(taught(targets)).toEqual(everything);
      expect(spots(targets, rows)[map('L3')]).toBeCloseTo(rowOf('L3'), -0.5);
    }
  });

  it('is counted from the last rib where the sacrum is not shown', () => {
    const fewer = targetsOf(spine('L1'), RIBS, true);
    expect(taught(fewer)).toEqual(everything);
    expect(spots(fewer, RIBS)[map('T12')]).toBeCloseTo(rowOf('L1'), -0.5);
    expect(spots(fewer, RIBS)[map('L2')]).toBeCloseTo(rowOf('L3'), -0.5);
    const more = targetsOf(spine('T11'), RIBS, true);
    // What lies above the item's T9 would be called T9, and is not listed.
    expect(taught(more)).toEqual(everything.filter((level) => level !== map('T9')));
    expect(spots(more, RIBS)[map('T12')]).toBeCloseTo(rowOf('T11'), -0.5);
    expect(spots(more, RIBS)[map('L3')]).toBeCloseTo(rowOf('L2'), -0.5);
    expect(more.inView[map('L3')]).toBe(1);
  });

  it('is not named at all where neither is shown', () => {
    for (const [rows, lateral] of [
      [NEITHER, true],
      [RIBS, false],
    ] as const) {
      const targets = targetsOf(spine('L1'), rows, lateral);
      expect(taught(targets)).toEqual([BODY_MAP, LAST_RIB_MAP]);
    }
  });

  it('keeps every body a body', () => {
    const heat = (item: TrainingItem) =>
      targetsOf(item, RIBS, true).target.filter((_, i) => i % OUTPUT_MAPS === BODY_MAP);
    expect(heat(spine('L1'))).toEqual(heat(spine('T12')));
    expect(Math.max(...heat(spine('L1')))).toBeGreaterThan(0.9);
  });
});

describe('the map of the last rib', () => {
  const rib = ({ target }: Targets) => target.filter((_, i) => i % OUTPUT_MAPS === LAST_RIB_MAP);

  it('has its heat where the rib is seen', () => {
    const targets = targetsOf(spine('T12'), BOTH, true);
    expect(spots(targets, BOTH)[LAST_RIB_MAP]).toBeCloseTo(rowOf('T12') + 2, -0.5);
    expect(targets.inView[LAST_RIB_MAP]).toBe(1);
  });

  it('must not fire without a lateral band, or where the rib is cut off', () => {
    for (const targets of [
      targetsOf(spine('T12'), BOTH, false),
      targetsOf(spine('T12'), SACRUM, true),
      targetsOf(
        spine(null, { kind: 'labelled', labelledRows: { from: 90, to: 100 } }),
        BOTH,
        false,
      ),
    ]) {
      expect(Math.max(...rib(targets))).toBeLessThan(0.01);
      expect(taught(targets)).toContain(LAST_RIB_MAP);
      expect(targets.inView[LAST_RIB_MAP]).toBe(0);
      expect(targets.inViewMask[LAST_RIB_MAP]).toBe(1);
    }
  });

  it('is not taught where a band is shown and nobody knows the last rib', () => {
    const targets = targetsOf(spine(null, { kind: 'labelled' }), BOTH, true);
    expect(taught(targets)).toEqual(everything.filter((level) => level !== LAST_RIB_MAP));
    expect(targets.inViewMask[LAST_RIB_MAP]).toBe(0);
  });
});

describe('what is in view', () => {
  it('is not known of a level that is not listed, where not all rows are labelled', () => {
    const levels = spine(null).levels.filter(({ name }) => name === 'L3' || name === 'L4');
    const item = spine(null, { kind: 'labelled', levels, labelledRows: { from: 105, to: 130 } });
    const { inView, inViewMask } = targetsOf(item, BOTH, true);
    expect([inView[map('L3')], inViewMask[map('L3')]]).toEqual([1, 1]);
    expect(inViewMask[map('L2')]).toBe(0);
    expect(inViewMask[map('S1')]).toBe(0);
    const within = targetsOf(item, [106, 129], true);
    expect([within.inView[map('S1')], within.inViewMask[map('S1')]]).toEqual([0, 1]);
  });

  it('is that L3 is not, in a chest', () => {
    const chest = spine(null, { kind: 'no-l3', levels: [] });
    const { inView, inViewMask } = targetsOf(chest, BOTH, true);
    expect([inView[map('L3')], inViewMask[map('L3')]]).toEqual([0, 1]);
    expect(inViewMask[map('T12')]).toBe(0);
  });

  it('is that nothing is, of any map, where there is no lumbar spine', () => {
    const knee = spine(null, { kind: 'no-spine', levels: [] });
    for (const lateral of [true, false]) {
      const { target, mask, inView, inViewMask } = targetsOf(knee, BOTH, lateral);
      expect([...new Set(target), ...new Set(inView)]).toEqual([0, 0]);
      expect(new Set(inViewMask)).toEqual(new Set([1]));
      expect(Math.min(...mask)).toBeGreaterThan(0);
    }
  });
});

test('L3 alone can be taught', () => {
  const targets = targetsOf(spine('T12'), BOTH, true, ['L3']);
  expect(taught(targets)).toEqual([map('L3'), BODY_MAP]);
  expect(targets.inViewMask[map('L4')]).toBe(0);
  expect(targets.inViewMask[map('L3')]).toBe(1);
});

describe('crops of a spine with a lateral band', () => {
  const made = (item: TrainingItem, seed: number, options: Partial<AugmentOptions> = {}) => {
    const example: Example = { ...newTargets(), input: new Float32Array(HEIGHT * WIDTH * 3) };
    const given = { ...DEFAULT_TRAINING, height: HEIGHT, width: WIDTH, ...options };
    augment(item, given, Random.ofKeys(seed), example);
    return example;
  };
  const seeds = Array.from({ length: 300 }, (_, seed) => seed);
  const showsLateral = ({ input }: Example) => input.some((value, i) => i % 3 === 2 && value > 0);
  /** The sacrum's and the last rib's "is it in view" of crops whose band is shown. */
  const ends = (item: TrainingItem) =>
    seeds
      .map((seed) => made(item, seed))
      .filter(showsLateral)
      .map(({ inView }) => [inView[map('S1')], inView[LAST_RIB_MAP]].join());

  it('often show the sacrum without the ribs, the ribs without the sacrum, and both', () => {
    const seen = ends(spine('T12'));
    const share = (what: string) => seen.filter((each) => each === what).length / seen.length;
    expect(share('0,1')).toBeGreaterThan(0.2);
    expect(share('1,0')).toBeGreaterThan(0.2);
    expect(share('1,1')).toBeGreaterThan(0.2);
  });

  it('go without the band in about a quarter, and always where there is none', () => {
    const shown = seeds.filter((seed) => showsLateral(made(spine('T12'), seed))).length;
    expect(shown / seeds.length).toBeGreaterThan(0.68);
    expect(shown / seeds.length).toBeLessThan(0.82);
    const none = spine('T12', { lateral: null });
    expect(seeds.slice(0, 30).some((seed) => showsLateral(made(none, seed)))).toBe(false);
  });

  it('never show the last rib without the band', () => {
    for (const seed of seeds.slice(0, 60)) {
      const example = made(spine('L1'), seed);
      if (!showsLateral(example)) expect(example.inView[LAST_RIB_MAP]).toBe(0);
    }
  });

  it('are the same with other input planes, and the band lies where the others do', () => {
    const [height, width] = [200, 90];
    const dot = new Uint8Array(height * width).fill(60);
    for (let r = 108; r < 113; r++) dot.fill(250, r * width + 43, r * width + 48);
    const item = spine('T12', { max: dot, mean: dot, lateral: dot });
    let compared = 0;
    for (const seed of seeds.slice(0, 40)) {
      const example = made(item, seed);
      const seedsMix = made(item, seed, { channels: ['max', 'mean', 'mix'] });
      expect(placeCrop(item, Random.ofKeys(seed))).toEqual(placeCrop(item, Random.ofKeys(seed)));
      if (!showsLateral(example)) {
        expect(seedsMix.input.filter((_, i) => i % 3 < 2)).toEqual(
          example.input.filter((_, i) => i % 3 < 2),
        );
        continue;
      }
      const brightest = (plane: number) => {
        const values = example.input.filter((_, i) => i % 3 === plane);
        let [sum, rows] = [0, 0];
        const level = 0.75 * values.reduce((a, b) => Math.max(a, b), 0);
        values.forEach((value, i) => {
          if (value < level) return;
          sum += value;
          rows += value * Math.floor(i / WIDTH);
        });
        return rows / sum;
      };
      if (Math.abs(brightest(0) - brightest(2)) < 1) compared++;
    }
    expect(compared).toBeGreaterThan(12);
  });
});
