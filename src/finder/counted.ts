import type { Finding } from './types';

/**
 * Whether the other places for L3 come from counting. With nothing in view to count from, their
 * probabilities only compare how much each vertebra looks like L3: shown as a percentage they would
 * read surer than they are.
 */
export function isCounted(finding: Finding): boolean {
  return finding.status !== 'undetermined' || finding.reason.code !== 'cannot-count';
}
