import type { Decision } from '../../src/levels/decision';
import { verdictOf, type Verdict } from '../evaluate/judge';
import { quantile, wilson, type Interval } from '../evaluate/metrics';
import {
  calibrationError,
  reliabilityOf,
  riskCoverage,
  sdCoverage,
  type ReliabilityBin,
  type RiskPoint,
} from '../evaluate/reliability';
import { concludeSample, type Concluded, type Sample } from './sample';

/** A share with its counts and its 95 % Wilson interval; null where there is nothing to share. */
export interface Share {
  readonly count: number;
  readonly of: number;
  readonly share: number | null;
  readonly interval: Interval | null;
}

/** What came of the samples of a group. */
export interface GroupCounts extends Readonly<Record<Verdict, number>> {
  readonly group: string;
  readonly samples: number;
  /** Answered where an answer is due. */
  readonly answered: Share;
  /** By reason: undetermined samples. */
  readonly reasons: Readonly<Record<string, number>>;
}

export interface Statistics {
  readonly decision: Decision;
  readonly samples: number;
  /** Countable samples that were answered. */
  readonly coverage: Share;
  /** Right ones among all answers, and among those at 0.9 and above. */
  readonly precision: Share;
  readonly precisionAt90: Share;
  readonly medianErrorMm: number | null;
  readonly p95ErrorMm: number | null;
  readonly sd: ReturnType<typeof sdCoverage>;
  readonly calibrationError: number | null;
  readonly reliability: readonly ReliabilityBin[];
  readonly riskCoverage: readonly RiskPoint[];
  readonly groups: readonly GroupCounts[];
}

function share(count: number, of: number): Share {
  return { count, of, share: of === 0 ? null : count / of, interval: wilson(count, of) };
}

/** What came of one sample, in the words of `evaluate`. */
export function outcomeOf({ sample, conclusion, right }: Concluded): Verdict {
  return verdictOf(sample.truth, conclusion.found, right === null ? null : { right });
}

/** An answer counts as right where it names L3, and L3 can be named. */
export function isRight(judged: Concluded): boolean {
  return outcomeOf(judged) === 'right';
}

/** Judges the samples by a decision and counts; samples cut at an edge may be answered or not. */
export function statisticsOf(samples: readonly Sample[], decision: Decision): Statistics {
  const judged = samples.map((sample) => concludeSample(sample, decision));
  const answers = judged.filter(({ conclusion }) => conclusion.found);
  const due = judged.filter(isDue);
  const errors = answers.flatMap((each) => {
    const { l3 } = each.reading;
    const { l3ZMm } = each.sample.truth;
    return isRight(each) ? [{ errorMm: l3!.zMm - l3ZMm!, sdMm: l3!.sdMm }] : [];
  });
  const sure = answers.filter(({ probability }) => probability >= 0.9);
  const distances = errors.map(({ errorMm }) => Math.abs(errorMm));
  const offers = offersOf(samples, decision);
  return {
    decision,
    samples: samples.length,
    coverage: share(due.filter(({ conclusion }) => conclusion.found).length, due.length),
    precision: share(answers.filter(isRight).length, answers.length),
    precisionAt90: share(sure.filter(isRight).length, sure.length),
    medianErrorMm: quantile(distances, 0.5),
    p95ErrorMm: quantile(distances, 0.95),
    sd: sdCoverage(errors),
    calibrationError: calibrationError(offers),
    reliability: reliabilityOf(offers),
    riskCoverage: riskCoverage(offers, due.length),
    groups: groupsOf(judged),
  };
}

/** Every place that would be answered if no probability were too low. */
export function offersOf(
  samples: readonly Sample[],
  decision: Decision,
): { probability: number; right: boolean; countable: boolean }[] {
  return samples
    .map((sample) => concludeSample(sample, { ...decision, minProbability: 0 }))
    .filter(({ conclusion }) => conclusion.found)
    .map((each) => ({
      probability: each.probability,
      right: isRight(each),
      countable: isDue(each),
    }));
}

const isDue = ({ sample }: Concluded): boolean => sample.truth.expected === 'found';

const OUTCOMES: readonly Verdict[] = [
  'right',
  'wrong-level',
  'missed',
  'abstained',
  'false-answer',
  'failed',
];

/** By what is in view, by variant, by field of view, by modality, by what the answer was counted from. */
function groupsOf(judged: readonly Concluded[]): GroupCounts[] {
  const keys: readonly [string, (each: Concluded) => string][] = [
    ['in view', ({ sample }) => sample.truth.inView],
    ['lumbar-type vertebrae', ({ sample }) => String(sample.truth.lumbar ?? 'ribs not shown')],
    ['field', ({ sample }) => sample.field],
    ['modality', ({ sample }) => sample.truth.modality],
    [
      'counted from',
      ({ conclusion }) => (conclusion.found ? conclusion.countedFrom : 'not answered'),
    ],
  ];
  return keys.flatMap(([title, keyOf]) =>
    [...new Set(judged.map(keyOf))].sort().map((key) =>
      count(
        `${title}: ${key}`,
        judged.filter((each) => keyOf(each) === key),
      ),
    ),
  );
}

function count(group: string, members: readonly Concluded[]): GroupCounts {
  const outcomes = members.map(outcomeOf);
  const reasons: Record<string, number> = {};
  for (const { conclusion } of members) {
    if (!conclusion.found)
      reasons[conclusion.reason.code] = (reasons[conclusion.reason.code] ?? 0) + 1;
  }
  const due = members.filter(isDue);
  const counts = Object.fromEntries(
    OUTCOMES.map((name) => [name, outcomes.filter((outcome) => outcome === name).length]),
  ) as Record<Verdict, number>;
  return {
    group,
    samples: members.length,
    ...counts,
    answered: share(due.filter(({ conclusion }) => conclusion.found).length, due.length),
    reasons,
  };
}
