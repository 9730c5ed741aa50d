import { LEVEL_NAMES, type LevelName } from '../../src/levels/types';
import type { Series } from '../../src/series/types';
import type { Case, Expected } from '../items/cases';

/** A scan that ends earlier than the case's own: what lies between two heights, LPS mm. */
export interface Cut {
  /** The case under a name of its own, in the set of its kind, with what a right answer is then. */
  readonly truth: Case;
  readonly topZMm: number;
  readonly bottomZMm: number;
}

/** Ends of a scan, mm above a level's centre (negative: below). */
interface Ends {
  readonly of: LevelName;
  readonly mm: readonly number[];
}

interface Kind {
  readonly name: string;
  readonly expected: Expected;
  readonly top: Ends;
  readonly bottom: Ends;
}

/** What the ends leave in view, as scans of the upper abdomen, the pelvis, a spine or a chest do. */
const KINDS: readonly Kind[] = [
  {
    name: 'without-sacrum',
    expected: 'found',
    top: { of: 'T12', mm: [120, 80, 50, 30] },
    bottom: { of: 'L3', mm: [-20, -36, -52, -68] },
  },
  {
    name: 'without-ribs',
    expected: 'found',
    top: { of: 'T12', mm: [-18, -32] },
    bottom: { of: 'S1', mm: [-30, -120] },
  },
  {
    name: 'without-anchors',
    expected: 'undetermined',
    top: { of: 'T12', mm: [-18, -32] },
    bottom: { of: 'L3', mm: [-20, -36, -52] },
  },
  {
    name: 'above-l3',
    expected: 'undetermined',
    top: { of: 'T12', mm: [180, 120] },
    bottom: { of: 'T12', mm: [10, -16] },
  },
];
/** Distance of neighbouring lumbar vertebrae where the case names too few of them, mm. */
const STEP_MM = 33;
/** A scan without its sacrum ends this far above S1's centre at least, mm. */
const ABOVE_S1_MM = 16;
/** A scan of less says nothing, mm. */
const LEAST_MM = 60;
/** How far a body's centre lies in a scan at least that shows it, mm. */
const HALF_BODY_MM = 12;

/**
 * Scans of the same person that end elsewhere: above the sacrum, below the last rib, both, or above L3.
 * Cuts that the scan's own ends make the same, or that leave an anchor that should be gone, are left out.
 *
 * @param series of the case; only axial ones can be cut
 */
export function cutsOf(truth: Case, series: Series): Cut[] {
  const { l3ZMm } = truth;
  if (series.plane !== 'axial' || l3ZMm === null) return [];
  const heights = series.slices.map(({ position }) => position[2]);
  const [lowest, highest] = [Math.min(...heights), Math.max(...heights)];
  const zOf = (name: LevelName) =>
    truth.levels.find((level) => level.name === name)?.zMm ??
    l3ZMm + STEP_MM * (LEVEL_NAMES.indexOf('L3') - LEVEL_NAMES.indexOf(name));
  const shows = (name: LevelName) =>
    zOf(name) - HALF_BODY_MM > lowest && zOf(name) + HALF_BODY_MM < highest;
  const placesOf = ({ of, mm }: Ends) =>
    mm.map((distance) => Math.min(highest, Math.max(lowest, zOf(of) + distance)));
  return KINDS.flatMap(({ name, expected, top, bottom }) => {
    if (name === 'without-sacrum' && !shows('T12')) return [];
    if (name === 'without-ribs' && !shows('S1')) return [];
    const tops = new Set(placesOf(top));
    const bottoms = new Set(placesOf(bottom));
    const cuts = [...tops].flatMap((topZMm) =>
      [...bottoms].map((bottomZMm) => ({ topZMm, bottomZMm })),
    );
    return cuts
      .filter(({ topZMm, bottomZMm }) => topZMm < highest || bottomZMm > lowest)
      .filter(({ topZMm, bottomZMm }) => topZMm - bottomZMm >= LEAST_MM)
      .filter(({ bottomZMm }) => bottom.of === 'S1' || bottomZMm > zOf('S1') + ABOVE_S1_MM)
      .map(({ topZMm, bottomZMm }, i) => ({
        truth: { ...truth, id: `${truth.id}~${name}-${i + 1}`, set: name, expected },
        topZMm,
        bottomZMm,
      }));
  });
}

/** The part of a series between two heights. */
export function cutSeries(series: Series, { topZMm, bottomZMm }: Cut): Series {
  const kept = series.slices.flatMap(({ position }, i) =>
    position[2] <= topZMm + 0.01 && position[2] >= bottomZMm - 0.01 ? [i] : [],
  );
  return {
    ...series,
    slices: kept.map((i) => series.slices[i]!),
    sourceIndex: kept.map((i) => series.sourceIndex[i]!),
  };
}
