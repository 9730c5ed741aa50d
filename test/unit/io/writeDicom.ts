import { deflateRawSync } from 'node:zlib';

/** Writes DICOM files by hand (PS3.5, PS3.10), so that reading is tested against the format. */
export type Value = string | number | readonly number[] | Buffer | readonly Elements[];
/** `GGGGEEEE VR` to value; written in the order of the tags. */
export type Elements = Readonly<Record<string, Value>>;
export type Encoding = 'implicit' | 'explicit' | 'big-endian' | 'deflated';

const TRANSFER_SYNTAX: Record<Encoding, string> = {
  implicit: '1.2.840.10008.1.2',
  explicit: '1.2.840.10008.1.2.1',
  'big-endian': '1.2.840.10008.1.2.2',
  deflated: '1.2.840.10008.1.2.1.99',
};
const LONG = ['OB', 'OV', 'OW', 'SQ', 'UN', 'UT'];

export interface DicomSpec {
  readonly elements: Elements;
  readonly encoding?: Encoding;
  /** Another (compressed) transfer syntax than the encoding's own. */
  readonly transferSyntaxUID?: string;
  /** Preamble and File Meta Information. */
  readonly part10?: boolean;
  /** Bytes behind the last element. */
  readonly trailer?: Buffer;
}

export function dicomBytes(spec: DicomSpec): Buffer {
  const { encoding = 'explicit', part10 = true, trailer = Buffer.alloc(0) } = spec;
  const body = Buffer.concat([dataSet(spec.elements, encoding), trailer]);
  if (!part10) return body;
  const uid = spec.transferSyntaxUID ?? TRANSFER_SYNTAX[encoding];
  const sopClass = spec.elements['00080016 UI'];
  const meta = dataSet(
    {
      '00020001 OB': Buffer.from([0, 1]),
      ...(sopClass !== undefined && { '00020002 UI': sopClass }),
      '00020010 UI': uid,
    },
    'explicit',
  );
  const groupLength = dataSet({ '00020000 UL': [meta.length] }, 'explicit');
  return Buffer.concat([
    Buffer.alloc(128),
    Buffer.from('DICM'),
    groupLength,
    meta,
    encoding === 'deflated' ? deflateRawSync(body) : body,
  ]);
}

/** Encapsulated pixel data (PS3.5 Annex A.4): an empty or given offset table, then the fragments. */
export function encapsulated(fragments: readonly Buffer[], offsets: readonly number[] = []) {
  const item = (bytes: Buffer) => {
    const header = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0]);
    const even = bytes.length % 2 ? Buffer.concat([bytes, Buffer.alloc(1)]) : bytes;
    header.writeUInt32LE(even.length, 4);
    return Buffer.concat([header, even]);
  };
  const table = Buffer.alloc(4 * offsets.length);
  offsets.forEach((offset, i) => table.writeUInt32LE(offset, 4 * i));
  return Buffer.concat([
    item(table),
    ...fragments.map(item),
    Buffer.from([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]),
  ]);
}

/** Marks pixel data that were made by `encapsulated`. */
export const ENCAPSULATED = '7FE00010 OB encapsulated';

function dataSet(elements: Elements, encoding: Encoding): Buffer {
  const big = encoding === 'big-endian';
  const names = Object.keys(elements).sort();
  return Buffer.concat(names.flatMap((name) => element(name, elements[name], encoding, big)));
}

function element(name: string, value: Value, encoding: Encoding, big: boolean): Buffer[] {
  const vr = name.slice(9, 11);
  const bytes = valueBytes(value, vr, encoding, big);
  const undefinedLength = name === ENCAPSULATED;
  const long = encoding === 'implicit' || LONG.includes(vr);
  const head = Buffer.alloc(encoding === 'implicit' || !long ? 8 : 12);
  const u16 = (at: number, v: number) =>
    big ? head.writeUInt16BE(v, at) : head.writeUInt16LE(v, at);
  const u32 = (at: number, v: number) =>
    big ? head.writeUInt32BE(v, at) : head.writeUInt32LE(v, at);
  u16(0, parseInt(name.slice(0, 4), 16));
  u16(2, parseInt(name.slice(4, 8), 16));
  const length = undefinedLength ? 0xffffffff : bytes.length;
  if (encoding === 'implicit') u32(4, length);
  else {
    head.write(vr, 4, 'latin1');
    if (long) u32(8, length);
    else u16(6, length);
  }
  return [head, bytes];
}

function valueBytes(value: Value, vr: string, encoding: Encoding, big: boolean): Buffer {
  if (Buffer.isBuffer(value)) return value;
  if (vr === 'SQ') {
    return Buffer.concat(
      (value as readonly Elements[]).flatMap((item) => {
        const bytes = dataSet(item, encoding);
        const head = Buffer.alloc(8);
        const [tag, length] = [0xe000, bytes.length];
        if (big) {
          head.writeUInt16BE(0xfffe, 0);
          head.writeUInt16BE(tag, 2);
          head.writeUInt32BE(length, 4);
        } else {
          head.writeUInt16LE(0xfffe, 0);
          head.writeUInt16LE(tag, 2);
          head.writeUInt32LE(length, 4);
        }
        return [head, bytes];
      }),
    );
  }
  if (vr === 'US' || vr === 'SS' || vr === 'UL') {
    const numbers = Array.isArray(value) ? (value as readonly number[]) : [value as number];
    const step = vr === 'UL' ? 4 : 2;
    const bytes = Buffer.alloc(step * numbers.length);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    numbers.forEach((n, i) => {
      if (vr === 'UL') view.setUint32(4 * i, n, !big);
      else if (vr === 'US') view.setUint16(2 * i, n, !big);
      else view.setInt16(2 * i, n, !big);
    });
    return bytes;
  }
  const text = Array.isArray(value) ? value.join('\\') : String(value);
  return Buffer.from(text.length % 2 ? text + (vr === 'UI' ? '\0' : ' ') : text, 'latin1');
}

/** An axial CT slice of rows x columns; `pixels` are the raw bytes of Pixel Data. */
export function ctSlice(
  z: number,
  pixels: Buffer,
  { rows = 8, columns = 8, more = {} as Elements, series = '1.2.3.4' } = {},
): Elements {
  return {
    '00080016 UI': '1.2.840.10008.5.1.4.1.1.2',
    '00080018 UI': `${series}.${Math.round(z * 10) + 100000}`,
    '00080060 CS': 'CT',
    '00080008 CS': 'ORIGINAL\\PRIMARY\\AXIAL',
    '0020000D UI': '1.2.3',
    '0020000E UI': series,
    '00200052 UI': '1.2.3.9',
    '00200032 DS': [-20, -30, z],
    '00200037 DS': [1, 0, 0, 0, 1, 0],
    '00280002 US': 1,
    '00280004 CS': 'MONOCHROME2',
    '00280010 US': rows,
    '00280011 US': columns,
    '00280030 DS': [5, 4],
    '00280100 US': 16,
    '00280101 US': 16,
    '00280102 US': 15,
    '00280103 US': 1,
    '00281052 DS': -1024,
    '00281053 DS': 1,
    '7FE00010 OW': pixels,
    ...more,
  };
}

export function without(elements: Elements, ...names: readonly string[]): Elements {
  return Object.fromEntries(Object.entries(elements).filter(([name]) => !names.includes(name)));
}

/** Little-endian bytes of numbers, as Pixel Data holds them. */
export function int16Bytes(values: ArrayLike<number>): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (let i = 0; i < values.length; i++) bytes.writeUInt16LE(values[i] & 0xffff, 2 * i);
  return bytes;
}
