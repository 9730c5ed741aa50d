import type { Weights } from '../network/weights';
import type { AdamState } from '../network/adamW';
import { readArrays, writeArrays } from '../network/arraysFile';
import { DEFAULT_TRAINING, type TrainOptions } from './options';
import type { ValidationPoint } from './validation';

/** All that a run is after a step; training goes on from it as if it had never stopped. */
export interface Checkpoint {
  readonly options: TrainOptions;
  readonly step: number;
  readonly weights: Weights;
  /** Averaged weights: what is exported. */
  readonly average: Weights;
  readonly adam: AdamState;
  /** Every validation so far. */
  readonly validation: readonly ValidationPoint[];
}

const FORMAT = 'find-l3-checkpoint/2';

interface Notes {
  readonly format: string;
  readonly options: TrainOptions;
  readonly step: number;
  readonly beta1Product: number;
  readonly beta2Product: number;
  readonly validation?: readonly ValidationPoint[];
}

/** @throws Error naming the file when it cannot be written; an earlier checkpoint stays */
export function writeCheckpoint(file: string, checkpoint: Checkpoint): void {
  const { options, step, weights, average, adam, validation } = checkpoint;
  const { beta1Product, beta2Product, first, second } = adam;
  writeArrays<Notes>(file, {
    notes: { format: FORMAT, options, step, beta1Product, beta2Product, validation },
    sections: { weights, average, first, second },
  });
}

/** @throws Error naming the file when it is missing, of another kind, or cut short */
export function readCheckpoint(file: string): Checkpoint {
  const { notes, sections } = readArrays<Notes>(file, ({ format }) => format === FORMAT);
  const { options, step, beta1Product, beta2Product, validation } = notes;
  const { weights, average, first, second } = sections as Record<string, Weights>;
  return {
    options: completed(options),
    ...{ step, weights: weights!, average: average! },
    adam: { first: first!, second: second!, beta1Product, beta2Product },
    validation: validation ?? [],
  };
}

/** A run that began before an option existed goes on without it. The order of the keys is kept. */
function completed(options: TrainOptions): TrainOptions {
  const missing = Object.entries(DEFAULT_TRAINING).filter(([key]) => !(key in options));
  return { ...options, ...Object.fromEntries(missing) };
}
