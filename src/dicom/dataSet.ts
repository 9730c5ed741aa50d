import { MOST } from '../limits/most';

/** A stretch of bytes. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** One data element. Offsets count from the start of its data set's `bytes`. */
export interface Element {
  /** `xggggeeee`, lower case. */
  readonly tag: string;
  /** As the file says it; null in implicit VR. */
  readonly vr: string | null;
  readonly dataOffset: number;
  /** Bytes of the value; of encapsulated pixel data from the first item to the delimiter. */
  readonly length: number;
  readonly items: readonly DataSet[] | null;
  /** Whether the value is encapsulated: items of bytes, ended by a delimiter (PS3.5 A.4). */
  readonly encapsulated: boolean;
  /** The items of an encapsulated value, the offset table first; null where they were not read. */
  readonly fragments: readonly ByteRange[] | null;
}

export const PIXEL_DATA = 'x7fe00010';

/** The attributes of a data set by tag, with typed reading of the values that are needed. */
export class DataSet {
  constructor(
    readonly bytes: Uint8Array,
    readonly littleEndian: boolean,
    readonly elements: Readonly<Record<string, Element>>,
  ) {}

  has(tag: string): boolean {
    return Object.hasOwn(this.elements, tag);
  }

  element(tag: string): Element | undefined {
    return this.has(tag) ? this.elements[tag] : undefined;
  }

  /** The bytes of a value, not copied. */
  bytesOf({ dataOffset, length }: Element): Uint8Array {
    return this.bytes.subarray(dataOffset, dataOffset + length);
  }

  /**
   * A text value up to its first NUL, without spaces around it; null when absent or empty. Of a
   * longer one than any text is, its beginning.
   */
  text(tag: string): string | null {
    const element = this.element(tag);
    if (!element) return null;
    return (
      latin1(this.bytesOf(element).subarray(0, MOST.textBytes))
        .replace(/\0[^]*$/, '')
        .trim() || null
    );
  }

  /** The values of a text attribute; none when it is absent or empty. */
  texts(tag: string): string[] {
    return (this.text(tag) ?? '').split('\\').filter((value) => value !== '');
  }

  /** The values of a Decimal String, null when absent; what is no number is NaN. */
  numbers(tag: string): number[] | null {
    const values = this.texts(tag);
    return values.length === 0 ? null : values.map(Number);
  }

  /** The first value of a Decimal String, null when absent or empty; what is no number is NaN. */
  decimal(tag: string): number | null {
    const first = this.text(tag)?.split('\\')[0].trim();
    return first ? Number.parseFloat(first) : null;
  }

  /** The first value of an Integer String, null when absent or no number. */
  integer(tag: string): number | null {
    const value = Number.parseInt(this.text(tag) ?? '', 10);
    return Number.isNaN(value) ? null : value;
  }

  uint16(tag: string): number | null {
    return this.number(tag, 2, (view) => view.getUint16(0, this.littleEndian));
  }

  int16(tag: string): number | null {
    return this.number(tag, 2, (view) => view.getInt16(0, this.littleEndian));
  }

  uint32(tag: string): number | null {
    return this.number(tag, 4, (view) => view.getUint32(0, this.littleEndian));
  }

  float64(tag: string): number | null {
    return this.number(tag, 8, (view) => view.getFloat64(0, this.littleEndian));
  }

  /** The items of a sequence; none when it is absent. */
  items(tag: string): readonly DataSet[] {
    return this.element(tag)?.items ?? [];
  }

  private number(tag: string, size: number, read: (view: DataView) => number): number | null {
    const element = this.element(tag);
    if (!element || element.length < size) return null;
    const { buffer, byteOffset, byteLength } = this.bytes;
    if (element.dataOffset + size > byteLength) return null;
    return read(new DataView(buffer, byteOffset + element.dataOffset, size));
  }
}

/** Bytes as characters of the same numbers. */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return text;
}
