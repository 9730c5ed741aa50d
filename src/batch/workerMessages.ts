import type { FindingJson } from '../finder/findingJson';
import type { OpenOptions } from '../io/types';
import type { ReportContent } from './reportContent';

/** What a worker process is told, first of all to open the model. */
export type ToWorker =
  | {
      readonly kind: 'open';
      /** Folder of the model package. */
      readonly model: string;
      readonly modality: NonNullable<OpenOptions['modality']> | null;
      /** The worker's share of the machine. */
      readonly threads: number;
      /** Folder for pictures, and how unfinished files in it are named. */
      readonly pictures: { readonly folder: string; readonly mark: string } | null;
      /** Whether the content of level reports is wanted. */
      readonly reports: boolean;
    }
  | ({ readonly kind: 'search' } & SearchTask)
  | { readonly kind: 'stop' };

/** One series to be searched. */
export interface SearchTask {
  /** As the person named the input. */
  readonly input: string;
  readonly paths: readonly string[];
  /** What makes the pictures' names unique. */
  readonly pictureMark: string;
}

export type FromWorker =
  | { readonly kind: 'opened' }
  | { readonly kind: 'not-opened'; readonly message: string }
  | ({ readonly kind: 'answered' } & SearchedSeries);

/** A line with the name of its picture, and what its level report says. */
export interface SearchedLine {
  readonly line: FindingJson;
  readonly picture: string | null;
  readonly report: ReportContent | null;
}

/** The lines of a series. */
export interface SearchedSeries {
  readonly lines: readonly SearchedLine[];
  /** Why pictures that should be there could not be written. */
  readonly pictureFault: string | null;
}
