import { readFileSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';

export const TRAINING_FOLDER = join(import.meta.dirname, '..');
const PROJECT_FOLDER = join(TRAINING_FOLDER, '..');

/** Everything training makes on the way; not under version control. */
export const WORK_FOLDER = join(TRAINING_FOLDER, 'work');
export const ITEMS_FOLDER = join(WORK_FOLDER, 'items');
export const RUNS_FOLDER = join(WORK_FOLDER, 'runs');
export const DOWNLOADS_FOLDER = join(WORK_FOLDER, 'downloads');
/** NVIDIA's libraries, for --gpu. */
export const CUDA_FOLDER = join(WORK_FOLDER, 'cuda');
/** Body keypoints of real spines; a table of the published distances stands in for it. */
export const SPINE_CURVES = join(PROJECT_FOLDER, '../shared/data/shapes/vid_keypoints.csv.gz');
export const MODELS_FOLDER = join(PROJECT_FOLDER, 'models');
const { default: chosen } = JSON.parse(readFileSync(join(MODELS_FOLDER, 'index.json'), 'utf8')) as {
  readonly default: string;
};
/** The package that viewer and command line use where nobody names another. */
export const DEFAULT_MODEL = join(MODELS_FOLDER, chosen);

/** The files of a run. */
export interface RunFiles {
  readonly folder: string;
  readonly checkpoint: string;
  /** Checkpoint of the best validation. */
  readonly best: string;
  readonly options: string;
  readonly log: string;
  readonly report: string;
  /** What the run was trained on. */
  readonly data: string;
}

export function runFiles(name: string, runs: string = RUNS_FOLDER): RunFiles {
  const folder = join(runs, name);
  return {
    folder,
    checkpoint: join(folder, 'checkpoint.bin'),
    best: join(folder, 'best.bin'),
    options: join(folder, 'options.json'),
    log: join(folder, 'log.csv'),
    report: join(folder, 'report.md'),
    data: join(folder, 'data.json'),
  };
}

/** A path as runs and packages note it: relative to the project's folder, with slashes. */
export const noted = (path: string): string =>
  relative(PROJECT_FOLDER, resolve(path)).split(sep).join('/');

/** Where a noted path (or an absolute one) leads on this machine. */
export const located = (path: string): string =>
  isAbsolute(path) ? path : join(PROJECT_FOLDER, path);
