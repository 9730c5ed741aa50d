import { LEVEL_NAMES } from '../../src/levels/types';
import type { TrainingItem } from './item';

const T12 = LEVEL_NAMES.indexOf('T12');
const L5 = LEVEL_NAMES.indexOf('L5');
const S1 = LEVEL_NAMES.indexOf('S1');
/** The last rib belongs to a listed body no farther from it than this, pixels of 2 mm. */
const SAME_BODY = 8;

/** A vertebral body of an item and the map that must show it; null: no level's, only the body's. */
export interface NamedBody {
  readonly map: number | null;
  readonly row: number;
  readonly column: number;
}

export interface Naming {
  readonly bodies: readonly NamedBody[];
  /** Maps of levels about which nobody can say anything in this crop. */
  readonly unknown: ReadonlySet<number>;
}

/**
 * By how many levels the count from the last rib lies above (negative) or below the count from the
 * sacrum: 0 where they agree, -1 where the body called L1 bears the last rib (4 lumbar-type
 * vertebrae), 1 where T11 does (6 of them). 0 too where it is not known.
 */
export function numberingShift({ levels, lastRib }: TrainingItem): number {
  if (!lastRib) return 0;
  let nearest = SAME_BODY;
  let bearer = T12;
  for (const { name, row, column } of levels) {
    const distance = Math.hypot(row - lastRib.row, column - lastRib.column);
    if (distance > nearest) continue;
    nearest = distance;
    bearer = LEVEL_NAMES.indexOf(name);
  }
  return T12 - bearer;
}

/**
 * Names the bodies as somebody must who sees this crop and nothing else: from the sacrum or from the
 * last rib, whichever is shown. Where the two disagree and both are shown, or neither, only what is
 * certain is taught.
 */
export function nameBodies(
  item: TrainingItem,
  { sacrum, lastRib }: { readonly sacrum: boolean; readonly lastRib: boolean },
): Naming {
  const shift = numberingShift(item);
  const named = (rename: (level: number) => number | null): NamedBody[] =>
    item.levels.map(({ name, row, column }) => ({
      map: rename(LEVEL_NAMES.indexOf(name)),
      row,
      column,
    }));
  const asListed = (level: number) => level;
  const levels = LEVEL_NAMES.map((_, level) => level);
  if (shift === 0 || (sacrum && !lastRib)) return { bodies: named(asListed), unknown: new Set() };
  if (!sacrum && lastRib) {
    return {
      bodies: named((level) => {
        if (level === S1) return S1;
        const renamed = level + shift;
        return renamed >= 0 && renamed < S1 ? renamed : null;
      }),
      // The item does not list what lies above T9.
      unknown: new Set(levels.filter((level) => level < shift)),
    };
  }
  const certain = sacrum ? [L5, S1] : [];
  return {
    bodies: named(asListed),
    unknown: new Set(levels.filter((level) => !certain.includes(level))),
  };
}
