import { decodeLevels } from '../../src/levels/decodeLevels';
import { UNCALIBRATED } from '../../src/levels/decision';
import { LEVEL_NAMES } from '../../src/levels/types';
import { OUTPUT_MAPS, STRIDE } from '../network/maps';
import type { Batch } from '../batches/batch';

/** L3 is found where the highest response of its map lies no farther away, mm. */
const REACH_MM = 15;
const MM_PER_OUTPUT_PIXEL = 4;
const MM_PER_PIXEL = MM_PER_OUTPUT_PIXEL / STRIDE;
const L3 = LEVEL_NAMES.indexOf('L3');

/** What the averaged weights made of the validation crops after a step. */
export interface ValidationPoint {
  readonly step: number;
  readonly loss: number;
  /** Share of the crops with L3 in view in which the highest response of its map was on it; null without such crops. */
  readonly found: number | null;
  /** What the viewer's decoding would have answered; missing in runs of before. */
  readonly answers?: Answers;
}

/** Crops by what came of them, with the decoder's starting values. */
export interface Answers {
  /** L3 was named within 15 mm. */
  readonly right: number;
  /** Another place was named, or one where L3 is not in view. */
  readonly wrong: number;
  /** Nothing was named. */
  readonly abstained: number;
  /** Median error of the right ones, mm. */
  readonly medianMm: number | null;
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

/**
 * Decodes crops as the viewer decodes projections. Crops of which nobody knows whether L3 is in view are left out.
 *
 * @param maps what the exported network would answer: batch x height / 2 x width / 2 x maps, 0..1
 */
export function answersTo(
  batch: Batch,
  maps: Float32Array,
  size: { readonly height: number; readonly width: number },
): { right: number; wrong: number; abstained: number; errorsMm: number[] } {
  const [height, width] = [size.height / STRIDE, size.width / STRIDE];
  const pixels = height * width;
  const counted = { right: 0, wrong: 0, abstained: 0, errorsMm: [] as number[] };
  batch.items.forEach((_, index) => {
    const known = index * OUTPUT_MAPS + L3;
    if (batch.inViewMask[known] !== 1) return;
    const planar = new Float32Array(OUTPUT_MAPS * pixels);
    for (let i = 0; i < pixels; i++) {
      for (let map = 0; map < OUTPUT_MAPS; map++) {
        planar[map * pixels + i] = maps[(index * pixels + i) * OUTPUT_MAPS + map]!;
      }
    }
    const evidence = { levels: LEVEL_NAMES, maps: planar, lastRib: true, height, width };
    const { conclusion, l3 } = decodeLevels({ ...evidence, stride: STRIDE }, UNCALIBRATED);
    const truth = batch.inView[known] === 1 ? truthRow(batch, index, pixels, width) : null;
    if (!conclusion.found || !l3) counted.abstained += 1;
    else {
      const errorMm = truth === null ? Infinity : MM_PER_PIXEL * Math.abs(l3.row - truth);
      if (errorMm > REACH_MM) counted.wrong += 1;
      else {
        counted.right += 1;
        counted.errorsMm.push(errorMm);
      }
    }
  });
  return counted;
}

/** The answers to several batches together. */
export function summed(counted: readonly ReturnType<typeof answersTo>[]): Answers {
  const total = (of: 'right' | 'wrong' | 'abstained') =>
    counted.reduce((sum, each) => sum + each[of], 0);
  const errors = counted.flatMap(({ errorsMm }) => errorsMm).sort((one, other) => one - other);
  return {
    ...{ right: total('right'), wrong: total('wrong'), abstained: total('abstained') },
    medianMm: errors[errors.length >> 1] ?? null,
  };
}

/** The centre of L3's heat, row of the crop. */
function truthRow({ target }: Batch, index: number, pixels: number, width: number): number {
  let [sum, weight] = [0, 0];
  for (let i = 0; i < pixels; i++) {
    const heat = target[(index * pixels + i) * OUTPUT_MAPS + L3]!;
    sum += heat * Math.floor(i / width);
    weight += heat;
  }
  return (STRIDE * sum) / weight + (STRIDE - 1) / 2;
}
