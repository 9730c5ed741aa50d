import type { Absence } from '../corrections/types';
import type { LevelName } from '../levels/types';
import type { ModelIdentity } from '../model/types';
import type { Slice, Vec3 } from '../series/types';

/** What of a vertebra a level lies on. */
export const DEFINITIONS = ['mid-body', 'superior-endplate', 'inferior-endplate'] as const;
export type Definition = (typeof DEFINITIONS)[number];

/** What a numbering was counted from. */
export const COUNTED_FROM = ['sacrum', 'last-rib', 'both'] as const;
export type CountedFrom = (typeof COUNTED_FROM)[number];

/** What a person did with a level that was looked at. */
export const ACTS = ['confirmed', 'moved', 'renumbered', 'placed'] as const;
export type Act = (typeof ACTS)[number];

/** That a person has looked at a level and stands for it: who, where the viewer knows it, and when (ISO 8601, UTC). */
export interface Review {
  /** `confirmed`: agreed with it as it was found. `placed`: set it where nothing was found. */
  readonly act: Act;
  readonly by: string | null;
  readonly at: string;
}

/** That a person says that L3 is not in a scan. */
export interface ReportedAbsence {
  readonly reason: Absence;
  /** The series that was searched. */
  readonly seriesInstanceUID: string;
  readonly by: string | null;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** The image (and frame) that a level is reported on. */
export interface ReportedSlice {
  readonly sopInstanceUID: string;
  readonly sopClassUID: string;
  readonly seriesInstanceUID: string;
  /** 1-based, of a multi-frame instance; null otherwise. */
  readonly frameNumber: number | null;
}

/** One level as a structured report keeps it: a mark of the viewer without the viewer's own ids. */
export interface ReportedLevel {
  /** A UUID; the report's Tracking Unique Identifier is the same number (2.25...). */
  readonly annotationUID: string;
  readonly level: LevelName;
  readonly label: string;
  readonly definition: Definition;
  /** The series that was searched. */
  readonly seriesInstanceUID: string;
  /** Null: its series has none. */
  readonly frameOfReferenceUID: string | null;
  /** The axial image nearest to `pointLpsMm`; null when no axial series of the study is known. */
  readonly slice: ReportedSlice | null;
  /** Where the algorithm found it, LPS mm; null when a person placed it by hand. */
  readonly foundPointLpsMm: Vec3 | null;
  /** Where it lies now, LPS mm. */
  readonly pointLpsMm: Vec3;
  /** Of the found level, 0..1. */
  readonly probability: number | null;
  readonly countedFrom: CountedFrom | null;
  readonly model: ModelIdentity | null;
  readonly algorithm: { readonly name: string; readonly version: string };
  /** The last person's change: who, where the viewer knows it, and when (ISO 8601, UTC). */
  readonly moved: { readonly by: string | null; readonly at: string } | null;
  /** Null: nobody has looked at it yet. */
  readonly review: Review | null;
}

/** A level to be reported, with what places it on its image. */
export interface LevelToReport extends ReportedLevel {
  /** Geometry of `slice`; null exactly when `slice` is. */
  readonly plane: Slice | null;
}

/**
 * A data set in dcmjs' naturalised form: attribute keywords to values, sequences as arrays. The
 * viewer's data sources store this form and give it for what they read.
 */
export type Dataset = Readonly<Record<string, unknown>>;

/** A report that is stored already, as far as a later one refers to it. */
export interface StoredReport {
  readonly sopInstanceUID: string;
  readonly sopClassUID: string;
  readonly studyInstanceUID: string;
  readonly seriesInstanceUID: string;
  readonly instanceNumber: number;
  /** Content Date and Time in milliseconds since 1970, UTC; 0 where they say nothing. */
  readonly writtenAtMs: number;
  /** Who saved it, where the viewer knew; null otherwise. */
  readonly author: string | null;
  /** SOP Instance UIDs of the reports that it takes the place of. */
  readonly predecessors: readonly string[];
  /** Whether a person stands for something in it; a machine's report has levels that nobody has looked at, and nothing else. */
  readonly isPersons: boolean;
  /** Whether Find L3 wrote all of it; the viewer's own reports hold other measurements too. */
  readonly isOurs: boolean;
  /** Series attributes that every instance of its series shares. */
  readonly series: Dataset;
}

export interface ReadReport {
  readonly report: StoredReport;
  /** None where the report withdraws those of its predecessors. */
  readonly levels: readonly ReportedLevel[];
  readonly absence: ReportedAbsence | null;
}
