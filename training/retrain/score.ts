import { decodeLevels } from '../../src/levels/decodeLevels';
import type { LevelModel } from '../../src/model/types';
import { caseOfItem, projectionOfItem } from '../evaluate/itemCase';
import { namesL3, verdictOf, type Verdict } from '../evaluate/judge';
import type { TrainingItem } from '../items/item';

/**
 * How often a model is right (silent where nothing can be named, too), wrong (a wrong level, or one
 * where none can be named) or silent where it need not be.
 */
export interface Score {
  readonly cases: number;
  readonly right: number;
  readonly wrong: number;
  readonly silent: number;
}

export interface ScoredCase {
  readonly id: string;
  readonly verdict: Verdict;
  /** Row of the item and probability; null where nothing was answered. */
  readonly answer: { readonly row: number; readonly probability: number } | null;
}

export interface Scored {
  readonly score: Score;
  /** In the order of the items. */
  readonly cases: readonly ScoredCase[];
}

/**
 * Runs a package on items as the viewer runs it on projections.
 *
 * @param isNamed the items' L3 was named by a person, so that it can be: silence is a miss
 */
export async function scoreItems(
  model: LevelModel,
  items: readonly TrainingItem[],
  isNamed: boolean,
): Promise<Scored> {
  const { input, decision } = model.manifest;
  const cases: ScoredCase[] = [];
  let silentAsDue = 0;
  for (const item of items) {
    const evidence = await model.run(projectionOfItem(item, input.channels));
    const { conclusion, l3 } = decodeLevels(evidence, decision, input.mmPerPixel);
    const known = caseOfItem(item);
    const own = item.levels.find(({ name }) => name === 'L3');
    const truth =
      isNamed && own
        ? { ...known, expected: 'found' as const, l3ZMm: -input.mmPerPixel * own.row }
        : known;
    const answer = conclusion.found && l3 ? { row: l3.row, probability: l3.probability } : null;
    const judged = answer && namesL3(truth, -input.mmPerPixel * answer.row);
    if (!conclusion.found && truth.expected === 'undetermined') silentAsDue += 1;
    cases.push({ id: item.id, verdict: verdictOf(truth, conclusion.found, judged), answer });
  }
  const count = (...verdicts: Verdict[]) =>
    cases.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const right = count('right') + silentAsDue;
  const wrong = count('wrong-level', 'false-answer');
  return {
    score: { cases: cases.length, right, wrong, silent: cases.length - right - wrong },
    cases,
  };
}

/** What a model is judged by. */
export interface Scores {
  /** The hospital's persons that are kept out of training. */
  readonly own: Score;
  /** The base set: what the model could do before. */
  readonly base: Score;
}

/** So many right answers of the base set may be lost to chance. */
const LOST_SHARE = 0.02;

/** In what a model is worse than another; nothing: it may take its place. */
export function worseIn(model: Scores, other: Scores): string[] {
  const worse: string[] = [];
  const compare = (is: boolean, what: string) => void (is && worse.push(what));
  const { own, base } = model;
  compare(
    own.wrong > other.own.wrong,
    `${own.wrong} wrong levels on your held-out persons, ${other.own.wrong} before`,
  );
  compare(
    own.right < other.own.right,
    `${own.right} right on your held-out persons, ${other.own.right} before`,
  );
  compare(
    base.wrong > other.base.wrong,
    `${base.wrong} wrong levels on the base set, ${other.base.wrong} before`,
  );
  compare(
    base.right < other.base.right - Math.ceil(LOST_SHARE * base.cases),
    `${base.right} right on the base set, ${other.base.right} before`,
  );
  return worse;
}

export const textOf = ({ cases, right, wrong, silent }: Score): string =>
  `${right} of ${cases} right, ${wrong} wrong, ${silent} without an answer`;
