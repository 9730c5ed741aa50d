import { parentPort, workerData } from 'node:worker_threads';
import { readItems } from '../prepare/itemStore';
import { makeBatch, type Batch, type BatchOptions } from './batch';
import { groupItems, withItems, type ItemGroup } from './itemMix';
import type { TrainOptions } from './options';
import { SyntheticStream } from './syntheticStream';
import { splitPersons, validationBatches } from './validation';

/** Runs in a worker thread: reads the items, then answers every step asked for with its batch. */
export type BatchWorkerData = BatchOptions &
  Pick<TrainOptions, 'mix' | 'holdOut' | 'synthesis' | 'validation'> & {
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
const { seed, mix, synthesis } = options;
const stream = synthesis && new SyntheticStream({ ...synthesis, seed });

async function open(): Promise<(step: number) => Promise<ItemGroup[]>> {
  const first = stream ? await stream.at(0) : [];
  const files = options.files.flatMap(readItems);
  const all = stream && files.length === 0 ? [] : groupItems(files, mix, options.holdOut);
  const { training, validation } = splitPersons(all, options.validation, seed);
  const groups = withItems(training, first, mix);
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
  return async (step) => (stream ? withItems(training, await stream.at(step), mix) : training);
}

// In the order they were asked for: the stream does not go back.
let asked = Promise.resolve();
const opened = open();
parentPort!.on('message', (step: number) => {
  asked = asked.then(async () => {
    const batch = makeBatch(await (await opened)(step), options, step);
    const { input, target, mask } = batch;
    parentPort!.postMessage(
      batch,
      [input, target, mask].map(({ buffer }) => buffer as ArrayBuffer),
    );
  });
});
