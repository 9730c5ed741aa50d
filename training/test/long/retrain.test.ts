import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openModelPackage, readModelPackage } from '../../../src/model/node';
import type { TrainingItem } from '../../items/item';
import { retrain } from '../../retrain/retrain';
import { scoreItems } from '../../retrain/score';
import {
  base,
  keyOf,
  openHospital,
  personsA,
  personsB,
  rehearsal,
  type Hospital,
} from '../hospital';
import { readOwnItems } from '../../retrain/ownItems';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'retrain-'));
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterAll(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

async function scoreOf(packed: string, items: readonly TrainingItem[]) {
  const model = await openModelPackage(packed);
  const { score } = await scoreItems(model, items, true);
  await model.dispose();
  return score;
}

describe('a hospital whose scans the model gets wrong', () => {
  let hospital: Hospital;
  beforeAll(async () => {
    hospital = await openHospital(folder);
  }, 600_000);

  it('reads what was corrected as items that name every level from where the person put L3', () => {
    const { items, rejected } = readOwnItems([hospital.corrections]);
    expect(rejected).toEqual([]);
    expect(items).toHaveLength(personsA.length);
    expect(new Set(items.map(({ person }) => person)).size).toBe(personsA.length);
    for (const item of items) {
      const truth = personsA.find(({ person }) => item.person === keyOf(person))!;
      const [is, was] = [item, truth].map(
        ({ levels }) => levels.find(({ name }) => name === 'L3')!.row,
      );
      // The picture is cropped at the top: its first row is the same row of the whole one.
      const top = Math.round(was - is);
      expect(item.max.subarray(0, item.width)).toEqual(
        truth.max.subarray(top * truth.width, (top + 1) * truth.width),
      );
    }
  });

  it('does not write a worse package unless told to, and never in the place of the old one', async () => {
    // Labels two vertebrae off: whoever learns them is wrong.
    const nonsense = rehearsal.map((item) => ({
      ...item,
      set: 'nonsense',
      kind: 'labelled' as const,
      levels: item.levels.map((level, i) => ({ ...level, row: level.row + (i % 2 ? 16 : -16) })),
    }));
    const spoiled = {
      ...hospital.options(),
      own: nonsense,
      rehearsal: [],
      ownShare: 1,
      out: join(folder, 'models', 'spoiled'),
      training: { ...hospital.options().training, steps: 8, learningRate: 0.1 },
    };
    await expect(retrain({ ...spoiled, out: hospital.shipped })).rejects.toThrow(/another --out/);
    const refused = await retrain(spoiled);
    expect(refused.written).toBe(false);
    expect(refused.worse.join()).toMatch(/on the base set, \d+ before/);
    expect(existsSync(spoiled.out)).toBe(false);
    expect(existsSync(join(refused.folder, 'model.onnx'))).toBe(true);
    const forced = await retrain({ ...spoiled, force: true });
    expect(forced.written).toBe(true);
    expect(existsSync(join(spoiled.out, 'model.onnx'))).toBe(true);
    const { manifest } = await readModelPackage(spoiled.out);
    expect(manifest).toMatchObject({ name: 'spoiled', version: '1.0.1' });
    const card = readFileSync(join(spoiled.out, 'MODEL_CARD.md'), 'utf8');
    expect(card).toMatch(/Retrained from bright 1\.0\.0/);
    expect(card).toContain('npm run train -- retrain ...');
    // Nor does it replace a better one that is there already.
    const there = await retrain({ ...spoiled, model: spoiled.out, out: hospital.shipped });
    expect(there.written).toBe(false);
    expect(there.worse.join()).toContain(`by the package in ${hospital.shipped}`);
  }, 600_000);

  it(
    'trains on: it is right after on persons it never saw, and forgets nothing',
    async () => {
      const { shipped } = hospital;
      const before = {
        base: await scoreOf(shipped, base),
        other: await scoreOf(shipped, personsB),
      };
      expect(before.base.right).toBeGreaterThan(0.8 * base.length);
      expect(before.other.right).toBeLessThanOrEqual(personsB.length / 2);
      expect(before.other.wrong).toBeGreaterThanOrEqual(personsB.length / 2);
      const files = ['model.onnx', 'manifest.json', 'MODEL_CARD.md'];
      const bytesOf = () => files.map((name) => readFileSync(join(shipped, name), 'hex')).join();
      const old = bytesOf();

      const report = await retrain(hospital.options());

      expect(report).toMatchObject({
        written: true,
        worse: [],
        folder: join(folder, 'models/ours'),
      });
      const after = {
        base: await scoreOf(report.folder, base),
        other: await scoreOf(report.folder, personsB),
      };
      expect(after.other.right).toBeGreaterThanOrEqual(personsB.length - 1);
      expect(after.base.wrong).toBeLessThanOrEqual(before.base.wrong);
      expect(after.base.right).toBeGreaterThanOrEqual(before.base.right - 1);
      expect(bytesOf()).toBe(old);
      const { manifest } = await readModelPackage(report.folder);
      expect(manifest).toMatchObject({ name: 'ours', version: '1.0.1' });
      const card = readFileSync(join(report.folder, 'MODEL_CARD.md'), 'utf8');
      expect(card).toMatch(/Retrained from bright 1\.0\.0/);
      expect(card).toContain('npm run train -- retrain ...');
      expect(card).not.toContain('-- export');
    },
    20 * 60_000,
  );
});
