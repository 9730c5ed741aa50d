import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readModelPackage } from '../../src/model/node';
import { toOnnx } from '../export/onnxModel';
import { answerOfNetwork } from '../export/parity';
import { seededPicture } from '../export/seededPicture';
import { BATCH_NORM_EPSILON, Network } from '../network/network';
import { planNetwork } from '../network/plan';
import { initialWeights, type Weights } from '../network/weights';
import { readOwnItems } from '../retrain/ownItems';
import { readPackageWeights } from '../retrain/packageWeights';
import { retrain } from '../retrain/retrain';
import { keyOf, openHospital, personsA, rehearsal, type Hospital } from './hospital';
import { TINY_NETWORK } from './madeUp';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'retrain-'));
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterAll(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

describe('weights read back from a package', () => {
  const plan = planNetwork({ ...TINY_NETWORK, deepSupervision: false });
  const weights: Weights = new Map(
    [...initialWeights(plan, 5)].map(([name, values], i) => [
      name,
      // Statistics and scales as training leaves them: not 0 and 1.
      values.map((value, k) =>
        /gamma|movingVariance/.test(name)
          ? 0.5 + ((i + 3 * k) % 7) / 5
          : /beta|movingMean/.test(name)
            ? ((i + k) % 5) / 4 - 0.5
            : value,
      ),
    ]),
  );
  const model = toOnnx(plan, weights, BATCH_NORM_EPSILON, { name: 'x', version: '1' });

  it('make a network that answers as the one that was packed, and packs to the same again', () => {
    const read = readPackageWeights(model);
    expect(read.network).toEqual(plan.options);
    const probe = { height: 64, width: 32, data: seededPicture(9, 3, 64, 32) };
    const [was, is] = [weights, read.weights].map((each) => {
      const network = new Network(planNetwork(read.network), each);
      const answer = answerOfNetwork(network, probe);
      network.dispose();
      return answer;
    });
    expect(Math.max(...is.map((value, i) => Math.abs(value - was[i])))).toBeLessThan(2e-6);
    expect(Math.max(...was) - Math.min(...was)).toBeGreaterThan(0.01);
    const again = toOnnx(planNetwork(read.network), read.weights, BATCH_NORM_EPSILON, {
      name: 'x',
      version: '1',
    });
    expect(again).toHaveLength(model.length);
  });

  it('say what is wrong with another file', () => {
    expect(() => readPackageWeights(new Uint8Array([1, 2, 3]))).toThrow(/not a readable ONNX/);
    const other = planNetwork({ ...TINY_NETWORK, maps: 11, classes: [] });
    const old = toOnnx(other, initialWeights(other, 1), BATCH_NORM_EPSILON, {
      name: 'x',
      version: '1',
    });
    expect(() => readPackageWeights(old)).toThrow(/11 maps instead of 12/);
  });
});

/** That it learns them is a test of `test:long`. */
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
});
