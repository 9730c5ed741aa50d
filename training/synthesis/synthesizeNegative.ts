import type { TrainingItem } from '../items/item';
import { Random } from '../tools/random';
import {
  chest,
  head,
  joint,
  longBones,
  neck,
  phantom,
  softParts,
  Stage,
  type Draw,
  type Painter,
} from './bodyParts';
import { GRID_MM } from './brush';
import { gaussianBlur, newRaster, smoothNoise, type Raster } from './raster';
import { CANVAS, toBytes, toWindow } from './synthesizeItem';
import { contrastTissues, ctTissues, type Tissues } from './tissues';

/** What is painted, and how often of 100. Joints most: they are what was taken for a spine. */
const PARTS: readonly (readonly [name: string, weight: number, part: (draw: Draw) => Painter])[] = [
  ['joint', 34, joint],
  ['long-bone', 12, longBones],
  ['neck', 14, neck],
  ['head', 12, head],
  ['chest', 10, chest],
  ['soft', 8, softParts],
  ['phantom', 10, phantom],
];
const CT_SHARE = 0.4;
/** Streams beyond those of the spines and of what `calibrate` draws. */
const STREAM = 1 << 26;
const SCALE = { least: 0.7, most: 1.4 } as const;
const TURN_SD = 0.25;
const SINGLE_SLICE_SHARE = 0.35;
const LATERAL_SHARE = 0.6;

/**
 * Paints one projection without a lumbar spine: every map is known and empty. Its set is `painted`; the
 * result depends on `seed` and `index` only.
 */
export function synthesizeNegative(seed: number, index: number): TrainingItem {
  const random = Random.ofStream(seed, STREAM + index);
  const [name, part] = drawPart(random);
  const isCt = random.chance(CT_SHARE);
  const tissues = isCt ? ctTissues(random) : contrastTissues(random);
  const painter = part({ random, tissues });
  const place = drawPlace(random);
  const isSingle = random.chance(SINGLE_SLICE_SHARE);
  const depths = isSingle ? [0] : [-1, 0, 1].map((side) => side * random.uniform(2, 9));
  const projected = project(random, painter, place, tissues, depths);
  const lateral =
    isCt && !isSingle && random.chance(LATERAL_SHARE)
      ? project(random, part({ random, tissues }), place, tissues, [0, 12]).max
      : null;
  const planes = toWindow(random, { ...projected, lateral }, tissues);
  hideEnds(random, [planes.max, planes.mean, ...(planes.lateral ? [planes.lateral] : [])]);
  const id = `${name}-${seed}-${String(index).padStart(5, '0')}`;
  return {
    ...{ id, person: id, set: 'painted', modality: tissues.modality, kind: 'no-spine' },
    ...CANVAS,
    ...{ max: toBytes(planes.max), mean: toBytes(planes.mean) },
    lateral: planes.lateral && toBytes(planes.lateral),
    ...{ levels: [], labelledRows: null, lastRib: null },
  };
}

function drawPart(random: Random): readonly [string, (draw: Draw) => Painter] {
  let rest = random.uniform(0, 100);
  for (const [name, weight, part] of PARTS) {
    rest -= weight;
    if (rest < 0) return [name, part];
  }
  return ['joint', joint];
}

interface Place {
  readonly middle: { readonly y: number; readonly z: number };
  readonly scale: number;
  readonly turn: number;
}

function drawPlace(random: Random): Place {
  const { height, width } = CANVAS;
  const upsideDown = random.chance(0.15) ? Math.PI : 0;
  return {
    middle: {
      y: GRID_MM * width * random.uniform(0.35, 0.65),
      z: GRID_MM * height * random.uniform(0.35, 0.65),
    },
    scale: Math.exp(random.uniform(Math.log(SCALE.least), Math.log(SCALE.most))),
    turn: upsideDown + random.normal(0, TURN_SD),
  };
}

/** Maximum and mean of slices at some depths, in the tissues' unit. */
function project(
  random: Random,
  painter: Painter,
  { middle, scale, turn }: Place,
  tissues: Tissues,
  depths: readonly number[],
): { max: Raster; mean: Raster } {
  const { height, width } = CANVAS;
  const max = newRaster(height, width, -Infinity);
  const mean = newRaster(height, width);
  const texture = smoothNoise(random, height, width, random.uniform(0.8, 2.5));
  const gain = tissues.modality === 'CT' ? random.uniform(5, 30) : random.uniform(0.01, 0.06);
  const [thick, blur] = [random.uniform(0.2, 1), random.uniform(0.2, 0.6)];
  for (const depth of depths) {
    const plane = newRaster(height, width, tissues.air);
    painter(new Stage(plane, middle, scale, turn), depth);
    const soft = gaussianBlur(plane, thick, blur);
    for (let i = 0; i < soft.data.length; i++) {
      const grain = soft.data[i]! <= tissues.air ? 0 : gain * texture.data[i]!;
      const value = soft.data[i]! + grain + random.normal(0, tissues.noise);
      max.data[i] = Math.max(max.data[i]!, value);
      mean.data[i]! += value / depths.length;
    }
  }
  return { max, mean };
}

/** The field of view ends anywhere: black from there on. */
function hideEnds(random: Random, planes: readonly Raster[]): void {
  const { height, width } = CANVAS;
  const cut = (length: number) =>
    random.chance(0.5) ? Math.floor(random.uniform(0, 0.3) * length) : 0;
  const [top, bottom] = [cut(height), height - cut(height)];
  const [front, back] = [cut(width), width - cut(width)];
  for (const { data } of planes) {
    for (let r = 0; r < height; r++) {
      if (r < top || r >= bottom) data.fill(0, r * width, (r + 1) * width);
      else {
        data.fill(0, r * width, r * width + front);
        data.fill(0, r * width + back, (r + 1) * width);
      }
    }
  }
}
