import { LEVEL_NAMES } from '../../src/levels/types';
import { OUTPUT_MAPS, STRIDE } from '../network/maps';
import type { Batch } from '../batches/batch';

/** L3 is found where the highest response of its map lies no farther away, mm. */
const REACH_MM = 15;
const MM_PER_OUTPUT_PIXEL = 4;
const L3 = LEVEL_NAMES.indexOf('L3');

/** What the averaged weights made of the validation crops after a step. */
export interface ValidationPoint {
  readonly step: number;
  readonly loss: number;
  /** Share of the crops with L3 in view in which the highest response of its map was on it; null without such crops. */
  readonly found: number | null;
}

/** The point with the lowest loss, the first of them. */
export const bestOf = (points: readonly ValidationPoint[]): ValidationPoint | null =>
  points.reduce<ValidationPoint | null>(
    (best, point) => (best === null || point.loss < best.loss ? point : best),
    null,
  );

/** Whether `patience` validations in a row brought nothing better; 0: never. */
export function isOver(points: readonly ValidationPoint[], patience: number): boolean {
  const best = bestOf(points);
  return patience > 0 && best !== null && points.length - 1 - points.indexOf(best) >= patience;
}

/** Where L3 is in one crop and where the network's map of it is highest; rows of the output grid. */
export interface JudgedCrop {
  readonly batch: Batch;
  /** Which of the batch. */
  readonly index: number;
  readonly truthRow: number;
  readonly answerRow: number;
  readonly response: number;
  readonly errorMm: number;
}

/**
 * Judges the crops that certainly show L3.
 *
 * @param maps batch x height / 2 x width / 2 x maps, 0..1
 */
export function placeErrors(
  batch: Batch,
  maps: Float32Array,
  { height, width }: { readonly height: number; readonly width: number },
): JudgedCrop[] {
  const columns = width / STRIDE;
  const pixels = (height / STRIDE) * columns;
  const highest = (values: Float32Array, index: number) => {
    let [best, row] = [-Infinity, 0];
    for (let i = 0; i < pixels; i++) {
      const value = values[(index * pixels + i) * OUTPUT_MAPS + L3]!;
      if (value > best) [best, row] = [value, Math.floor(i / columns)];
    }
    return { value: best, row };
  };
  return batch.items.flatMap((_, index): JudgedCrop[] => {
    const at = index * OUTPUT_MAPS + L3;
    if (batch.inView[at] !== 1 || batch.inViewMask[at] !== 1) return [];
    const truthRow = highest(batch.target, index).row;
    const { row: answerRow, value: response } = highest(maps, index);
    const errorMm = MM_PER_OUTPUT_PIXEL * Math.abs(answerRow - truthRow);
    return [{ batch, index, truthRow, answerRow, response, errorMm }];
  });
}

export const shareFound = (crops: readonly JudgedCrop[]): number | null =>
  crops.length === 0
    ? null
    : crops.filter(({ errorMm }) => errorMm <= REACH_MM).length / crops.length;
