import type { Reason } from '../reasons/reasons';
import type { Series, SeriesDescription, VoxelSource } from '../series/types';

export interface OpenOptions {
  /**
   * Modality of files that do not state theirs. Without it DICOM is refused; for NIfTI CT is assumed
   * when the values reach below -200 (HU of air), otherwise MR, and `modalityGuessed` is set.
   */
  readonly modality?: 'CT' | 'MR';
  /** Threads that may decode compressed slices at once; without it as many as there are cores. */
  readonly threads?: number;
  /** Called while files are looked through; `of` is 0 until their number is known. */
  readonly onProgress?: (progress: InputProgress) => void;
  /** Called for every file of a folder that is passed over because it is no image, with what it is. */
  readonly onSkip?: (path: string, what: string) => void;
  readonly signal?: AbortSignal;
}

export interface InputProgress {
  readonly input: string;
  readonly done: number;
  readonly of: number;
}

/** One series found in an input, before its geometry is checked. */
export interface LoadedSeries {
  readonly kind: 'series';
  /** The path as the person gave it. */
  readonly input: string;
  /** The file, or the folder that holds all files of the series. */
  readonly path: string;
  /** The series' first file. */
  readonly firstFile: string;
  readonly description: SeriesDescription;
  readonly modalityGuessed: boolean;
  /** Why the file itself rules the series out (a 4-D NIfTI, frames without a place), else null. */
  readonly refusal: Reason | null;
  /**
   * Voxels of the checked series, read from the files on demand.
   *
   * @param series what `assembleSeries(description)` made of this description.
   */
  openVoxels(series: Series): VoxelSource;
}

/** Files or folders that could not be read for one cause; the others of the input go on. */
export interface InputFailure {
  readonly kind: 'failure';
  /** The path as the person gave it. */
  readonly input: string;
  /** The first file or folder in question. */
  readonly path: string;
  /** All of them. */
  readonly paths: readonly string[];
  /** What is wrong, naming the first file and the number of the others. */
  readonly message: string;
  /** What to do about it. */
  readonly advice: string;
}

/** Thrown while one file is read; becomes an `InputFailure`. */
export class InputError extends Error {
  constructor(
    readonly path: string,
    /** What is wrong, without the path. */
    readonly what: string,
    readonly advice: string,
    options?: ErrorOptions,
  ) {
    super(`${path}: ${what}`, options);
    this.name = 'InputError';
  }
}

/** The error for a file or folder that the system does not let us read. */
export function unreadable(path: string, cause: unknown): InputError {
  const code = (cause as NodeJS.ErrnoException | null)?.code;
  const why = cause instanceof Error ? cause.message : String(cause);
  if (code === 'ENOENT') {
    return new InputError(path, 'does not exist', 'Check the path.', { cause });
  }
  return new InputError(
    path,
    `cannot be read (${code === 'EACCES' ? 'permission denied' : why})`,
    'Check that you may read it.',
    { cause },
  );
}
