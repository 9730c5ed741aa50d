import { UNCALIBRATED } from '../../src/levels/decision';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeCorrection } from '../../src/corrections/correctionFile';
import { makeCorrection } from '../../src/corrections/makeCorrection';
import { personKey } from '../../src/corrections/personKey';
import { decodeLevels } from '../../src/levels/decodeLevels';
import { openModelPackage, readModelPackage } from '../../src/model/node';
import { patientPointOf } from '../../src/projection/maps';
import { projectionOfItem } from '../evaluate/itemCase';
import { NO_FACTS } from '../export/facts';
import { seededPicture } from '../export/seededPicture';
import { toOnnx } from '../export/onnxModel';
import { packModel } from '../export/packModel';
import { answerOfNetwork } from '../export/parity';
import { BATCH_NORM_EPSILON, Network } from '../network/network';
import { planNetwork } from '../network/plan';
import { initialWeights, type Weights } from '../network/weights';
import type { TrainingItem } from '../items/item';
import { writeItems } from '../items/itemStore';
import { readOwnItems } from '../retrain/ownItems';
import { readPackageWeights } from '../retrain/packageWeights';
import { retrain, type RetrainOptions } from '../retrain/retrain';
import { scoreItems } from '../retrain/score';
import type { TrainOptions } from '../train/options';
import { runTraining } from '../train/run';
import { madeUpItem, TINY_NETWORK, TINY_TRAINING } from './madeUp';

const SALT = 'the salt of a hospital in a test';
const CROP = { height: 160, width: 64 };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'retrain-'));
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterAll(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const keyOf = (patientId: string) => personKey({ patientId, salt: SALT });

/** Another population: the sacrum shows one segment more, which looks like one more vertebra. */
function withSecondSegment(item: TrainingItem): TrainingItem {
  const { width, levels } = item;
  const [l5, s1] = levels.slice(-2);
  const row = Math.round(2 * s1.row - l5.row);
  const max = item.max.slice();
  for (let r = row - 5; r <= row + 5; r++) max.fill(200, r * width + 9, r * width + 60);
  return {
    ...item,
    id: `other-${item.id}`,
    person: `other-${item.person}`,
    max,
    mean: max.map((value) => 0.8 * value),
  };
}

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

describe('a hospital whose scans the model gets wrong', () => {
  const bright = Array.from({ length: 80 }, (_, i) => madeUpItem(100 + i));
  const rehearsal = bright.slice(0, 64);
  const base = bright.slice(64);
  const personsA = Array.from({ length: 24 }, (_, i) => withSecondSegment(madeUpItem(300 + i)));
  const personsB = Array.from({ length: 8 }, (_, i) => withSecondSegment(madeUpItem(500 + i)));
  let shipped: string;
  let data: string;

  const options = (): RetrainOptions => ({
    model: shipped,
    own: readOwnItems([data]).items,
    rehearsal,
    base,
    out: join(folder, 'models', 'ours'),
    version: '1.0.1',
    runs: join(folder, 'runs'),
    holdOutShare: 0.25,
    ownShare: 0.5,
    training: { seed: 1, steps: 240, batch: 6, ...CROP, learningRate: 6e-3 },
    force: false,
    command: 'npm run train -- retrain ...',
  });
  const scoreOf = async (packed: string, items: readonly TrainingItem[]) => {
    const model = await openModelPackage(packed);
    const { score } = await scoreItems(model, items, true);
    await model.dispose();
    return score;
  };

  /** A model for bright spines, as the project would ship it. */
  async function ship(): Promise<string> {
    const runs = join(folder, 'runs');
    const items = join(folder, 'bright.items');
    writeItems(items, rehearsal);
    const trained: TrainOptions = {
      ...{ ...TINY_TRAINING, ...CROP, items: [items], channels: ['max', 'mean', 'mix'] },
      ...{ batch: 3, steps: 320, learningRate: 1e-2 },
    };
    await runTraining({
      ...{ name: 'bright', runs, options: trained },
      ...{ checkpointEvery: 1000, stopAfter: Infinity },
    });
    // It always answers: what is not right is a wrong level.
    const decision = {
      ...UNCALIBRATED,
      minInView: 0.1,
      minProbability: 0,
      minAnchor: 0.01,
      minRibAnchor: 1,
    };
    const packed = await packModel({
      ...{ run: 'bright', runs, name: 'bright', version: '1.0.0', into: join(folder, 'models') },
      ...{ replace: false, facts: { ...NO_FACTS, decision } },
    });
    return packed.folder;
  }

  /** What the viewer does: search, let the person put L3 where it is, export. */
  async function correct(items: readonly TrainingItem[], into: string): Promise<void> {
    const model = await openModelPackage(shipped);
    const { manifest } = model;
    mkdirSync(into, { recursive: true });
    for (const [i, item] of items.entries()) {
      const projection = projectionOfItem(item, manifest.input.channels);
      const { levels, conclusion } = decodeLevels(await model.run(projection), manifest.decision);
      const l3 = item.levels.find(({ name }) => name === 'L3')!;
      const correction = makeCorrection({
        projection,
        modality: 'CT',
        window: manifest.input.windows.CT,
        model: manifest,
        person: keyOf(item.person),
        outcome: conclusion.found ? 'found' : 'undetermined',
        found: levels.map(({ name, row, column, probability }) => ({
          name,
          probability,
          pointLpsMm: patientPointOf(projection, row, column),
        })),
        l3PointLpsMm: patientPointOf(projection, l3.row, l3.column),
      });
      writeFileSync(join(into, `${i}.correction`), encodeCorrection(correction));
    }
    await model.dispose();
  }

  beforeAll(async () => {
    shipped = await ship();
    data = join(folder, 'corrections');
    await correct(personsA, data);
  }, 600_000);

  it('reads what was corrected as items that name every level from where the person put L3', () => {
    const { items, rejected } = readOwnItems([data]);
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

  it('is wrong before, right after on persons it never saw, and forgets nothing', async () => {
    const before = { base: await scoreOf(shipped, base), other: await scoreOf(shipped, personsB) };
    expect(before.base.right).toBeGreaterThan(0.8 * base.length);
    expect(before.other.right).toBeLessThanOrEqual(personsB.length / 2);
    expect(before.other.wrong).toBeGreaterThanOrEqual(personsB.length / 2);
    const files = ['model.onnx', 'manifest.json', 'MODEL_CARD.md'];
    const bytesOf = () => files.map((name) => readFileSync(join(shipped, name), 'hex')).join();
    const old = bytesOf();

    const report = await retrain(options());

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
  }, 600_000);

  it('does not write a worse package unless told to, and never in the place of the old one', async () => {
    // Labels two vertebrae off: whoever learns them is wrong.
    const nonsense = rehearsal.map((item) => ({
      ...item,
      set: 'nonsense',
      kind: 'labelled' as const,
      levels: item.levels.map((level, i) => ({ ...level, row: level.row + (i % 2 ? 16 : -16) })),
    }));
    const spoiled = {
      ...options(),
      own: nonsense,
      rehearsal: [],
      ownShare: 1,
      out: join(folder, 'models', 'spoiled'),
      training: { ...options().training, steps: 8, learningRate: 0.1 },
    };
    await expect(retrain({ ...spoiled, out: shipped })).rejects.toThrow(/another --out/);
    const refused = await retrain(spoiled);
    expect(refused.written).toBe(false);
    expect(refused.worse.join()).toMatch(/on the base set, \d+ before/);
    expect(existsSync(spoiled.out)).toBe(false);
    expect(existsSync(join(refused.folder, 'model.onnx'))).toBe(true);
    const forced = await retrain({ ...spoiled, force: true });
    expect(forced.written).toBe(true);
    expect(existsSync(join(spoiled.out, 'model.onnx'))).toBe(true);
    // Nor does it replace a better one that is there already.
    const there = await retrain({ ...spoiled, model: spoiled.out, out: shipped });
    expect(there.written).toBe(false);
    expect(there.worse.join()).toContain(`by the package in ${shipped}`);
  }, 600_000);
});
