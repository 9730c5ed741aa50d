import { BODY_SIZES, checkLevelOrder, stepKernels } from './spacing';
import type { LevelEvidence, LevelName } from './types';

/** Weight of a level's own response; the rest is the level-free body. L5 and S1 anchor the count. */
const OWN_WEIGHT: Partial<Record<LevelName, number>> = { L5: 1, S1: 1 };
const OWN_WEIGHT_ELSEWHERE = 0.25;
/** No row is impossible: responses are lifted by this much. */
const FLOOR = 0.03;
/** Emission of a row outside the picture: neither seen nor excluded. */
const OUTSIDE = 0.25;
/** Room above and below the picture in which levels may lie, mm. */
const MARGIN_MM = 180;

export interface LevelPosterior {
  readonly levels: readonly LevelName[];
  /** levels x rows: probability that the level's centre lies in that row; each level sums to 1. */
  readonly probability: readonly Float64Array[];
  /** The rows' offset: posterior row i is output row i - margin. */
  readonly margin: number;
  readonly rows: number;
}

/** Highest response of each map in each output row; one line of evidence.height values a map. */
export function rowResponses(evidence: LevelEvidence): Float32Array[] {
  const { maps, height, width } = evidence;
  return Array.from({ length: evidence.levels.length + (evidence.lastRib ? 2 : 1) }, (_, map) => {
    const response = new Float32Array(height);
    for (let r = 0; r < height; r++) {
      const base = (map * height + r) * width;
      for (let c = 0; c < width; c++) {
        if (maps[base + c] > response[r]) response[r] = maps[base + c];
      }
    }
    return response;
  });
}

/**
 * Posterior of each level's row, by the forward-backward algorithm (Rabiner, Proc. IEEE 77, 1989)
 * over the chain of levels: emissions from the network, transitions from the measured spacings,
 * marginalised over body size. Levels may lie outside the picture.
 *
 * @param mmPerPixel of the projection; an output row is `evidence.stride` of them.
 */
export function posteriorOfChain(evidence: LevelEvidence, mmPerPixel: number): LevelPosterior {
  const { levels } = evidence;
  checkLevelOrder(levels);
  const mmPerRow = evidence.stride * mmPerPixel;
  const margin = Math.ceil(MARGIN_MM / mmPerRow);
  const rows = evidence.height + 2 * margin;
  const emission = emissions(evidence, margin, rows);
  const joint = levels.map(() => new Float64Array(rows));
  for (const { size, probability } of BODY_SIZES) {
    const kernels = stepKernels(levels, mmPerRow, size);
    const above = passDown(emission, kernels);
    const below = passUp(emission, kernels);
    joint.forEach((line, l) => {
      for (let r = 0; r < rows; r++) line[r] += above[l][r] * below[l][r] * probability;
    });
  }
  return { levels, probability: joint.map(normalised), margin, rows };
}

// Ten factors of at least 0.03 and nine of at least 1e-6 stay far from the smallest double: no logarithms needed.

function emissions(evidence: LevelEvidence, margin: number, rows: number): Float64Array[] {
  const responses = rowResponses(evidence);
  const body = responses[evidence.levels.length];
  return evidence.levels.map((name, l) => {
    const own = OWN_WEIGHT[name] ?? OWN_WEIGHT_ELSEWHERE;
    const line = new Float64Array(rows).fill(OUTSIDE);
    for (let r = 0; r < evidence.height; r++) {
      line[margin + r] = (responses[l][r] + FLOOR) ** own * (body[r] + FLOOR) ** (1 - own);
    }
    return line;
  });
}

/** Evidence of each level's row and of all levels above it. */
function passDown(emission: readonly Float64Array[], kernels: readonly Float64Array[]) {
  const pass = [emission[0]];
  for (let l = 1; l < emission.length; l++) {
    const line = new Float64Array(emission[l].length);
    for (let r = 0; r < line.length; r++) {
      let sum = 0;
      for (let d = 1; d <= kernels[l - 1].length && d <= r; d++) {
        sum += pass[l - 1][r - d] * kernels[l - 1][d - 1];
      }
      line[r] = sum * emission[l][r];
    }
    pass.push(line);
  }
  return pass;
}

/** Evidence of all levels below each level's row. */
function passUp(emission: readonly Float64Array[], kernels: readonly Float64Array[]) {
  const last = emission.length - 1;
  const pass: Float64Array[] = new Array(last + 1);
  pass[last] = new Float64Array(emission[0].length).fill(1);
  for (let l = last - 1; l >= 0; l--) {
    const line = new Float64Array(emission[l].length);
    for (let r = 0; r < line.length; r++) {
      let sum = 0;
      for (let d = 1; d <= kernels[l].length && r + d < line.length; d++) {
        sum += emission[l + 1][r + d] * pass[l + 1][r + d] * kernels[l][d - 1];
      }
      line[r] = sum;
    }
    pass[l] = line;
  }
  return pass;
}

function normalised(weights: Float64Array): Float64Array {
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / total);
}
