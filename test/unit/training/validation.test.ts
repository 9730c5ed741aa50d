import { OUTPUT_MAPS } from '../../../training/network/maps';
import type { TrainingItem } from '../../../training/items/item';
import { splitPersons } from '../../../training/batches/heldOut';
import type { Batch } from '../../../training/batches/batch';
import type { ItemGroup } from '../../../training/batches/itemMix';
import { bestOf, isOver, placeErrors, shareFound } from '../../../training/train/validation';

const L3 = 6;
const person = (name: string): TrainingItem[] => [{ id: name, person: name } as TrainingItem];
const group = (selector: string, names: readonly string[]): ItemGroup => ({
  selector,
  weight: 1,
  persons: names.map(person),
});
const numbered = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`);
const names = (groups: readonly ItemGroup[]) =>
  groups.flatMap(({ persons }) => persons.flatMap((items) => items.map((item) => item.person)));

describe('persons kept for validation', () => {
  const groups = [group('synthetic', numbered('s', 40)), group('mr', numbered('p', 10))];

  it('are a share of every group, and train nothing', () => {
    const { training, validation } = splitPersons(groups, 0.2, 1);
    expect(validation.map(({ persons }) => persons.length)).toEqual([8, 2]);
    expect(training.map(({ persons }) => persons.length)).toEqual([32, 8]);
    expect(names(training).filter((name) => names(validation).includes(name))).toEqual([]);
  });

  it('depend on names and seed, not on the order', () => {
    const reversed = groups.map((each) => ({ ...each, persons: [...each.persons].reverse() }));
    const kept = (of: readonly ItemGroup[], seed: number) =>
      names(splitPersons(of, 0.2, seed).validation).sort();
    expect(kept(reversed, 1)).toEqual(kept(groups, 1));
    expect(kept(groups, 2)).not.toEqual(kept(groups, 1));
  });

  it('are kept out of every group that they are in', () => {
    const shared = numbered('p', 10);
    const { training, validation } = splitPersons(
      [group('ct', shared), group('no-l3', [...shared].reverse().slice(0, 7))],
      0.3,
      4,
    );
    const kept = new Set(names(validation));
    expect(kept.size).toBeGreaterThanOrEqual(3);
    expect(names(training).some((name) => kept.has(name))).toBe(false);
  });

  it('are nobody where no share is asked for', () => {
    expect(splitPersons(groups, 0, 1)).toEqual({ training: groups, validation: [] });
  });
});

describe('the end of patience', () => {
  const points = (...losses: number[]) =>
    losses.map((loss, i) => ({ step: 10 * (i + 1), loss, found: null }));

  it('comes after as many validations without a better one', () => {
    expect(isOver(points(3, 2, 2.5), 2)).toBe(false);
    expect(isOver(points(3, 2, 2.5, 2.1), 2)).toBe(true);
    expect(isOver(points(3, 2, 2.5, 1.9), 2)).toBe(false);
    expect(isOver(points(3, 2, 2), 1)).toBe(true);
    expect(isOver(points(3, 4, 5, 6, 7), 0)).toBe(false);
    expect(isOver([], 1)).toBe(false);
  });

  it('leaves the first of the best', () => {
    expect(bestOf(points(3, 2, 2, 4))?.step).toBe(20);
    expect(bestOf([])).toBeNull();
  });
});

describe('judging crops', () => {
  const [height, width] = [40, 16];
  const pixels = (height / 2) * (width / 2);
  /** One crop with L3 at output row 5, and one without. */
  const batch: Batch = {
    ...{ step: 0, input: new Float32Array(0), mask: new Float32Array(0) },
    items: ['a/1', 'a/2'],
    target: new Float32Array(2 * pixels * OUTPUT_MAPS),
    inView: new Float32Array(2 * OUTPUT_MAPS),
    inViewMask: new Float32Array(2 * OUTPUT_MAPS).fill(1),
  };
  const at = (row: number, column: number) => (row * (width / 2) + column) * OUTPUT_MAPS + L3;
  batch.target[at(5, 3)] = 1;
  batch.inView[L3] = 1;

  it.each([
    [5, 0, 1],
    [8, 12, 1],
    [9, 16, 0],
    [1, 16, 0],
  ])('an answer in row %i is %i mm off', (row, errorMm, found) => {
    const maps = new Float32Array(2 * pixels * OUTPUT_MAPS).fill(0.1);
    maps[at(row, 6)] = 0.7;
    const crops = placeErrors(batch, maps, { height, width });
    expect(crops).toHaveLength(1);
    expect(crops[0]).toMatchObject({ index: 0, truthRow: 5, answerRow: row, errorMm });
    expect(crops[0]!.response).toBeCloseTo(0.7, 6);
    expect(shareFound(crops)).toBe(found);
  });

  it('says nothing of crops that do not show L3', () => {
    const unknown = { ...batch, inViewMask: new Float32Array(2 * OUTPUT_MAPS) };
    expect(placeErrors(unknown, batch.target, { height, width })).toEqual([]);
    expect(shareFound([])).toBeNull();
  });
});
