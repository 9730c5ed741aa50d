import { makeBatch } from '../../../training/batches/batch';
import { groupItems } from '../../../training/batches/itemMix';
import { synthesizeItem } from '../../../training/synthesis/synthesizeItem';
import { drawCurves } from '../../../training/tools/curves';
import { DEFAULT_TRAINING } from '../../../training/train/options';
import { OUTPUT_MAPS } from '../../../training/network/maps';
import type { TrainingItem } from '../../../training/items/item';
import { splitPersons } from '../../../training/batches/heldOut';
import type { Batch } from '../../../training/batches/batch';
import type { ItemGroup } from '../../../training/batches/itemMix';
import {
  answersTo,
  bestOf,
  isOver,
  placeErrors,
  shareFound,
  summed,
} from '../../../training/train/validation';

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

describe('answers to validation crops', () => {
  const items = [0, 1, 2, 3].map((index) => synthesizeItem(1, index, null, 0));
  const options = { ...DEFAULT_TRAINING, height: 256, batch: 12 };
  const made = makeBatch(groupItems(items, { synthetic: 1 }, []), options, 1);
  const judged = Array.from(made.items, (_, i) => i * OUTPUT_MAPS + L3).filter(
    (at) => made.inViewMask[at] === 1,
  );

  it('are right where maps are the truth, wrong where they lie a vertebra lower, none where they are empty', () => {
    const truth = answersTo(made, made.target, options);
    expect(truth.right).toBeGreaterThan(made.items.length / 3);
    expect(truth).toMatchObject({ wrong: 0, abstained: judged.length - truth.right });
    expect(Math.max(...truth.errorsMm)).toBeLessThan(4);
    // A vertebra lower, 36 mm.
    const row = (options.width / 2) * OUTPUT_MAPS;
    const next = made.target.map((_, i) => made.target[i - 9 * row] ?? 0);
    expect(answersTo(made, next, options).wrong).toBeGreaterThan(truth.right / 2);
    const blank = made.target.map(() => 0);
    const empty = answersTo(made, blank, options);
    expect(empty).toMatchObject({ right: 0, wrong: 0, abstained: judged.length });
    expect(summed([truth, empty])).toMatchObject({
      ...{ right: truth.right, wrong: 0, abstained: truth.abstained + judged.length },
    });
  });
});

describe('curves', () => {
  it('are an SVG with a legend; a smoothed one is drawn twice, thinned and within its values', () => {
    const points = Array.from({ length: 9000 }, (_, i) => [i + 1, i % 2] as const);
    const curve = { name: 'mean', colour: '#111111', points, smoothed: true };
    const text = drawCurves([{ title: 'Loss <by> step', curves: [curve] }]);
    expect(text).toMatch(/^<svg xmlns=.*Loss &#60;by&#62; step.*>mean</s);
    const [raw, mean] = [...text.matchAll(/points="([^"]*)"/g)].map(([, drawn]) =>
      drawn!.split(' ').map((point) => Number(point.split(',')[1])),
    );
    expect(raw!.length).toBeLessThanOrEqual(1501);
    const spread = (values: readonly number[]) => Math.max(...values) - Math.min(...values);
    expect(spread(mean!.slice(30, -30))).toBeLessThan(4);
  });
});
