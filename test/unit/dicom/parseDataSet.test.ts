import dicomParser from 'dicom-parser';
import type { DataSet } from '../../../src/dicom/dataSet';
import { parseDataSet } from '../../../src/dicom/parseDataSet';
import { fileStart, readBody } from '../../../src/dicom/part10';
import {
  ctSlice,
  dicomBytes,
  encapsulated,
  ENCAPSULATED,
  int16Bytes,
  without,
} from '../io/writeDicom';
import type { Elements, Encoding } from '../io/writeDicom';

const EXPLICIT = { explicit: true, littleEndian: true };
const IMPLICIT = { explicit: false, littleEndian: true };
const PIXELS = int16Bytes(Array.from({ length: 64 }, (_, i) => i * 7));

/** An element in explicit VR; VRs with a length of 32 bits by `long`. */
function raw(tag: string, vr: string, value: Buffer, { long = false, length = value.length } = {}) {
  const head = Buffer.alloc(long ? 12 : 8);
  head.writeUInt16LE(parseInt(tag.slice(0, 4), 16), 0);
  head.writeUInt16LE(parseInt(tag.slice(4), 16), 2);
  head.write(vr, 4, 'latin1');
  if (long) head.writeUInt32LE(length, 8);
  else head.writeUInt16LE(length, 6);
  return Buffer.concat([head, value]);
}
const item = (value: Buffer, length = value.length) => {
  const head = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0]);
  head.writeUInt32LE(length >>> 0, 4);
  return Buffer.concat([head, value]);
};
const delimiter = (element: number) => Buffer.from([0xfe, 0xff, element, 0xe0, 0, 0, 0, 0]);
const OPEN = 0xffffffff;
const rows = raw('00280010', 'US', Buffer.from([8, 0]));

function readFile(bytes: Buffer) {
  const start = fileStart(bytes);
  if (start === null) throw new Error('no DICOM');
  return readBody(bytes, start.bodyOffset, start);
}

describe('a data set', () => {
  const nested: Elements = {
    ...without(ctSlice(3, PIXELS), '7FE00010 OW'),
    '00081140 SQ': [{ '00081155 UI': '1.2.3' }, { '00081155 UI': '1.2.4' }],
    '00291010 UN': Buffer.from('private'),
    '7FE00010 OW': PIXELS,
  };

  it.each<Encoding>(['implicit', 'explicit', 'big-endian'])(
    'gives the elements that an independent reader gives, encoded %s',
    (encoding) => {
      const bytes = dicomBytes({ elements: nested, encoding });
      const theirs = dicomParser.parseDicom(bytes);
      const { dataSet, end } = readFile(bytes);
      expect(end).toBe('complete');
      const body = Object.keys(theirs.elements).filter((tag) => !tag.startsWith('x0002'));
      expect(Object.keys(dataSet.elements).sort()).toEqual(body.sort());
      for (const tag of body) {
        const { dataOffset, length, items } = theirs.elements[tag];
        expect(dataSet.elements[tag]).toMatchObject({ dataOffset, length });
        expect(dataSet.items(tag).map((one: DataSet) => one.text('x00081155'))).toEqual(
          (items ?? []).map((one) => one.dataSet?.string('x00081155')),
        );
      }
    },
  );

  it.each(['OV', 'SV', 'UV'])('goes on behind an element of VR %s', (vr) => {
    const bytes = Buffer.concat([raw('00111001', vr, Buffer.alloc(16, 1), { long: true }), rows]);
    const { dataSet, end } = parseDataSet(bytes, EXPLICIT);
    expect([end, dataSet.uint16('x00280010')]).toEqual(['complete', 8]);
    expect(dataSet.element('x00111001')).toMatchObject({ vr, length: 16 });
  });

  it('goes on behind a VR that nobody knows, with a length of either size', () => {
    for (const long of [true, false]) {
      const bytes = Buffer.concat([raw('00111001', 'XY', Buffer.from('abcdef'), { long }), rows]);
      expect(parseDataSet(bytes, EXPLICIT).dataSet.uint16('x00280010')).toBe(8);
    }
  });

  it('goes on behind an element without VR, and one of odd length', () => {
    const bare = Buffer.from([0x11, 0, 1, 0x10, 3, 0, 0, 0, 1, 2, 3]);
    expect(parseDataSet(Buffer.concat([bare, rows]), EXPLICIT).dataSet.uint16('x00280010')).toBe(8);
  });

  it('holds a sequence under UN, implicit as the standard says or explicit as some write it', () => {
    const implicit = Buffer.from([8, 0, 0, 1, 4, 0, 0, 0, 65, 66, 67, 68]);
    const explicit = raw('00080100', 'SH', Buffer.from('ABCD'));
    for (const content of [implicit, explicit]) {
      for (const open of [true, false]) {
        const items = open
          ? Buffer.concat([item(content, OPEN), delimiter(0x0d), delimiter(0xdd)])
          : item(content);
        const length = open ? OPEN : items.length;
        const bytes = Buffer.concat([raw('52009229', 'UN', items, { long: true, length }), rows]);
        const { dataSet, end } = parseDataSet(bytes, EXPLICIT);
        expect([end, dataSet.uint16('x00280010')]).toEqual(['complete', 8]);
        expect(dataSet.items('x52009229').map((one) => one.text('x00080100'))).toEqual(['ABCD']);
      }
    }
  });

  it('takes a value that only begins like a sequence as the value it is', () => {
    const junk = Buffer.concat([item(Buffer.from('vendor blob'), 0x00ffffff)]);
    const head = Buffer.from([0x29, 0, 0x10, 0x10, 0, 0, 0, 0]);
    head.writeUInt32LE(junk.length, 4);
    const after = Buffer.from([0x28, 0, 0x10, 0, 2, 0, 0, 0, 8, 0]);
    const { dataSet, end } = parseDataSet(Buffer.concat([head, junk, after]), IMPLICIT);
    expect([end, dataSet.uint16('x00280010')]).toEqual(['complete', 8]);
    expect(dataSet.element('x00291010')).toMatchObject({ items: null, length: junk.length });
  });

  it('may lack delimiters at its end, and have zeros behind it', () => {
    const open = raw('00081140', 'SQ', item(rows, OPEN), { long: true, length: OPEN });
    const sequence = Buffer.concat([open, delimiter(0xdd), rows, Buffer.alloc(37)]);
    const { dataSet, end } = parseDataSet(sequence, EXPLICIT);
    expect(end).toBe('complete');
    expect(dataSet.items('x00081140')[0].uint16('x00280010')).toBe(8);
    expect(dataSet.uint16('x00280010')).toBe(8);
  });

  it('that is cut says so, wherever it is cut, and hands over what came before', () => {
    const whole = Buffer.concat([rows, raw('00280011', 'US', Buffer.from([9, 0]))]);
    for (let length = rows.length + 8; length < whole.length; length++) {
      const { dataSet, end } = parseDataSet(whole.subarray(0, length), EXPLICIT);
      expect([end, dataSet.uint16('x00280010')]).toEqual(['cut', 8]);
    }
  });

  it('that nests or counts without end is refused, not followed', () => {
    let deep: Buffer = rows;
    for (let i = 0; i < 200; i++) deep = raw('00081140', 'SQ', item(deep), { long: true });
    expect(() => parseDataSet(deep, EXPLICIT)).toThrow(/nest without end/);
    const empty = item(Buffer.alloc(0));
    const many = Buffer.alloc(4_000_100 * empty.length, empty);
    const wide = raw('00081140', 'SQ', many, { long: true });
    expect(() => parseDataSet(wide, EXPLICIT)).toThrow(/more elements than any image/);
  });
});

describe('a file', () => {
  const elements = ctSlice(3, PIXELS);
  const body = (encoding: Encoding) => dicomBytes({ elements, encoding, part10: false });
  const says = (transferSyntaxUID: string, encoding: Encoding) => {
    const one = dicomBytes({ elements: { '00080060 CS': 'CT' }, transferSyntaxUID });
    return Buffer.concat([one.subarray(0, fileStart(one)!.bodyOffset), body(encoding)]);
  };
  const IMPLICIT_UID = '1.2.840.10008.1.2';
  const EXPLICIT_UID = '1.2.840.10008.1.2.1';
  const BIG_UID = '1.2.840.10008.1.2.2';

  it.each<[string, Encoding, string]>([
    [IMPLICIT_UID, 'explicit', EXPLICIT_UID],
    [EXPLICIT_UID, 'implicit', IMPLICIT_UID],
    [EXPLICIT_UID, 'big-endian', BIG_UID],
    [BIG_UID, 'explicit', EXPLICIT_UID],
    ['1.2.840.10008.1.2.1.99', 'explicit', '1.2.840.10008.1.2.1.99'],
    // Says compressed, holds plain numbers.
    ['1.2.840.10008.1.2.4.90', 'explicit', EXPLICIT_UID],
  ])('that says %s and is encoded %s is read as it is', (said, encoding, found) => {
    const { dataSet, transferSyntaxUID, end } = readFile(says(said, encoding));
    expect([end, transferSyntaxUID]).toEqual(['complete', found]);
    expect(dataSet.numbers('x00200032')).toEqual([-20, -30, 3]);
  });

  it.each<[string, Buffer, string]>([
    ['JPEG 2000', Buffer.from('ff4fff51002f', 'hex'), '1.2.840.10008.1.2.4.90'],
    ['JPEG-LS', Buffer.from('ffd8fff7000b', 'hex'), '1.2.840.10008.1.2.4.80'],
    ['JPEG', Buffer.from('ffd8ffdb0043', 'hex'), '1.2.840.10008.1.2.4.50'],
    ['RLE', Buffer.from('0100000040000000', 'hex'), '1.2.840.10008.1.2.5'],
  ])('that says it is native and holds %s is read as what it holds', (_name, stream, found) => {
    const header = without(elements, '7FE00010 OW');
    const bytes = dicomBytes({ elements: { ...header, [ENCAPSULATED]: encapsulated([stream]) } });
    expect(readFile(bytes).transferSyntaxUID).toBe(found);
  });

  it.each<[string, Buffer]>([
    ['without preamble and meta information, implicit', body('implicit')],
    ['without preamble and meta information, explicit', body('explicit')],
    ['without preamble, with meta information', dicomBytes({ elements }).subarray(132)],
  ])('%s is read', (_name, bytes) => {
    expect(readFile(bytes).dataSet.text('x00080060')).toBe('CT');
  });

  it('with meta information in implicit VR, or without transfer syntax, is read', () => {
    const uid = Buffer.from('1.2.840.10008.1.2\0');
    const implicitMeta = Buffer.concat([Buffer.from([2, 0, 0x10, 0, uid.length, 0, 0, 0]), uid]);
    for (const meta of [implicitMeta, raw('00020012', 'UI', Buffer.from('1.2.3\0'))]) {
      const preamble = Buffer.concat([Buffer.alloc(128), Buffer.from('DICM')]);
      const { dataSet, transferSyntaxUID } = readFile(
        Buffer.concat([preamble, meta, body('implicit')]),
      );
      expect(transferSyntaxUID).toBe(IMPLICIT_UID);
      expect(dataSet.text('x00080060')).toBe('CT');
    }
  });

  it('of another kind is none', () => {
    expect(fileStart(Buffer.from('%PDF-1.7 and more of it'))).toBeNull();
    expect(fileStart(Buffer.alloc(1000))).toBeNull();
    expect(fileStart(Buffer.alloc(0))).toBeNull();
  });
});
