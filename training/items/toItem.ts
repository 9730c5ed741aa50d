import { columnOfY, rowOfZ } from '../../src/projection/maps';
import type { IntensityWindow, Projection } from '../../src/projection/types';
import type { Case, TrueLevel } from './cases';
import type { TrainingItem } from './item';

export const GRID_MM = 2;
export const CHANNELS = ['max', 'mean', 'lateral'] as const;
export const WINDOWS: Readonly<Record<'CT' | 'MR', IntensityWindow>> = {
  CT: { kind: 'hu', low: -200, high: 800 },
  MR: { kind: 'percentile', low: 1, high: 99.5 },
};

/** How far beyond the last labelled body its level is still certain, rows. */
export const CERTAIN_ROWS = 5;

/**
 * A projection (channels max, mean, lateral) with the case's levels as a training item.
 *
 * @param yMm LPS y per level where the case does not give it.
 * @throws Error when a level's place front to back is not known.
 */
export function labelledItem(
  truth: Case,
  projection: Projection,
  view: string,
  person: string,
  yMm: Readonly<Record<string, number>>,
): TrainingItem {
  const placeOf = ({ name, zMm, yMm: own }: TrueLevel) => {
    const y = own ?? yMm[name];
    if (y === undefined)
      throw new Error(`${truth.id}: the place of ${name} front to back is unknown.`);
    return { name, row: rowOfZ(projection, zMm), column: columnOfY(projection, y) };
  };
  const levels = truth.levels.map(placeOf);
  const first = levels[0];
  const last = levels[levels.length - 1];
  const made = common(truth, projection, view, person);
  return {
    ...made,
    kind: 'labelled',
    levels,
    lastRib: made.lateral && truth.lastRib ? rowAndColumn(placeOf(truth.lastRib)) : null,
    // Below S1 there is no further level.
    labelledRows: {
      from: first.row - CERTAIN_ROWS,
      to: last.name === 'S1' ? projection.height : last.row + CERTAIN_ROWS,
    },
  };
}

/** A projection in which L3 and everything below is certainly not in view, or no lumbar spine at all. */
export function negativeItem(
  truth: Case,
  projection: Projection,
  view: string,
  person: string,
): TrainingItem {
  return {
    ...common(truth, projection, view, person),
    kind: truth.withoutSpine ? 'no-spine' : 'no-l3',
    levels: [],
    labelledRows: null,
  };
}

const rowAndColumn = ({ row, column }: { row: number; column: number }) => ({ row, column });

function common(truth: Case, projection: Projection, view: string, person: string) {
  const { height, width, mmPerPixel, channels, data } = projection;
  if (mmPerPixel !== GRID_MM || CHANNELS.some((name, i) => channels[i] !== name))
    throw new Error(
      `${truth.id}: the projection must be ${CHANNELS.join(', ')} on a ${GRID_MM} mm grid.`,
    );
  const plane = (index: number) =>
    Uint8Array.from(data.subarray(index * height * width, (index + 1) * height * width), (value) =>
      Math.round(255 * Math.min(1, Math.max(0, value))),
    );
  const lateral = plane(2);
  return {
    id: view === '' ? truth.id : `${truth.id}-${view}`,
    person,
    set: truth.set,
    modality: truth.modality,
    height,
    width,
    max: plane(0),
    mean: plane(1),
    lateral: lateral.some((value) => value > 0) ? lateral : null,
    lastRib: null,
  };
}
