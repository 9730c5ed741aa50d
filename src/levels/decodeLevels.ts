import { reason, type Reason } from '../reasons/reasons';
import { posteriorOfChain, rowResponses, type LevelPosterior } from './chain';
import type { LevelCandidate, LevelEstimate, LevelEvidence, LevelName } from './types';

/** Positions closer than half a vertebra are the same vertebra, mm. */
const SAME_VERTEBRA_MM = 16;
/** A neighbouring vertebra lies about this far away, mm. */
const NEIGHBOUR_MM = 35;
/** Candidates less likely than this are not offered. */
const MIN_CANDIDATE = 0.02;
const MAX_CANDIDATES = 4;

/** Thresholds that belong to a model (its manifest's `decision`). */
export interface Decision {
  readonly minInView: number;
  readonly minProbability: number;
  readonly minAnchor: number;
}

export interface DecodedLevels {
  /** Levels inside the picture that are more likely there than not, head to foot. */
  readonly levels: readonly LevelEstimate[];
  /** The best place for L3 inside the picture, sure or not; null when there is none. */
  readonly l3: LevelEstimate | null;
  /** Probability that L3 lies inside the picture. */
  readonly inViewProbability: number;
  /** Other places for L3, likeliest first. */
  readonly candidates: readonly LevelCandidate[];
  readonly verdict:
    | { readonly found: true; readonly countedFrom: 'sacrum' | 'last-rib' }
    | { readonly found: false; readonly reason: Reason };
}

/**
 * Names the levels: posterior over the chain of levels, the peak refined below the grid by the
 * responses' centroid, and the decision whether the level can be named at all.
 *
 * Rows and columns are those of the projection. L3 is named only when it is in view, the count has
 * an anchor (the sacrum) and no other numbering is nearly as likely.
 *
 * @param mmPerPixel of the projection.
 */
export function decodeLevels(
  evidence: LevelEvidence,
  decision: Decision,
  mmPerPixel = 2,
): DecodedLevels {
  const posterior = posteriorOfChain(evidence, mmPerPixel);
  const grid = new OutputGrid(evidence, posterior, mmPerPixel);
  const levels = evidence.levels
    .map((name) => grid.estimate(name, posterior.probability[evidence.levels.indexOf(name)]))
    .filter((level): level is LevelEstimate => level !== null && level.probability > 0.5);

  const q = posterior.probability[evidence.levels.indexOf('L3')];
  const inViewProbability = grid.massInside(q);
  const peaks = grid.peaks('L3', q, MAX_CANDIDATES + 1);
  const l3 = peaks[0] ?? null;
  const candidates = peaks.slice(1).map((peak) => ({
    row: peak.row,
    column: peak.column,
    probability: peak.probability,
    why: describe((peak.row - l3!.row) * mmPerPixel),
  }));
  const verdict = judge({ evidence, grid, levels, l3, inViewProbability, candidates, decision });
  return { levels, l3, inViewProbability, candidates, verdict };
}

function judge(seen: {
  evidence: LevelEvidence;
  grid: OutputGrid;
  levels: readonly LevelEstimate[];
  l3: LevelEstimate | null;
  inViewProbability: number;
  candidates: readonly LevelCandidate[];
  decision: Decision;
}): DecodedLevels['verdict'] {
  const { l3, decision, inViewProbability } = seen;
  const no = (...args: Parameters<typeof reason>) => ({
    found: false as const,
    reason: reason(...args),
  });
  const anchored = seen.grid.anchorResponse('S1') >= decision.minAnchor;
  if (!l3 || inViewProbability < decision.minInView * (anchored ? 1 : 0.5)) {
    return no('l3-not-in-view');
  }
  if (!anchored) return no('cannot-count', { detail: 'the sacrum is not in view' });
  if (l3.probability < decision.minProbability) {
    const [other] = seen.candidates;
    const percent = (p: number) => `${Math.round(100 * p)} %`;
    return other
      ? no('ambiguous', {
          detail: `${percent(l3.probability)} against ${percent(other.probability)} ${other.why}`,
        })
      : no('cannot-count', {
          detail: `the best place for L3 has a probability of ${percent(l3.probability)} only`,
        });
  }
  return { found: true, countedFrom: 'sacrum' };
}

function describe(offsetMm: number): string {
  const vertebrae = Math.round(Math.abs(offsetMm) / NEIGHBOUR_MM);
  const count = ['less than one vertebra', 'one vertebra', 'two vertebrae', 'three vertebrae'];
  const words = count[vertebrae] ?? `${vertebrae} vertebrae`;
  return `${words} ${offsetMm < 0 ? 'higher' : 'lower'}`;
}

/** Reads positions off the posterior and the maps, in projection pixels. */
class OutputGrid {
  private readonly responses: Float32Array[];
  private readonly reach: number;

  constructor(
    private readonly evidence: LevelEvidence,
    private readonly posterior: LevelPosterior,
    private readonly mmPerPixel: number,
  ) {
    this.responses = rowResponses(evidence);
    this.reach = Math.round(SAME_VERTEBRA_MM / (evidence.stride * mmPerPixel));
  }

  massInside(q: Float64Array): number {
    const { margin } = this.posterior;
    let mass = 0;
    for (let r = 0; r < this.evidence.height; r++) mass += q[margin + r];
    return mass;
  }

  /** The likeliest place of a level, or null when that is outside the picture. */
  estimate(name: LevelName, q: Float64Array): LevelEstimate | null {
    const at = q.indexOf(q.reduce((a, b) => Math.max(a, b), 0)) - this.posterior.margin;
    return at < 0 || at >= this.evidence.height ? null : this.read(name, q, at);
  }

  /** The likeliest places inside the picture, at least a vertebra apart, likeliest first. */
  peaks(name: LevelName, q: Float64Array, count: number): LevelEstimate[] {
    const { margin } = this.posterior;
    const left = q.slice(margin, margin + this.evidence.height);
    const found: LevelEstimate[] = [];
    while (found.length < count) {
      const at = left.indexOf(left.reduce((a, b) => Math.max(a, b), 0));
      if (at < 0 || left[at] <= 0) break;
      const estimate = this.read(name, q, at);
      if (found.length > 0 && estimate.probability < MIN_CANDIDATE) break;
      found.push(estimate);
      left.fill(0, Math.max(0, at - 2 * this.reach + 1), at + 2 * this.reach);
    }
    return found;
  }

  /** How strongly the network sees a level where the chain puts it; 0 outside the picture. */
  anchorResponse(name: LevelName): number {
    const index = this.evidence.levels.indexOf(name);
    if (index < 0) return 0;
    const q = this.posterior.probability[index];
    const at = q.indexOf(q.reduce((a, b) => Math.max(a, b), 0)) - this.posterior.margin;
    let highest = 0;
    for (let r = at - 2; r <= at + 2; r++) {
      highest = Math.max(highest, this.responses[index][r] ?? 0);
    }
    return highest;
  }

  private read(name: LevelName, q: Float64Array, at: number): LevelEstimate {
    const { margin } = this.posterior;
    const { height, stride } = this.evidence;
    let mass = 0;
    let mean = 0;
    let square = 0;
    for (let r = at - this.reach; r <= at + this.reach; r++) {
      const p = q[margin + r] ?? 0;
      mass += p;
      mean += p * r;
      square += p * r * r;
    }
    mean /= mass;
    const sdRows = Math.sqrt(Math.max(0, square / mass - mean * mean));
    const index = this.evidence.levels.indexOf(name);
    const column = this.columnAt(index, at);
    let weights = 0;
    let centroid = 0;
    for (let r = Math.max(0, at - 2); r <= Math.min(height - 1, at + 2); r++) {
      const response = this.responses[index][r] * this.responses[this.evidence.levels.length][r];
      const weight = response * response + 1e-4;
      weights += weight;
      centroid += weight * r;
    }
    return {
      name,
      row: stride * (centroid / weights) + (stride - 1) / 2,
      column: stride * column + (stride - 1) / 2,
      sdMm: sdRows * stride * this.mmPerPixel,
      probability: Math.min(1, mass),
    };
  }

  /** Centroid column of level response x body response about a row. */
  private columnAt(index: number, at: number): number {
    const { maps, height, width, levels } = this.evidence;
    let weights = 0;
    let sum = 0;
    for (let r = Math.max(0, at - 2); r <= Math.min(height - 1, at + 2); r++) {
      for (let c = 0; c < width; c++) {
        const own = maps[(index * height + r) * width + c] + 0.02;
        const body = maps[(levels.length * height + r) * width + c];
        const weight = (own * body) ** 2 + 1e-9;
        weights += weight;
        sum += weight * c;
      }
    }
    return sum / weights;
  }
}
