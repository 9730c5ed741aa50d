import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openModelPackage, readModelPackage } from '../../../src/model/node';
import type { TrainingItem } from '../../items/item';
import { retrain } from '../../retrain/retrain';
import { scoreItems } from '../../retrain/score';
import { base, openHospital, personsB } from '../hospital';

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

it(
  'a model that a hospital trains on is right after on persons it never saw, and forgets nothing',
  async () => {
    const hospital = await openHospital(folder);
    const { shipped } = hospital;
    const before = { base: await scoreOf(shipped, base), other: await scoreOf(shipped, personsB) };
    expect(before.base.right).toBeGreaterThan(0.8 * base.length);
    expect(before.other.right).toBeLessThanOrEqual(personsB.length / 2);
    expect(before.other.wrong).toBeGreaterThanOrEqual(personsB.length / 2);
    const files = ['model.onnx', 'manifest.json', 'MODEL_CARD.md'];
    const bytesOf = () => files.map((name) => readFileSync(join(shipped, name), 'hex')).join();
    const old = bytesOf();

    const report = await retrain(hospital.options());

    expect(report).toMatchObject({ written: true, worse: [], folder: join(folder, 'models/ours') });
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
