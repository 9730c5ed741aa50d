import type { TrainingItem } from '../items/item';
import type { Random } from '../tools/random';

/** An affine map from crop pixels (row, column) to item pixels. */
export interface CropPlacement {
  /** in = centre + inverse * (out - middle of the crop), row-major 2 x 2. */
  readonly inverse: readonly [number, number, number, number];
  readonly forward: readonly [number, number, number, number];
  readonly centre: readonly [row: number, column: number];
}

/** Crops of synthetic spines that lie anywhere, a chest without any lumbar vertebra included. */
const ANYWHERE_SHARE = 0.2;

/**
 * Where a crop is taken: scale 0.85-1.18, aspect, rotation of 6 degrees sd, mostly round the lumbar spine; where there
 * is no spine, scale 0.7-1.4, rotation of 15 degrees sd, anywhere.
 */
export function placeCrop(item: TrainingItem, random: Random): CropPlacement {
  // What is no spine may be of any size and lie as it likes.
  const isOther = item.kind === 'no-spine';
  const [least, most] = isOther ? [0.7, 1.4] : [0.85, 1.18];
  const scale = Math.exp(random.uniform(Math.log(least), Math.log(most)));
  const aspect = random.uniform(0.93, 1.07);
  const angle = (random.normal(0, isOther ? 15 : 6) * Math.PI) / 180;
  let row: number;
  let column: number;
  if (item.levels.length === 0) {
    row = random.uniform(0, item.height);
    column = item.width * (isOther ? random.uniform(0.3, 0.7) : 0.55);
  } else if (item.kind === 'synthetic' && random.chance(ANYWHERE_SHARE)) {
    row = random.uniform(0, item.height);
    column = nearestLevel(item, row).column;
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

function nearestLevel({ levels }: TrainingItem, row: number) {
  return levels.reduce((best, level) =>
    Math.abs(level.row - row) < Math.abs(best.row - row) ? level : best,
  );
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
