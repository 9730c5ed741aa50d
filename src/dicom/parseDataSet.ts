import { within } from '../limits/most';
import { damaged } from './dicomError';
import { DataSet, PIXEL_DATA, type ByteRange, type Element } from './dataSet';
import type { Encoding } from './transferSyntax';

const UNDEFINED_LENGTH = 0xffffffff;
const ITEM = 0xfffee000;
const ITEM_END = 0xfffee00d;
const SEQUENCE_END = 0xfffee0dd;
const IMPLICIT: Encoding = { explicit: false, littleEndian: true };
const EXPLICIT: Encoding = { explicit: true, littleEndian: true };

/** Value representations with a length of 16 bits; the others have 32 (PS3.5 section 7.1.2). */
const SHORT_VRS = new Set(
  'AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US'.split(' '),
);
const LONG_VRS = new Set('OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' '));

export interface ParsedDataSet {
  readonly dataSet: DataSet;
  /**
   * `complete`: to the end of the bytes; `pixels`: to the beginning of Pixel Data, as asked;
   * `cut`: an element reaches past the end of the bytes or makes no sense; those before it are there.
   */
  readonly end: 'complete' | 'pixels' | 'cut';
}

export interface ParseOptions {
  /** Where the data set begins. */
  readonly start?: number;
  /** Of Pixel Data, read the place only: it may lie behind the end of the bytes. */
  readonly stopAtPixels?: boolean;
}

/** Whether two bytes are a value representation of the standard. */
export function isVr(bytes: Uint8Array, at: number): boolean {
  const vr = String.fromCharCode(bytes[at], bytes[at + 1]);
  return SHORT_VRS.has(vr) || LONG_VRS.has(vr);
}

/**
 * Reads the elements of a data set (PS3.5 section 7), as leniently as other readers: odd lengths,
 * elements without VR between others with one, sequences called UN, a missing last delimiter.
 *
 * @throws DicomError when it nests or counts beyond any image.
 */
export function parseDataSet(
  bytes: Uint8Array,
  encoding: Encoding,
  { start = 0, stopAtPixels = false }: ParseOptions = {},
): ParsedDataSet {
  const { elements, end } = new Parser(bytes, stopAtPixels).elements(
    start,
    bytes.length,
    encoding,
    0,
  );
  const dataSet = new DataSet(bytes, encoding.littleEndian, elements);
  return { dataSet, end: end === 'pixels' || end === 'cut' ? end : 'complete' };
}

interface Elements {
  readonly elements: Record<string, Element>;
  /** Behind the last element and its item's delimiter. */
  readonly at: number;
  readonly end: 'complete' | 'pixels' | 'cut' | 'item-end' | 'sequence-end';
}

interface Header {
  readonly tag: number;
  readonly vr: string | null;
  readonly dataOffset: number;
  readonly length: number;
}

class Parser {
  private readonly view: DataView;
  private count = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly stopAtPixels: boolean,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  elements(start: number, limit: number, encoding: Encoding, depth: number): Elements {
    const elements: Record<string, Element> = {};
    let at = start;
    while (at + 8 <= limit) {
      const header = this.header(at, limit, encoding);
      if (header?.tag === ITEM_END) return { elements, at: at + 8, end: 'item-end' };
      if (header?.tag === SEQUENCE_END) {
        if (depth > 0) return { elements, at, end: 'sequence-end' };
        at += 8;
        continue;
      }
      // Zeros behind the last element fill a block.
      if (header?.tag === 0 && header.length === 0) break;
      const tag = header && nameOf(header.tag);
      if (header && depth === 0 && tag === PIXEL_DATA && this.stopAtPixels) {
        const { vr, dataOffset, length } = header;
        const encapsulated = length === UNDEFINED_LENGTH;
        elements[tag] = { tag, vr, dataOffset, length, encapsulated, items: null, fragments: null };
        return { elements, at: dataOffset, end: 'pixels' };
      }
      const read = header && this.element(header, limit, encoding, depth);
      if (!read) return { elements, at, end: 'cut' };
      elements[read.element.tag] = read.element;
      at = read.at;
    }
    const rest = this.bytes.subarray(at, limit);
    const isTag = rest.length < 8 && rest.some((byte) => byte !== 0);
    return { elements, at: limit, end: isTag ? 'cut' : 'complete' };
  }

  /** Tag, VR and length of the element at `at`; null when they reach past the limit. */
  private header(at: number, limit: number, { explicit, littleEndian }: Encoding): Header | null {
    const group = this.view.getUint16(at, littleEndian);
    const tag = group * 0x10000 + this.view.getUint16(at + 2, littleEndian);
    const length = this.view.getUint32(at + 4, littleEndian);
    if (group === 0xfffe) return { tag, vr: null, dataOffset: at + 8, length };
    const [a, b] = [this.bytes[at + 4], this.bytes[at + 5]];
    // In a file that says its VRs, an element without one is read as other readers do.
    if (!explicit || !isLetters(a, b)) return { tag, vr: null, dataOffset: at + 8, length };
    const vr = String.fromCharCode(a, b);
    const short = {
      tag,
      vr,
      dataOffset: at + 8,
      length: this.view.getUint16(at + 6, littleEndian),
    };
    if (SHORT_VRS.has(vr)) return short;
    const reserved = this.view.getUint16(at + 6, littleEndian);
    if (!LONG_VRS.has(vr) && reserved !== 0) return short;
    if (at + 12 > limit) return null;
    const long = this.view.getUint32(at + 8, littleEndian);
    return { tag, vr, dataOffset: at + 12, length: long };
  }

  private element(
    header: Header,
    limit: number,
    encoding: Encoding,
    depth: number,
  ): { element: Element; at: number } | null {
    this.take();
    const { vr, dataOffset, length } = header;
    const tag = nameOf(header.tag);
    const plain = {
      tag,
      vr,
      dataOffset,
      length,
      encapsulated: false,
      items: null,
      fragments: null,
    };
    if (length === UNDEFINED_LENGTH) {
      if (tag === PIXEL_DATA || (vr !== null && !['SQ', 'UN'].includes(vr))) {
        const read = this.fragments(dataOffset, limit, encoding);
        if (!read) return null;
        const { fragments, at } = read;
        const value = { length: at - dataOffset, encapsulated: true, fragments };
        return { element: { ...plain, ...value }, at };
      }
      const read = this.sequence(dataOffset, limit, vr, encoding, depth);
      if (!read) return null;
      const { items, at } = read;
      return { element: { ...plain, length: at - dataOffset, items }, at };
    }
    const at = dataOffset + length;
    if (at > limit) return null;
    // Without a dictionary, a value that reads as items to its very end is a sequence.
    const maybe = vr === 'SQ' || ((vr === null || vr === 'UN') && this.isItem(dataOffset, at));
    const items =
      maybe && length > 0
        ? (this.sequence(dataOffset, at, vr, encoding, depth)?.items ?? null)
        : null;
    return { element: { ...plain, items: vr === 'SQ' && length === 0 ? [] : items }, at };
  }

  private isItem(at: number, limit: number): boolean {
    return at + 8 <= limit && this.view.getUint32(at, true) === 0xe000fffe;
  }

  private sequence(
    at: number,
    limit: number,
    vr: string | null,
    encoding: Encoding,
    depth: number,
  ): { items: DataSet[]; at: number } | null {
    if (!within('nesting', depth + 1)) throw damaged('its sequences nest without end');
    if (vr !== 'UN') return this.items(at, limit, encoding, depth + 1);
    // PS3.5 section 6.2.2 note 2: implicit VR, little endian; some writers leave it explicit.
    return this.items(at, limit, IMPLICIT, depth + 1) ?? this.items(at, limit, EXPLICIT, depth + 1);
  }

  private items(
    start: number,
    limit: number,
    encoding: Encoding,
    depth: number,
  ): { items: DataSet[]; at: number } | null {
    const items: DataSet[] = [];
    let at = start;
    while (at + 8 <= limit) {
      this.take();
      const header = this.header(at, limit, encoding);
      if (!header) return null;
      const { tag, length } = header;
      if (tag === SEQUENCE_END) return { items, at: at + 8 };
      if (tag !== ITEM) return null;
      const open = length === UNDEFINED_LENGTH;
      const end = open ? limit : at + 8 + length;
      if (end > limit) return null;
      const read = this.elements(at + 8, end, encoding, depth);
      const closed = open ? ['item-end', 'sequence-end'] : ['complete', 'item-end'];
      if (!closed.includes(read.end)) return null;
      items.push(new DataSet(this.bytes, encoding.littleEndian, read.elements));
      at = open ? read.at : end;
    }
    return at === start || limit - at >= 8 ? null : { items, at: limit };
  }

  /** The items of encapsulated pixel data, which may lack their delimiter at the file's end. */
  private fragments(
    start: number,
    limit: number,
    encoding: Encoding,
  ): { fragments: ByteRange[]; at: number } | null {
    const fragments: ByteRange[] = [];
    let at = start;
    while (at + 8 <= limit) {
      this.take();
      const header = this.header(at, limit, encoding);
      if (!header) return null;
      const { tag, length } = header;
      if (tag === SEQUENCE_END) return { fragments, at: at + 8 };
      if (tag !== ITEM || at + 8 + length > limit) return null;
      fragments.push({ offset: at + 8, length });
      at += 8 + length;
    }
    return fragments.length === 0 ? null : { fragments, at: limit };
  }

  private take(): void {
    if (!within('elements', ++this.count)) throw damaged('it holds more elements than any image');
  }
}

function isLetters(a: number, b: number): boolean {
  return a >= 0x41 && a <= 0x5a && b >= 0x41 && b <= 0x5a;
}

function nameOf(tag: number): string {
  return `x${tag.toString(16).padStart(8, '0')}`;
}
