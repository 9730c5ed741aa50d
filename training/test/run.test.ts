import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { runFiles } from '../tools/paths';
import { writeItems } from '../items/itemStore';
import { readCheckpoint, writeCheckpoint } from '../train/checkpoint';
import type { TrainOptions } from '../train/options';
import { runTraining } from '../train/run';
import { Trainer } from '../train/trainer';
import { madeUpItem, TINY_TRAINING } from './madeUp';
import { makeBatch } from '../batches/batch';
import { groupItems } from '../batches/itemMix';
import { tf } from '../network/tensorflow';

describe('a whole run', () => {
  let runs: string;
  let options: TrainOptions;
  const said: string[] = [];
  beforeAll(() => {
    runs = mkdtempSync(join(tmpdir(), 'whole-run-'));
    const items = join(runs, 'bars.items');
    writeItems(
      items,
      Array.from({ length: 10 }, (_, i) => madeUpItem(i + 1)),
    );
    options = {
      ...TINY_TRAINING,
      items: [items],
      validation: 0.2,
      validateEvery: 2,
      batch: 8,
      steps: 8,
    };
  });
  afterAll(() => rmSync(runs, { recursive: true }));
  beforeEach(() => {
    said.length = 0;
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      said.push(String(text));
      return true;
    });
  });
  afterEach(() => jest.restoreAllMocks());

  const train = (name: string, changes: Partial<TrainOptions> | null = {}, stopAfter = Infinity) =>
    runTraining({
      ...{ name, runs, checkpointEvery: 100, stopAfter },
      options: changes && { ...options, ...changes },
    });
  const read = (name: string, file: string) => readFileSync(join(runs, name, file));

  it('prints what it does and leaves a report with curves and pictures', async () => {
    await train('reported');
    const screen = said.join('');
    expect(screen).toMatch(/Computing on the (CPU|GPU) by TensorFlow .* \(tfjs-node/);
    expect(screen).toMatch(/ {2}learningRate +0.0025\n/);
    expect(screen).toMatch(/Kept for validation: 2 persons/);
    expect(screen).toMatch(/step 8\/8 .* s\/step .* left/);
    const report = read('reported', 'report.md').toString();
    expect(report).toMatch(/Step 8 of 8. All steps are done/);
    expect(report.match(/^\| [2468] /gm)).toHaveLength(4);
    const pictures = report.match(/\]\(([\w.]+)\)/g)!.map((link) => link.slice(2, -1));
    expect(pictures).toEqual(['training.svg', 'validation.svg', 'best.png', 'worst.png']);
    const [curves, answers] = pictures
      .splice(0, 2)
      .map((name) => read('reported', name).toString());
    expect(curves).toMatch(/Loss by step.*training \(each step, mean\).*Learning rate by step/s);
    expect(answers).toMatch(/>right<.*>wrong<.*>abstained</s);
    for (const picture of pictures) {
      const { data, width, height } = decode(read('reported', picture));
      expect(new Set(data).size).toBeGreaterThan(2);
      expect(width * height).toBeGreaterThan(10_000);
    }
    const { validation } = readCheckpoint(join(runs, 'reported', 'checkpoint.bin'));
    expect(validation.map(({ step }) => step)).toEqual([2, 4, 6, 8]);
  });

  it('validates the same whether or not it was stopped in between', async () => {
    await train('stopped', {}, 3);
    await train('stopped', null, 5);
    await train('stopped', null);
    const [one, other] = ['reported', 'stopped'].map((name) => read(name, 'checkpoint.bin'));
    expect(one!.equals(other!)).toBe(true);
  });

  it('goes on exactly, too, where spines are made on the way, and does not need files of items', async () => {
    const made = {
      ...{ items: [], validation: 0, steps: 4 },
      synthesis: { pool: 6, fresh: 2, variants: 0.5, curves: 'none' },
    };
    await train('made', made);
    await train('made-stopped', made, 2);
    said.length = 0;
    await train('made-stopped', null);
    expect(said.join('')).toContain('Making 6 synthetic spines first');
    const [one, other] = ['made', 'made-stopped'].map((name) => read(name, 'checkpoint.bin'));
    expect(one!.equals(other!)).toBe(true);
    const groups = JSON.parse(read('made', 'data.json').toString()) as { persons: number }[];
    expect(groups.reduce((sum, { persons }) => sum + persons, 0)).toBe(6);
  });

  it('ends early with the weights of its best validation, and is over then', async () => {
    const losses = [3, 1, 2, 1.5, 0.5];
    const validate = Trainer.prototype.validate;
    jest.spyOn(Trainer.prototype, 'validate').mockImplementation(function (this: Trainer, batches) {
      const outcome = validate.call(this, batches);
      Object.assign(outcome.point, { loss: losses.shift() });
      return outcome;
    });
    await train('patient', { patience: 2, steps: 60 });
    const files = runFiles('patient', runs);
    const { step, validation, average } = readCheckpoint(files.checkpoint);
    expect(validation.map(({ loss }) => loss)).toEqual([3, 1, 2, 1.5]);
    expect(step).toBe(4);
    expect(average).toEqual(readCheckpoint(files.best).average);
    expect(readFileSync(files.report, 'utf8')).toMatch(/Ended early after step 8/);
    await expect(train('patient', null)).rejects.toThrow(/"patient" ended early, at its best/);
  });

  it('says that the disk is full, and what to do', async () => {
    if (!existsSync('/dev/full')) return;
    await train('full', {}, 2);
    const files = runFiles('full', runs);
    const before = readFileSync(files.checkpoint);
    symlinkSync('/dev/full', `${files.checkpoint}.part`);
    await expect(train('full', null)).rejects.toThrow(
      /The disk is full. Nothing is lost .* --name full --resume/,
    );
    expect(readFileSync(files.checkpoint).equals(before)).toBe(true);
  });

  it('needs somebody to validate with', async () => {
    await expect(train('nobody', { validation: 0.01 })).rejects.toThrow(/larger --validation/);
    expect(existsSync(join(runs, 'nobody'))).toBe(false);
  });
});

describe('tensors', () => {
  const groups = groupItems([madeUpItem(1), madeUpItem(2)], TINY_TRAINING.mix, []);

  it('are all gone after steps and validations', () => {
    const trainer = new Trainer(TINY_TRAINING);
    const before = tf.memory().numTensors;
    for (const step of [1, 2, 3]) trainer.train(makeBatch(groups, TINY_TRAINING, step));
    trainer.validate([makeBatch(groups, TINY_TRAINING, 0)]);
    expect(tf.memory().numTensors).toBe(before);
    trainer.dispose();
  });

  it('left behind by a step end the run', () => {
    const trainer = new Trainer(TINY_TRAINING);
    const batch = makeBatch(groups, TINY_TRAINING, 1);
    const leaking = {
      ...batch,
      get input() {
        tf.keep(tf.zeros([3]));
        return batch.input;
      },
    };
    expect(() => trainer.train(leaking)).toThrow(/Step 1 left 1 tensors behind/);
    trainer.dispose();
  });
});

test('a checkpoint of a run that began before an option existed goes on without it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'old-'));
  const trainer = new Trainer(TINY_TRAINING);
  const before = Object.fromEntries(
    Object.entries(TINY_TRAINING).filter(([key]) => key !== 'patience'),
  );
  const file = join(folder, 'checkpoint.bin');
  writeCheckpoint(file, { ...trainer.checkpoint(), options: before as unknown as TrainOptions });
  expect(readCheckpoint(file).options).toEqual({ ...TINY_TRAINING, patience: 0 });
  trainer.dispose();
  rmSync(folder, { recursive: true });
});
