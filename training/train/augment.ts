import { LEVEL_NAMES } from '../../src/levels/types';
import type { TrainingItem } from '../prepare/item';
import type { Random } from './random';

/** Input planes, in the order the network gets them. */
export const INPUT_CHANNELS = ['max', 'mean', 'mix'] as const;
export const OUTPUT_MAPS = LEVEL_NAMES.length + 1;
const BODY = LEVEL_NAMES.length;
const L3 = LEVEL_NAMES.indexOf('L3');
/** Output pixels are 2 input pixels wide: output i is centred on input 2 i + 0.5. */
export const STRIDE = 2;
/** Standard deviation of a level's heat, pixels of 2 mm. */
const HEAT_SIGMA = 4;
/** Bodies above the uppermost level that has a name are neither asked for nor denied. */
const ABOVE_NAMED_LEVELS = 8;
/** Weight of rows that show nothing: a level is not there to see, but may be near. */
const UNSEEN_WEIGHT = 0.3;

/** An affine map from crop pixels (row, column) to item pixels. */
export interface CropPlacement {
  /** in = centre + inverse * (out - middle of the crop), row-major 2 x 2. */
  readonly inverse: readonly [number, number, number, number];
  readonly forward: readonly [number, number, number, number];
  readonly centre: readonly [row: number, column: number];
}

/** One example of a batch; arrays are views the caller owns. */
export interface Example {
  /** height x width x 3 (max, mean, mix). */
  readonly input: Float32Array;
  /** height / 2 x width / 2 x maps, heat 0..1. */
  readonly target: Float32Array;
  /** Same shape: weight of each value in the loss, 0 where nobody knows. */
  readonly mask: Float32Array;
}

/** Where a crop is taken: scale 0.85-1.18, aspect, rotation of 6 degrees sd, round the lumbar spine. */
export function placeCrop(item: TrainingItem, random: Random): CropPlacement {
  const scale = Math.exp(random.uniform(Math.log(0.85), Math.log(1.18)));
  const aspect = random.uniform(0.93, 1.07);
  const angle = (random.normal(0, 6) * Math.PI) / 180;
  let row: number;
  let column: number;
  if (item.kind === 'no-l3' || item.levels.length === 0) {
    row = random.uniform(0, item.height);
    column = item.width * 0.55;
  } else {
    const l3 = item.levels.find(({ name }) => name === 'L3');
    const average = (of: 'row' | 'column') =>
      item.levels.reduce((sum, level) => sum + level[of], 0) / item.levels.length;
    const reach = item.modality === 'MR' && item.kind === 'labelled' ? 45 : 75;
    row = (l3 ? l3.row : average('row')) + random.uniform(-reach, reach);
    column = l3 ? l3.column : average('column');
  }
  column += random.normal(0, 8) - 4;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const forward = [cos * scale, -sin * scale * aspect, sin * scale, cos * scale * aspect] as const;
  const determinant = forward[0] * forward[3] - forward[1] * forward[2];
  const inverse = [
    forward[3] / determinant,
    -forward[1] / determinant,
    -forward[2] / determinant,
    forward[0] / determinant,
  ] as const;
  return { forward, inverse, centre: [row, column] };
}

/** Where a point of the item comes to lie in the crop, (row, column) in crop pixels. */
export function toCrop(
  placement: CropPlacement,
  height: number,
  width: number,
  row: number,
  column: number,
): [row: number, column: number] {
  const [a, b, c, d] = placement.forward;
  const [dr, dc] = [row - placement.centre[0], column - placement.centre[1]];
  return [a * dr + b * dc + height / 2 - 0.5, c * dr + d * dc + width / 2 - 0.5];
}

/** Makes one randomly changed example of an item, writing it into `example`. */
export function augment(
  item: TrainingItem,
  height: number,
  width: number,
  random: Random,
  example: Example,
): void {
  const placement = placeCrop(item, random);
  const planes = [
    sample(item, item.max, placement, height, width),
    sample(item, item.mean, placement, height, width),
  ] as [Float32Array, Float32Array];
  const seen = rowsSeen(planes[0], height, width);
  changeAppearance(planes, item, seen, height, width, random);
  hideParts(planes, seen, height, width, random);
  for (let i = 0; i < height * width; i++) {
    const max = clamp(planes[0][i]!);
    const mean = clamp(planes[1][i]!);
    example.input[3 * i] = max;
    example.input[3 * i + 1] = mean;
    example.input[3 * i + 2] = (max + mean) / 2;
  }
  drawTargets(item, placement, seen, height, width, example);
}

const clamp = (value: number): number => (value < 0 ? 0 : value > 1.5 ? 1.5 : value);

/** The crop of one plane, 0..1, bilinear; 0 outside the item. */
export function sample(
  item: Pick<TrainingItem, 'height' | 'width'>,
  plane: Uint8Array,
  { inverse, centre }: CropPlacement,
  height: number,
  width: number,
): Float32Array {
  const crop = new Float32Array(height * width);
  const at = (row: number, column: number) =>
    row < 0 || column < 0 || row >= item.height || column >= item.width
      ? 0
      : plane[row * item.width + column]!;
  for (let r = 0; r < height; r++) {
    const dr = r - (height / 2 - 0.5);
    for (let c = 0; c < width; c++) {
      const dc = c - (width / 2 - 0.5);
      const row = centre[0] + inverse[0] * dr + inverse[1] * dc;
      const column = centre[1] + inverse[2] * dr + inverse[3] * dc;
      const top = Math.floor(row);
      const left = Math.floor(column);
      if (top < -1 || left < -1 || top >= item.height || left >= item.width) continue;
      const v = row - top;
      const u = column - left;
      const above = at(top, left) * (1 - u) + at(top, left + 1) * u;
      const below = at(top + 1, left) * (1 - u) + at(top + 1, left + 1) * u;
      crop[r * width + c] = (above * (1 - v) + below * v) / 255;
    }
  }
  return crop;
}

/** 1 for rows of the crop that show anything at all. */
function rowsSeen(plane: Float32Array, height: number, width: number): Uint8Array {
  const seen = new Uint8Array(height);
  for (let r = 0; r < height; r++) {
    for (let c = 0; c < width && !seen[r]; c++) if (plane[r * width + c]! > 0) seen[r] = 1;
  }
  return seen;
}

/** Gamma, inversion (MR), brightness, max or mean alone, blur, noise. */
function changeAppearance(
  planes: [Float32Array, Float32Array],
  item: TrainingItem,
  seen: Uint8Array,
  height: number,
  width: number,
  random: Random,
): void {
  const gamma = Math.exp(random.normal(0, 0.3));
  const invert = random.chance(0.15) && item.modality === 'MR';
  const gain = random.uniform(0.7, 1.25);
  const offset = random.normal(0, 0.04);
  for (const plane of planes) {
    for (let i = 0; i < plane.length; i++) {
      if (plane[i]! <= 0) continue;
      const bright = plane[i]! ** gamma;
      plane[i] = (invert ? 1 - bright : bright) * gain + offset;
    }
  }
  const alone = random.next();
  if (alone < 0.15) planes[1].set(planes[0]);
  else if (alone < 0.3) planes[0].set(planes[1]);
  if (random.chance(0.3)) for (const plane of planes) blur(plane, height, width);
  const noise = Math.abs(random.normal(0, 0.025));
  for (let r = 0; r < height; r++) {
    if (!seen[r]) continue;
    for (let i = r * width; i < (r + 1) * width; i++) {
      const change = random.normal(0, noise);
      planes[0][i]! += change;
      planes[1][i]! += change;
    }
  }
}

/** 60 % of the mean over 3 x 3 pixels (0 outside) and 40 % of the pixel itself. */
function blur(plane: Float32Array, height: number, width: number): void {
  const source = plane.slice();
  for (let r = 0; r < height; r++) {
    for (let c = 0; c < width; c++) {
      let sum = 0;
      for (let y = Math.max(0, r - 1); y <= Math.min(height - 1, r + 1); y++) {
        for (let x = Math.max(0, c - 1); x <= Math.min(width - 1, c + 1); x++) {
          sum += source[y * width + x]!;
        }
      }
      const i = r * width + c;
      plane[i] = 0.6 * (sum / 9) + 0.4 * source[i]!;
    }
  }
}

/** Black bands as a shorter field of view gives, and boxes as metal or a marker gives. */
function hideParts(
  planes: [Float32Array, Float32Array],
  seen: Uint8Array,
  height: number,
  width: number,
  random: Random,
): void {
  const fill = (top: number, bottom: number, left: number, right: number, value: number) => {
    for (const plane of planes) {
      for (let r = top; r < Math.min(bottom, height); r++) {
        plane.fill(value, r * width + left, r * width + Math.min(right, width));
      }
    }
  };
  if (random.chance(0.35)) {
    const top = height - Math.floor(random.uniform(0, 0.45) * height);
    fill(top, height, 0, width, 0);
    seen.fill(0, top);
  }
  if (random.chance(0.35)) {
    const bottom = Math.floor(random.uniform(0, 0.45) * height);
    fill(0, bottom, 0, width, 0);
    seen.fill(0, 0, bottom);
  }
  if (random.chance(0.15)) fill(0, height, 0, Math.floor(random.uniform(0, 0.25) * width), 0);
  if (random.chance(0.2)) {
    for (let box = 1 + random.below(3); box > 0; box--) {
      const [r, c] = [random.below(height), random.below(width)];
      const [h, w] = [4 + random.below(22), 4 + random.below(22)];
      fill(r, r + h, c, c + w, random.chance(0.5) ? 1 : 0);
    }
  }
}

/** Heat of the levels, and what is known where. */
function drawTargets(
  item: TrainingItem,
  placement: CropPlacement,
  seen: Uint8Array,
  height: number,
  width: number,
  { target, mask }: Example,
): void {
  const [rows, columns] = [height / STRIDE, width / STRIDE];
  target.fill(0);
  const listed = new Set<number>();
  for (const { name, row, column } of item.levels) {
    const level = LEVEL_NAMES.indexOf(name);
    listed.add(level);
    const [r0, c0] = toCrop(placement, height, width, row, column);
    const across = Float32Array.from({ length: columns }, (_, c) => heat(STRIDE * c + 0.5 - c0));
    for (let r = 0; r < rows; r++) {
      const down = heat(STRIDE * r + 0.5 - r0);
      if (down < 1e-5 || !seen[STRIDE * r]) continue;
      for (let c = 0; c < columns; c++) {
        const at = (r * columns + c) * OUTPUT_MAPS;
        const value = down * across[c]!;
        target[at + level] = value;
        if (value > target[at + BODY]!) target[at + BODY] = value;
      }
    }
  }
  const uppermost = item.levels.find(({ name }) => name === LEVEL_NAMES[0]);
  const { inverse, centre } = placement;
  for (let r = 0; r < rows; r++) {
    const dr = STRIDE * r + 0.5 - (height / 2 - 0.5);
    const weight = seen[STRIDE * r] ? 1 : UNSEEN_WEIGHT;
    for (let c = 0; c < columns; c++) {
      const dc = STRIDE * c + 0.5 - (width / 2 - 0.5);
      const itemRow = centre[0] + inverse[0] * dr + inverse[1] * dc;
      const at = (r * columns + c) * OUTPUT_MAPS;
      const complete =
        item.labelledRows === null ||
        (itemRow >= item.labelledRows.from && itemRow <= item.labelledRows.to);
      for (let map = 0; map < OUTPUT_MAPS; map++) {
        const known =
          listed.has(map) || (item.kind === 'no-l3' ? map >= L3 && map !== BODY : complete);
        mask[at + map] = known ? weight : 0;
      }
      if (uppermost && itemRow < uppermost.row - ABOVE_NAMED_LEVELS) mask[at + BODY] = 0;
    }
  }
}

const heat = (distance: number): number => Math.exp(-(distance ** 2) / (2 * HEAT_SIGMA ** 2));
