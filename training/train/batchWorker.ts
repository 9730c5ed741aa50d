import { parentPort, workerData } from 'node:worker_threads';
import { readItems } from '../prepare/itemStore';
import { makeBatch, type BatchOptions } from './batch';
import { groupItems } from './itemMix';
import type { TrainOptions } from './options';

/** Runs in a worker thread: reads the items, then answers every step asked for with its batch. */
export type BatchWorkerData = BatchOptions &
  Pick<TrainOptions, 'mix' | 'holdOut'> & {
    readonly files: readonly string[];
  };

export interface GroupSummary {
  readonly selector: string;
  readonly weight: number;
  readonly persons: number;
  readonly items: number;
  readonly sets: readonly string[];
}

const options = workerData as BatchWorkerData;
const groups = groupItems(options.files.flatMap(readItems), options.mix, options.holdOut);
parentPort!.postMessage(
  groups.map(({ selector, weight, persons }): GroupSummary => ({
    selector,
    weight,
    persons: persons.length,
    items: persons.reduce((sum, items) => sum + items.length, 0),
    sets: [...new Set(persons.flat().map(({ set }) => set))].sort(),
  })),
);
parentPort!.on('message', (step: number) => {
  const batch = makeBatch(groups, options, step);
  const { input, target, mask } = batch;
  parentPort!.postMessage(
    batch,
    [input, target, mask].map(({ buffer }) => buffer as ArrayBuffer),
  );
});
