/** The cells of one row, columns x bins: highest and mean value; good until the next row is asked for. */
export interface CellRow {
  readonly max: Int16Array | Float32Array;
  readonly mean: Int16Array | Float32Array;
}

/** Rows of cells as they are finished, to be read again one at a time. */
export interface CellRows {
  /** Where the next row is written before `keep`. */
  readonly next: CellRow;
  /** Takes what is in `next` as row 0, 1, ... */
  keep(): void;
  row(index: number): CellRow;
}

/** Rows kept as they are. */
export class PlainCellRows implements CellRows {
  readonly next: CellRow;
  private readonly rows: CellRow[] = [];

  /** @param cells in a row */
  constructor(cells: number) {
    this.next = { max: new Float32Array(cells), mean: new Float32Array(cells) };
  }

  keep(): void {
    this.rows.push({ max: this.next.max.slice(), mean: this.next.mean.slice() });
  }

  row(index: number): CellRow {
    return this.rows[index];
  }
}

/** Values that are packed together: 16 of so many bits fill as many words of 16 bits. */
const BLOCK = 16;

/**
 * Rows of whole numbers, about half as large as they are: neighbouring cells are alike, so a block of them is
 * kept as its lowest value and the heights above it, in no more bits than the greatest height needs.
 */
export class PackedCellRows implements CellRows {
  readonly next: { readonly max: Int16Array; readonly mean: Int16Array };
  private readonly rows: { readonly max: Uint16Array; readonly mean: Uint16Array }[] = [];
  private readonly words: Uint16Array;

  /** @param cells in a row */
  constructor(cells: number) {
    this.next = { max: new Int16Array(cells), mean: new Int16Array(cells) };
    this.words = new Uint16Array(Math.ceil(cells / BLOCK) * (2 + BLOCK));
  }

  keep(): void {
    const { max, mean } = this.next;
    this.rows.push({ max: pack(max, this.words), mean: pack(mean, this.words) });
  }

  row(index: number): CellRow {
    unpack(this.rows[index].max, this.next.max);
    unpack(this.rows[index].mean, this.next.mean);
    return this.next;
  }
}

/** @returns what was written to `words`, in memory of its own */
function pack(values: Int16Array, words: Uint16Array): Uint16Array {
  let at = 0;
  for (let first = 0; first < values.length; first += BLOCK) {
    const end = Math.min(values.length, first + BLOCK);
    let lowest = values[first];
    let highest = lowest;
    for (let i = first + 1; i < end; i++) {
      const value = values[i];
      // The lesser and the greater of both, without a branch.
      const below = (value - lowest) | 0;
      lowest = (lowest + (below & (below >> 31))) | 0;
      const above = (highest - value) | 0;
      highest = (highest - (above & (above >> 31))) | 0;
    }
    const bits = 32 - Math.clz32(highest - lowest);
    words[at++] = lowest;
    words[at++] = bits;
    if (bits === 0) continue;
    let held = 0;
    let filled = 0;
    for (let i = first; i < end; i++) {
      held |= (values[i] - lowest) << filled;
      filled += bits;
      if (filled < 16) continue;
      words[at++] = held;
      held >>>= 16;
      filled -= 16;
    }
    if (filled > 0) words[at++] = held;
  }
  return words.slice(0, at);
}

/** The other way. */
function unpack(words: Uint16Array, values: Int16Array): void {
  let at = 0;
  for (let first = 0; first < values.length; first += BLOCK) {
    const end = Math.min(values.length, first + BLOCK);
    const lowest = words[at++];
    const bits = words[at++];
    const mask = (1 << bits) - 1;
    let held = 0;
    let filled = 0;
    for (let i = first; i < end; i++) {
      if (filled < bits) {
        held |= words[at++] << filled;
        filled += 16;
      }
      // The sum in 16 bits is that of signed numbers, too.
      values[i] = lowest + (held & mask);
      held >>>= bits;
      filled -= bits;
    }
  }
}
