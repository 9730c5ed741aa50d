import type { ChannelName } from '../../src/projection/types';
import type { TrainingItem } from '../items/item';
import { placeCrop, sample, toCrop } from './crop';
import type { Random } from '../tools/random';
import { drawTargets, type TargetOptions, type Targets } from './targets';

/** The network must do without the lateral band: single slices and MR have none. */
const LATERAL_DROPPED = 0.25;
/** How often the crop's end is black, at the head and at the foot each. */
const CUT = 0.35;
/** The same where there is a lateral band, so that often only the sacrum or only the ribs are shown. */
const CUT_WITH_LATERAL = 0.5;
/** How many of these cuts go through what is counted from: the last rib's body, the top of the sacrum. */
const CUT_AT_ANCHOR = 0.4;
/** How far such a cut lies beside the anchor's centre at most, pixels of 2 mm. */
const NEAR_ANCHOR = 12;
/** What a cut leaves of the crop at least. */
const LEAST_LEFT = 0.45;

/** One example of a batch; arrays are views the caller owns. */
export interface Example extends Targets {
  /** height x width x channels. */
  readonly input: Float32Array;
}

export interface AugmentOptions extends TargetOptions {
  readonly height: number;
  readonly width: number;
  readonly channels: readonly ChannelName[];
}

/** The planes of a crop, 0..1, height x width each. */
interface Channels {
  readonly max: Float32Array;
  readonly mean: Float32Array;
  /** Null where there is none, or it was dropped. */
  readonly lateral: Float32Array | null;
}

/** Makes one randomly changed example of an item, writing it into `example`. */
export function augment(
  item: TrainingItem,
  { height, width, channels, levelsOnly, lastRibWeight }: AugmentOptions,
  random: Random,
  example: Example,
): void {
  const placement = placeCrop(item, random);
  const crop = (plane: Uint8Array) => sample(item, plane, placement, height, width);
  // Drawn whether or not the band is used, so that runs with and without it see the same crops.
  const keepLateral = item.lateral !== null && !random.chance(LATERAL_DROPPED);
  const lateral = keepLateral && channels.includes('lateral') ? crop(item.lateral!) : null;
  const planes: Channels = { max: crop(item.max), mean: crop(item.mean), lateral };
  const rows = rowsSeen(planes.max, height, width);
  changeAppearance(planes, item, rows, width, random);
  const cropRow = (point: { row: number; column: number } | null | undefined) =>
    point ? toCrop(placement, height, width, point.row, point.column)[0] : null;
  const s1 = item.levels.find(({ name }) => name === 'S1');
  const anchors = { lastRib: cropRow(item.lastRib), sacrum: cropRow(s1) };
  const cut = item.lateral ? CUT_WITH_LATERAL : CUT;
  hideParts(planes, rows, { height, width, cut, anchors }, random);
  writeInput(planes, channels, example.input);
  const shown = { placement, height, width, rows, lateral: lateral !== null };
  drawTargets(item, shown, { levelsOnly, lastRibWeight }, example);
}

function writeInput(planes: Channels, channels: readonly ChannelName[], input: Float32Array): void {
  const { max, mean, lateral } = planes;
  channels.forEach((channel, k) => {
    for (let i = 0, at = k; i < max.length; i++, at += channels.length) {
      if (channel === 'mix') input[at] = (clamp(max[i]!) + clamp(mean[i]!)) / 2;
      else if (channel === 'lateral') input[at] = lateral ? clamp(lateral[i]!) : 0;
      else input[at] = clamp(planes[channel][i]!);
    }
  });
}

const clamp = (value: number): number => (value < 0 ? 0 : value > 1.5 ? 1.5 : value);

const shownPlanes = ({ max, mean, lateral }: Channels): Float32Array[] =>
  lateral ? [max, mean, lateral] : [max, mean];

/** 1 for rows of the crop that show anything at all. */
function rowsSeen(plane: Float32Array, height: number, width: number): Uint8Array {
  const seen = new Uint8Array(height);
  for (let r = 0; r < height; r++) {
    for (let c = 0; c < width && !seen[r]; c++) if (plane[r * width + c]! > 0) seen[r] = 1;
  }
  return seen;
}

/** Gamma, inversion (MR), brightness, max or mean alone, blur, noise; a little else in the lateral band. */
function changeAppearance(
  planes: Channels,
  item: TrainingItem,
  rows: Uint8Array,
  width: number,
  random: Random,
): void {
  const { max, mean, lateral } = planes;
  const gamma = Math.exp(random.normal(0, 0.3));
  const invert = random.chance(0.15) && item.modality === 'MR';
  const gain = random.uniform(0.7, 1.25);
  const offset = random.normal(0, 0.04);
  const ownGamma = Math.exp(random.normal(0, 0.15));
  const ownGain = random.uniform(0.85, 1.15);
  const brighten = (plane: Float32Array, exponent: number, factor: number) => {
    for (let i = 0; i < plane.length; i++) {
      if (plane[i]! <= 0) continue;
      const bright = plane[i]! ** exponent;
      plane[i] = (invert ? 1 - bright : bright) * factor + offset;
    }
  };
  brighten(max, gamma, gain);
  brighten(mean, gamma, gain);
  if (lateral) brighten(lateral, gamma * ownGamma, gain * ownGain);
  const alone = random.next();
  if (alone < 0.15) mean.set(max);
  else if (alone < 0.3) max.set(mean);
  if (random.chance(0.3)) for (const plane of shownPlanes(planes)) blur(plane, rows.length, width);
  const noise = Math.abs(random.normal(0, 0.025));
  for (let r = 0; r < rows.length; r++) {
    if (!rows[r]) continue;
    for (let i = r * width; i < (r + 1) * width; i++) {
      const change = random.normal(0, noise);
      max[i]! += change;
      mean[i]! += change;
      if (lateral) lateral[i]! += random.normal(0, noise);
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

/** The row of a cut: sometimes near an anchor, where there is one, else the usual one. */
function cutNear(anchor: number | null, usual: number, random: Random): number {
  const there = random.chance(CUT_AT_ANCHOR);
  const beside = random.uniform(-NEAR_ANCHOR, NEAR_ANCHOR);
  return Math.max(0, Math.round(there && anchor !== null ? anchor + beside : usual));
}

/** Black bands as a shorter field of view gives, and boxes as metal or a marker gives. */
function hideParts(
  planes: Channels,
  rows: Uint8Array,
  {
    height,
    width,
    cut,
    anchors,
  }: {
    readonly height: number;
    readonly width: number;
    readonly cut: number;
    /** Rows of the crop, or null where not known. */
    readonly anchors: { readonly lastRib: number | null; readonly sacrum: number | null };
  },
  random: Random,
): void {
  const fill = (top: number, bottom: number, left: number, right: number, value: number) => {
    for (const plane of shownPlanes(planes)) {
      for (let r = top; r < Math.min(bottom, height); r++) {
        plane.fill(value, r * width + left, r * width + Math.min(right, width));
      }
    }
  };
  if (random.chance(cut)) {
    const usual = height - Math.floor(random.uniform(0, 0.45) * height);
    const top = Math.max(Math.round(LEAST_LEFT * height), cutNear(anchors.sacrum, usual, random));
    fill(top, height, 0, width, 0);
    rows.fill(0, top);
  }
  if (random.chance(cut)) {
    const usual = Math.floor(random.uniform(0, 0.45) * height);
    const bottom = Math.min(
      Math.round((1 - LEAST_LEFT) * height),
      cutNear(anchors.lastRib, usual, random),
    );
    fill(0, bottom, 0, width, 0);
    rows.fill(0, 0, bottom);
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
