import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor4D } from '@tensorflow/tfjs-node';
import type { EvaluatedCase } from '../evaluate/evaluation';
import { Network } from '../network/network';
import { initialWeights, type Weights } from '../network/weights';
import { runFiles, type RunFiles } from '../tools/paths';
import { asOwner } from '../tools/ownRun';
import { openCase } from '../items/openCase';
import type { Case } from '../items/cases';
import type { Split } from '../items/splits';
import { computedOn, startTensorFlow, tf } from '../network/tensorflow';
import { adamWStep, newAdamState, type AdamState } from '../network/adamW';
import { readArrays, writeArrays } from '../network/arraysFile';
import { drawCurves } from '../tools/curves';
import { duration, print } from '../tools/print';
import { Random } from '../tools/random';
import { planSeed } from './seedPlan';
import {
  rowOfHighest,
  seedPicture,
  seedTarget,
  sizeAt,
  SLICES,
  type SeedPicture,
} from './seedPicture';

/** What the article fixes. */
const BATCH = 2;
const LEARNING_RATE = 0.01;
const EPOCHS_PER_RATE = 30;

export interface SeedOptions {
  readonly preset: 'seed';
  readonly seed: number;
  readonly epochs: number;
  /** Pictures are smaller by this factor in both directions than the article's 768 x 512. */
  readonly reduce: number;
}

export interface SeedRun {
  readonly name: string;
  readonly runs: string;
  readonly options: SeedOptions;
  readonly resume: boolean;
  readonly cases: readonly Case[];
  readonly split: Split;
  /** What another model answered, to stand beside. */
  readonly beside: readonly EvaluatedCase[];
}

interface Example extends SeedPicture {
  readonly truth: Case;
  readonly l3Row: number;
}

/** An answer on a case that was not trained on. */
export interface SeedAnswer {
  readonly id: string;
  readonly set: string;
  readonly errorPixels: number;
  readonly errorMm: number;
  /** The other model's on the same case. */
  readonly besideMm: number | null;
}

/**
 * Trains the article's system on the split's MR cases for training, and asks it about those held out.
 * Every epoch leaves a checkpoint.
 */
export async function runSeed(run: SeedRun): Promise<SeedAnswer[]> {
  const files = runFiles(run.name, run.runs);
  return asOwner(files.folder, run.name, () => runAsOwner(run, files));
}

async function runAsOwner(run: SeedRun, files: RunFiles): Promise<SeedAnswer[]> {
  if (!run.resume && existsSync(files.checkpoint)) {
    throw new Error(`There is a run "${run.name}" already. Choose another --name, or --resume it.`);
  }
  await startTensorFlow();
  const begun = run.resume ? readProgress(files.checkpoint) : null;
  const options = begun?.options ?? run.options;
  const { height, width } = sizeAt(options.reduce);
  print(`Computing on ${computedOn()}.`);
  print(`The article's system on pictures of ${height} x ${width}: ${JSON.stringify(options)}.`);
  const training = await examples(run, 'train', options.reduce);
  const heldOut = await examples(run, 'held-out', options.reduce);
  if (training.length === 0 || heldOut.length === 0) {
    throw new Error(
      `The split gives ${training.length} cases with L3 to train on and ${heldOut.length} held out; the preset needs both.`,
    );
  }
  print(`${training.length} pictures to train on, ${heldOut.length} held out.`);
  const plan = planSeed();
  const weights =
    begun?.weights ?? initialWeights(plan, options.seed).set('head.bias', Float32Array.of(0));
  const network = new Network(plan, weights);
  const adam = begun?.adam ?? newAdamState(network.trained);
  if (!begun) writeFileSync(files.log, 'epoch,loss,learning_rate,seconds\n');
  const losses = [...(begun?.losses ?? [])];
  while (losses.length < options.epochs) {
    const started = performance.now();
    const epoch = losses.length + 1;
    const learningRate = LEARNING_RATE * 0.1 ** Math.floor((epoch - 1) / EPOCHS_PER_RATE);
    const loss = await trainEpoch(
      network,
      adam,
      training,
      learningRate,
      Random.ofKeys(options.seed, epoch),
    );
    losses.push(loss);
    const seconds = (performance.now() - started) / 1000;
    appendFileSync(
      files.log,
      `${epoch},${loss.toFixed(6)},${learningRate},${seconds.toFixed(1)}\n`,
    );
    writeProgress(files.checkpoint, { options, weights: network.weights(), adam, losses });
    print(
      `epoch ${epoch}/${options.epochs}  loss ${loss.toFixed(5)}  ${seconds.toFixed(1)} s  ${duration((options.epochs - epoch) * seconds)} left`,
    );
  }
  const answers = heldOut.map((example) => answer(network, example, run.beside));
  network.dispose();
  const curve = losses.map((loss, i) => [i + 1, loss] as const);
  const drawn = drawCurves([
    { title: 'Loss by epoch', curves: [{ name: 'training', colour: '#c87814', points: curve }] },
  ]);
  writeFileSync(join(files.folder, 'loss.svg'), drawn);
  const table = answerTable(answers, 384 / height);
  const text = [
    `# Run ${run.name}: the article's system`,
    '',
    '![Loss](loss.svg)',
    '',
    ...table,
    '',
  ];
  writeFileSync(files.report, text.join('\n'));
  table.forEach(print);
  return answers;
}

const FORMAT = 'find-l3-seed-checkpoint/1';

interface SeedProgress {
  readonly options: SeedOptions;
  readonly weights: Weights;
  readonly adam: AdamState;
  /** Mean loss of every epoch that is done. */
  readonly losses: readonly number[];
}

type Notes = Pick<SeedProgress, 'options' | 'losses'> &
  Pick<AdamState, 'beta1Product' | 'beta2Product'> & { readonly format: string };

function writeProgress(file: string, { options, weights, adam, losses }: SeedProgress): void {
  const { first, second, beta1Product, beta2Product } = adam;
  writeArrays<Notes>(file, {
    notes: { format: FORMAT, options, losses, beta1Product, beta2Product },
    sections: { weights, first, second },
  });
}

function readProgress(file: string): SeedProgress {
  const { notes, sections } = readArrays<Notes>(file, ({ format }) => format === FORMAT);
  const { options, losses, beta1Product, beta2Product } = notes;
  const { weights, first, second } = sections as Record<string, Weights>;
  const adam = { first: first!, second: second!, beta1Product, beta2Product };
  return { options, losses, weights: weights!, adam };
}

async function examples(
  { cases, split }: SeedRun,
  role: 'train' | 'held-out',
  reduce: number,
): Promise<Example[]> {
  const made: Example[] = [];
  for (const truth of cases) {
    if (truth.modality !== 'MR' || truth.l3ZMm === null) continue;
    if (split.roleOf(truth.id).role !== role) continue;
    const { series, source } = await openCase(truth);
    if (series.plane !== 'sagittal' || series.slices.length <= SLICES[1]) {
      print(`${truth.id} is left out: the article's slices 4 and 5 are not there.`);
      continue;
    }
    const slices = await Promise.all(
      SLICES.map(async (i) => ({ slice: series.slices[i]!, ...(await source.readSlice(i)) })),
    );
    const picture = seedPicture(slices, reduce);
    const l3Row = (picture.topZMm - truth.l3ZMm) / picture.mmPerPixel;
    made.push({ ...picture, truth, l3Row });
  }
  return made;
}

async function trainEpoch(
  network: Network,
  adam: AdamState,
  examples: readonly Example[],
  learningRate: number,
  random: Random,
): Promise<number> {
  const order = examples
    .map((example) => ({ example, key: random.next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ example }) => example);
  let sum = 0;
  for (let at = 0; at < order.length; at += BATCH) {
    const batch = order.slice(at, at + BATCH);
    const { loss, gradients } = slopes(network, batch);
    if (!Number.isFinite(loss)) {
      throw new Error(`The loss is ${loss} at ${batch.map(({ truth }) => truth.id).join(', ')}.`);
    }
    const weights = network.weights();
    adamWStep(weights, gradients, adam, { learningRate, beta1: 0.9, weightDecay: 0, scale: 1 });
    for (const name of gradients.keys()) network.setVariable(name, weights.get(name)!);
    sum += loss * batch.length;
    // Signals are delivered between steps.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return sum / order.length;
}

/** Binary cross-entropy, mean over all pixels, and its gradients. */
function slopes(network: Network, batch: readonly Example[]): { loss: number; gradients: Weights } {
  const gradients: Weights = new Map();
  const loss = tf.tidy(() => {
    const x = inputOf(batch);
    const [{ height, width }] = batch as readonly [Example];
    const bands = batch.map((each) =>
      tf.tensor3d(seedTarget(each, each.l3Row), [height, width, 1]),
    );
    const target = tf.stack(bands);
    const { value, grads } = tf.variableGrads(
      () => tf.losses.sigmoidCrossEntropy(target, network.forward(x, true).maps),
      [...network.trained.values()],
    );
    for (const [name, variable] of network.trained) {
      gradients.set(name, grads[variable.name]!.dataSync() as Float32Array);
    }
    return value.dataSync()[0]!;
  });
  return { loss, gradients };
}

function inputOf(batch: readonly SeedPicture[]): Tensor4D {
  return tf.stack(
    batch.map(({ input, height, width }) => tf.tensor3d(input, [height, width, 3])),
  ) as Tensor4D;
}

function answer(network: Network, example: Example, beside: readonly EvaluatedCase[]): SeedAnswer {
  const { truth, width, l3Row, mmPerPixel } = example;
  const map = tf.tidy(() => network.forward(inputOf([example]), false).maps.dataSync());
  const errorPixels = Math.abs(rowOfHighest(map, width) - l3Row);
  const other = beside.find(({ id }) => id === truth.id)?.errorMm ?? null;
  return {
    ...{ id: truth.id, set: truth.set, errorPixels, errorMm: errorPixels * mmPerPixel },
    besideMm: other === null ? null : Math.abs(other),
  };
}

function answerTable(answers: readonly SeedAnswer[], mmPerPixel: number): string[] {
  const number = (value: number | null) => (value === null ? '-' : value.toFixed(1));
  const of = (key: 'errorPixels' | 'errorMm' | 'besideMm') =>
    answers.flatMap((each) => (each[key] === null ? [] : [each[key]])).sort((a, b) => a - b);
  const line = (name: string, pick: (values: number[]) => number | null) =>
    `| ${name} | | ${number(pick(of('errorPixels')))} | ${number(pick(of('errorMm')))} | ${number(pick(of('besideMm')))} |`;
  const mean = (values: number[]) =>
    values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
  return [
    `Distance of the row of the highest response from mid-L3, on cases kept out of training; a pixel is ${mmPerPixel} mm.`,
    '',
    '| case | set | error px | error mm | other model mm |',
    '| --- | --- | --- | --- | --- |',
    ...answers.map(
      ({ id, set, errorPixels, errorMm, besideMm }) =>
        `| ${id} | ${set} | ${number(errorPixels)} | ${number(errorMm)} | ${number(besideMm)} |`,
    ),
    line('mean', mean),
    line('median', (values) => values[Math.floor(values.length / 2)] ?? null),
    line('within 10 mm, %', () => null).replace(
      '| - | - | - |',
      `| | ${within(of('errorMm'))} | ${within(of('besideMm'))} |`,
    ),
  ];
}

const within = (values: readonly number[]): string =>
  values.length === 0
    ? '-'
    : ((100 * values.filter((value) => value <= 10).length) / values.length).toFixed(0);
