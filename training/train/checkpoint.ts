import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Weights } from '../network/weights';
import type { AdamState } from './adamW';
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
const SECTIONS = ['weights', 'average', 'first', 'second'] as const;

interface Header {
  readonly format: string;
  readonly options: TrainOptions;
  readonly step: number;
  readonly beta1Product: number;
  readonly beta2Product: number;
  readonly validation?: readonly ValidationPoint[];
  readonly arrays: readonly { section: (typeof SECTIONS)[number]; name: string; length: number }[];
}

/**
 * Writes the file whole or not at all: one line of JSON, then the arrays as float32.
 *
 * @throws Error naming the file when it cannot be written; an earlier checkpoint stays
 */
export function writeCheckpoint(file: string, checkpoint: Checkpoint): void {
  const { options, step, weights, average, adam, validation } = checkpoint;
  const sections = { weights, average, first: adam.first, second: adam.second };
  const arrays = SECTIONS.flatMap((section) =>
    [...sections[section]].map(([name, values]) => ({ section, name, values })),
  );
  const header: Header = {
    format: FORMAT,
    options,
    step,
    beta1Product: adam.beta1Product,
    beta2Product: adam.beta2Product,
    validation,
    arrays: arrays.map(({ section, name, values }) => ({ section, name, length: values.length })),
  };
  const parts = [
    Buffer.from(`${JSON.stringify(header)}\n`),
    ...arrays.map(({ values }) => Buffer.from(values.buffer, values.byteOffset, values.byteLength)),
  ];
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.part`;
  try {
    writeFileSync(temporary, Buffer.concat(parts), { flush: true });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new Error(
      `The checkpoint of step ${step} could not be written to ${file} (${(error as Error).message}); an earlier one there is unharmed.`,
      { cause: error },
    );
  }
}

/** @throws Error naming the file when it is missing, of another kind, or cut short */
export function readCheckpoint(file: string): Checkpoint {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new Error(`There is no readable checkpoint at ${file}.`, { cause: error });
  }
  const end = bytes.indexOf(10);
  let header: Header;
  try {
    header = JSON.parse(bytes.toString('utf8', 0, end)) as Header;
    if (header.format !== FORMAT) throw new Error(`format ${header.format}`);
  } catch (error) {
    throw new Error(`${file} is not a checkpoint of this version of the project: train anew.`, {
      cause: error,
    });
  }
  const sections: Record<(typeof SECTIONS)[number], Weights> = {
    weights: new Map(),
    average: new Map(),
    first: new Map(),
    second: new Map(),
  };
  let at = end + 1;
  for (const { section, name, length } of header.arrays) {
    if (at + 4 * length > bytes.length) throw new Error(`${file} is cut short.`);
    const values = new Float32Array(length);
    bytes.copy(Buffer.from(values.buffer), 0, at, at + 4 * length);
    sections[section].set(name, values);
    at += 4 * length;
  }
  return {
    options: completed(header.options),
    step: header.step,
    weights: sections.weights,
    average: sections.average,
    adam: {
      first: sections.first,
      second: sections.second,
      beta1Product: header.beta1Product,
      beta2Product: header.beta2Product,
    },
    validation: header.validation ?? [],
  };
}

/** A run that began before an option existed goes on without it. The order of the keys is kept. */
function completed(options: TrainOptions): TrainOptions {
  const missing = Object.entries(DEFAULT_TRAINING).filter(([key]) => !(key in options));
  return { ...options, ...Object.fromEntries(missing) };
}
