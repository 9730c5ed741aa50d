import type { FindingJson } from '../finder/findingJson';
import type { Fault } from '../io/causes';
import type { InputFailure } from '../io/types';
import type { SeriesDescription } from '../series/types';
import type { Status } from './progress';

/** Where a run has its series from: trees of files, or a PACS. */
export interface SeriesSource {
  /**
   * Lists what falls to the run, a bit at a time; what was listed is not held.
   *
   * @throws BatchError for what stops the whole, the signal's reason when it is aborted.
   */
  list(signal: AbortSignal): AsyncGenerator<Listed, void, void>;
  /** Numbers of files that `list` will come by, for the time that remains; null where that is not known. */
  count: ((signal: AbortSignal) => AsyncGenerator<number, void, void>) | null;
  /** What there was nothing in, a sentence each, once all is listed. */
  readonly empty: readonly string[];
}

/** Some of what a source holds. */
export interface Listed {
  /** Folders, or files named themselves, whose unreadable files are all among `failures`. */
  readonly folders: readonly string[];
  readonly series: readonly ListedSeries[];
  readonly failures: readonly ListedFailure[];
  /** Files that are no images. */
  readonly passedOver: readonly Fault[];
  /** How many files it counts for, as `count` does. */
  readonly files: number;
}

export interface ListedSeries {
  /** As the person named the input. */
  readonly input: string;
  /** The first file, or an address at the PACS. */
  readonly path: string;
  /** Without slices. For NIfTI the path stands for the UID. */
  readonly about: SeriesDescription;
  /** SHA-256 of what tells its images from changed ones. */
  readonly fingerprint: string;
  readonly files: number;
  /**
   * Makes its files readable; nothing is brought for a series that needs no search.
   *
   * @throws BatchError for what stops the whole, the signal's reason when it is aborted.
   */
  bring(signal: AbortSignal): Promise<Brought>;
  /** Told what has become of it, in this run or before. */
  settled?(statuses: readonly Status[]): void;
}

/** The files of a series, to be read on this machine. */
export interface Brought {
  /** None where none can be searched. */
  readonly paths: readonly string[];
  /** What cannot be read of it. */
  readonly failures: readonly ListedFailure[];
  readonly passedOver: readonly Fault[];
  /** A line about these files as one about where they come from. */
  told(line: FindingJson): FindingJson;
  /** The files are not needed any more. */
  release(): Promise<void>;
}

/** What could not be read for one cause. */
export interface ListedFailure {
  readonly failure: InputFailure;
  /** The series that could not be had as a whole; null for files. */
  readonly about: SeriesDescription | null;
  readonly fingerprint: string;
  readonly files: number;
}
