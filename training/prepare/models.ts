import { openModelPackage } from '../../src/model/node';
import type { LevelModel } from '../../src/model/types';

const models = new Map<string, Promise<LevelModel>>();

/** The model of a package, opened once a thread. */
export function modelAt(folder: string): Promise<LevelModel> {
  const model = models.get(folder) ?? openModelPackage(folder);
  models.set(folder, model);
  return model;
}
