import type { Case } from '../../items/cases';
import type { TrainingItem } from '../../items/item';

/** One case of a source, as far as it is known without reading it; plain data. */
export interface SourceCase {
  readonly id: string;
  /** The data set: models are judged set by set. */
  readonly set: string;
  /** Null where the source does not know; the split says then. */
  readonly person: string | null;
  /** False where its licence does not allow to train on it. */
  readonly mayTrain?: boolean;
  /** Files and folders whose change makes it another case. */
  readonly inputs: readonly string[];
  /** What the source needs to read it. */
  readonly detail: unknown;
  /** Where a person finds it, where the id says nothing; shown on the screen and written nowhere. */
  readonly where?: string;
}

/** What a source may need beside its path. */
export interface SourceOptions {
  /** Folder of the model package that is asked where a source does not say where bodies lie. */
  readonly columnsFrom: string;
  /** File with the credentials of a PACS. */
  readonly credentials?: string;
  /** Secret of the pseudonyms. */
  readonly salt?: string;
  /** A folder for files that must not stay. */
  readonly scratch: string;
}

/** Why nothing more can be read, whatever the case: it ends the run. */
export class SourceDown extends Error {}

/** Why a case could not be read now; another time it may be. */
export class PassingFault extends Error {}

/** What a case turns out to be: a scan with its truth, or items that are complete. */
export type SourceTruth =
  | { readonly kind: 'scan'; readonly truth: Case }
  | { readonly kind: 'items'; readonly items: readonly TrainingItem[] };

/** A kind of labelled data. Adding one is a file in this folder and a line in `index.ts`. */
export interface Source {
  /** One line for `--help`. */
  readonly describe: string;
  /**
   * Lists the cases at a path; reads no voxels.
   *
   * @throws Error naming the path when it is nothing of this kind.
   */
  list(path: string, options: SourceOptions): Promise<SourceCase[]>;
  /** @throws Error saying why this case cannot be used (the others go on), PassingFault, SourceDown */
  read(entry: SourceCase, options: SourceOptions): Promise<SourceTruth>;
}
