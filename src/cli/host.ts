import type { LevelModel } from '../model/types';
import type { ProgressStream } from './progress';

/** The world around the command, so that tests can stand in for it. */
export interface CliHost {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: ProgressStream;
  /** Folder of the model package that is used without `--model`. */
  readonly defaultModel: string;
  readonly openModel: (directory: string) => Promise<LevelModel>;
  /** The program of a worker process of `batch`. */
  readonly workerScript: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts on SIGINT, or when nobody reads stdout any more. */
  readonly signal: AbortSignal;
}

/** Exit statuses; undetermined and refused series count as processed. */
export const EXIT = { ok: 0, unreadable: 1, usage: 2, interrupted: 130 } as const;
