import { LEVEL_NAMES, type LevelName } from '../../../src/levels/types';
import type { TrainingItem } from '../../../training/items/item';
import { synthesizeItem } from '../../../training/synthesis/synthesizeItem';

/** Where ribs and processes lie in the masks of real people: mm behind and below the body's centre, 45 mm beside the midline. */
const RIB_12 = { back: 47, down: 13 };
/** The same 57 mm beside the midline, beyond all transverse processes. */
const RIB_11 = { back: 55, down: 12 };
const PROCESS_L3 = { back: 42, down: -5 };

/** As few as have each variant: drawing one takes a seventh of a second. */
const items = Array.from({ length: 120 }, (_, i) => synthesizeItem(21, i, null));
const beside = items.filter(({ set }) => set === 'beside');
const withBand = items.filter(({ lateral }) => lateral !== null);
const usual = withBand.filter(({ lastRib }) => lastRib && shiftOf(lastRib.row) === 0);

function shiftOf(row: number, { levels } = withBand.find((item) => item.lastRib?.row === row)!) {
  const nearest = levels.reduce((best, level) =>
    Math.abs(level.row - row) < Math.abs(best.row - row) ? level : best,
  );
  return LEVEL_NAMES.indexOf(nearest.name) - LEVEL_NAMES.indexOf('T12');
}

/** Brightest value of the band within 5 mm of a place behind and below a body; 0..255. */
function brightest(
  item: TrainingItem,
  from: { readonly row: number; readonly column: number },
  { back, down }: { readonly back: number; readonly down: number },
): number {
  let best = 0;
  for (let dr = -2; dr <= 2; dr++)
    for (let dc = -2; dc <= 2; dc++) {
      const row = Math.round(from.row + down / 2) + dr;
      const column = Math.round(from.column + back / 2) + dc;
      if (row >= 0 && row < item.height && column >= 0 && column < item.width)
        best = Math.max(best, item.lateral![row * item.width + column]);
    }
  return best;
}

/** Mean over 5 x 5 pixels. */
function around(plane: Uint8Array, width: number, row: number, column: number): number {
  let sum = 0;
  for (let r = -2; r <= 2; r++) {
    for (let c = -2; c <= 2; c++)
      sum += plane[(Math.round(row) + r) * width + Math.round(column) + c]!;
  }
  return sum / 25;
}

const levelOf = (item: TrainingItem, name: LevelName) =>
  item.levels.find((level) => level.name === name)!;

describe('the lateral band of synthetic CT', () => {
  it('is there for CT volumes only', () => {
    expect(withBand.length).toBeGreaterThan(25);
    for (const item of items) {
      if (item.modality === 'MR') expect(item.lateral).toBeNull();
      if (!item.lateral) expect(item.lastRib).toBeNull();
    }
  });

  it('ends the ribs at T12 in most people and one body off in the variants', () => {
    const shifts = withBand.flatMap(({ lastRib }) => (lastRib ? [shiftOf(lastRib.row)] : []));
    const variants = shifts.filter((shift) => shift !== 0);
    expect(variants.every((shift) => Math.abs(shift) === 1)).toBe(true);
    expect(variants.length / shifts.length).toBeGreaterThan(0.02);
    expect(variants.length / shifts.length).toBeLessThan(0.3);
  });

  it('shows ribs where the masks of real people have them, and none a level further down', () => {
    expect(usual.length).toBeGreaterThan(20);
    const brighter = (name: LevelName, below: LevelName, place: typeof RIB_12) =>
      usual.filter(
        (item) =>
          brightest(item, levelOf(item, name), place) >
          brightest(item, levelOf(item, below), place) + 20,
      ).length / usual.length;
    expect(brighter('T12', 'L1', RIB_12)).toBeGreaterThan(0.6);
    expect(brighter('T11', 'L2', RIB_11)).toBeGreaterThan(0.6);
  });

  it('shows the transverse process of L3 as a dot with soft tissue above and below', () => {
    const dots = usual.filter((item) => {
      const l3 = levelOf(item, 'L3');
      const gap = (down: number) => brightest(item, l3, { back: PROCESS_L3.back, down });
      return brightest(item, l3, PROCESS_L3) > Math.min(gap(-22), gap(14)) + 20;
    });
    expect(dots.length / usual.length).toBeGreaterThan(0.6);
  });
});

describe('synthetic slices that miss the spine', () => {
  it('are a set of their own, as is what shows the last rib', () => {
    for (const { set, levels, lastRib } of items) {
      const complete = levels.length === LEVEL_NAMES.length;
      expect(set).toBe(!complete ? 'beside' : lastRib ? 'ribs' : 'synthetic');
    }
    expect(beside.length / items.length).toBeGreaterThan(0.03);
    expect(beside.length / items.length).toBeLessThan(0.15);
  });

  it('list no body, or a run of neighbours at one end', () => {
    const partly = beside.filter(({ levels }) => levels.length > 0);
    expect(partly.length).toBeGreaterThan(2);
    expect(partly.length).toBeLessThan(beside.length);
    for (const { levels } of partly) {
      const found = levels.map(({ name }) => LEVEL_NAMES.indexOf(name));
      expect(found).toEqual(found.map((_, i) => found[0]! + i));
      expect(found[0] === 0 || found.at(-1) === LEVEL_NAMES.length - 1).toBe(true);
    }
  });

  it('are one plane, without a lateral band, bright where they list a body', () => {
    const brighter: boolean[] = [];
    for (const { max, mean, lateral, levels, width, height, modality } of beside) {
      expect(lateral).toBeNull();
      // Rounded one by one.
      expect(max.every((value, i) => Math.abs(value - mean[i]!) <= 1)).toBe(true);
      if (modality === 'MR') continue;
      for (const { row, column } of levels) {
        if (row < 4 || row > height - 4 || column < 14 || column > width - 14) continue;
        // 20 mm in front of a body's centre its front wall is past.
        brighter.push(around(max, width, row, column) > around(max, width, row, column - 11) + 5);
      }
    }
    expect(brighter.length).toBeGreaterThan(5);
    expect(brighter.filter(Boolean).length / brighter.length).toBeGreaterThan(0.6);
  });
});
