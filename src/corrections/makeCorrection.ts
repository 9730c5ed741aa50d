import { LEVEL_NAMES, type LevelName } from '../levels/types';
import { columnOfY, rowOfZ } from '../projection/maps';
import type { IntensityWindow, Projection } from '../projection/types';
import type { Vec3 } from '../series/types';
import { croppedChannels, distanceMm, MARGIN_MM, UNKNOWN_SIZE } from './crop';
import type { Absence, Correction, CorrectionAction, CorrectionPlace, PersonKey } from './types';

/** A body whose centre is this near in height is the one that was meant: half the least spacing. */
const SAME_BODY_MM = 12;
/** An answer that was moved by less is confirmed. */
const CONFIRMED_MM = 1;
/** Neighbouring bodies' centres are no nearer and no further apart in height; else one was overlooked. */
const NEIGHBOURS_MM = { least: 15, most: 55 } as const;
const SIZE_RANGE = [0.4, 1.24] as const;

/** What was searched, by whom and with what answer. */
export interface SearchInput {
  /** The projection that was searched, as the finding carries it: channels max and mean, lateral where there is one. */
  readonly projection: Projection;
  readonly modality: 'CT' | 'MR';
  /** The window of that modality in the model's manifest. */
  readonly window: IntensityWindow;
  /** Other fields than these three are left behind. */
  readonly model: { readonly name: string; readonly version: string; readonly sha256: string };
  readonly person: PersonKey;
  readonly outcome: 'found' | 'undetermined';
  /** The finding's levels, LPS mm, head to foot. */
  readonly found: readonly {
    readonly name: LevelName;
    readonly pointLpsMm: Vec3;
    readonly probability: number;
  }[];
}

export interface CorrectionInput extends SearchInput {
  /**
   * Where the person says that the centre of L3's body is, LPS mm (not an endplate). Only where no
   * body was found at this height does its y (front to back) count.
   */
  readonly l3PointLpsMm: Vec3;
}

/**
 * Makes the de-identified item of a corrected or confirmed search. All other levels follow from
 * where the person says that L3 is: when that is another found body, every name moves with it.
 *
 * @throws Error saying what is missing, when the projection has no planes max and mean or L3 lies
 *   outside of it.
 */
export function makeCorrection(input: CorrectionInput): Correction {
  const { projection } = input;
  const { mmPerPixel } = projection;
  const l3 = placed(projection, 'L3', input.l3PointLpsMm);
  if (!(l3.row > -0.5 && l3.row < projection.height - 0.5)) {
    throw new Error('L3 was placed outside of the part of the body that was searched.');
  }
  const { action, levels } = finalLevels(foundIn(input), l3, mmPerPixel);
  const { top, bottom } = rowsToKeep(levels, projection);
  return assembled(input, action, levels, top, bottom);
}

/**
 * Makes the de-identified item of a search in which L3 is not in view, as a person says. Of the
 * picture only its end towards L3 is kept, as much as a small adult has from there to T9 or to S1: no
 * face is in it unless the scan is one of the head or neck, which must be left out before.
 *
 * @throws Error when the projection shows nothing, or has no planes max and mean
 */
export function makeAbsence(input: SearchInput & { readonly absence: Absence }): Correction {
  const { projection, absence } = input;
  const { inView, mmPerPixel } = projection;
  const [first, last] = [inView.indexOf(1), inView.lastIndexOf(1)];
  if (first < 0) throw new Error('The search saw nothing of the body.');
  const rows = (mm: number) => Math.floor((UNKNOWN_SIZE * mm) / mmPerPixel);
  const [top, bottom] =
    absence === 'ends-above-l3'
      ? [Math.max(first, last + 1 - rows(distanceMm('T9', 'L3') + MARGIN_MM.above)), last + 1]
      : [first, Math.min(last + 1, first + rows(distanceMm('L3', 'S1') + MARGIN_MM.below))];
  return assembled(input, absence, [], top, bottom);
}

const placed = (projection: Projection, name: LevelName, point: Vec3): CorrectionPlace => ({
  name,
  row: rowOfZ(projection, point[2]),
  column: columnOfY(projection, point[1]),
});

const foundIn = ({ projection, found }: SearchInput) =>
  found.map(({ name, pointLpsMm, probability }) => ({
    ...placed(projection, name, pointLpsMm),
    probability,
  }));

/** @param levels in rows of the whole projection, of which [top, bottom) are kept */
function assembled(
  input: SearchInput,
  action: CorrectionAction,
  levels: readonly CorrectionPlace[],
  top: number,
  bottom: number,
): Correction {
  const { projection, modality, window, model, person, outcome } = input;
  const moved = <Place extends CorrectionPlace>(place: Place): Place => ({
    ...place,
    row: place.row - top,
  });
  return {
    person,
    modality,
    mmPerPixel: projection.mmPerPixel,
    window: { kind: window.kind, low: window.low, high: window.high },
    ...croppedChannels(projection, top, bottom),
    model: { name: model.name, version: model.version, sha256: model.sha256 },
    found: { outcome, levels: foundIn(input).map(moved) },
    final: { action, levels: levels.map(moved) },
  };
}

/** The found bodies under the names that they have when L3 is where the person says. */
function finalLevels(
  found: readonly CorrectionPlace[],
  l3: CorrectionPlace,
  mmPerPixel: number,
): { action: CorrectionAction; levels: CorrectionPlace[] } {
  const off = (place: CorrectionPlace) => Math.abs(place.row - l3.row) * mmPerPixel;
  const meant = found.reduce<CorrectionPlace | null>(
    (best, place) => (off(place) < (best ? off(best) : SAME_BODY_MM) ? place : best),
    null,
  );
  if (!meant) return { action: 'placed', levels: [l3] };
  const step = LEVEL_NAMES.indexOf('L3') - LEVEL_NAMES.indexOf(meant.name);
  const renamed = found.map((place): CorrectionPlace | null => {
    const name = LEVEL_NAMES[LEVEL_NAMES.indexOf(place.name) + step];
    if (!name) return null;
    return { name, row: place === meant ? l3.row : place.row, column: place.column };
  });
  const action = step !== 0 ? 'renumbered' : off(meant) < CONFIRMED_MM ? 'confirmed' : 'moved';
  return {
    action,
    levels: runAroundL3(
      renamed.filter((place) => place !== null),
      mmPerPixel,
    ),
  };
}

/** Neighbours without a gap, by their names and by their distances. */
function runAroundL3(places: readonly CorrectionPlace[], mmPerPixel: number): CorrectionPlace[] {
  const at = (index: number) => places.find(({ name }) => name === LEVEL_NAMES[index]);
  const follows = (above: CorrectionPlace, below: CorrectionPlace) => {
    const apart = (below.row - above.row) * mmPerPixel;
    return apart >= NEIGHBOURS_MM.least && apart <= NEIGHBOURS_MM.most;
  };
  const l3 = LEVEL_NAMES.indexOf('L3');
  const run = [at(l3)!];
  for (let i = l3 - 1, next = at(i); next && follows(next, run[0]); next = at(--i)) {
    run.unshift(next);
  }
  for (let i = l3 + 1, next = at(i); next && follows(run[run.length - 1], next); next = at(++i)) {
    run.push(next);
  }
  return run;
}

/**
 * Rows from T9 to S1 with a margin, [top, bottom). A level that was not found is where it lies on
 * average in a body of this size, and no more is kept than the tallest body has, wherever levels
 * were found: the face is far above.
 */
function rowsToKeep(
  levels: readonly CorrectionPlace[],
  { height, mmPerPixel }: Projection,
): { top: number; bottom: number } {
  const [first, last] = [levels[0], levels[levels.length - 1]];
  const size =
    levels.length > 1
      ? ((last.row - first.row) * mmPerPixel) / distanceMm(first.name, last.name)
      : UNKNOWN_SIZE;
  const kept = Math.min(SIZE_RANGE[1], Math.max(SIZE_RANGE[0], size));
  const above = (name: LevelName, of: number) =>
    (of * (distanceMm('T9', name) + MARGIN_MM.above)) / mmPerPixel;
  const below = (name: LevelName, of: number) =>
    (of * (distanceMm(name, 'S1') + MARGIN_MM.below)) / mmPerPixel;
  const l3 = levels.find(({ name }) => name === 'L3')!.row;
  const largest = SIZE_RANGE[1];
  const top = Math.max(first.row - above(first.name, kept), l3 - above('L3', largest));
  const bottom = Math.min(last.row + below(last.name, kept), l3 + below('L3', largest));
  return {
    top: Math.max(0, Math.floor(top)),
    bottom: Math.min(height, Math.ceil(bottom) + 1),
  };
}
