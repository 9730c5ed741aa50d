import { percent } from '../reasons/percent';
import { phrase, type Phrase } from '../reasons/phrases';
import { reason, type Reason } from '../reasons/reasons';
import type { Decision } from './decision';
import type { CountedFrom } from './types';

/** A neighbouring vertebra lies about this far away, mm. */
const NEIGHBOUR_MM = 35;

/** Another numbering fits almost as well from this share of the best one's probability on. */
const NEARLY = 0.5;

/** How a count is called where it gives a place of its own. */
export const COUNTED = {
  sacrum: phrase('counted-sacrum'),
  'last-rib': phrase('counted-last-rib'),
} as const;

/** What the numbering rests on. */
export interface Basis {
  /** The anchors that are seen and agree; null where there is none, or they disagree. */
  readonly from: CountedFrom | null;
  /** Where two counts disagree: how much lower the sacrum puts L3 than the last rib does, mm. */
  readonly conflictMm: number | null;
  /** The highest response of maps where the chain puts the body. */
  readonly responses: {
    readonly sacrum: number;
    /** Null without a map of the last rib. */
    readonly lastRib: number | null;
    /** Of L2, L3 and L4, where L3 is put. */
    readonly nearL3: number;
  };
  /** What speaks for a lumbar spine at all. */
  readonly spine: SpineEvidence;
}

/** How far the chain's own maps and the body's map show a lumbar spine where the count puts it. */
export interface SpineEvidence {
  /** Mean response of the maps of L2, L3 and L4, each where it is put, of those inside the picture; 0 with fewer than two. */
  readonly lumbar: number;
  /** The same less the lowest response of any body between L3 and its neighbours, of the two the higher. */
  readonly parted: number;
  /** The second highest response of the levels' own maps, each where it is put. */
  readonly seen: number;
}

export type Conclusion =
  | { readonly found: true; readonly countedFrom: CountedFrom }
  | { readonly found: false; readonly reason: Reason };

/**
 * Decides whether L3 can be named.
 *
 * @param seen the best place for L3 and the likeliest other one, with their (tempered) probabilities
 */
export function conclude(
  seen: {
    readonly basis: Basis;
    readonly l3: { readonly probability: number } | null;
    readonly inViewProbability: number;
    readonly other: { readonly probability: number; readonly because: readonly Phrase[] } | null;
  },
  decision: Decision,
): Conclusion {
  const { l3, other, inViewProbability } = seen;
  const { from, conflictMm, responses, spine } = seen.basis;
  const no = (...args: Parameters<typeof reason>) => ({
    found: false as const,
    reason: reason(...args),
  });
  const seesRibs = responses.lastRib !== null;
  // Without an anchor a network that is blind to ribs does not know a chest from a lumbar spine.
  const share = conflictMm !== null || (from === null && !seesRibs) ? 0.5 : 1;
  if (!l3 || inViewProbability < decision.minInView * share) {
    return spine.seen < decision.minSeen ? no('no-lumbar-spine') : no('l3-not-in-view');
  }
  if (spine.lumbar < decision.minLumbar || spine.parted < decision.minParted) {
    return no('no-lumbar-spine');
  }
  if (conflictMm !== null) {
    return no('ambiguous', {
      detail: phrase('counts-differ', { offset: offsetPhrase(conflictMm) }),
    });
  }
  if (from === null) {
    return no('cannot-count', {
      detail: phrase(seesRibs ? 'no-anchor' : 'no-sacrum'),
    });
  }
  // A network that knows ribs is also taught what is in view: a sagittal slice may leave a bent spine.
  if (seesRibs && responses.nearL3 < decision.minNearL3) {
    return no('cannot-count', { detail: phrase('no-body') });
  }
  if (l3.probability < decision.minProbability) {
    return { found: false, reason: doubt(l3.probability, decision.minProbability, other) };
  }
  return { found: true, countedFrom: from };
}

/**
 * Why a place for L3 is not sure enough: another numbering is nearly as likely (at least half as likely as
 * the best one), or it is less likely than what is asked for.
 */
export function doubt(
  probability: number,
  least: number,
  other: { readonly probability: number; readonly because: readonly Phrase[] | string } | null,
): Reason {
  if (!other || other.probability < NEARLY * probability) {
    return reason('not-sure-enough', { percent: percent(probability), least: percent(least) });
  }
  const values = { percent: percent(probability), otherPercent: percent(other.probability) };
  return reason('ambiguous', { detail: phrase('two-places', { ...values, why: other.because }) });
}

/** A distance in vertebrae, as "one vertebra lower". */
export function offsetPhrase(offsetMm: number): Phrase {
  const count = Math.round(Math.abs(offsetMm) / NEIGHBOUR_MM);
  const way = offsetMm < 0 ? 'higher' : 'lower';
  if (count === 0 || count === 1 || count === 2 || count === 3) return phrase(`${way}-${count}`);
  return phrase(`${way}-n`, { count });
}

/** A probability with its logit divided by the temperature (Guo et al., ICML 2017); 0 and 1 stay. */
export function tempered(probability: number, temperature: number): number {
  if (temperature === 1) return probability;
  const odds = (probability / (1 - probability)) ** (1 / temperature);
  return odds === Infinity ? 1 : odds / (1 + odds);
}
