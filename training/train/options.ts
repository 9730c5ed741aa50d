import type { ChannelName } from '../../src/projection/types';
import type { NetworkOptions } from '../network/plan';
import type { BatchOptions, DataOptions } from '../batches/options';

/** Everything that decides what a run computes; the same options and items give the same weights. */
export interface TrainOptions extends BatchOptions, DataOptions {
  readonly network: NetworkOptions;
  readonly steps: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Largest length of the whole gradient. */
  readonly clip: number;
  /** Item files, relative to the project's folder. */
  readonly items: readonly string[];
  /** Run whose averaged weights this one begins with; null: random weights. */
  readonly startFrom: string | null;
  /** Keep the statistics of batch normalisation as they are: for training on from a package. */
  readonly frozenStatistics: boolean;
  /** Steps from one validation to the next. */
  readonly validateEvery: number;
  /** Validations without improvement after which the run ends with its best weights; 0: none. */
  readonly patience: number;
}

export const DEFAULT_MIX: Readonly<Record<string, number>> = {
  synthetic: 62,
  mr: 26,
  'no-l3': 6,
  ct: 6,
};

export const CHANNEL_NAMES: readonly ChannelName[] = ['max', 'mean', 'mix', 'lateral'];

export const DEFAULT_TRAINING = {
  channels: ['max', 'mean', 'lateral'] as readonly ChannelName[],
  levelsOnly: null,
  lastRibWeight: 3,
  seed: 1,
  steps: 1500,
  batch: 16,
  height: 160,
  width: 96,
  learningRate: 2.5e-3,
  weightDecay: 1e-3,
  clip: 2,
  validation: 0,
  frozenStatistics: false,
  validateEvery: 100,
  patience: 0,
  startFrom: null,
  synthesis: null,
} as const;
