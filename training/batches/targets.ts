import { UNCALIBRATED } from '../../src/levels/decision';
import { LEVEL_NAMES, type LevelName } from '../../src/levels/types';
import { BODY_MAP, LAST_RIB_MAP, OUTPUT_MAPS, STRIDE } from '../network/maps';
import { isNegative, type TrainingItem } from '../items/item';
import { GRID_MM } from '../items/toItem';
import { toCrop, type CropPlacement } from './crop';
import { nameBodies, type NamedBody } from '../items/numbering';

const L3 = LEVEL_NAMES.indexOf('L3');
/** Standard deviation of a level's heat, pixels of 2 mm. */
export const HEAT_SIGMA = UNCALIBRATED.heatMm / GRID_MM;
/** Bodies above the uppermost level that has a name are neither asked for nor denied. */
const ABOVE_NAMED_LEVELS = 8;
/** A body is in view when its centre is no farther than this beyond the rows that are seen, pixels of 2 mm: half of it shows. */
const HALF_BODY = 6;
/** Weight of rows that show nothing: a level is not there to see, but may be near. */
const UNSEEN_WEIGHT = 0.3;

/** What a network is to answer; arrays are views the caller owns. */
export interface Targets {
  /** height / 2 x width / 2 x maps, heat 0..1. */
  readonly target: Float32Array;
  /** Same shape: weight of each value in the loss, 0 where nobody knows. */
  readonly mask: Float32Array;
  /** One a map: 1 where its centre lies in the visible crop. */
  readonly inView: Float32Array;
  /** One a map: 0 where nobody knows that. */
  readonly inViewMask: Float32Array;
}

/** What of it is taught. */
export interface TargetOptions {
  /** Teach these levels and the body alone; null: everything. */
  readonly levelsOnly: readonly LevelName[] | null;
  /** Weight of the last rib's map in the loss, that of any other map being 1. */
  readonly lastRibWeight: number;
}

/** What is left to see of an item in a crop. */
export interface Shown {
  readonly placement: CropPlacement;
  readonly height: number;
  readonly width: number;
  /** 1 for rows of the crop that show anything at all. */
  readonly rows: Uint8Array;
  /** Whether the lateral band is shown. */
  readonly lateral: boolean;
}

/**
 * Draws the heat of the levels, of any body and of the body that bears the last rib, and what is known
 * where.
 *
 * @param teach which levels to teach beside the body (null: everything), and the weight of the last rib's map
 */
export function drawTargets(
  item: TrainingItem,
  shown: Shown,
  { levelsOnly, lastRibWeight }: TargetOptions,
  targets: Targets,
): void {
  const { target, mask, inView, inViewMask } = targets;
  target.fill(0);
  inView.fill(0);
  const visible = (point: { row: number; column: number }) => isVisible(shown, point);
  const sacrum = item.levels.find(({ name }) => name === 'S1');
  const rib = shown.lateral ? item.lastRib : null;
  const { bodies, unknown } = nameBodies(item, {
    sacrum: sacrum !== undefined && visible(sacrum),
    lastRib: rib !== null && visible(rib),
  });
  const listed = new Set<number>();
  const draw = (body: NamedBody, map: number) => {
    drawHeat(shown, body, map, target);
    if (visible(body)) inView[map] = 1;
  };
  for (const body of bodies) {
    draw(body, BODY_MAP);
    if (body.map === null) continue;
    listed.add(body.map);
    draw(body, body.map);
  }
  if (rib) draw({ ...rib, map: LAST_RIB_MAP }, LAST_RIB_MAP);
  const ribIsKnown = !shown.lateral || rib !== null || item.kind === 'no-spine';
  const uppermost = item.levels.find(({ name }) => name === LEVEL_NAMES[0]);
  const taught = Array.from(
    { length: OUTPUT_MAPS },
    (_, map) =>
      !unknown.has(map) &&
      (levelsOnly === null || map === BODY_MAP || levelsOnly.includes(LEVEL_NAMES[map]!)),
  );
  const hasNoSpine = item.kind === 'no-spine';
  const isAbsent = (level: number) =>
    hasNoSpine || (item.kind === 'no-l3' ? level >= L3 : level <= L3);
  inViewMask.fill(1);
  forEachPixel(shown, (at, itemRow, seen) => {
    const weight = seen ? 1 : UNSEEN_WEIGHT;
    const complete =
      item.labelledRows === null ||
      (itemRow >= item.labelledRows.from && itemRow <= item.labelledRows.to);
    const above = uppermost !== undefined && itemRow < uppermost.row - ABOVE_NAMED_LEVELS;
    for (let map = 0; map < OUTPUT_MAPS; map++) {
      let known = taught[map]!;
      if (map === LAST_RIB_MAP) known &&= ribIsKnown;
      else if (map === BODY_MAP) known &&= hasNoSpine || (complete && !isNegative(item) && !above);
      else if (!listed.has(map)) known &&= isNegative(item) ? isAbsent(map) : complete;
      mask[at + map] = known ? weight * (map === LAST_RIB_MAP ? lastRibWeight : 1) : 0;
      if (!known && seen) inViewMask[map] = 0;
    }
  });
}

/** Calls back for every output pixel: where its values begin, the item's row, whether it is seen. */
function forEachPixel(
  { placement: { inverse, centre }, height, width, rows }: Shown,
  visit: (at: number, itemRow: number, seen: boolean) => void,
): void {
  let at = 0;
  for (let r = 0; r < height / STRIDE; r++) {
    const dr = STRIDE * r + 0.5 - (height / 2 - 0.5);
    const seen = rows[STRIDE * r] === 1;
    for (let c = 0; c < width / STRIDE; c++) {
      const dc = STRIDE * c + 0.5 - (width / 2 - 0.5);
      visit(at, centre[0] + inverse[0] * dr + inverse[1] * dc, seen);
      at += OUTPUT_MAPS;
    }
  }
}

function isVisible(
  { placement, height, width, rows }: Shown,
  { row, column }: { row: number; column: number },
): boolean {
  const [r, c] = toCrop(placement, height, width, row, column).map(Math.round) as [number, number];
  if (c < 0 || c >= width) return false;
  return rows.subarray(Math.max(0, r - HALF_BODY), Math.max(0, r + HALF_BODY + 1)).includes(1);
}

/** Adds a spot of heat to one map, the higher value where spots overlap; nothing in rows that show nothing. */
function drawHeat(
  { placement, height, width, rows }: Shown,
  { row, column }: NamedBody,
  map: number,
  target: Float32Array,
): void {
  const columns = width / STRIDE;
  const [r0, c0] = toCrop(placement, height, width, row, column);
  const across = Float32Array.from({ length: columns }, (_, c) => heat(STRIDE * c + 0.5 - c0));
  for (let r = 0; r < height / STRIDE; r++) {
    const down = heat(STRIDE * r + 0.5 - r0);
    if (down < 1e-5 || !rows[STRIDE * r]) continue;
    for (let c = 0; c < columns; c++) {
      const at = (r * columns + c) * OUTPUT_MAPS + map;
      target[at] = Math.max(target[at]!, down * across[c]!);
    }
  }
}

const heat = (distance: number): number => Math.exp(-(distance ** 2) / (2 * HEAT_SIGMA ** 2));
