import type { Decision } from './decision';
import { BODY_SIZES, checkLevelOrder, stepKernels } from './spacing';
import type { CountedFrom, LevelEvidence, LevelName } from './types';

/**
 * What holds the chain: `sacrum` the maps of L5 and S1, `last-rib` the map of the body that bears
 * the last rib (as T12), `both` all three, `none` every level's own map. Between the anchors bodies
 * are counted. The chain of one anchor is blind to the other, so that the two can be compared.
 */
export type Anchor = CountedFrom | 'none';

/** Emission of a row outside the picture: neither seen nor excluded. */
const OUTSIDE = 0.25;
/** Room above and below the picture in which levels may lie, mm. */
const MARGIN_MM = 180;

/** What of a model's decision the chain reads. */
export type ChainSettings = Pick<Decision, 'ownWeight' | 'ribPower' | 'floor'>;

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

/** Index of the map of the body that bears the last rib, or null where there is none or no T12 to be it. */
export function lastRibMap({ levels, lastRib }: LevelEvidence): number | null {
  return lastRib && levels.includes('T12') ? levels.length + 1 : null;
}

/**
 * Posterior of each level's row, by the forward-backward algorithm (Rabiner, Proc. IEEE 77, 1989)
 * over the chain of levels: emissions from the network, transitions from the measured spacings,
 * marginalised over body size. Levels may lie outside the picture.
 *
 * @param mmPerPixel of the projection; an output row is `evidence.stride` of them.
 * @throws RangeError when the levels are no chain, or the last rib is to anchor and has no map.
 */
export function posteriorOfChain(
  evidence: LevelEvidence,
  mmPerPixel: number,
  settings: ChainSettings,
  anchor: Anchor = 'sacrum',
): LevelPosterior {
  const { levels } = evidence;
  checkLevelOrder(levels);
  const mmPerRow = evidence.stride * mmPerPixel;
  const margin = Math.ceil(MARGIN_MM / mmPerRow);
  const rows = evidence.height + 2 * margin;
  const emission = emissions(evidence, settings, anchor, margin, rows);
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

function emissions(
  evidence: LevelEvidence,
  settings: ChainSettings,
  anchor: Anchor,
  margin: number,
  rows: number,
): Float64Array[] {
  const responses = rowResponses(evidence);
  const body = responses[evidence.levels.length];
  const { floor } = settings;
  const usual = usualPeak(body, floor);
  return evidence.levels.map((name, l) => {
    const source = sourceOf(evidence, settings, name, anchor, usual);
    const line = new Float64Array(rows).fill(source?.outside ?? OUTSIDE);
    if (!source) return line;
    for (let r = 0; r < evidence.height; r++) {
      line[margin + r] =
        source.ribs === undefined
          ? (responses[l][r] + floor) ** source.own * (body[r] + floor) ** source.body
          : ribEmission(responses[source.ribs][r], settings);
    }
    return line;
  });
}

interface Source {
  /** The map of the last rib, where it speaks for the level alone. */
  readonly ribs?: number;
  /** Exponents of the level's own map and of the level-free body. */
  readonly own: number;
  readonly body: number;
  /** Emission outside the picture. */
  readonly outside?: number;
}

/** What speaks for a level; null: nothing does. */
function sourceOf(
  evidence: LevelEvidence,
  settings: ChainSettings,
  name: LevelName,
  anchor: Anchor,
  usual: number,
): Source | null {
  if (anchor === 'none') return { own: 1, body: 0 };
  if (anchor !== 'sacrum' && name === 'T12') {
    const map = lastRibMap(evidence);
    if (map === null) throw new RangeError('There is no map of the last rib to count from');
    // Where the last rib is seen, T12 is not out of view.
    return { ribs: map, own: 0, body: 0, outside: ribEmission(0, settings) };
  }
  // The levels' own maps are taught to count from the sacrum, so the other count must not hear them;
  // with four lumbar vertebrae there is no body where it puts S1; and a body out of view must weigh
  // what a seen one does, or the chain would move up until the picture holds it all.
  if (anchor === 'last-rib') return name === 'S1' ? null : { own: 0, body: 1, outside: usual };
  const own = name === 'L5' || name === 'S1' ? 1 : settings.ownWeight;
  return { own, body: 1 - own };
}

/** The last rib's map counts by its odds: neighbouring bodies often both answer, and the heat's weight in training lifts every response. */
function ribEmission(response: number, { floor, ribPower }: ChainSettings): number {
  return (response / (1 - response + floor) + floor) ** ribPower;
}

/** Median of the local maxima of a response; `OUTSIDE` where it has none. */
function usualPeak(response: Float32Array, floor: number): number {
  const peaks = [...response]
    .filter(
      (value, r) =>
        value > OUTSIDE && value >= (response[r - 1] ?? 0) && value > (response[r + 1] ?? 0),
    )
    .sort((a, b) => a - b);
  return peaks.length === 0 ? OUTSIDE : peaks[peaks.length >> 1] + floor;
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
