import type { Finding } from '../../src/finder/types';
import { LEVEL_NAMES } from '../../src/levels/types';
import type { Case } from '../prepare/cases';
import type { Role } from '../prepare/splits';

/**
 * `right` and `wrong-level`: a level was named. `missed`: none was, though it can be counted.
 * `abstained`: none was, as it should be (or may be). `false-answer`: one was named where none is in
 * view or can be counted. `failed`: the case could not be run.
 */
export type Verdict = 'right' | 'wrong-level' | 'missed' | 'abstained' | 'false-answer' | 'failed';

/** One case and what came of it; lengths in mm. */
export interface Outcome {
  readonly id: string;
  readonly set: string;
  readonly role: Role;
  readonly modality: 'CT' | 'MR';
  readonly verdict: Verdict;
  readonly status: Finding['status'] | 'error';
  readonly truthZMm: number | null;
  readonly answerZMm: number | null;
  /** Answer minus truth; positive is too high. */
  readonly errorMm: number | null;
  /** Vertebrae between the answer and L3, positive downwards; null where neighbours are unknown. */
  readonly levelsOff: number | null;
  readonly probability: number | null;
  readonly sdMm: number | null;
  readonly countedFrom: string | null;
  /** Code of the reason why there is no answer, or what went wrong. */
  readonly reason: string | null;
  /** Mid-L3 as the model would have it, answered or not. */
  readonly guessZMm: number | null;
  readonly guessRight: boolean | null;
  readonly guessProbability: number | null;
  readonly milliseconds: number | null;
  readonly note: string | null;
}

/** A level counts as right within this distance where its neighbours' places are not known. */
export const RIGHT_WITHIN_MM = 15;

/**
 * Whether a height names L3: nearer to L3 than to any other known vertebra, or, where no neighbour is
 * known, within {@link RIGHT_WITHIN_MM}.
 *
 * @returns null when the place of L3 is not known.
 */
export function namesL3(
  truth: Case,
  zMm: number,
): { right: boolean; levelsOff: number | null } | null {
  if (truth.l3ZMm === null) return null;
  const error = Math.abs(zMm - truth.l3ZMm);
  const others = truth.levels.filter(({ name }) => name !== 'L3');
  const hasNeighbours = ['L2', 'L4'].every((name) => others.some((level) => level.name === name));
  if (!hasNeighbours) return { right: error <= RIGHT_WITHIN_MM, levelsOff: null };
  let nearest = { name: 'L3', distance: error };
  for (const { name, zMm: level } of others) {
    const distance = Math.abs(zMm - level);
    if (distance < nearest.distance) nearest = { name, distance };
  }
  const order = LEVEL_NAMES as readonly string[];
  const levelsOff = order.indexOf(nearest.name) - order.indexOf('L3');
  return { right: levelsOff === 0, levelsOff };
}

/** Compares a finding with a case's truth. */
export function judge(truth: Case, role: Role, finding: Finding): Outcome {
  const found = finding.status === 'found' ? finding.l3 : null;
  const guess =
    found ?? (finding.status === 'undetermined' ? (finding.alternatives[0] ?? null) : null);
  const judged = found && namesL3(truth, found.zMm);
  return {
    ...base(truth, role),
    verdict: verdictOf(truth, found !== null, judged),
    status: finding.status,
    answerZMm: found?.zMm ?? null,
    errorMm: found && truth.l3ZMm !== null ? found.zMm - truth.l3ZMm : null,
    levelsOff: judged?.levelsOff ?? null,
    probability: found?.probability ?? null,
    sdMm: found?.sdMm ?? null,
    countedFrom: finding.status === 'found' ? finding.countedFrom : null,
    reason: finding.status === 'found' ? null : finding.reason.code,
    guessZMm: guess?.zMm ?? null,
    guessRight: guess ? (namesL3(truth, guess.zMm)?.right ?? null) : null,
    guessProbability: guess?.probability ?? null,
    milliseconds:
      finding.status === 'refused'
        ? null
        : Object.values(finding.timing).reduce((sum: number, ms: number) => sum + ms, 0),
  };
}

/** A case that could not be opened or run. */
export function failure(truth: Case, role: Role, message: string): Outcome {
  return {
    ...base(truth, role),
    verdict: 'failed',
    status: 'error',
    answerZMm: null,
    errorMm: null,
    levelsOff: null,
    probability: null,
    sdMm: null,
    countedFrom: null,
    reason: message,
    guessZMm: null,
    guessRight: null,
    guessProbability: null,
    milliseconds: null,
  };
}

function base(truth: Case, role: Role) {
  const { id, set, modality, l3ZMm, note } = truth;
  return { id, set, role, modality, truthZMm: l3ZMm, note };
}

/** What it means that a case was answered or not; `judged` is null where L3 has no place. */
export function verdictOf(
  truth: Pick<Case, 'expected'>,
  answered: boolean,
  judged: { right: boolean } | null,
): Verdict {
  if (!answered) return truth.expected === 'found' ? 'missed' : 'abstained';
  if (truth.expected === 'undetermined') return 'false-answer';
  if (!judged) return 'false-answer';
  return judged.right ? 'right' : 'wrong-level';
}
