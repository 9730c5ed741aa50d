import { tempered } from '../../src/levels/conclusion';
import { wilson, type Interval } from './metrics';

/** A place that was offered for L3 with its probability, and whether it was right. */
export interface Offer {
  readonly probability: number;
  readonly right: boolean;
}

/** Offers of a range of probabilities. */
export interface ReliabilityBin {
  readonly from: number;
  /** Up to but without; the last bin includes 1. */
  readonly to: number;
  readonly count: number;
  readonly meanProbability: number | null;
  readonly shareRight: number | null;
  readonly interval: Interval | null;
}

/** What comes of a threshold on the probability. */
export interface RiskPoint {
  readonly minProbability: number;
  readonly answers: number;
  readonly wrong: number;
  readonly risk: number | null;
  readonly riskInterval: Interval | null;
  /** Share of the countable cases that are answered. */
  readonly coverage: number | null;
}

const BINS = [0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1] as const;
const THRESHOLDS = [0, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99] as const;

/** Share of right offers by probability: of those at 0.9, nine in ten should be right. */
export function reliabilityOf(offers: readonly Offer[]): ReliabilityBin[] {
  return BINS.slice(0, -1).map((from, i) => {
    const to = BINS[i + 1]!;
    const members = offers.filter(
      ({ probability }) => probability >= from && (probability < to || to === 1),
    );
    const right = members.filter((offer) => offer.right).length;
    const total = members.reduce((sum, { probability }) => sum + probability, 0);
    return {
      from,
      to,
      count: members.length,
      meanProbability: members.length === 0 ? null : total / members.length,
      shareRight: members.length === 0 ? null : right / members.length,
      interval: wilson(right, members.length),
    };
  });
}

/** Expected calibration error: mean distance of probability and share right over the bins, weighted. */
export function calibrationError(offers: readonly Offer[]): number | null {
  if (offers.length === 0) return null;
  const distances = reliabilityOf(offers).map(({ count, meanProbability, shareRight }) =>
    count === 0 ? 0 : count * Math.abs(meanProbability! - shareRight!),
  );
  return distances.reduce((a, b) => a + b, 0) / offers.length;
}

/**
 * Coverage against risk over thresholds of the probability.
 *
 * @param offers what would be answered without a threshold; `countable` where an answer is due
 * @param countable cases in which an answer is due, offered or not
 */
export function riskCoverage(
  offers: readonly (Offer & { readonly countable: boolean })[],
  countable: number,
): RiskPoint[] {
  return THRESHOLDS.map((minProbability) => {
    const answers = offers.filter(({ probability }) => probability >= minProbability);
    const wrong = answers.filter(({ right }) => !right).length;
    const due = answers.filter((offer) => offer.countable).length;
    return {
      minProbability,
      answers: answers.length,
      wrong,
      risk: answers.length === 0 ? null : wrong / answers.length,
      riskInterval: wilson(wrong, answers.length),
      coverage: countable === 0 ? null : due / countable,
    };
  });
}

/**
 * The temperature at which the offers are likeliest (Guo et al., ICML 2017): the logits' divisor
 * with the least cross-entropy, by golden-section search from 0.2 to 20.
 *
 * @returns 1 where there are fewer than 20 offers or none is wrong: nothing can be learnt then
 */
export function fitTemperature(offers: readonly Offer[]): number {
  if (offers.length < 20 || offers.every(({ right }) => right)) return 1;
  const loss = (logTemperature: number) => {
    const temperature = Math.exp(logTemperature);
    let sum = 0;
    for (const { probability, right } of offers) {
      const inside = Math.min(1 - 1e-6, Math.max(1e-6, probability));
      const p = tempered(inside, temperature);
      sum -= Math.log(right ? p : 1 - p);
    }
    return sum;
  };
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [Math.log(0.2), Math.log(20)];
  for (let i = 0; i < 40; i++) {
    const [a, b] = [high - golden * (high - low), low + golden * (high - low)];
    if (loss(a) < loss(b)) high = b;
    else low = a;
  }
  return Math.exp((low + high) / 2);
}

/** Shares of errors within one and two standard deviations; 68 % and 95 % would be right. */
export function sdCoverage(
  answers: readonly { readonly errorMm: number; readonly sdMm: number }[],
): { readonly count: number; readonly within1: number | null; readonly within2: number | null } {
  const share = (times: number) =>
    answers.length === 0
      ? null
      : answers.filter(({ errorMm, sdMm }) => Math.abs(errorMm) <= times * sdMm).length /
        answers.length;
  return { count: answers.length, within1: share(1), within2: share(2) };
}
