import type { LevelName } from '../../src/levels/types';
import type { ChannelName } from '../../src/projection/types';
import type { StreamOptions } from './syntheticStream';

/** What a batch is like, whatever it is made of. */
export interface BatchOptions {
  /** Input planes, as many as `network.channels`. */
  readonly channels: readonly ChannelName[];
  /** Teach these levels and the body alone; null: everything. */
  readonly levelsOnly: readonly LevelName[] | null;
  /** Weight of the last rib's map in the loss, that of any other map being 1. */
  readonly lastRibWeight: number;
  readonly seed: number;
  readonly batch: number;
  /** Crop in pixels of 2 mm, multiples of 32. */
  readonly height: number;
  readonly width: number;
}

/** What batches are made of, beside the item files. */
export interface DataOptions {
  /** Selector to weight, see `groupItems`. */
  readonly mix: Readonly<Record<string, number>>;
  /** Persons or sets that must not be trained on. */
  readonly holdOut: readonly string[];
  /** Synthetic spines to make while training, seeded by `seed`; null: those of the item files alone. */
  readonly synthesis: StreamOptions | null;
  /** Share of the persons kept for validation. */
  readonly validation: number;
}
