import type { Vec3 } from '../../src/series/types';
import type { LabelledRegion } from './labelMap';

/** Half of the slab about the middle of the body that is looked at; wider where slices are thick. */
const HALF_SLAB_MM = 6;
/** The front of a body, by whose middle the slab is placed. */
const FRONT_MM = 15;
/** A body is at least and at most this deep. */
const DEPTH_MM = { least: 10, most: 45 } as const;
/** The body ends where less than this share of its greatest height is left: there the canal begins. */
const CANAL_SHARE = 0.25;
const LEAST_POINTS = 20;
/** A body is cut when this share of an average layer of it lies in the scan's last layer. */
const CUT_SHARE = 0.4;
/** S1's body: its height along the sacrum's front, and its depth. */
const S1_MM = { height: 30, depth: 32 } as const;
/** A sacral region longer than this from head to foot is more than S1. */
const ONE_SEGMENT_MM = 45;

export interface BodyCentre {
  /** LPS mm. */
  readonly centre: Vec3;
  /** Whether the scan ends within the body: then its centre is not where it seems. */
  readonly isCut: boolean;
}

/**
 * Centre of the vertebral body in the mask of a whole vertebra.
 *
 * The centroid of the whole mask lies towards the processes, up to 20 mm behind and 10 mm below the
 * body. So: the foremost 15 mm of a vertebra are body; their median x places a midsagittal slab, in
 * which the body and the spinous process are parted by the canal. From the front backwards, the body
 * ends where the mask's height in the slab falls under a quarter of its greatest. The centre is the
 * centroid of that part; a mask of the body alone has no canal and is taken as it is.
 *
 * @returns null when the region is too small to tell.
 */
export function bodyCentre(region: LabelledRegion): BodyCentre | null {
  const slab = midsagittal(region);
  if (!slab) return null;
  const { front, inSlab } = slab;
  const { points, spacing } = region;
  const bin = Math.max(1, spacing[1]);
  const heights = new Float64Array(Math.ceil(120 / bin));
  for (const p of inSlab) {
    const at = Math.floor((points[3 * p + 1] - front) / bin);
    if (at >= 0 && at < heights.length) heights[at]++;
  }
  let depth = DEPTH_MM.most;
  let highest = 0;
  for (let b = 0; b * bin < DEPTH_MM.most; b++) {
    highest = Math.max(highest, heights[b]);
    if (b * bin >= DEPTH_MM.least && heights[b] < CANAL_SHARE * highest) {
      depth = b * bin;
      break;
    }
  }
  const body = inSlab.filter((p) => points[3 * p + 1] - front < depth);
  if (body.length < LEAST_POINTS) return null;
  return centroidOf(region, body);
}

/**
 * Centre of S1's body in the mask of a sacrum, or of S1 alone.
 *
 * In the midsagittal slab the promontory is the foremost point of the upper half; the front of the
 * sacrum runs from there to the point 30 mm on that lies furthest forwards. S1's body is what lies
 * within 30 mm along this line and 32 mm behind it.
 */
export function firstSacralBody(region: LabelledRegion): BodyCentre | null {
  const slab = midsagittal(region);
  if (!slab) return null;
  const { points } = region;
  const { inSlab } = slab;
  const y = (p: number) => points[3 * p + 1];
  const z = (p: number) => points[3 * p + 2];
  const heights = inSlab.map(z).sort((a, b) => a - b);
  const [low, high] = [heights[0], heights[heights.length - 1]];
  if (high - low < ONE_SEGMENT_MM) return bodyCentre(region);
  const promontory = inSlab
    .filter((p) => z(p) > (low + high) / 2)
    .reduce((best, p) => (y(p) < y(best) ? p : best));
  const [y0, z0] = [y(promontory), z(promontory)];
  let angle = 0;
  for (const p of inSlab) {
    const distance = Math.hypot(y(p) - y0, z(p) - z0);
    if (Math.abs(distance - S1_MM.height) > 3) continue;
    angle = Math.max(angle, Math.atan2(z0 - z(p), y(p) - y0));
  }
  if (angle === 0) return null;
  const [alongY, alongZ] = [Math.cos(angle), -Math.sin(angle)];
  const body = inSlab.filter((p) => {
    const [dy, dz] = [y(p) - y0, z(p) - z0];
    const along = dy * alongY + dz * alongZ;
    const behind = -dy * alongZ + dz * alongY;
    return along >= -3 && along <= S1_MM.height && behind >= -3 && behind <= S1_MM.depth;
  });
  return body.length < LEAST_POINTS ? null : centroidOf(region, body);
}

/** The voxels about the middle of the body, and LPS y of its front. */
function midsagittal({
  points,
  spacing,
}: LabelledRegion): { front: number; inSlab: number[] } | null {
  const count = points.length / 3;
  if (count < LEAST_POINTS) return null;
  const ys = Float32Array.from({ length: count }, (_, p) => points[3 * p + 1]).sort();
  const front = ys[Math.floor(0.005 * count)];
  const xs: number[] = [];
  for (let p = 0; p < count; p++) {
    if (points[3 * p + 1] < front + FRONT_MM) xs.push(points[3 * p]);
  }
  const middle = xs.sort((a, b) => a - b)[xs.length >> 1];
  const half = Math.max(HALF_SLAB_MM, 1.5 * spacing[0]);
  const inSlab: number[] = [];
  for (let p = 0; p < count; p++) if (Math.abs(points[3 * p] - middle) <= half) inSlab.push(p);
  return { front, inSlab };
}

function centroidOf(
  { points, atEnd, spacing }: LabelledRegion,
  chosen: readonly number[],
): BodyCentre {
  const sum = [0, 0, 0];
  let [ends, low, high] = [0, Infinity, -Infinity];
  for (const p of chosen) {
    for (let axis = 0; axis < 3; axis++) sum[axis] += points[3 * p + axis];
    ends += atEnd[p];
    low = Math.min(low, points[3 * p + 2]);
    high = Math.max(high, points[3 * p + 2]);
  }
  const layers = 1 + (high - low) / spacing[2];
  return {
    centre: sum.map((value) => value / chosen.length) as unknown as Vec3,
    isCut: ends > (CUT_SHARE * chosen.length) / layers,
  };
}
