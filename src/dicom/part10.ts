import { DataSet, PIXEL_DATA } from './dataSet';
import { isVr, parseDataSet } from './parseDataSet';
import {
  decoderOf,
  DEFLATED,
  encodingOf,
  EXPLICIT_LITTLE_ENDIAN,
  isNative,
  nativeSyntaxOf,
  syntaxOfStream,
  type Encoding,
} from './transferSyntax';

const UNDEFINED_LENGTH = 0xffffffff;
const PREAMBLE = 128;
/** Bytes of a compressed frame's first fragment that tell its kind. */
const STREAM_START = 256;

/** The beginning of a DICOM file, up to its data set. */
export interface FileStart {
  /** Whether the file begins with a preamble and `DICM` (PS3.10 section 7.1). */
  readonly hasPreamble: boolean;
  /** Where the data set begins, bytes from the start of the file. */
  readonly bodyOffset: number;
  /** As the File Meta Information says them; null where it is silent or absent. */
  readonly transferSyntaxUID: string | null;
  readonly mediaStorageSOPClassUID: string | null;
}

/** A data set and how it is stored. */
export interface DicomData {
  readonly dataSet: DataSet;
  /** How data set and frames are encoded in fact, whatever the file says. */
  readonly transferSyntaxUID: string;
  readonly mediaStorageSOPClassUID: string | null;
}

/**
 * Finds the data set behind preamble and File Meta Information, in a file without them too (as some
 * old archives wrote).
 *
 * @param bytes the beginning of the file, at least its first kilobytes.
 * @returns null when it is no DICOM file.
 */
export function fileStart(bytes: Uint8Array): FileStart | null {
  const hasPreamble = isText(bytes, PREAMBLE, 'DICM');
  let at = hasPreamble ? PREAMBLE + 4 : 0;
  const view = viewOf(bytes);
  const meta: Record<number, string> = {};
  while (at + 8 <= bytes.length && view.getUint16(at, true) === 0x0002) {
    const element = view.getUint16(at + 2, true);
    const explicit = isVr(bytes, at + 4);
    const long = explicit && /^(OB|UN|UT)$/.test(textAt(bytes, at + 4, 2));
    if (long && at + 12 > bytes.length) return null;
    const size32 = view.getUint32(long ? at + 8 : at + 4, true);
    const length = explicit && !long ? view.getUint16(at + 6, true) : size32;
    at += long ? 12 : 8;
    if (length <= 256) meta[element] = textAt(bytes, at, length).replace(/[\0 ]+$/, '');
    at += length;
  }
  if (!hasPreamble && at === 0 && !looksLikeDataSet(bytes)) return null;
  return {
    hasPreamble,
    bodyOffset: at,
    transferSyntaxUID: meta[0x0010] || null,
    mediaStorageSOPClassUID: meta[0x0002] || null,
  };
}

/** Whether the bytes behind the meta information are deflated, as the file says they are. */
export function isDeflated(bytes: Uint8Array, start: FileStart): boolean {
  return start.transferSyntaxUID === DEFLATED && !isVr(bytes, start.bodyOffset + 4);
}

export interface ReadBody extends DicomData {
  /** As of `parseDataSet`; `pixels` only where asked to stop there. */
  readonly end: 'complete' | 'pixels' | 'cut';
}

/**
 * Reads the data set of a file. Where the encoding that the file states is not the one it has, the
 * one it has is taken.
 *
 * @param bytes the file, or its beginning; of a deflated file its inflated data set.
 * @param at where the data set begins in `bytes`.
 */
export function readBody(
  bytes: Uint8Array,
  at: number,
  start: FileStart,
  { stopAtPixels = false } = {},
): ReadBody {
  const encoding = encodingIn(bytes, at, start.transferSyntaxUID);
  const { dataSet, end } = parseDataSet(bytes, encoding, { start: at, stopAtPixels });
  return {
    dataSet,
    end,
    transferSyntaxUID: syntaxInFact(dataSet, encoding, start.transferSyntaxUID),
    mediaStorageSOPClassUID: start.mediaStorageSOPClassUID,
  };
}

/** Whether the pixel data of a data set that was read whole lie within its bytes. */
export function pixelsAreComplete(dataSet: DataSet): boolean {
  const pixels = dataSet.element(PIXEL_DATA);
  return !pixels || pixels.dataOffset + pixels.length <= dataSet.bytes.length;
}

/** The encoding of the first element; what the file says decides only where that is silent. */
function encodingIn(bytes: Uint8Array, at: number, said: string | null): Encoding {
  const stated = encodingOf(said ?? EXPLICIT_LITTLE_ENDIAN);
  if (at + 8 > bytes.length) return stated;
  const [a, b] = [bytes[at], bytes[at + 1]];
  // Every data set begins with a group below 0x0100.
  const littleEndian = a === 0 || b === 0 ? b === 0 : stated.littleEndian;
  return { explicit: isVr(bytes, at + 4), littleEndian };
}

function syntaxInFact(dataSet: DataSet, encoding: Encoding, said: string | null): string {
  const native = nativeSyntaxOf(encoding);
  const pixels = dataSet.element(PIXEL_DATA);
  const stated = said ?? native;
  if (!pixels) return isNative(stated) && stated !== DEFLATED ? native : stated;
  if (!pixels.encapsulated) {
    const plain = isNative(stated) || decoderOf(stated) !== null;
    return plain && stated !== DEFLATED ? native : stated;
  }
  return isNative(stated) ? (syntaxOfStream(firstFragment(dataSet)) ?? stated) : stated;
}

/** The first bytes of the first fragment; none where they are not at hand. */
function firstFragment({ bytes, elements }: DataSet): Uint8Array {
  const { dataOffset } = elements[PIXEL_DATA];
  if (dataOffset + 8 > bytes.length) return new Uint8Array();
  const table = viewOf(bytes).getUint32(dataOffset + 4, true);
  const from = dataOffset + 8 + (table === UNDEFINED_LENGTH ? 0 : table) + 8;
  return bytes.subarray(from, from + STREAM_START);
}

/** A data set without meta information starts with group 0008, a low element and a short value. */
function looksLikeDataSet(bytes: Uint8Array): boolean {
  if (bytes.length < 16) return false;
  const view = viewOf(bytes);
  const littleEndian = view.getUint16(0, true) === 0x0008;
  if (view.getUint16(0, littleEndian) !== 0x0008) return false;
  const explicit = isVr(bytes, 4);
  const length = explicit ? view.getUint16(6, littleEndian) : view.getUint32(4, littleEndian);
  return view.getUint16(2, littleEndian) <= 0x0018 && length <= 256;
}

function isText(bytes: Uint8Array, at: number, text: string): boolean {
  return textAt(bytes, at, text.length) === text;
}

function textAt(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/**
 * Preamble and File Meta Information (PS3.10 section 7.1) for a data set that lacks them or has
 * others. UIDs that are not known are left out.
 */
export function fileMeta(uids: {
  readonly transferSyntaxUID: string;
  readonly sopClassUID: string;
  readonly sopInstanceUID: string;
}): Uint8Array {
  const element = (number: number, vr: string, value: readonly number[]) => {
    const long = vr === 'OB' ? [0, 0] : [];
    const length = [value.length & 0xff, value.length >> 8, ...long];
    return [2, 0, number, 0, vr.charCodeAt(0), vr.charCodeAt(1), ...long, ...length, ...value];
  };
  const uid = (number: number, text: string) => {
    const codes = Array.from(text, (character) => character.charCodeAt(0));
    return text ? element(number, 'UI', codes.length % 2 ? [...codes, 0] : codes) : [];
  };
  const group = [
    ...element(0x01, 'OB', [0, 1]),
    ...uid(0x02, uids.sopClassUID),
    ...uid(0x03, uids.sopInstanceUID),
    ...uid(0x10, uids.transferSyntaxUID),
    // Implementation Class UID, a UID made for this writer (PS3.5 B.2)
    ...uid(0x12, '2.25.210384759287446021937155862040128713'),
  ];
  const length = element(0x00, 'UL', [group.length & 0xff, group.length >> 8, 0, 0]);
  const dicm = Array.from('DICM', (character) => character.charCodeAt(0));
  return Uint8Array.from([...new Array<number>(PREAMBLE).fill(0), ...dicm, ...length, ...group]);
}
