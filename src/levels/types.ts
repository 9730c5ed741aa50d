import type { Phrase } from '../reasons/phrases';

/** Vertebral levels the model is asked for, head to foot. S1 is the first sacral segment. */
export const LEVEL_NAMES = ['T9', 'T10', 'T11', 'T12', 'L1', 'L2', 'L3', 'L4', 'L5', 'S1'] as const;
export type LevelName = (typeof LEVEL_NAMES)[number];

/**
 * What the network says about each row: heat maps (after the sigmoid) for every level, one
 * level-free "vertebral body" and, with a lateral band, the body that bears the last rib, on the
 * output grid (4 mm for a stride of 2 on a 2 mm projection).
 */
export interface LevelEvidence {
  readonly levels: readonly LevelName[];
  /** Levels, then "a vertebral body", then (where `lastRib`) "the body that bears the last rib": maps x height x width, 0..1. */
  readonly maps: Float32Array;
  /** Where several networks were asked (a committee), the maps of each, of which `maps` is the mean. */
  readonly members?: readonly Float32Array[];
  /** Whether there is a map of the body that bears the last rib. */
  readonly lastRib: boolean;
  readonly height: number;
  readonly width: number;
  /** Output pixel i is centred on projection row (and column) stride * i + (stride - 1) / 2. */
  readonly stride: number;
}

/** What a numbering was counted from: up from S1, down from the body that bears the last rib, or both, which agree. */
export type CountedFrom = 'sacrum' | 'last-rib' | 'both';

export interface LevelEstimate {
  readonly name: LevelName;
  /** Projection row (fractional) of the centre of the vertebral body. */
  readonly row: number;
  /** Projection column (fractional) of the centre of the vertebral body. */
  readonly column: number;
  /** Standard deviation of the height (row) given that the level is right, mm; finer than the output grid. */
  readonly sdMm: number;
  /** Probability that this body is the named level, 0..1. */
  readonly probability: number;
}

export interface LevelCandidate {
  readonly row: number;
  readonly column: number;
  readonly probability: number;
  /** Why it is a candidate, e.g. "one vertebra higher". */
  readonly because: readonly Phrase[];
}
