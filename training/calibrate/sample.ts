import type { LevelCandidate } from '../../src/levels/types';
import type { Decision } from '../../src/levels/decision';
import { conclude, tempered, type Basis, type Conclusion } from '../../src/levels/conclusion';
import { namesL3 } from '../evaluate/judge';
import type { ItemCase } from '../evaluate/itemCase';
import type { FieldName } from './field';

/** Which anchors are taken as seen; the readings of a sample are in this order. */
export const ANCHORS = [
  { sacrum: true, lastRib: true },
  { sacrum: true, lastRib: false },
  { sacrum: false, lastRib: true },
  { sacrum: false, lastRib: false },
] as const;

/** What was decoded with some anchors; the probability is that of the posterior (temperature 1). */
export interface Reading {
  readonly basis: Basis;
  readonly l3: {
    readonly zMm: number;
    readonly sdMm: number;
    readonly probability: number;
  } | null;
  readonly inViewProbability: number;
  readonly other: Pick<LevelCandidate, 'probability' | 'because'> | null;
}

/** A synthetic scan with its truth, and what the model makes of it by whichever anchors. */
export interface Sample {
  readonly truth: ItemCase;
  readonly field: FieldName;
  readonly readings: readonly Reading[];
}

/** What came of a sample under a decision. */
export interface Concluded {
  readonly sample: Sample;
  readonly reading: Reading;
  readonly conclusion: Conclusion;
  /** The (tempered) probability of the best place; 0 where there is none. */
  readonly probability: number;
  /** Whether the best place is L3; null where no place is. */
  readonly right: boolean | null;
}

/** The reading that thresholds of the anchors choose. */
function readingOf(sample: Sample, decision: Decision): Reading {
  const { sacrum, lastRib } = sample.readings[0]!.basis.responses;
  const seesSacrum = sacrum >= decision.minAnchor;
  const seesRib = lastRib !== null && lastRib >= decision.minRibAnchor;
  const index = ANCHORS.findIndex((each) => each.sacrum === seesSacrum && each.lastRib === seesRib);
  return sample.readings[index]!;
}

/** What the viewer would conclude from a sample with this decision. */
export function concludeSample(sample: Sample, decision: Decision): Concluded {
  const reading = readingOf(sample, decision);
  const { l3 } = reading;
  const probability = l3 ? tempered(l3.probability, decision.temperature) : 0;
  const conclusion = conclude({ ...reading, l3: l3 && { ...l3, probability } }, decision);
  const right = l3 ? (namesL3(sample.truth, l3.zMm)?.right ?? null) : null;
  return { sample, reading, conclusion, probability, right };
}
