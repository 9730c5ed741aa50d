import { LEVEL_NAMES } from '../../../src/levels/types';
import { synthesizeItem } from '../../../training/synthesis/synthesizeItem';

const items = Array.from({ length: 180 }, (_, i) => synthesizeItem(3, i, null));
const beside = items.filter(({ set }) => set === 'beside');

/** Mean over 5 x 5 pixels. */
function around(plane: Uint8Array, width: number, row: number, column: number): number {
  let sum = 0;
  for (let r = -2; r <= 2; r++) {
    for (let c = -2; c <= 2; c++)
      sum += plane[(Math.round(row) + r) * width + Math.round(column) + c]!;
  }
  return sum / 25;
}

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
