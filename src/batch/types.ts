import type { FindingJson } from '../finder/findingJson';
import type { InputFailure } from '../io/types';
import type { SeriesDescription } from '../series/types';

/** What tells a file from a changed one without reading it. */
export interface FileStamp {
  readonly path: string;
  readonly bytes: number;
  /** When it was last changed, whole milliseconds since 1970. */
  readonly changed: number;
}

/** A series that the walk found: files of one Series Instance UID, or one NIfTI file or pair. */
export interface FoundSeries {
  /** As the person named the input. */
  readonly input: string;
  /** To be opened. */
  readonly files: readonly FileStamp[];
  /** Read with them without being opened themselves: the voxels of a NIfTI pair. */
  readonly beside: readonly FileStamp[];
  /** From the first file's header; without slices. For NIfTI the path stands for the UID. */
  readonly about: SeriesDescription;
}

/** Files that could not be read for one cause. */
export interface FailedFiles {
  readonly failure: InputFailure;
  readonly files: readonly FileStamp[];
}

/** A line of the journal: a result line of schema 2 with what the batch adds. */
export interface JournalLine extends FindingJson {
  /** ISO 8601, UTC. */
  readonly answered_at: string;
  /** How many files the line rests on. */
  readonly files: number;
  /** SHA-256 of their paths, sizes and times of change. */
  readonly fingerprint: string;
  /** How many lines this search of the series gave. */
  readonly lines: number;
  /** Of the finding, relative to the journal's folder. */
  readonly picture: string | null;
  /** What became of its level report; null where none was wanted, or L3 was not found. */
  readonly report?: KeptReport | null;
  /** What could not be read is gone or can be read now: the failure of this path does not hold any more. */
  readonly withdrawn?: true;
}

/** What became of a level report. */
export interface KeptReport {
  /**
   * `written` as a file; `stored` in the PACS; `there-already` with the same answer of the same model;
   * `persons-report`: nothing was stored, since a person has saved levels of the study; `not-possible`: the
   * images have no UIDs to refer to (NIfTI); `failed`.
   */
  readonly state:
    'written' | 'stored' | 'there-already' | 'persons-report' | 'not-possible' | 'failed';
  /** SOP Instance UID of the report that holds the answer; null where there is none. */
  readonly sopInstanceUID: string | null;
  /** Why it failed. */
  readonly message: string | null;
}
