import { rowResponses, type LevelPosterior } from './chain';
import type { Decision } from './decision';
import type { LevelEstimate, LevelEvidence, LevelName } from './types';
import { tempered } from './conclusion';

/** Positions closer than half a vertebra are the same vertebra, mm. */
const SAME_VERTEBRA_MM = 16;
/** Places less likely than this are not listed. */
const MIN_PROBABILITY = 0.02;

/** Reads positions off a posterior and the maps, in projection pixels. */
export class OutputGrid {
  private readonly responses: Float32Array[];
  private readonly reach: number;
  private readonly mmPerRow: number;
  private readonly margin: number;

  constructor(
    private readonly evidence: LevelEvidence,
    { margin }: LevelPosterior,
    mmPerPixel: number,
    private readonly settings: Pick<
      Decision,
      'temperature' | 'heatMm' | 'sdFloorMm' | 'sdBlur' | 'sdFaintMm'
    >,
  ) {
    this.responses = rowResponses(evidence);
    this.margin = margin;
    this.mmPerRow = evidence.stride * mmPerPixel;
    this.reach = Math.round(SAME_VERTEBRA_MM / this.mmPerRow);
  }

  massInside(q: Float64Array): number {
    let mass = 0;
    for (let r = 0; r < this.evidence.height; r++) mass += q[this.margin + r];
    return mass;
  }

  /** Probability of the vertebra about a posterior row. */
  massAbout(q: Float64Array, row: number): number {
    let mass = 0;
    for (let r = row - this.reach; r <= row + this.reach; r++) mass += q[r] ?? 0;
    return mass;
  }

  /** Probability that two places, each of its own posterior, are the same vertebra. */
  overlap(a: Float64Array, b: Float64Array): number {
    return a.reduce((sum, p, row) => (p < 1e-6 ? sum : sum + p * this.massAbout(b, row)), 0);
  }

  /** Whether two posterior rows are the same vertebra. */
  isSame(row: number, other: number): boolean {
    return Math.abs(row - other) <= this.reach;
  }

  /** The likeliest place of a level, or null when that is outside the picture. */
  estimate(name: LevelName, q: Float64Array): LevelEstimate | null {
    const at = likeliestRow(q) - this.margin;
    return at < 0 || at >= this.evidence.height ? null : this.read(name, q, at);
  }

  /** The likeliest places inside the picture, at least a vertebra apart, likeliest first. */
  peaks(name: LevelName, q: Float64Array, count: number): LevelEstimate[] {
    const left = q.slice(this.margin, this.margin + this.evidence.height);
    const found: LevelEstimate[] = [];
    while (found.length < count) {
      const at = likeliestRow(left);
      if (at < 0 || left[at] <= 0) break;
      const estimate = this.read(name, q, at);
      if (found.length > 0 && estimate.probability < MIN_PROBABILITY) break;
      found.push(estimate);
      left.fill(0, Math.max(0, at - 2 * this.reach + 1), at + 2 * this.reach);
    }
    return found;
  }

  /** Whether a place (projection row) is the vertebra about a posterior row. */
  isAbout(row: number, posteriorRow: number): boolean {
    const { stride } = this.evidence;
    const there = stride * (posteriorRow - this.margin) + (stride - 1) / 2;
    return Math.abs(row - there) <= this.reach * stride;
  }

  /** Whether a level is likeliest inside the picture. */
  isInside(q: Float64Array): boolean {
    const at = likeliestRow(q) - this.margin;
    return at >= 0 && at < this.evidence.height;
  }

  /** How strongly a map responds where the posterior is highest; 0 outside the picture, or without a map. */
  responseAt(map: number, q: Float64Array | undefined): number {
    if (!q) return 0;
    const at = likeliestRow(q) - this.margin;
    let highest = 0;
    for (let r = at - 2; r <= at + 2; r++) {
      highest = Math.max(highest, this.responses[map]?.[r] ?? 0);
    }
    return highest;
  }

  /**
   * The lowest response of any body strictly between two levels' likeliest rows: low where a disc parts
   * them. Null where one of them lies outside the picture, or less than three rows beside the other.
   */
  valleyBetween(upper: Float64Array, lower: Float64Array): number | null {
    const [from, to] = [upper, lower].map((q) => likeliestRow(q) - this.margin);
    const { height, levels } = this.evidence;
    if (from < 0 || to >= height || to - from < 3) return null;
    return Math.min(...this.responses[levels.length].subarray(from + 1, to));
  }

  private read(name: LevelName, q: Float64Array, at: number): LevelEstimate {
    const { stride, levels } = this.evidence;
    const index = levels.indexOf(name);
    return {
      name,
      row: stride * this.profile(index, at, 2).centroid + (stride - 1) / 2,
      column: stride * this.columnAt(index, at) + (stride - 1) / 2,
      sdMm: this.sdAt(index, at),
      probability: tempered(
        Math.min(1, this.massAbout(q, this.margin + at)),
        this.settings.temperature,
      ),
    };
  }

  /**
   * Standard deviation of a height, mm: hypot(`sdFloorMm`, `sdBlur` x what widens the response beyond the
   * heat that was taught, `sdFaintMm` x what its peak lacks to 1). A network that hesitates between heights
   * answers with a wider and a lower heap. Fitted to 496 levels of the shared cases, see docs/results.md.
   */
  private sdAt(index: number, at: number): number {
    const { heatMm, sdFloorMm, sdBlur, sdFaintMm } = this.settings;
    // Of (heat x heat)^2, as `profile` weighs.
    const sharpestMm = heatMm / 2;
    const spreadMm = this.profile(index, at, this.reach).sd * this.mmPerRow;
    const blur = 2 * Math.sqrt(Math.max(0, spreadMm ** 2 - sharpestMm ** 2));
    const response = this.responses[index];
    const peak = Math.max(...[-1, 0, 1].map((step) => response[at + step] ?? 0));
    return Math.hypot(sdFloorMm, sdBlur * blur, sdFaintMm * (1 - peak));
  }

  /** Centroid and standard deviation, in output rows, of (level x body response)^2 about a row. */
  private profile(index: number, at: number, reach: number): { centroid: number; sd: number } {
    const { height, levels } = this.evidence;
    let weights = 0;
    let sum = 0;
    let square = 0;
    for (let r = Math.max(0, at - reach); r <= Math.min(height - 1, at + reach); r++) {
      const response = this.responses[index][r] * this.responses[levels.length][r];
      const weight = response * response + 1e-4;
      weights += weight;
      sum += weight * r;
      square += weight * r * r;
    }
    const centroid = sum / weights;
    return { centroid, sd: Math.sqrt(Math.max(0, square / weights - centroid * centroid)) };
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

/** Index of the highest value. */
export function likeliestRow(q: Float64Array): number {
  return q.indexOf(q.reduce((a, b) => Math.max(a, b), 0));
}
