import type { Scalar, Tensor } from '@tensorflow/tfjs-node';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LEVEL_NAMES } from '../../src/levels/types';
import { answerOfNetwork } from '../export/parity';
import { OUTPUT_MAPS, STRIDE } from '../network/maps';
import { Network } from '../network/network';
import { planNetwork } from '../network/plan';
import { initialWeights, type Weights } from '../network/weights';
import { tf } from '../network/tensorflow';
import { makeBatch, type Batch } from '../batches/batch';
import { readCheckpoint, writeCheckpoint } from '../train/checkpoint';
import { groupItems } from '../batches/itemMix';
import type { TrainOptions } from '../train/options';
import { Trainer } from '../train/trainer';
import { madeUpItem, TINY_TRAINING } from './madeUp';

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const items = Array.from({ length: 12 }, (_, i) => madeUpItem(i + 1));
const groups = groupItems(items, TINY_TRAINING.mix, []);
const lengthOf = (weights: Weights): number =>
  Math.sqrt([...weights.values()].reduce((sum, v) => sum + v.reduce((s, x) => s + x * x, 0), 0));

/** Mean distance in output rows from a level's highest response to its true row, and from any row. */
function rowErrors(
  weights: Weights,
  { network: options, height, width, batch }: TrainOptions,
  made: Batch,
) {
  const network = new Network(planNetwork(options), weights);
  const [rows, columns] = [height / STRIDE, width / STRIDE];
  const rowOfPeak = (map: ArrayLike<number>) => {
    let best = 0;
    for (let i = 1; i < map.length; i++) if (map[i]! > map[best]!) best = i;
    return { row: Math.floor(best / columns), value: map[best]! };
  };
  const plane = (values: Float32Array, picture: number, pixels: number, of: number, at: number) =>
    Float32Array.from({ length: pixels }, (_, i) => values[(picture * pixels + i) * of + at]!);
  const found: number[] = [];
  const byChance: number[] = [];
  for (let picture = 0; picture < batch; picture++) {
    const planes = [0, 1, 2].flatMap((k) => [...plane(made.input, picture, height * width, 3, k)]);
    const maps = answerOfNetwork(network, { data: Float32Array.from(planes), height, width });
    for (let level = 0; level < LEVEL_NAMES.length; level++) {
      const truth = rowOfPeak(plane(made.target, picture, rows * columns, OUTPUT_MAPS, level));
      if (truth.value < 0.8) continue;
      const answer = rowOfPeak(maps.subarray(level * rows * columns, (level + 1) * rows * columns));
      found.push(Math.abs(answer.row - truth.row));
      byChance.push(mean(Array.from({ length: rows }, (_, row) => Math.abs(row - truth.row))));
    }
  }
  network.dispose();
  return { found: mean(found), byChance: mean(byChance), levels: found.length };
}

function trainTo(step: number, options: TrainOptions, trainer = new Trainer(options)): Trainer {
  while (trainer.step < step) trainer.train(makeBatch(groups, options, trainer.step + 1));
  return trainer;
}

describe('a run', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'run-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('learns: the loss falls, and the peaks on a batch it never saw come to their rows', () => {
    const options = { ...TINY_TRAINING, batch: 3, steps: 60, learningRate: 1e-2, seed: 3 };
    const trainer = new Trainer(options);
    const losses: number[] = [];
    while (trainer.step < options.steps) {
      losses.push(trainer.train(makeBatch(groups, options, trainer.step + 1)).loss);
    }
    const many = { ...options, batch: 10 };
    const unseen = makeBatch(groups, many, 1000);
    const { found, byChance, levels } = rowErrors(trainer.checkpoint().average, many, unseen);
    expect(levels).toBeGreaterThan(20);
    expect(mean(losses.slice(-10))).toBeLessThan(0.75 * mean(losses.slice(0, 10)));
    expect(found).toBeLessThan(byChance / 2);
    trainer.dispose();
  });

  it('goes on from a checkpoint to the same bytes as without a stop', () => {
    const options = { ...TINY_TRAINING, steps: 6 };
    const [straight, stopped, whole] = ['straight', 'stopped', 'whole'].map((name) =>
      join(folder, name),
    );
    writeCheckpoint(whole!, trainTo(6, options).checkpoint());
    writeCheckpoint(stopped!, trainTo(3, options).checkpoint());
    const resumed = new Trainer(options, readCheckpoint(stopped!));
    expect(resumed.step).toBe(3);
    writeCheckpoint(straight!, trainTo(6, options, resumed).checkpoint());
    expect(readFileSync(straight!).equals(readFileSync(whole!))).toBe(true);
    expect(readFileSync(stopped!).equals(readFileSync(whole!))).toBe(false);
  });

  it('stops at a loss that is no number, names the items, and keeps its weights', () => {
    const trainer = trainTo(1, TINY_TRAINING);
    const before = trainer.checkpoint();
    const batch = makeBatch(groups, TINY_TRAINING, 2);
    const broken = { ...batch, input: batch.input.slice().fill(NaN, 0, 50) };
    expect(() => trainer.train(broken)).toThrow(
      new RegExp(`step 2 is NaN.*${batch.items[0]}, ${batch.items[1]}`),
    );
    expect(trainer.checkpoint()).toEqual(before);
    const undisturbed = trainTo(2, TINY_TRAINING).checkpoint();
    trainer.train(batch);
    expect(trainer.checkpoint()).toEqual(undisturbed);
  });

  it('clips the length of the whole gradient', () => {
    const memory = 1 - 0.95;
    const batch = makeBatch(groups, TINY_TRAINING, 1);
    const firstMoment = (clip: number) => {
      const trainer = new Trainer({ ...TINY_TRAINING, clip });
      const { gradientNorm } = trainer.train(batch);
      const { first } = trainer.checkpoint().adam;
      trainer.dispose();
      return { gradientNorm, length: lengthOf(first) };
    };
    const free = firstMoment(1e6);
    expect(free.gradientNorm).toBeGreaterThan(0.01);
    expect(free.length).toBeCloseTo(memory * free.gradientNorm, 6);
    const clipped = firstMoment(free.gradientNorm / 10);
    expect(clipped.gradientNorm).toBeCloseTo(free.gradientNorm, 6);
    expect(clipped.length).toBeCloseTo((memory * free.gradientNorm) / 10, 6);
  });
});

test('the gradient of network and loss together is the slope along it', () => {
  const options = { ...TINY_TRAINING, batch: 1 };
  const { input, target, mask } = makeBatch(groups, options, 5);
  const plan = planNetwork(options.network);
  const start = initialWeights(plan, 1);
  const { height, width } = options;
  const shape = [1, height / STRIDE, width / STRIDE, OUTPUT_MAPS] as [
    number,
    number,
    number,
    number,
  ];
  const network = new Network(plan, start);
  // The weighting of hard negatives is no part of the gradient, so a loss without it is differentiated.
  const squares = (each: Tensor) => each.square().mean();
  const loss = () => {
    const { maps, sides, inView } = network.forward(
      tf.tensor4d(input, [1, height, width, 3]),
      true,
    );
    const answer = maps
      .sub(tf.tensor4d(target, shape))
      .square()
      .mul(tf.tensor4d(mask, shape))
      .mean();
    return tf.addN([answer, ...sides.map(squares), squares(inView!)]) as Scalar;
  };
  const { grads } = tf.variableGrads(loss, [...network.trained.values()]);
  const gradient: Weights = new Map(
    [...network.trained].map(([name, { name: id }]) => [
      name,
      grads[id]!.dataSync() as Float32Array,
    ]),
  );
  const slope = lengthOf(gradient);
  const step = 1e-4;
  const at = (distance: number) => {
    const moved: Weights = new Map(start);
    for (const [name, values] of gradient) {
      moved.set(
        name,
        start.get(name)!.map((w, i) => w + (distance * values[i]!) / slope),
      );
    }
    network.setWeights(moved);
    return loss().dataSync()[0]!;
  };
  expect(slope).toBeGreaterThan(0.1);
  expect((at(step) - at(-step)) / (2 * step) / slope).toBeCloseTo(1, 1);
  network.dispose();
});
