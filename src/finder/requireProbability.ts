import { COUNTED, doubt } from '../levels/conclusion';
import { phraseText } from '../reasons/phrases';
import type { Finding } from './types';

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
  const why = doubt(
    l3.probability,
    minProbability,
    other ? { ...other, because: other.because ?? other.why } : null,
  );
  const candidate = { ...l3, because, why: because.map(phraseText).join(', ') };
  return {
    ...shared,
    status: 'undetermined',
    reason: why,
    alternatives: [candidate, ...alternatives],
  };
}
