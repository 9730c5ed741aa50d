import { join } from 'node:path';

export const TRAINING_FOLDER = import.meta.dirname;

/** Everything training makes on the way; not under version control. */
export const WORK_FOLDER = join(TRAINING_FOLDER, 'work');
export const ITEMS_FOLDER = join(WORK_FOLDER, 'items');
export const RUNS_FOLDER = join(WORK_FOLDER, 'runs');
export const DOWNLOADS_FOLDER = join(WORK_FOLDER, 'downloads');
export const MODELS_FOLDER = join(TRAINING_FOLDER, '..', 'models');

export const runFolder = (name: string): string => join(RUNS_FOLDER, name);
export const checkpointFile = (name: string): string => join(runFolder(name), 'checkpoint.bin');
/** What a run was trained on. */
export const dataFile = (name: string): string => join(runFolder(name), 'data.json');
