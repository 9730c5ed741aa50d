import { parentPort, workerData } from 'node:worker_threads';
import { readItems } from '../prepare/itemStore';
import { makeBatch, type Batch, type BatchOptions } from './batch';
import { groupItems } from './itemMix';
import type { TrainOptions } from './options';
import { splitPersons, validationBatches } from './validation';

/** Runs in a worker thread: reads the items, then answers every step asked for with its batch. */
export type BatchWorkerData = BatchOptions &
  Pick<TrainOptions, 'mix' | 'holdOut' | 'validation'> & {
    readonly files: readonly string[];
  };

export interface GroupSummary {
  readonly selector: string;
  readonly weight: number;
  readonly persons: number;
  readonly items: number;
  readonly sets: readonly string[];
}

/** What the worker says first. */
export interface OpenedItems {
  readonly groups: readonly GroupSummary[];
  readonly validation: readonly Batch[];
  /** Kept for validation. */
  readonly validationPersons: number;
}

const options = workerData as BatchWorkerData;
const all = groupItems(options.files.flatMap(readItems), options.mix, options.holdOut);
const { training: groups, validation } = splitPersons(all, options.validation, options.seed);
parentPort!.postMessage({
  groups: groups.map(({ selector, weight, persons }): GroupSummary => ({
    selector,
    weight,
    persons: persons.length,
    items: persons.reduce((sum, items) => sum + items.length, 0),
    sets: [...new Set(persons.flat().map(({ set }) => set))].sort(),
  })),
  validation: validationBatches(validation, options),
  validationPersons: new Set(
    validation.flatMap(({ persons }) => persons.map((items) => items[0]!.person)),
  ).size,
} satisfies OpenedItems);
parentPort!.on('message', (step: number) => {
  const batch = makeBatch(groups, options, step);
  const { input, target, mask } = batch;
  parentPort!.postMessage(
    batch,
    [input, target, mask].map(({ buffer }) => buffer as ArrayBuffer),
  );
});
