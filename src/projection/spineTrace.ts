import { boxSmooth, filterLines, gaussianSmooth, type Image } from './filters';

/** Both traces run on a grid of this step, mm. */
export const TRACE_STEP_MM = 4;
/** How far the spine may stray from the middle of the body on the first pass (standard deviation), mm. */
const BODY_PRIOR_SD_MM = 48;
/** ... and from the median of the first path on the second: keeps hips and arms out, mm. */
const PATH_PRIOR_SD_MM = 24;
/** Cost of one sideways step, as a share of the highest score. */
const STEP_COST = 0.02;
const SMOOTH_ROWS = 6;
/** Reach of the last step, which moves the path onto the bone's own centroid: half a vertebra, mm. */
const CENTRE_REACH_MM = 20;
const CENTRE_ROUNDS = 3;
const CENTRE_SMOOTH_ROWS = 3;

/**
 * The lateral course of the spine from bone mass summed front to back.
 *
 * Each row is normalised by its own maximum, so that pelvis and metal do not outweigh the lumbar
 * spine; two passes of dynamic programming, the second near the first path's median.
 *
 * @param boneMass rows (head to foot) x lateral bins, both TRACE_STEP_MM apart; summed excess over
 *   the bone threshold, any common scale with about 600 per solid bin.
 * @param bodyCentre lateral bin (fractional) of the middle of the body.
 * @returns the spine's lateral bin (fractional) for each row.
 */
export function traceLaterally(boneMass: Image, bodyCentre: number): Float32Array {
  // The square root tames hips and metal.
  let mass: Image = { ...boneMass, data: boneMass.data.map((v) => Math.sqrt(v + 1)) };
  mass = filterLines(mass, 'columns', (line) => gaussianSmooth(line, 2));
  const score = filterLines(mass, 'rows', (line) => boxSmooth(line, 9));
  const { rows, columns, data } = score;
  for (let r = 0; r < rows; r++) {
    const row = data.subarray(r * columns, (r + 1) * columns);
    const scale = 1 / (row.reduce((a, b) => Math.max(a, b), 0) + 20);
    for (let c = 0; c < columns; c++) row[c] *= scale;
  }
  const first = bestPath(nearTo(score, bodyCentre, BODY_PRIOR_SD_MM));
  const sorted = first.slice().sort();
  const median = sorted[sorted.length >> 1];
  let path = gaussianSmooth(bestPath(nearTo(score, median, PATH_PRIOR_SD_MM)), SMOOTH_ROWS);
  for (let round = 0; round < CENTRE_ROUNDS; round++) {
    const near = bestPath(nearTo(score, path, PATH_PRIOR_SD_MM));
    path = gaussianSmooth(ontoCentroid(mass, near), CENTRE_SMOOTH_ROWS);
  }
  return path;
}

/** The prior pulls a bent spine towards its median; its own bone mass within reach pulls it back. */
function ontoCentroid({ data, columns }: Image, path: Float32Array): Float32Array {
  const reach = CENTRE_REACH_MM / TRACE_STEP_MM;
  return path.map((centre, r) => {
    let sum = 0;
    let weights = 0;
    const last = Math.min(columns - 1, Math.floor(centre + reach));
    for (let c = Math.max(0, Math.ceil(centre - reach)); c <= last; c++) {
      sum += c * data[r * columns + c];
      weights += data[r * columns + c];
    }
    return weights > 0 ? sum / weights : centre;
  });
}

/**
 * The front-to-back course of the spine within the mid-sagittal slab.
 *
 * @param bone rows (head to foot) x columns (front to back), TRACE_STEP_MM apart; excess over the
 *   bone threshold, HU.
 * @returns the spine's column (fractional) for each row.
 */
export function traceFrontToBack(bone: Image): Float32Array {
  let score: Image = { ...bone, data: bone.data.map((v) => Math.sqrt(v + 1)) };
  score = filterLines(score, 'columns', (line) => gaussianSmooth(line, 2));
  score = filterLines(score, 'rows', (line) => boxSmooth(line, 15));
  const { columns, data } = score;
  // The spine lies behind contrast-filled bowel and vessels.
  for (let i = 0; i < data.length; i++) data[i] *= 1 + (0.5 * (i % columns)) / columns;
  return gaussianSmooth(bestPath(score), SMOOTH_ROWS);
}

function nearTo(score: Image, centre: number | Float32Array, sdMm: number): Image {
  const { columns } = score;
  const sd = sdMm / TRACE_STEP_MM;
  const data = score.data.map((v, i) => {
    const middle = typeof centre === 'number' ? centre : centre[Math.floor(i / columns)];
    return v * Math.exp(-0.5 * (((i % columns) - middle) / sd) ** 2);
  });
  return { ...score, data };
}

/** The path, one column a row and at most one column aside a step, of the highest total score. */
function bestPath({ data, rows, columns }: Image): Float32Array {
  const cost = STEP_COST * data.reduce((a, b) => Math.max(a, b), 0);
  const total = Float32Array.from(data);
  const from = new Int32Array(rows * columns);
  for (let r = 1; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const above = (r - 1) * columns;
      let best = total[above + c];
      let origin = c;
      for (const side of [-1, 1]) {
        const k = c + side;
        if (k < 0 || k >= columns) continue;
        const value = total[above + k] - cost;
        if (value > best) {
          best = value;
          origin = k;
        }
      }
      total[r * columns + c] += best;
      from[r * columns + c] = origin;
    }
  }
  const path = new Float32Array(rows);
  let at = 0;
  const last = (rows - 1) * columns;
  for (let c = 1; c < columns; c++) if (total[last + c] > total[last + at]) at = c;
  for (let r = rows - 1; r >= 0; r--) {
    path[r] = at;
    at = from[r * columns + at];
  }
  return path;
}
