import { phrase, type Phrase } from '../reasons/phrases';
import type { SlicePixels } from './types';

/** So many values of a slice tell of all of them. */
const SAMPLES_PER_SLICE = 20_000;
/** Fewer tell nothing. */
const MIN_SAMPLES = 1000;

const BIN = 10;
const [LOWEST, HIGHEST] = [-4000, 6000];

/** All values of a body lie closer together only where they were normalised. */
const NARROW = 20;
/** Air and what is no part of the picture lie below, HU. */
const LUNG = -400;
/** Fat and the noise of water reach below, HU. */
const FAT = -20;
/** The densest bone of most people reaches above, HU. */
const BONE = 1000;
/** No more than metal lies above, HU. */
const METAL = 4000;

/**
 * Looks at the values of a CT whether they can be Hounsfield units, in which air is -1000, fat -100 and
 * muscle 50. Only what no part of a body can be counts against them: a crop without air, without fat or
 * of one vertebra is ordinary, and so is metal.
 */
export class HounsfieldCheck {
  private readonly bins = new Float64Array((HIGHEST - LOWEST) / BIN);
  private count = 0;
  private min = Infinity;
  private max = -Infinity;
  private atMin = 0;
  private atMax = 0;

  /** Takes a slice into account, of which it reads some values evenly spread. */
  add(
    pixels: SlicePixels,
    { slope, intercept }: { readonly slope: number; readonly intercept: number },
  ): void {
    // Odd, and therefore in other columns from row to row.
    const step = 2 * Math.floor(pixels.length / SAMPLES_PER_SLICE / 2) + 1;
    for (let i = 0; i < pixels.length; i += step) {
      const value = pixels[i] * slope + intercept;
      if (!Number.isFinite(value)) continue;
      this.count++;
      if (value < this.min) [this.min, this.atMin] = [value, 0];
      if (value > this.max) [this.max, this.atMax] = [value, 0];
      if (value === this.min) this.atMin++;
      if (value === this.max) this.atMax++;
      const bin = Math.floor((Math.min(HIGHEST - 1, Math.max(LOWEST, value)) - LOWEST) / BIN);
      this.bins[bin]++;
    }
  }

  /** What shows that the values are no HU; null where nothing does. */
  fault(): Phrase | null {
    const { count, min, max } = this;
    if (count < MIN_SAMPLES || min === max) return null;
    const range = { min: plain(min), max: plain(max) };
    if (max - min <= NARROW) return phrase('values-between', range);
    const body = this.between(LUNG, HIGHEST);
    if (this.between(METAL, HIGHEST) > 0.05 * count) return phrase('values-high', { limit: METAL });
    if (this.isShiftedUp(body) || this.isShiftedDown()) {
      return phrase('values-shifted', { value: this.commonest() });
    }
    if (min >= FAT && (this.isSaturated(body) || this.isScaled(body))) {
      return phrase('values-between', range);
    }
    return null;
  }

  /**
   * What makes it likely that the values are no HU, though pictures whose background was set to 0 have
   * it too; null where nothing does.
   */
  suspicion(): Phrase | null {
    const { count, min, max, atMin } = this;
    const body = this.between(LUNG, HIGHEST);
    const isCut = count >= MIN_SAMPLES && min >= FAT && min < max && atMin > 0.05 * body;
    return isCut ? phrase('values-between', { min: plain(min), max: plain(max) }) : null;
  }

  /** Bone cut off where a window for soft tissue ends. */
  private isSaturated(body: number): boolean {
    return this.max < BONE && this.atMax > 0.005 * body;
  }

  /** Soft tissue about 1024 too high, or all values where only bone and metal lie. */
  private isShiftedUp(body: number): boolean {
    const tissue = this.between(900, 1150);
    if (tissue > 0.08 * body && tissue > 2 * this.between(400, 800)) return true;
    return this.between(LOWEST, 500) < 0.01 * this.count;
  }

  /** Soft tissue about 1024 too low: the shift applied twice. */
  private isShiftedDown(): boolean {
    const { count } = this;
    return (
      this.between(LUNG, HIGHEST) < 0.03 * count &&
      this.between(-1200, -700) > 0.05 * count &&
      this.between(LOWEST, -1500) > 0.05 * count
    );
  }

  /** Air at 0 and soft tissue far from it, with nothing between them that water or muscle could be. */
  private isScaled(body: number): boolean {
    const [air, between, tissue] = [
      this.between(FAT, 60),
      this.between(60, 200),
      this.between(200, 800),
    ];
    return air > 0.1 * body && tissue > 0.1 * body && 4 * between < Math.min(air, tissue);
  }

  /** Number of samples from `low` to below `high`, HU. */
  private between(low: number, high: number): number {
    let sum = 0;
    for (let bin = (low - LOWEST) / BIN; bin < (high - LOWEST) / BIN; bin++) sum += this.bins[bin];
    return sum;
  }

  /** Where most values lie that are not the lowest ones. */
  private commonest(): number {
    const lowest = Math.floor((Math.max(LOWEST, this.min) - LOWEST) / BIN);
    let best = lowest + 1;
    for (let bin = best; bin < this.bins.length; bin++) {
      if (this.bins[bin] > this.bins[best]) best = bin;
    }
    return LOWEST + best * BIN;
  }
}

function plain(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(3);
}
