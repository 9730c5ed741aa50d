import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placeCrop } from '../../../training/batches/crop';
import { classOf } from '../../../training/batches/itemMix';
import { caseOfItem } from '../../../training/evaluate/itemCase';
import { readCases } from '../../../training/items/cases';
import { faultsOf } from '../../../training/items/checkItem';
import { readSplit } from '../../../training/items/splits';
import { prepare } from '../../../training/prepare/command';
import { itemOfSeries } from '../../../training/synthesis/synthesizeMany';
import { synthesizeItem } from '../../../training/synthesis/synthesizeItem';
import { synthesizeNegative } from '../../../training/synthesis/synthesizeNegative';
import { Random } from '../../../training/tools/random';

const SPLIT = 'training/items/splits/next.json';
const OTHER = '../shared/data/other/cases.json';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'negatives-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('painted pictures without a lumbar spine', () => {
  const items = Array.from({ length: 10 }, (_, index) => synthesizeNegative(1, index));

  it('depend on seed and index only, and are of several parts and both modalities', () => {
    expect(synthesizeNegative(1, 3)).toEqual(items[3]);
    expect(synthesizeNegative(2, 3).max).not.toEqual(items[3].max);
    expect(new Set(items.map(({ id }) => id.split('-1-')[0])).size).toBeGreaterThan(3);
    expect(new Set(items.map(({ modality }) => modality)).size).toBe(2);
  });

  it('can be trained on as what has no level at all, and silence is the right answer', () => {
    for (const item of items) {
      expect(faultsOf(item)).toEqual([]);
      expect(item).toMatchObject({ kind: 'no-spine', levels: [], lastRib: null });
      expect(item.max.some((value, i) => value < item.mean[i] - 1)).toBe(false);
      expect(caseOfItem(item).expected).toBe('undetermined');
      expect(classOf(item)).toBe('no-spine');
    }
  });

  it('are cropped in any size and place, and spines as before', () => {
    const scales = (kind: 'no-spine' | 'synthetic') =>
      Array.from({ length: 400 }, (_, seed) => {
        const { forward } = placeCrop({ ...items[0], kind }, Random.ofKeys(seed));
        return Math.hypot(forward[0], forward[2]);
      });
    const [ofOthers, ofSpines] = [scales('no-spine'), scales('synthetic')];
    expect(Math.min(...ofOthers)).toBeLessThan(0.73);
    expect(Math.max(...ofOthers)).toBeGreaterThan(1.35);
    expect(Math.min(...ofSpines)).toBeGreaterThanOrEqual(0.84999);
    expect(Math.max(...ofSpines)).toBeLessThanOrEqual(1.18001);
  });

  it('are a share of a series whose spines stay what they are', () => {
    const series = { seed: 2, curves: null, variants: 0.5, negatives: 0.25 };
    const kinds = [0, 1, 2, 3, 4, 7].map((index) => itemOfSeries(series, index).kind);
    expect(kinds.map((kind) => kind === 'no-spine')).toEqual([
      ...[false, false, false],
      true,
      false,
      true,
    ]);
    expect(itemOfSeries(series, 2)).toEqual(synthesizeItem(2, 2, null, 0.5));
    expect(itemOfSeries({ ...series, negatives: undefined }, 3)).toEqual(
      synthesizeItem(2, 3, null, 0.5),
    );
  });
});

describe('real pictures without a lumbar spine', () => {
  const entry = { case: 'knee', path: 'knee', modality: 'MR', l3_z_mm: null };
  const listed = (content: unknown) => {
    const file = join(folder, 'cases.json');
    writeFileSync(file, JSON.stringify(content));
    return file;
  };

  it('are what a list says to be without one', () => {
    const file = listed([
      { ...entry, expected_reason: ['no-lumbar-spine'] },
      { ...entry, case: 'chest', expected_reason: ['l3-not-in-view'] },
    ]);
    expect(readCases(file).map(({ withoutSpine }) => withoutSpine)).toEqual([true, undefined]);
    const wrong = [{ ...entry, l3_z_mm: 4, expected_reason: ['no-lumbar-spine'] }];
    expect(() => readCases(listed(wrong))).toThrow(/entry 1: expected_reason is .* names levels/);
  });

  it('are not trained on where the licence forbids it', async () => {
    const silent = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const split = join(folder, 'split.json');
    const rules = [{ role: 'train', cases: ['knee'] }];
    writeFileSync(split, JSON.stringify({ rules, persons: [] }));
    const options = { split, holdOutShare: 0, out: join(folder, 'out'), workers: 1 };
    const cases = [listed([{ ...entry, may_train: false }])];
    await expect(
      prepare({ ...options, cases, columnsFrom: 'models/l3-unet3plus' }),
    ).rejects.toThrow(/trains on knee, whose list says "may_train": false/);
    silent.mockRestore();
  });

  it('have a split that goes on from the shipped model’s, and names every case', () => {
    const split = readSplit(SPLIT);
    for (const id of ['tcga-coad', 'tcga-bc-a3kf', 'wholebody-ffs-jpegls', 'verse014', 'A002304-1'])
      expect(split.roleOf(id).role).toBe('never');
    expect(split.roleOf('chu-04').role).toBe('held-out');
    expect(split.personOf('knee-mese-e8')).toBe('pymskt-1');
    expect(readSplit('training/items/splits/shared.json').roleOf('knee-mese-e1').role).toBe(
      'never',
    );
    if (!existsSync(OTHER)) return;
    for (const { id, mayTrain } of readCases(OTHER)) {
      const { role, reason } = split.roleOf(id);
      expect([id, reason]).not.toEqual([id, 'not named by the split']);
      if (!mayTrain) expect([id, role]).toEqual([id, 'never']);
    }
  });
});
