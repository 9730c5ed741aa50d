import { readItems } from '../items/itemStore';
import { givenData, serveJobs } from '../tools/serveJobs';
import { makeBatch, type Batch } from './batch';
import { groupItems, withItems, type ItemGroup } from './itemMix';
import type { BatchOptions, DataOptions } from './options';
import { SyntheticStream } from './syntheticStream';
import { splitPersons, validationBatches } from './heldOut';

/** What a thread makes batches of. */
export interface BatchWorkerData extends BatchOptions, DataOptions {
  readonly files: readonly string[];
}

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

/** What the thread is asked for: first to open the items, then for the batch of each step in turn. */
export type BatchJob = 'open' | number;

const options = givenData<BatchWorkerData>();
const { seed, mix, synthesis } = options;
const stream = synthesis && new SyntheticStream({ ...synthesis, seed });
let training: readonly ItemGroup[] = [];

async function open(): Promise<OpenedItems> {
  const first = stream ? await stream.at(0) : [];
  const files = options.files.flatMap(readItems);
  const all = stream && files.length === 0 ? [] : groupItems(files, mix, options.holdOut);
  const split = splitPersons(all, options.validation, seed);
  training = split.training;
  const { validation } = split;
  return {
    groups: withItems(training, first, mix).map(({ selector, weight, persons }): GroupSummary => ({
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
  };
}

async function batchOf(step: number): Promise<Batch> {
  const groups = stream ? withItems(training, await stream.at(step), mix) : training;
  return makeBatch(groups, options, step);
}

// In the order they are asked for: the stream does not go back.
serveJobs(
  (job: BatchJob): Promise<OpenedItems | Batch> => (job === 'open' ? open() : batchOf(job)),
  (result) =>
    'step' in result
      ? [result.input, result.target, result.mask].map(({ buffer }) => buffer as ArrayBuffer)
      : [],
);
