import { levelsOf } from '../../finder/levelsOf';
import type { Answered } from '../../finder/types';
import type { CountedFrom } from '../../levels/types';
import type { Vec3 } from '../../series/types';
import { shiftAt, shiftedLevels, type NamedLevel } from './spine';

/** One way to name the vertebrae of an answer. */
export interface Numbering {
  /** Where it puts L3, LPS mm. */
  readonly pointLpsMm: Vec3;
  readonly zMm: number;
  readonly probability: number;
  /** What it was counted from, as far as that is known. */
  readonly from: readonly Exclude<CountedFrom, 'both'>[];
  /** Every vertebra under the name that it has then, head to foot. */
  readonly levels: readonly NamedLevel[];
  /** Of the answer's alternatives; null: what was found. */
  readonly alternative: number | null;
}

/** Fewer names are no numbering. */
const LEAST_LEVELS = 3;
/** Two lie side by side. */
const SHOWN = 2;

/**
 * The numberings between which a person has to choose, likeliest first; none where the answer leaves no
 * choice, or too few vertebrae were seen to compare.
 */
export function numberings(finding: Answered): readonly Numbering[] {
  const isFound = finding.status === 'found';
  const isDoubt = isFound || ['ambiguous', 'not-sure-enough'].includes(finding.reason.code);
  if (!isDoubt) return [];
  const levels = (pointLpsMm: Vec3) =>
    shiftedLevels(finding, shiftAt(finding, { pointLpsMm, definition: 'mid-body' }));
  const others = finding.alternatives.map(
    ({ pointLpsMm, zMm, probability, because = [] }, alternative): Numbering => ({
      pointLpsMm,
      zMm,
      probability,
      from: because.flatMap(({ code }) => ANCHORS[code] ?? []),
      levels: levels(pointLpsMm),
      alternative,
    }),
  );
  const found: Numbering[] = isFound
    ? [
        {
          ...finding.l3,
          from: finding.countedFrom === 'both' ? ['sacrum', 'last-rib'] : [finding.countedFrom],
          levels: levelsOf(finding),
          alternative: null,
        },
      ]
    : [];
  const all = [...found, ...others].filter((one) => one.levels.length >= LEAST_LEVELS);
  return all.length < SHOWN ? [] : all.slice(0, SHOWN);
}

const ANCHORS: Partial<Record<string, 'sacrum' | 'last-rib'>> = {
  'counted-sacrum': 'sacrum',
  'counted-last-rib': 'last-rib',
};
