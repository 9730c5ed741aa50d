import { latin1, type DataSet, type Element } from '../../dicom/dataSet';
import { textDecoder, type TextDecode } from '../../dicom/characterSet';
import { vrOf } from './dataDictionary';

/** A person's name in the DICOM JSON model: its component groups (PS3.18 F.2.2). */
export interface DicomJsonPersonName {
  Alphabetic?: string;
  Ideographic?: string;
  Phonetic?: string;
}

export type DicomJsonValue = string | number | null | DicomJsonPersonName | DicomJsonDataset;

/** One attribute in the DICOM JSON model (PS3.18 F.2.2). */
export interface DicomJsonElement {
  vr: string;
  Value?: DicomJsonValue[];
  /** Base64 */
  InlineBinary?: string;
  BulkDataURI?: string;
}

/** A data set in the DICOM JSON model; keys are eight upper-case hexadecimal digits. */
export type DicomJsonDataset = { [tag: string]: DicomJsonElement };

/** Names the place of a binary value: tags and item numbers (from 1), as in `00081140/1/00291010`. */
export type BulkDataUriOf = (path: string) => string;

const BINARY_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'UN']);
const CHARACTER_SET_VRS = new Set(['SH', 'LO', 'ST', 'LT', 'UC', 'UT', 'PN']);
const SINGLE_TEXT_VRS = new Set(['ST', 'LT', 'UT', 'UR']);
const LONGEST_INLINE_BINARY = 512;
const PIXEL_DATA = '7FE00010';
const SPECIFIC_CHARACTER_SET = '00080005';
const UTF_8 = 'ISO_IR 192';

type ReadNumber = (view: DataView, at: number, littleEndian: boolean) => DicomJsonValue;
const NUMBERS: Record<string, { size: number; read: ReadNumber }> = {
  US: { size: 2, read: (view, at, little) => view.getUint16(at, little) },
  SS: { size: 2, read: (view, at, little) => view.getInt16(at, little) },
  UL: { size: 4, read: (view, at, little) => view.getUint32(at, little) },
  SL: { size: 4, read: (view, at, little) => view.getInt32(at, little) },
  UV: { size: 8, read: (view, at, little) => safe(view.getBigUint64(at, little)) },
  SV: { size: 8, read: (view, at, little) => safe(view.getBigInt64(at, little)) },
  FL: { size: 4, read: (view, at, little) => finite(view.getFloat32(at, little)) },
  FD: { size: 8, read: (view, at, little) => finite(view.getFloat64(at, little)) },
  AT: {
    size: 4,
    read: (view, at, little) =>
      hex(view.getUint16(at, little)) + hex(view.getUint16(at + 2, little)),
  },
};

/**
 * Converts a parsed data set into the DICOM JSON model (PS3.18 annex F). File meta information and
 * group lengths are left out; text is decoded, so Specific Character Set becomes UTF-8.
 * @param bulkDataUriOf where a long binary value can be fetched; without it such values are left out
 * @param only the tags wanted; all where left out
 */
export function toDicomJson(
  dataSet: DataSet,
  bulkDataUriOf?: BulkDataUriOf,
  only?: ReadonlySet<string>,
): DicomJsonDataset {
  const terms = dataSet.text('x00080005')?.split('\\') ?? [];
  return convert(dataSet, {
    decode: textDecoder(terms),
    signed: dataSet.uint16('x00280103') === 1,
    bulkDataUriOf,
    only,
    path: '',
  });
}

interface Context {
  decode: TextDecode;
  /** Whether pixel values are signed. */
  signed: boolean;
  bulkDataUriOf: BulkDataUriOf | undefined;
  only: ReadonlySet<string> | undefined;
  /** Where this data set lies within the instance: empty, or ends in a slash. */
  path: string;
}

function convert(dataSet: DataSet, context: Context): DicomJsonDataset {
  const dataset: DicomJsonDataset = {};
  for (const key of Object.keys(dataSet.elements).sort()) {
    const tag = key.slice(1).toUpperCase();
    if (/^(0002|FFFE)|0000$/.test(tag)) continue;
    if (context.only && !context.only.has(tag)) continue;
    const element = dataSet.elements[key]!;
    dataset[tag] = convertElement(tag, element, dataSet, context);
  }
  if (dataset[SPECIFIC_CHARACTER_SET]) {
    dataset[SPECIFIC_CHARACTER_SET] = { vr: 'CS', Value: [UTF_8] };
  }
  return dataset;
}

function convertElement(
  tag: string,
  element: Element,
  dataSet: DataSet,
  context: Context,
): DicomJsonElement {
  // An archive that did not know an attribute calls it UN; its value is that of the dictionary's VR.
  const said = element.vr === 'UN' ? null : element.vr;
  const vr = element.items ? 'SQ' : (said ?? vrOf(tag, context.signed) ?? 'UN');
  if (vr === 'SQ') return sequence(tag, element, context);
  if (BINARY_VRS.has(vr)) return binary(tag, vr, element, dataSet, context);
  const values = NUMBERS[vr]
    ? numbers(vr, element, dataSet)
    : texts(vr, element, dataSet, context.decode);
  const empty = values.every((value) => value === null);
  return empty ? { vr } : { vr, Value: values };
}

function sequence(tag: string, element: Element, context: Context): DicomJsonElement {
  const items = (element.items ?? []).map((item, index) => {
    const path = `${context.path}${tag}/${index + 1}/`;
    return convert(item, { ...context, only: undefined, path });
  });
  return items.length > 0 ? { vr: 'SQ', Value: items } : { vr: 'SQ' };
}

function binary(
  tag: string,
  vr: string,
  element: Element,
  dataSet: DataSet,
  { bulkDataUriOf, path }: Context,
): DicomJsonElement {
  const isPixelData = tag === PIXEL_DATA && path === '';
  if (!isPixelData && element.length <= LONGEST_INLINE_BINARY) {
    if (element.length === 0) return { vr };
    return { vr, InlineBinary: Buffer.from(dataSet.bytesOf(element)).toString('base64') };
  }
  return bulkDataUriOf ? { vr, BulkDataURI: bulkDataUriOf(path + tag) } : { vr };
}

function numbers(vr: string, element: Element, dataSet: DataSet): DicomJsonValue[] {
  const { size, read } = NUMBERS[vr]!;
  const { buffer, byteOffset, length } = dataSet.bytesOf(element);
  const view = new DataView(buffer, byteOffset, length);
  return Array.from({ length: Math.floor(length / size) }, (_, index) =>
    read(view, index * size, dataSet.littleEndian),
  );
}

function texts(
  vr: string,
  element: Element,
  dataSet: DataSet,
  decode: TextDecode,
): DicomJsonValue[] {
  const bytes = dataSet.bytesOf(element);
  const text = CHARACTER_SET_VRS.has(vr) ? decode(bytes) : latin1(bytes);
  const unpadded = text.replace(/[\0 ]+$/, '');
  if (SINGLE_TEXT_VRS.has(vr)) return [unpadded === '' ? null : unpadded];
  return unpadded.split('\\').map((part) => textValue(vr, part.trim()));
}

function textValue(vr: string, text: string): DicomJsonValue {
  if (text === '') return null;
  if (vr === 'PN') return personName(text);
  if (vr !== 'DS' && vr !== 'IS') return text;
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

function personName(text: string): DicomJsonPersonName {
  const [alphabetic, ideographic, phonetic] = text.split('=');
  return {
    ...(alphabetic ? { Alphabetic: alphabetic } : {}),
    ...(ideographic ? { Ideographic: ideographic } : {}),
    ...(phonetic ? { Phonetic: phonetic } : {}),
  };
}

/** JSON has no infinities: PS3.18 F.2.3 writes them, and NaN, as strings. */
function finite(value: number): DicomJsonValue {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return value;
  return value > 0 ? 'inf' : '-inf';
}

/** Beyond what a JSON number holds exactly, PS3.18 F.2.3 lets the digits be a string. */
function safe(value: bigint): DicomJsonValue {
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}

function hex(value: number): string {
  return value.toString(16).padStart(4, '0').toUpperCase();
}
