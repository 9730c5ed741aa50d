import type { CountedFrom, LevelName } from '../levels/types';
import type { ModelIdentity, RuntimeReport } from '../model/types';
import type { IntensityWindow, Projection } from '../projection/types';
import type { Phrase } from '../reasons/phrases';
import type { Reason } from '../reasons/reasons';
import type { Series, Vec3 } from '../series/types';

/** The middle of a vertebra, or a candidate for it, in patient coordinates and on the series' own slices. */
export interface LevelPosition {
  /** LPS z of the centre of the vertebral body, mm. */
  readonly zMm: number;
  /** The centre of the vertebral body, LPS mm. */
  readonly pointLpsMm: Vec3;
  /** Axial series: index into `series.slices` of the slice nearest to the point; null for sagittal input. */
  readonly sliceIndex: number | null;
  /** The slice nearest to the point, axial or sagittal; null where the file has no such UID (NIfTI). */
  readonly sopInstanceUID: string | null;
  readonly frameNumber: number | null;
  readonly probability: number;
}

export interface FoundL3 extends LevelPosition {
  /** Standard deviation of z given that the level is right, mm. */
  readonly sdMm: number;
}

export interface FoundLevel extends LevelPosition {
  readonly name: LevelName;
}

export interface Alternative extends LevelPosition {
  /** Why it is a candidate, in English, e.g. "one vertebra higher". */
  readonly why: string;
  /** The same, to be said in other languages. */
  readonly because?: readonly Phrase[];
}

/** Milliseconds per stage. */
export interface Timing {
  readonly read: number;
  readonly project: number;
  readonly model: number;
  readonly decode: number;
}

/** How strongly the network sees L3, 0..1, on its own grid. */
export interface HeatMap {
  /** Row-major, height x width. */
  readonly values: Float32Array;
  readonly height: number;
  readonly width: number;
  /** Output pixel i covers projection rows (and columns) stride * i to stride * (i + 1) - 1. */
  readonly stride: number;
}

/** What a search of a series that could be read brings, whatever came of it. */
interface SearchResult {
  readonly series: Series;
  readonly projection: Projection;
  /** How the projection's values became 0..1. */
  readonly window: IntensityWindow;
  readonly model: ModelIdentity;
  readonly runtime: RuntimeReport;
  readonly timing: Timing;
  readonly warnings: readonly Reason[];
  /** Every level in view that is more likely than not, head to foot. */
  readonly levels: readonly FoundLevel[];
  /** Where two counts disagree: the vertebrae under the names of the count from the sacrum; else none. */
  readonly bodies?: readonly FoundLevel[];
  /** Other places for L3, likeliest first; when it could not be counted, the likeliest place leads. */
  readonly alternatives: readonly Alternative[];
  /** The network's own map of L3, before the counting; absent where it gave none that can be used. */
  readonly heat?: HeatMap;
}

export interface Found extends SearchResult {
  readonly status: 'found';
  readonly l3: FoundL3;
  /** What the numbering was counted from. */
  readonly countedFrom: CountedFrom;
}

export interface Undetermined extends SearchResult {
  readonly status: 'undetermined';
  readonly reason: Reason;
}

/** A finding with a picture: the series could be read, whether or not L3 was found in it. */
export type Answered = Found | Undetermined;

/** The outcome of one search: a union, never null, never NaN. */
export type Finding =
  | Answered
  | {
      readonly status: 'refused';
      readonly reason: Reason;
      readonly warnings: readonly Reason[];
    };
