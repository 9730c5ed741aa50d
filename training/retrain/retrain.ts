import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { openModelPackage, readModelPackage } from '../../src/model/node';
import type { LevelModel, ModelManifest } from '../../src/model/types';
import { NO_FACTS, type Facts } from '../export/facts';
import { packModel } from '../export/packModel';
import { isTrained, planNetwork, sizeOf, weightSpecs } from '../network/plan';
import { runFiles } from '../tools/paths';
import type { TrainingItem } from '../items/item';
import { writeItems } from '../items/itemStore';
import { newAdamState } from '../network/adamW';
import { writeCheckpoint } from '../train/checkpoint';
import { classOf } from '../batches/itemMix';
import { DEFAULT_TRAINING, type TrainOptions } from '../train/options';
import { print } from '../tools/print';
import { runTraining } from '../train/run';
import { completeLevels } from './completeLevels';
import { oneViewEach, splitOwn } from './ownItems';
import { readPackageWeights } from './packageWeights';
import { scoreItems, textOf, worseIn, type Scored, type Scores } from './score';

export interface RetrainOptions {
  /** Folder of the package to start from. */
  readonly model: string;
  /** The hospital's own items. */
  readonly own: readonly TrainingItem[];
  /** Items of what the model can do already, mixed in so that it forgets nothing. */
  readonly rehearsal: readonly TrainingItem[];
  /** Other items of the kind, to see that it has not. */
  readonly base: readonly TrainingItem[];
  /** Folder of the new package; its last part is the model's name. */
  readonly out: string;
  readonly version: string;
  /** Folder of the runs. */
  readonly runs: string;
  /** Share of the own persons that are not trained on. */
  readonly holdOutShare: number;
  /** Share of the crops that come from own items, 0..1. */
  readonly ownShare: number;
  readonly training: Pick<
    TrainOptions,
    'seed' | 'steps' | 'batch' | 'height' | 'width' | 'learningRate'
  >;
  /** Write the package although it is worse. */
  readonly force: boolean;
  /** The command line, for the model card. */
  readonly command: string;
}

export interface RetrainReport {
  readonly before: Scores;
  readonly after: Scores;
  /** In what the new model is worse; it was written only when this is empty, or by force. */
  readonly worse: readonly string[];
  /** The new package, or where the refused one lies. */
  readonly folder: string;
  readonly written: boolean;
}

/**
 * Finds out before anything else whether a package can be trained on and the new one has a place.
 *
 * @throws Error saying what is wrong and what to do.
 */
export async function checkTrainable(model: string, out: string): Promise<void> {
  if (resolve(out) === resolve(model)) {
    throw new Error(`The new package must not take the place of ${model}: give another --out.`);
  }
  readPackageWeights((await readModelPackage(model)).modelBytes);
}

/**
 * Trains a shipped package on with a hospital's own cases and writes a new package beside it.
 *
 * @throws Error when there is nothing to learn from or judge by, or the package cannot be trained;
 *   nothing is written then
 */
export async function retrain(options: RetrainOptions): Promise<RetrainReport> {
  const { model, out, version, force } = options;
  await checkTrainable(model, out);
  const { manifest, modelBytes } = await readModelPackage(model);
  const { network, weights } = readPackageWeights(modelBytes);
  const { training: given, heldOut } = splitOwn(options.own, options.holdOutShare);
  const training = await withModel(model, (opened) => completeLevels(opened, given));
  const judged = { own: oneViewEach(heldOut), base: options.base };
  const persons = (items: readonly TrainingItem[]) => new Set(items.map((i) => i.person)).size;
  print(
    `Own cases: ${training.length} pictures of ${persons(training)} persons to learn from, ${judged.own.length} cases of ${persons(heldOut)} persons to judge by.`,
  );
  const before = await scoresOf(model, judged);
  say('Before', before);
  const name = basename(out);
  const run = `retrain-${name}-${version}`;
  const files = runFiles(run, options.runs);
  rmSync(files.folder, { recursive: true, force: true });
  mkdirSync(files.folder, { recursive: true });
  const items = { own: join(files.folder, 'own.items'), old: join(files.folder, 'old.items') };
  writeItems(items.own, training);
  writeItems(items.old, options.rehearsal);
  const trainOptions: TrainOptions = {
    ...DEFAULT_TRAINING,
    lastRibWeight: 1,
    ...options.training,
    network,
    channels: manifest.input.channels,
    frozenStatistics: true,
    items: [items.own, items.old],
    mix: mixOf(training, options.rehearsal, options.ownShare),
    holdOut: [],
  };
  const variables = weightSpecs(planNetwork(network)).filter(isTrained);
  writeCheckpoint(files.checkpoint, {
    options: trainOptions,
    step: 0,
    weights,
    average: weights,
    adam: newAdamState(new Map(variables.map((spec) => [spec.name, { size: sizeOf(spec.shape) }]))),
    validation: [],
  });
  await runTraining({
    name: run,
    runs: options.runs,
    options: null,
    checkpointEvery: 100,
    stopAfter: Infinity,
  });
  const draft = join(files.folder, 'package');
  const pack = (facts: Facts) =>
    packModel({
      run,
      runs: options.runs,
      name,
      version,
      into: draft,
      replace: true,
      facts,
      command: options.command,
    });
  const facts = factsOf(manifest, training.length, persons(training));
  const { folder } = await pack(facts);
  const after = await scoresOf(folder, judged);
  say('After', after);
  const worse = worseIn(after.scores, before.scores);
  if (existsSync(out)) worse.push(...(await worseThanThere(out, after.scores, judged)));
  await pack({ ...facts, metrics: metricsOf(before.scores, after.scores) });
  writeFileSync(
    join(files.folder, 'retrain.json'),
    `${JSON.stringify({ before, after, worse }, null, 2)}\n`,
  );
  const written = worse.length === 0 || force;
  if (written) putInPlace(folder, out);
  return {
    before: before.scores,
    after: after.scores,
    worse,
    folder: written ? out : folder,
    written,
  };
}

interface JudgedItems {
  readonly own: readonly TrainingItem[];
  readonly base: readonly TrainingItem[];
}

async function scoresOf(
  folder: string,
  { own, base }: JudgedItems,
): Promise<{ scores: Scores; own: Scored['cases']; base: Scored['cases'] }> {
  return withModel(folder, async (model) => {
    const mine = await scoreItems(model, own, true);
    const known = await scoreItems(model, base, false);
    return {
      scores: { own: mine.score, base: known.score },
      own: mine.cases,
      base: known.cases,
    };
  });
}

async function withModel<T>(folder: string, use: (model: LevelModel) => Promise<T>): Promise<T> {
  const model = await openModelPackage(folder);
  try {
    return await use(model);
  } finally {
    await model.dispose();
  }
}

function say(when: string, { scores }: { scores: Scores }): void {
  print(`${when}, your held-out persons: ${textOf(scores.own)}.`);
  print(`${when}, base set: ${textOf(scores.base)}.`);
}

/** A package that is there already is replaced by a better one only. */
async function worseThanThere(out: string, after: Scores, judged: JudgedItems): Promise<string[]> {
  const there = await scoresOf(out, judged);
  return worseIn(after, there.scores).map((what) => `${what} by the package in ${out}`);
}

/** Weights by class, and by class and set for what is the hospital's own. */
function mixOf(
  own: readonly TrainingItem[],
  old: readonly TrainingItem[],
  share: number,
): Record<string, number> {
  const mix: Record<string, number> = {};
  const add = (
    items: readonly TrainingItem[],
    selectorOf: (item: TrainingItem) => string,
    of: number,
  ) => {
    for (const item of items) {
      const selector = selectorOf(item);
      mix[selector] = (mix[selector] ?? 0) + (100 * of) / items.length;
    }
  };
  add(old, classOf, old.length > 0 ? 1 - share : 0);
  add(own, (item) => `${classOf(item)}/${item.set}`, share);
  return mix;
}

function factsOf(from: ModelManifest, pictures: number, persons: number): Facts {
  const { name, version, sha256, spdx, licence, trainingData, decision } = from;
  return {
    ...NO_FACTS,
    spdx,
    licence,
    trainingData: [...trainingData, `own cases: ${pictures} pictures of ${persons} persons`],
    decision,
    notes: [
      `Retrained from ${name} ${version} (SHA-256 \`${sha256}\`), batch normalisation frozen`,
      'The thresholds are those of the model it was retrained from',
    ],
  };
}

function metricsOf(before: Scores, after: Scores): Record<string, number> {
  const of = (when: string, { own, base }: Scores) => ({
    [`own held-out cases, right ${when}`]: own.right,
    [`own held-out cases, wrong ${when}`]: own.wrong,
    [`base set, right ${when}`]: base.right,
    [`base set, wrong ${when}`]: base.wrong,
  });
  return {
    'own held-out cases': after.own.cases,
    'base set, cases': after.base.cases,
    ...of('before', before),
    ...of('after', after),
  };
}

/** Copies beside the goal and renames: a package there is whole at any time. */
function putInPlace(folder: string, out: string): void {
  const temporary = `${out}.part`;
  try {
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(dirname(resolve(out)), { recursive: true });
    cpSync(folder, temporary, { recursive: true });
    rmSync(out, { recursive: true, force: true });
    renameSync(temporary, out);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw new Error(`The package could not be put to ${out}; it lies in ${folder}.`, {
      cause: error,
    });
  }
}
