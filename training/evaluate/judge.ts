import type { Finding } from '../../src/finder/types';
import { LEVEL_NAMES } from '../../src/levels/types';
import type { Case, Expected } from '../items/cases';
import type { Role } from '../items/splits';

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
  /** Head-to-foot slice distance of an axial series, mm; null for all else. */
  readonly thicknessMm: number | null;
  /** Whether the slices are sagittal; null where it is not known. */
  readonly plane: 'axial' | 'sagittal' | null;
  /** What the picture covers head to foot, mm. */
  readonly fieldMm: number | null;
  readonly expected: Expected;
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
const RIGHT_WITHIN_MM = 15;

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

/** What a model says of a case, whichever way it was asked; z in mm of the case's truth. */
export interface Answer {
  readonly status: Finding['status'];
  readonly l3: { readonly zMm: number; readonly probability: number; readonly sdMm: number } | null;
  /** The likeliest place, answered or not. */
  readonly guess: { readonly zMm: number; readonly probability: number } | null;
  readonly countedFrom: string | null;
  readonly reason: string | null;
  readonly milliseconds: number | null;
}

export type ScanFacts = Pick<Outcome, 'thicknessMm' | 'plane' | 'fieldMm'>;

const NO_FACTS: ScanFacts = { thicknessMm: null, plane: null, fieldMm: null };

/** Compares a finding with a case's truth. */
export function judge(truth: Case, role: Role, finding: Finding, facts = NO_FACTS): Outcome {
  const l3 = finding.status === 'found' ? finding.l3 : null;
  const offered = finding.status === 'undetermined' ? (finding.alternatives[0] ?? null) : null;
  const answer: Answer = {
    status: finding.status,
    l3,
    guess: l3 ?? offered,
    countedFrom: finding.status === 'found' ? finding.countedFrom : null,
    reason: finding.status === 'found' ? null : finding.reason.code,
    milliseconds:
      finding.status === 'refused'
        ? null
        : Object.values(finding.timing).reduce((sum: number, ms: number) => sum + ms, 0),
  };
  return judgeAnswer(truth, role, answer, facts);
}

/** Compares an answer with a case's truth. */
export function judgeAnswer(
  truth: Case,
  role: Role,
  { l3, guess, ...answer }: Answer,
  facts: ScanFacts = NO_FACTS,
): Outcome {
  const judged = l3 && namesL3(truth, l3.zMm);
  return {
    ...base(truth, role),
    ...facts,
    verdict: verdictOf(truth, l3 !== null, judged),
    status: answer.status,
    answerZMm: l3?.zMm ?? null,
    errorMm: l3 && truth.l3ZMm !== null ? l3.zMm - truth.l3ZMm : null,
    levelsOff: judged?.levelsOff ?? null,
    probability: l3?.probability ?? null,
    sdMm: l3?.sdMm ?? null,
    countedFrom: answer.countedFrom,
    reason: answer.reason,
    guessZMm: guess?.zMm ?? null,
    guessRight: guess ? (namesL3(truth, guess.zMm)?.right ?? null) : null,
    guessProbability: guess?.probability ?? null,
    milliseconds: answer.milliseconds,
  };
}

/** What is known of a series by which results are grouped. */
export function factsOf(finding: Finding): ScanFacts {
  if (finding.status === 'refused') return NO_FACTS;
  const { series, projection } = finding;
  return {
    plane: series.plane,
    thicknessMm: series.plane === 'axial' ? series.spacingMm : null,
    fieldMm: projection.height * projection.mmPerPixel,
  };
}

/** A case that could not be opened or run. */
export function failure(truth: Case, role: Role, message: string): Outcome {
  return {
    ...base(truth, role),
    ...NO_FACTS,
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
  const { id, set, modality, expected, l3ZMm, note } = truth;
  return { id, set, role, modality, expected, truthZMm: l3ZMm, note };
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
