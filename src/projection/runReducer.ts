import type { SlicePixels } from '../series/types';
import type { Runs } from './axialGrid';

/** How raw values count; all in raw values. */
export interface RawLimits {
  /** Values are clipped to low..high. */
  readonly low: number;
  readonly high: number;
  /** Stands for what is below `low` or no number. */
  readonly filler: number;
  /** What a value exceeds `boneLow` by is bone, up to `boneHigh`; Infinity where none is looked for. */
  readonly boneLow: number;
  readonly boneHigh: number;
}

/** 16-bit codes of an integer type: the least and the greatest value, and how a value becomes a code. */
const INTEGERS: Readonly<Record<string, { readonly least: number; readonly greatest: number }>> = {
  Int8Array: { least: -128, greatest: 127 },
  Uint8Array: { least: 0, greatest: 255 },
  Int16Array: { least: -32768, greatest: 32767 },
  Uint16Array: { least: 0, greatest: 65535 },
};
const CODES = 65536;

/** How raw values become modality units: value = raw * scale + offset, scale > 0. */
export interface Scale {
  readonly scale: number;
  readonly offset: number;
}

/**
 * Reduces rows of pixels to the maximum, the mean and the bone of each run, in one pass.
 *
 * Noise makes every comparison of values a coin toss that a processor cannot foresee, so integers of up
 * to 16 bits are looked up: a table holds a value's clipped height above `low` and its bone side by side in one
 * number, which is added up and compared as a whole. Sums of integers are exact, so that the result is that
 * of the plain loop, which all other pixels take.
 */
export class RunReducer {
  /**
   * Of the last row, in modality units, three numbers a run: the highest clipped value, their mean, and the mean of bone.
   * Side by side, so that a loop over runs looks at one array.
   */
  readonly reduced: Float64Array;

  /** Whether any run of the last row holds bone. */
  hasBone = false;

  private pixels: SlicePixels = new Uint16Array();
  private limits: RawLimits = { low: 0, high: 0, filler: 0, boneLow: 0, boneHigh: 0 };
  private scale = 1;
  private offset = 0;
  /** The slice as codes of the table; null where it takes the plain loop. */
  private codes: Uint16Array | null = null;
  private table: PackedTable | null = null;
  private line = new Float64Array();

  /** @param mostRuns runs that a row has at most */
  constructor(mostRuns: number) {
    this.reduced = new Float64Array(3 * mostRuns);
  }

  /** Takes up a slice, whose runs are of about `longest` pixels at most. */
  begin(pixels: SlicePixels, { scale, offset }: Scale, limits: RawLimits, longest: number): void {
    this.pixels = pixels;
    this.limits = limits;
    this.scale = scale;
    this.offset = offset;
    const kind = pixels[Symbol.toStringTag];
    if (!this.table?.fits(kind, limits, longest)) {
      this.table = PackedTable.of(kind, limits, longest) ?? this.table;
    }
    const isPacked = this.table?.fits(kind, limits, longest);
    this.codes = isPacked ? codesOf(pixels) : null;
  }

  /** Reduces the row whose pixel u is `pixels[at + u * stride]`. */
  row(at: number, stride: number, runs: Runs): void {
    const { codes, table } = this;
    if (codes && table && table.longest >= runs.longest) this.lookUp(codes, at, stride, runs);
    else this.compare(this.lineOf(at, stride, runs.edges[runs.count]), runs);
  }

  private lookUp(codes: Uint16Array, start: number, stride: number, runs: Runs): void {
    const { reduced, scale, offset } = this;
    const { values, floor, shift } = this.table!;
    const { edges, count } = runs;
    // `| 0` tells the compiler once, before the loop, that these are whole numbers.
    const step = stride | 0;
    const least = floor | 0;
    const bits = shift | 0;
    const mask = ((1 << bits) - 1) | 0;
    let at = start | 0;
    let all = 0;
    let edge = edges[0];
    for (let run = 0, to = 0; run < count; run++, to += 3) {
      const nextEdge = edges[run + 1];
      const pixels = (nextEdge - edge) | 0;
      const end = (at + Math.imul(pixels, step)) | 0;
      edge = nextEdge;
      let most = 0;
      let total = 0;
      for (; at < end; at = (at + step) | 0) {
        const packed = values[codes[at]];
        total = (total + packed) | 0;
        // The greater of both, without a branch.
        const less = (most - packed) | 0;
        most = (most - (less & (less >> 31))) | 0;
      }
      const sum = ((total & mask) + Math.imul(pixels, least)) | 0;
      const excess = total >> bits;
      reduced[to] = (((most & mask) + least) | 0) * scale + offset;
      reduced[to + 1] = (sum / pixels) * scale + offset;
      reduced[to + 2] = excess === 0 ? 0 : (excess / pixels) * scale;
      all |= excess;
    }
    this.hasBone = all !== 0;
  }

  private compare(line: Float64Array, { edges, count }: Runs): void {
    const { reduced, scale, offset } = this;
    const { low, high, filler, boneLow, boneHigh } = this.limits;
    this.hasBone = false;
    for (let run = 0; run < count; run++) {
      let highest = -Infinity;
      let sum = 0;
      let bone = 0;
      const pixels = edges[run + 1] - edges[run];
      for (let u = edges[run]; u < edges[run + 1]; u++) {
        let value = line[u];
        if (!(value >= low)) value = filler;
        else if (value > high) value = high;
        sum += value;
        if (value > highest) highest = value;
        if (value > boneLow) bone += (value < boneHigh ? value : boneHigh) - boneLow;
      }
      const to = 3 * run;
      reduced[to] = highest * scale + offset;
      reduced[to + 1] = (sum / pixels) * scale + offset;
      reduced[to + 2] = (bone / pixels) * scale;
      if (bone !== 0) this.hasBone = true;
    }
  }

  /** The row as numbers of one type, so that the loop over them is compiled for that type alone. */
  private lineOf(at: number, stride: number, count: number): Float64Array {
    if (this.line.length < count) this.line = new Float64Array(count);
    const { line, pixels } = this;
    if (stride === 1) line.set(pixels.subarray(at, at + count));
    else for (let u = 0; u < count; u++) line[u] = pixels[at + u * stride];
    return line;
  }
}

/** For each code of an integer type the clipped height above `floor`, and the bone `shift` bits higher. */
class PackedTable {
  private constructor(
    private readonly kind: string,
    private readonly limits: RawLimits,
    readonly longest: number,
    readonly floor: number,
    readonly shift: number,
    readonly values: Int32Array,
  ) {}

  /** The table of a type; null where values or sums are not whole numbers of 31 bits. */
  static of(kind: string, limits: RawLimits, longest: number): PackedTable | null {
    const type = INTEGERS[kind];
    if (!type) return null;
    const floor = Math.max(type.least, limits.low);
    const ceiling = Math.min(type.greatest, limits.high);
    const boneLow = Math.min(limits.boneLow, ceiling);
    const boneHigh = Math.min(limits.boneHigh, ceiling);
    const isWhole = [floor, ceiling, boneLow, boneHigh].every(Number.isInteger);
    const isFilled = limits.filler === limits.low || limits.low <= type.least;
    if (!isWhole || !isFilled || floor > boneLow || boneLow > boneHigh) return null;
    const bitsFor = (most: number) => Math.ceil(Math.log2(most * longest + 1));
    const shift = bitsFor(ceiling - floor);
    if (shift + bitsFor(boneHigh - boneLow) > 31) return null;
    const values = new Int32Array(CODES);
    for (let value = type.least; value <= type.greatest; value++) {
      const clipped = Math.min(ceiling, Math.max(floor, value));
      const bone = Math.max(boneLow, Math.min(boneHigh, clipped)) - boneLow;
      values[value & 0xffff] = clipped - floor + bone * 2 ** shift;
    }
    return new PackedTable(kind, limits, longest, floor, shift, values);
  }

  fits(kind: string, limits: RawLimits, longest: number): boolean {
    const own = this.limits;
    return (
      kind === this.kind &&
      longest <= this.longest &&
      limits.low === own.low &&
      limits.high === own.high &&
      limits.filler === own.filler &&
      limits.boneLow === own.boneLow &&
      limits.boneHigh === own.boneHigh
    );
  }
}

/** Integers as their lowest 16 bits; the same memory where they have 16. */
function codesOf(pixels: SlicePixels): Uint16Array {
  const { buffer, byteOffset, length } = pixels;
  return pixels.BYTES_PER_ELEMENT === 2
    ? new Uint16Array(buffer, byteOffset, length)
    : new Uint16Array(pixels);
}
