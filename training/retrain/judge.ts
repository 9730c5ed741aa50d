import { openModelPackage } from '../../src/model/node';
import type { LevelModel } from '../../src/model/types';
import type { TrainingItem } from '../items/item';
import { print } from '../tools/print';
import { scoreItems, textOf, worseIn, type Scored, type Scores } from './score';

/** What a package is judged by: the hospital's held-out cases, and what the model could do before. */
export interface JudgedItems {
  readonly own: readonly TrainingItem[];
  readonly base: readonly TrainingItem[];
}

/** Scores of a package, with the verdict on every case. */
export interface Judgement {
  readonly scores: Scores;
  readonly own: Scored['cases'];
  readonly base: Scored['cases'];
}

/** @param when e.g. "Before", for the screen */
export async function judge(
  folder: string,
  { own, base }: JudgedItems,
  when: string,
): Promise<Judgement> {
  const judged = await withModel(folder, async (model) => {
    const mine = await scoreItems(model, own, true);
    const known = await scoreItems(model, base, false);
    return {
      scores: { own: mine.score, base: known.score },
      own: mine.cases,
      base: known.cases,
    };
  });
  print(`${when}, your held-out persons: ${textOf(judged.scores.own)}.`);
  print(`${when}, base set: ${textOf(judged.scores.base)}.`);
  return judged;
}

/** Opens a package for some work and closes it. */
export async function withModel<T>(
  folder: string,
  use: (model: LevelModel) => Promise<T>,
): Promise<T> {
  const model = await openModelPackage(folder);
  try {
    return await use(model);
  } finally {
    await model.dispose();
  }
}

/** In what a model is worse than a package that is there already: it is replaced by a better one only. */
export async function worseThanThere(
  out: string,
  after: Scores,
  judged: JudgedItems,
): Promise<string[]> {
  const there = await judge(out, judged, `In ${out}`);
  return worseIn(after, there.scores).map((what) => `${what} by the package in ${out}`);
}
