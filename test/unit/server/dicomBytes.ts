import { deflateRawSync } from 'node:zlib';

/** Transfer syntaxes (PS3.6 table A-1). */
export const IMPLICIT = '1.2.840.10008.1.2';
export const EXPLICIT = '1.2.840.10008.1.2.1';
export const DEFLATED = '1.2.840.10008.1.2.1.99';
export const BIG_ENDIAN = '1.2.840.10008.1.2.2';
export const JPEG_LS = '1.2.840.10008.1.2.4.80';

const LONG_VRS = ['OB', 'OW', 'SQ', 'UN', 'UT'];

/** An attribute: tag, VR, value. Numbers are written in the VR's binary form. */
export type Attribute = [
  tag: string,
  vr: string,
  value: string | Buffer | number[] | Attribute[][],
];

/** Fragments of encapsulated pixel data, with the basic offset table or without. */
export interface Encapsulated {
  fragments: Buffer[];
  offsets?: number[];
}

/**
 * Writes a DICOM file byte by byte, straight from PS3.5 and PS3.10, so that what reads it is tested
 * against something that shares no code with it.
 */
export function dicomFile(
  transferSyntax: string,
  attributes: Attribute[],
  encapsulated?: Encapsulated,
): Buffer {
  const meta = Buffer.concat([
    element(['00020001', 'OB', Buffer.from([0, 1])], EXPLICIT),
    element(['00020010', 'UI', transferSyntax], EXPLICIT),
  ]);
  const body = Buffer.concat([
    ...attributes.map((attribute) => element(attribute, transferSyntax)),
    ...(encapsulated ? [fragmentsOf(encapsulated)] : []),
  ]);
  return Buffer.concat([
    Buffer.alloc(128),
    Buffer.from('DICM'),
    element(['00020000', 'UL', [meta.length]], EXPLICIT),
    meta,
    transferSyntax === DEFLATED ? deflateRawSync(body) : body,
  ]);
}

function element([tag, vr, given]: Attribute, transferSyntax: string): Buffer {
  const big = transferSyntax === BIG_ENDIAN;
  const value = valueOf(vr, given, transferSyntax);
  const head = Buffer.concat([
    u16(Number.parseInt(tag.slice(0, 4), 16), big),
    u16(Number.parseInt(tag.slice(4), 16), big),
  ]);
  if (transferSyntax === IMPLICIT) return Buffer.concat([head, u32(value.length, big), value]);
  const length = LONG_VRS.includes(vr)
    ? Buffer.concat([Buffer.alloc(2), u32(value.length, big)])
    : u16(value.length, big);
  return Buffer.concat([head, Buffer.from(vr), length, value]);
}

function valueOf(vr: string, given: Attribute[2], transferSyntax: string): Buffer {
  const big = transferSyntax === BIG_ENDIAN;
  if (Buffer.isBuffer(given))
    return given.length % 2 ? Buffer.concat([given, Buffer.alloc(1)]) : given;
  if (typeof given === 'string') {
    const pad = vr === 'UI' ? '\0' : ' ';
    return Buffer.from(given.length % 2 ? given + pad : given, 'latin1');
  }
  if (vr === 'SQ') {
    const items = (given as Attribute[][]).map((attributes) => {
      const body = Buffer.concat(attributes.map((a) => element(a, transferSyntax)));
      return Buffer.concat([u16(0xfffe, big), u16(0xe000, big), u32(body.length, big), body]);
    });
    return Buffer.concat(items);
  }
  return Buffer.concat((given as number[]).map((number) => numberOf(vr, number, big)));
}

function numberOf(vr: string, number: number, big: boolean): Buffer {
  const bytes = Buffer.alloc(vr === 'FD' ? 8 : vr === 'US' || vr === 'SS' ? 2 : 4);
  if (vr === 'US') bytes.writeUInt16LE(number);
  else if (vr === 'SS') bytes.writeInt16LE(number);
  else if (vr === 'UL') bytes.writeUInt32LE(number);
  else if (vr === 'FL') bytes.writeFloatLE(number);
  else if (vr === 'FD') bytes.writeDoubleLE(number);
  else throw new Error(`no number in ${vr}`);
  return big ? bytes.reverse() : bytes;
}

function fragmentsOf({ fragments, offsets = [] }: Encapsulated): Buffer {
  const item = (bytes: Buffer) =>
    Buffer.concat([Buffer.from('feff00e0', 'hex'), u32(bytes.length, false), bytes]);
  return Buffer.concat([
    Buffer.from('e07f10004f420000ffffffff', 'hex'),
    item(Buffer.concat(offsets.map((offset) => u32(offset, false)))),
    ...fragments.map(item),
    Buffer.from('feffdde000000000', 'hex'),
  ]);
}

function u16(value: number, big: boolean): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return big ? bytes.reverse() : bytes;
}

function u32(value: number, big: boolean): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return big ? bytes.reverse() : bytes;
}

/** What `ctSlice` may differ in. */
export interface SliceOptions {
  study?: string;
  series?: string;
  sop?: string;
  name?: string;
  /** Patient ID */
  id?: string;
  birthDate?: string;
  modality?: string;
  date?: string;
  description?: string;
  number?: number;
  frames?: number;
  transferSyntax?: string;
  /** Native pixel data, 16 bits, rows x columns x frames. */
  pixels?: number[];
  encapsulated?: Encapsulated;
  /** Pixel Representation */
  signed?: boolean;
  more?: Attribute[];
}

/** A small CT-like file: 2 rows, 3 columns, 16 bits; attributes in the order of their tags. */
export function ctSlice(options: SliceOptions = {}): Buffer {
  const { frames = 1, transferSyntax = EXPLICIT, encapsulated, more = [] } = options;
  const pixels = options.pixels ?? Array.from({ length: 6 * frames }, (_, at) => at * 257);
  const attributes: Attribute[] = [
    ['00080005', 'CS', 'ISO_IR 100'],
    ['00080016', 'UI', '1.2.840.10008.5.1.4.1.1.2'],
    ['00080018', 'UI', options.sop ?? '1.2.3.1.1'],
    ['00080020', 'DA', options.date ?? '20240131'],
    ['00080030', 'TM', '101530'],
    ['00080050', 'SH', 'A1'],
    ['00080060', 'CS', options.modality ?? 'CT'],
    ['00080090', 'PN', ''],
    ['00081030', 'LO', options.description ?? 'Abdomen'],
    ['0008103E', 'LO', 'axial'],
    ['00100010', 'PN', options.name ?? 'Doe^Jane'],
    ['00100020', 'LO', options.id ?? 'P1'],
    ...(options.birthDate ? [['00100030', 'DA', options.birthDate] satisfies Attribute] : []),
    ['0020000D', 'UI', options.study ?? '1.2.3'],
    ['0020000E', 'UI', options.series ?? '1.2.3.1'],
    ['00200011', 'IS', '7'],
    ['00200013', 'IS', String(options.number ?? 1)],
    ['00200032', 'DS', '-1.5\\2\\3e1'],
    ['00280002', 'US', [1]],
    ['00280004', 'CS', 'MONOCHROME2'],
    ...(frames > 1 ? [['00280008', 'IS', String(frames)] satisfies Attribute] : []),
    ['00280010', 'US', [2]],
    ['00280011', 'US', [3]],
    ['00280100', 'US', [16]],
    ['00280103', 'US', [options.signed ? 1 : 0]],
    ...more,
  ];
  if (!encapsulated) {
    attributes.push([
      '7FE00010',
      'OW',
      Buffer.concat(pixels.map((p) => u16(p, transferSyntax === BIG_ENDIAN))),
    ]);
  }
  return dicomFile(
    transferSyntax,
    attributes.sort(([a], [b]) => (a < b ? -1 : 1)),
    encapsulated,
  );
}
