import { phrase, type Phrase } from '../reasons/phrases';
import { reason, type Reason } from '../reasons/reasons';
import type { Decision } from './decision';
import type { CountedFrom } from './types';

/** A neighbouring vertebra lies about this far away, mm. */
const NEIGHBOUR_MM = 35;

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
}

export type Verdict =
  | { readonly found: true; readonly countedFrom: CountedFrom }
  | { readonly found: false; readonly reason: Reason };

/**
 * Decides whether L3 can be named.
 *
 * @param seen the best place for L3 and the likeliest other one, with their (tempered) probabilities
 */
export function judge(
  seen: {
    readonly basis: Basis;
    readonly l3: { readonly probability: number } | null;
    readonly inViewProbability: number;
    readonly other: { readonly probability: number; readonly because: readonly Phrase[] } | null;
  },
  decision: Decision,
): Verdict {
  const { l3, other, inViewProbability } = seen;
  const { from, conflictMm, responses } = seen.basis;
  const no = (...args: Parameters<typeof reason>) => ({
    found: false as const,
    reason: reason(...args),
  });
  const seesRibs = responses.lastRib !== null;
  // Without an anchor a network that is blind to ribs does not know a chest from a lumbar spine.
  const share = conflictMm !== null || (from === null && !seesRibs) ? 0.5 : 1;
  if (!l3 || inViewProbability < decision.minInView * share) return no('l3-not-in-view');
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
    const percent = (p: number) => `${Math.round(100 * p)} %`;
    return other
      ? no('ambiguous', {
          detail: phrase('two-places', {
            percent: percent(l3.probability),
            otherPercent: percent(other.probability),
            why: other.because,
          }),
        })
      : no('cannot-count', {
          detail: phrase('low-probability', { percent: percent(l3.probability) }),
        });
  }
  return { found: true, countedFrom: from };
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
