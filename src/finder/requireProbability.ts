import { COUNTED } from '../levels/verdict';
import { phrase, phraseText } from '../reasons/phrases';
import { reason } from '../reasons/reasons';
import type { Finding } from './types';

const percent = (probability: number) => `${Math.round(100 * probability)} %`;

/**
 * Demands more certainty than the model's own threshold: an L3 below it is undetermined, and offered
 * among the candidates. What is undetermined already stays so, so that this never makes an answer
 * surer.
 *
 * @param minProbability 0..1
 */
export function requireProbability(finding: Finding, minProbability: number): Finding {
  if (finding.status !== 'found' || finding.l3.probability >= minProbability) return finding;
  const { l3, countedFrom, alternatives, ...shared } = finding;
  const because =
    countedFrom === 'both' ? [COUNTED.sacrum, COUNTED['last-rib']] : [COUNTED[countedFrom]];
  const [other] = alternatives;
  const why = other
    ? reason('ambiguous', {
        detail: phrase('two-places', {
          percent: percent(l3.probability),
          otherPercent: percent(other.probability),
          why: other.because ?? other.why,
        }),
      })
    : reason('cannot-count', {
        detail: phrase('low-probability', { percent: percent(l3.probability) }),
      });
  const candidate = { ...l3, because, why: because.map(phraseText).join(', ') };
  return {
    ...shared,
    status: 'undetermined',
    reason: why,
    alternatives: [candidate, ...alternatives],
  };
}
