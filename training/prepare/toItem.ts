import { columnOfY, rowOfZ } from '../../src/projection/maps';
import type { IntensityWindow, Projection } from '../../src/projection/types';
import type { Case } from './cases';
import type { TrainingItem } from './item';

export const GRID_MM = 2;
export const CHANNELS = ['max', 'mean'] as const;
export const WINDOWS: Readonly<Record<'CT' | 'MR', IntensityWindow>> = {
  CT: { kind: 'hu', low: -200, high: 800 },
  MR: { kind: 'percentile', low: 1, high: 99.5 },
};

/** How far beyond the last labelled body its level is still certain, rows. */
const CERTAIN_ROWS = 5;

/**
 * A projection (channels max and mean) with the case's levels as a training item.
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
  const levels = truth.levels.map(({ name, zMm, yMm: own }) => {
    const y = own ?? yMm[name];
    if (y === undefined)
      throw new Error(`${truth.id}: the place of ${name} front to back is unknown.`);
    return { name, row: rowOfZ(projection, zMm), column: columnOfY(projection, y) };
  });
  const first = levels[0];
  const last = levels[levels.length - 1];
  return {
    ...common(truth, projection, view, person),
    kind: 'labelled',
    levels,
    // Below S1 there is no further level.
    labelledRows: {
      from: first.row - CERTAIN_ROWS,
      to: last.name === 'S1' ? projection.height : last.row + CERTAIN_ROWS,
    },
  };
}

/** A projection in which L3 and everything below is certainly not in view. */
export function negativeItem(
  truth: Case,
  projection: Projection,
  view: string,
  person: string,
): TrainingItem {
  return {
    ...common(truth, projection, view, person),
    kind: 'no-l3',
    levels: [],
    labelledRows: null,
  };
}

function common(truth: Case, projection: Projection, view: string, person: string) {
  const { height, width, mmPerPixel, channels, data } = projection;
  if (mmPerPixel !== GRID_MM || channels[0] !== 'max' || channels[1] !== 'mean')
    throw new Error(`${truth.id}: the projection must be max and mean on a ${GRID_MM} mm grid.`);
  const plane = (index: number) =>
    Uint8Array.from(data.subarray(index * height * width, (index + 1) * height * width), (value) =>
      Math.round(255 * Math.min(1, Math.max(0, value))),
    );
  return {
    id: view === '' ? truth.id : `${truth.id}-${view}`,
    person,
    set: truth.set,
    modality: truth.modality,
    height,
    width,
    max: plane(0),
    mean: plane(1),
    lateral: null,
    lastRib: null,
  };
}
