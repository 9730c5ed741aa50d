import type { LevelName } from '../levels/types';
import type { ModelIdentity, RuntimeReport } from '../model/types';
import type { Projection } from '../projection/types';
import type { Reason } from '../reasons/reasons';
import type { Series, Vec3 } from '../series/types';

/** Mid-L3, or a candidate for it, in patient coordinates and on the series' own slices. */
export interface LevelPosition {
  /** LPS z of the centre of the vertebral body, mm. */
  readonly zMm: number;
  /** The centre of the vertebral body, LPS mm. */
  readonly pointLpsMm: Vec3;
  /** Axial series: the slice nearest to the point; null for sagittal input. */
  readonly sliceIndex: number | null;
  readonly sopInstanceUID: string | null;
  readonly frameNumber: number | null;
  readonly probability: number;
}

export interface FoundL3 extends LevelPosition {
  /** Standard deviation of z given that the level is right, mm. */
  readonly sdMm: number;
}

export interface FoundLevel {
  readonly name: LevelName;
  readonly zMm: number;
  readonly probability: number;
}

export interface Alternative extends LevelPosition {
  readonly why: string;
}

/** Milliseconds per stage. */
export interface Timing {
  readonly read: number;
  readonly project: number;
  readonly model: number;
  readonly decode: number;
}

interface Answered {
  readonly series: Series;
  readonly projection: Projection;
  readonly model: ModelIdentity;
  readonly runtime: RuntimeReport;
  readonly timing: Timing;
  readonly warnings: readonly Reason[];
  /** Every level in view that is more likely than not, head to foot. */
  readonly levels: readonly FoundLevel[];
  readonly alternatives: readonly Alternative[];
}

/** The outcome of one search: a union, never null, never NaN. */
export type Finding =
  | (Answered & {
      readonly status: 'found';
      readonly l3: FoundL3;
      /** What the numbering was counted from. */
      readonly countedFrom: 'sacrum' | 'last-rib';
    })
  | (Answered & { readonly status: 'undetermined'; readonly reason: Reason })
  | { readonly status: 'refused'; readonly reason: Reason };
