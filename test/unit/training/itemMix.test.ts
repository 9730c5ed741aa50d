import type { TrainingItem } from '../../../training/items/item';
import { DEFAULT_TRAINING } from '../../../training/train/options';
import { makeBatch } from '../../../training/batches/batch';
import { drawItem, groupItems } from '../../../training/batches/itemMix';
import { Random } from '../../../training/tools/random';

const item = (
  set: string,
  person: string,
  kind: TrainingItem['kind'] = 'labelled',
  modality: TrainingItem['modality'] = 'MR',
  id = person,
): TrainingItem => ({
  ...{ id, person, set, kind, modality, height: 8, width: 8, levels: [], labelledRows: null },
  lateral: null,
  lastRib: null,
  max: new Uint8Array(64).fill(100),
  mean: new Uint8Array(64).fill(80),
});

const items = [
  ...[1, 2, 3].map((i) => item('synthetic', `s${i}`, 'synthetic')),
  // One person with many pictures and one with a single one weigh the same.
  ...Array.from({ length: 20 }, (_, i) => item('chu', 'p1', 'labelled', 'MR', `p1-${i}`)),
  item('chu', 'p2'),
  item('zukic', 'p3'),
  item('verse', 'p4', 'labelled', 'CT'),
  item('lidc', 'p5', 'no-l3', 'CT'),
];

describe('the mix of items', () => {
  const shares = (mix: Record<string, number>, holdOut: string[] = []) => {
    const groups = groupItems(items, mix, holdOut);
    const random = Random.ofKeys(5);
    const counts = new Map<string, number>();
    const draws = 20_000;
    for (let i = 0; i < draws; i++) {
      const { person } = drawItem(groups, random);
      counts.set(person, (counts.get(person) ?? 0) + 1 / draws);
    }
    return (person: string) => counts.get(person) ?? 0;
  };

  it('gives each class its share, and each person of a class the same', () => {
    const share = shares({ synthetic: 60, mr: 30, ct: 6, 'no-l3': 4 });
    for (const person of ['s1', 's2', 's3']) expect(share(person)).toBeCloseTo(0.2, 1.5);
    for (const person of ['p1', 'p2', 'p3']) expect(share(person)).toBeCloseTo(0.1, 1.5);
    expect(share('p4')).toBeCloseTo(0.06, 1.8);
    expect(share('p5')).toBeCloseTo(0.04, 1.8);
  });

  it('lets a set of its own take its items from the class', () => {
    const share = shares({ mr: 50, 'mr/chu': 50 });
    expect(share('p3')).toBeCloseTo(0.5, 1.5);
    expect(share('p1')).toBeCloseTo(0.25, 1.5);
    expect(share('p2')).toBeCloseTo(0.25, 1.5);
    expect(share('s1') + share('p4') + share('p5')).toBe(0);
  });

  it('holds persons and sets out, and gives their share to the others', () => {
    const share = shares({ synthetic: 50, mr: 25, ct: 25 }, ['p1', 'verse', 'zukic']);
    expect(share('p1') + share('p3') + share('p4')).toBe(0);
    expect(share('p2')).toBeCloseTo(1 / 3, 1.5);
  });

  it('refuses a name that occurs nowhere, and a mix of nothing', () => {
    expect(() => groupItems(items, { mr: 1 }, ['p9'])).toThrow(/no item is of .*"p9"/);
    expect(() => groupItems(items, { mr: 0 }, [])).toThrow(/nothing to train on/);
  });
});

describe('a batch', () => {
  const groups = groupItems(items, { mr: 1, synthetic: 1 }, []);
  const options = { ...DEFAULT_TRAINING, seed: 3, batch: 4, height: 32, width: 32 };

  it('depends on seed and step alone, and names its items', () => {
    const batch = makeBatch(groups, options, 7);
    expect(makeBatch(groups, options, 7)).toEqual(batch);
    expect(makeBatch(groups, options, 8).input).not.toEqual(batch.input);
    expect(makeBatch(groups, { ...options, seed: 4 }, 7).input).not.toEqual(batch.input);
    expect(batch.items).toHaveLength(4);
    for (const name of batch.items) {
      expect(items.map(({ set, id }) => `${set}/${id}`)).toContain(name);
    }
  });

  it('holds each picture as it would be alone', () => {
    const two = makeBatch(groups, { ...options, batch: 2 }, 7);
    const four = makeBatch(groups, options, 7);
    expect(four.input.subarray(0, two.input.length)).toEqual(two.input);
    expect(four.target.subarray(0, two.target.length)).toEqual(two.target);
    expect(four.mask.subarray(0, two.mask.length)).toEqual(two.mask);
  });
});
