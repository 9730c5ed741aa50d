import type { Answered, FoundLevel } from './types';

/** The levels of an answer from head to foot, L3 as it was found; where two counts disagree, the names of one. */
export function levelsOf(finding: Answered): readonly FoundLevel[] {
  if (finding.levels.length === 0 && finding.bodies) {
    return [...finding.bodies].sort((a, b) => b.zMm - a.zMm);
  }
  const others = finding.levels.filter(({ name }) => name !== 'L3');
  const l3 =
    finding.status === 'found'
      ? [{ ...finding.l3, name: 'L3' as const }]
      : finding.levels.filter(({ name }) => name === 'L3');
  return [...others, ...l3].sort((a, b) => b.zMm - a.zMm);
}
