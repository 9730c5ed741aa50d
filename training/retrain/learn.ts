import { join } from 'node:path';
import type { TrainingItem } from '../items/item';
import { writeItems } from '../items/itemStore';
import { newAdamState } from '../network/adamW';
import { isTrained, planNetwork, sizeOf, weightSpecs, type NetworkOptions } from '../network/plan';
import type { Weights } from '../network/weights';
import { runFiles } from '../tools/paths';
import { writeCheckpoint } from '../train/checkpoint';
import { DEFAULT_TRAINING, type TrainOptions } from '../train/options';
import { runTraining } from '../train/run';
import { mixOf } from './ownItems';

export interface Lesson {
  /** Name of the run, and the folder of the runs. */
  readonly run: string;
  readonly runs: string;
  /** What it begins with. */
  readonly network: NetworkOptions;
  readonly weights: Weights;
  readonly channels: TrainOptions['channels'];
  /** The hospital's own items, and what is rehearsed. */
  readonly own: readonly TrainingItem[];
  readonly rehearsal: readonly TrainingItem[];
  /** Share of the crops that come from own items, 0..1. */
  readonly ownShare: number;
  readonly training: Pick<
    TrainOptions,
    'seed' | 'steps' | 'batch' | 'height' | 'width' | 'learningRate'
  >;
}

/** Makes the run's folder anew, with its items, and trains from the given weights to the last step. */
export async function learn(lesson: Lesson): Promise<void> {
  const { run, runs, network, weights, own, rehearsal } = lesson;
  const files = runFiles(run, runs);
  const items = { own: join(files.folder, 'own.items'), old: join(files.folder, 'old.items') };
  writeItems(items.own, own);
  writeItems(items.old, rehearsal);
  const options: TrainOptions = {
    ...DEFAULT_TRAINING,
    lastRibWeight: 1,
    ...lesson.training,
    network,
    channels: lesson.channels,
    frozenStatistics: true,
    items: [items.own, items.old],
    mix: mixOf(own, rehearsal, lesson.ownShare),
    holdOut: [],
  };
  const variables = weightSpecs(planNetwork(network)).filter(isTrained);
  writeCheckpoint(files.checkpoint, {
    options,
    step: 0,
    weights,
    average: weights,
    adam: newAdamState(new Map(variables.map((spec) => [spec.name, { size: sizeOf(spec.shape) }]))),
    validation: [],
  });
  await runTraining({
    ...{ name: run, runs, options: null, checkpointEvery: 100, stopAfter: Infinity },
  });
}
