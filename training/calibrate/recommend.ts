import type { Decision } from '../../src/levels/decision';
import { fitTemperature } from '../evaluate/reliability';
import { isRight, offersOf, outcomeOf } from './statistics';
import { concludeSample, type Sample } from './sample';

/** What is asked of a calibrated model: right at 0.9 and above, and countable ones answered. */
export const TARGET = { precisionAt90: 0.97, coverage: 0.9 } as const;

/** A wrong level costs as much as this many answers that were not given. */
const COST_OF_WRONG = 10;

const STEPS = {
  minAnchor: [0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6],
  minRibAnchor: [0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7],
  minInView: [0.3, 0.5, 0.6, 0.7, 0.8, 0.9],
  minProbability: [0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95],
} as const;

/**
 * Temperature and thresholds for these samples, one after the other until nothing gains: as many
 * right answers as possible, each wrong or false one counted ten times against them, and the
 * targets first.
 *
 * @param start where to begin, and what stays where nothing gains
 */
export function recommend(samples: readonly Sample[], start: Decision): Decision {
  let best: Decision = start;
  for (let round = 0; round < 3; round++) {
    const before = best;
    best = withTemperature(samples, best);
    let value = worth(samples, best);
    for (const [name, steps] of Object.entries(STEPS)) {
      for (const step of steps) {
        const candidate = { ...best, [name]: step };
        const gained = worth(samples, candidate);
        if (gained > value) [best, value] = [candidate, gained];
      }
    }
    if (JSON.stringify(best) === JSON.stringify(before)) break;
  }
  return best;
}

function withTemperature(samples: readonly Sample[], decision: Decision): Decision {
  const temperature = fitTemperature(offersOf(samples, { ...decision, temperature: 1 }));
  return { ...decision, temperature: Math.round(100 * temperature) / 100 };
}

function worth(samples: readonly Sample[], decision: Decision): number {
  let [value, sure, sureRight, due, answered] = [0, 0, 0, 0, 0];
  for (const sample of samples) {
    const judged = concludeSample(sample, decision);
    const outcome = outcomeOf(judged);
    if (outcome === 'right') value += 1;
    if (outcome === 'wrong-level' || outcome === 'false-answer') value -= COST_OF_WRONG;
    if (judged.conclusion.found && judged.probability >= 0.9) {
      sure += 1;
      if (isRight(judged)) sureRight += 1;
    }
    if (sample.truth.expected === 'found') {
      due += 1;
      if (judged.conclusion.found) answered += 1;
    }
  }
  const lacking = (is: number, of: number, target: number) =>
    of === 0 ? 0 : Math.max(0, target - is / of);
  const short =
    lacking(sureRight, sure, TARGET.precisionAt90) + lacking(answered, due, TARGET.coverage);
  return value - 100 * samples.length * short;
}
