import { closeSync, openSync, truncateSync, writeSync } from 'node:fs';
import dcmjsCodecs from 'dcmjs-codecs';
import type { Series } from '../../../src/series/types';
import { checkInput } from '../../../src/io/checkInput';
import { all, at, checked, put, ramp, valuesOf } from './files';
import { ctSlice, dicomBytes, encapsulated, ENCAPSULATED, int16Bytes, without } from './writeDicom';
import type { Elements } from './writeDicom';

describe('compressed frames', () => {
  const { Context, NativeCodecs } = dcmjsCodecs;
  beforeAll(() => NativeCodecs.initializeAsync());
  const rows = 32;
  const columns = 24;
  const picture = (seed: number) =>
    Int16Array.from(
      { length: rows * columns },
      (_, i) => ((i * 37 + seed * 101) % 4001) - 2000 + Math.floor(i / columns),
    );
  const context = (values: Int16Array) =>
    new Context({
      width: columns,
      height: rows,
      bitsAllocated: 16,
      bitsStored: 16,
      samplesPerPixel: 1,
      pixelRepresentation: 1,
      planarConfiguration: 0,
      photometricInterpretation: 'MONOCHROME2',
      decodedBuffer: new Uint8Array(values.buffer.slice(0)),
    });
  const encoders = {
    '1.2.840.10008.1.2.5': (v: Int16Array) => NativeCodecs.encodeRle(context(v)),
    '1.2.840.10008.1.2.4.80': (v: Int16Array) => NativeCodecs.encodeJpegLs(context(v)),
    '1.2.840.10008.1.2.4.90': (v: Int16Array) => NativeCodecs.encodeJpeg2000(context(v)),
    '1.2.840.10008.1.2.4.201': (v: Int16Array) => NativeCodecs.encodeHtJpeg2000(context(v)),
  };
  const encode = (uid: keyof typeof encoders, values: Int16Array) =>
    Buffer.from(encoders[uid](values).getEncodedBuffer() ?? []);

  it.each(Object.keys(encoders) as (keyof typeof encoders)[])(
    'of transfer syntax %s come back exactly',
    async (transferSyntaxUID) => {
      for (let n = 0; n < 10; n++) {
        const header = without(ctSlice(5 * n, Buffer.alloc(0), { rows, columns }), '7FE00010 OW');
        const pixels = encapsulated([encode(transferSyntaxUID, picture(n))]);
        const elements = { ...header, [ENCAPSULATED]: pixels };
        put(`c/${n}.dcm`, dicomBytes({ elements, transferSyntaxUID }));
      }
      const { series, failures } = await all();
      expect(failures).toEqual([]);
      for (const index of [0, 7]) {
        expect(await valuesOf(series[0], index)).toEqual(
          Array.from(picture(index), (v) => v - 1024),
        );
      }
    },
  );

  it.each([
    ['an offset table', true],
    ['one fragment a frame', false],
  ])('of a multi-frame file are told apart by %s', async (_name, table) => {
    const frames = Array.from({ length: 10 }, (_, n) => encode('1.2.840.10008.1.2.5', picture(n)));
    const offsets = frames.map((_, n) =>
      frames.slice(0, n).reduce((sum, b) => sum + 8 + b.length + (b.length % 2), 0),
    );
    const elements = enhanced(10, encapsulated(frames, table ? offsets : []), {
      rows,
      columns,
      compressed: true,
    });
    put('m.dcm', dicomBytes({ elements, transferSyntaxUID: '1.2.840.10008.1.2.5' }));
    const { series } = await all();
    expect(await valuesOf(series[0], 6)).toEqual(Array.from(picture(6), (v) => 2 * v - 1000));
  });

  it('that are damaged are named when they are read', async () => {
    for (let n = 0; n < 10; n++) {
      const header = without(ctSlice(5 * n, Buffer.alloc(0), { rows, columns }), '7FE00010 OW');
      const elements = { ...header, [ENCAPSULATED]: encapsulated([Buffer.alloc(40, n)]) };
      const transferSyntaxUID = '1.2.840.10008.1.2.4.80';
      put(`${n}.dcm`, dicomBytes({ elements, transferSyntaxUID }));
    }
    const { series } = await all();
    const source = series[0].openVoxels(checked(series[0]));
    await expect(source.readSlice(3)).rejects.toThrow(
      /3\.dcm: frame 1 cannot be read: its compressed stream cannot be decoded/,
    );
  });

  it('of a transfer syntax without a decoder: refused with its name', async () => {
    const header = without(ctSlice(0, Buffer.alloc(0)), '7FE00010 OW');
    const elements = { ...header, [ENCAPSULATED]: encapsulated([Buffer.alloc(40)]) };
    put('x.dcm', dicomBytes({ elements, transferSyntaxUID: '1.2.840.10008.1.2.4.100' }));
    const { series } = await all();
    const check = checkInput(series[0]);
    expect(check).toMatchObject({ ok: false, reason: { code: 'unsupported-pixels' } });
    expect(check.ok || check.reason.message).toContain('1.2.840.10008.1.2.4.100');
  });
});

/** An enhanced CT: orientation and spacing shared, position and rescale frame by frame. */
function enhanced(
  frames: number,
  pixels: Buffer,
  { rows = 8, columns = 8, compressed = false, groups = true, phases = 1 } = {},
): Elements {
  const base = ctSlice(0, Buffer.alloc(0), { rows, columns });
  const own = ['00200032 DS', '00200037 DS', '00280030 DS', '00281052 DS', '00281053 DS'];
  const header = without(base, ...own, '7FE00010 OW');
  return {
    ...header,
    '00080016 UI': '1.2.840.10008.5.1.4.1.1.2.1',
    '00280008 IS': frames,
    ...(groups && {
      '52009229 SQ': [
        {
          '00209116 SQ': [{ '00200037 DS': [1, 0, 0, 0, 1, 0] }],
          '00289110 SQ': [{ '00280030 DS': [2, 3] }],
          '00289145 SQ': [{ '00281052 DS': -1000, '00281053 DS': 2 }],
        },
      ],
      '52009230 SQ': Array.from({ length: frames }, (_, n) => ({
        '00209113 SQ': [{ '00200032 DS': [0, 0, 6 * Math.floor(n / phases)] }],
        '00209111 SQ': [{ '00209128 UL': 1 + (n % phases) }],
      })),
    }),
    [compressed ? ENCAPSULATED : '7FE00010 OW']: pixels,
  };
}

describe('a multi-frame file', () => {
  const pixels = Buffer.concat(Array.from({ length: 10 }, (_, n) => int16Bytes(ramp(100 * n))));

  it('is one slice a frame, each with its own place', async () => {
    put('m.dcm', dicomBytes({ elements: enhanced(10, pixels) }));
    const { series } = await all(at('m.dcm'));
    const ordered = checked(series[0]);
    expect(ordered.slices).toHaveLength(10);
    expect(ordered.slices[3]).toMatchObject({
      frameNumber: 4,
      position: [0, 0, 18],
      rowSpacing: 2,
      columnSpacing: 3,
    });
    expect(await valuesOf(series[0], 3)).toEqual(ramp(300).map((v) => 2 * v - 1000));
  });

  it('of two phases is answered on one', async () => {
    const both = Buffer.concat([pixels, pixels]);
    put('m.dcm', dicomBytes({ elements: enhanced(20, both, { phases: 2 }) }));
    const ordered = checked((await all(at('m.dcm'))).series[0]);
    expect(ordered.sourceIndex).toEqual(Array.from({ length: 10 }, (_, i) => 2 * i));
    expect(ordered.part?.name).toMatchObject([{ code: 'part-phase', values: { value: 1 } }]);
  });

  it('without a place for its frames is refused', async () => {
    put('m.dcm', dicomBytes({ elements: enhanced(10, pixels, { groups: false }) }));
    const check = checkInput((await all()).series[0]);
    expect(check).toMatchObject({ ok: false, reason: { code: 'multi-frame' } });
  });
});

describe('a multi-frame file that is larger than a header', () => {
  const [rows, columns] = [95, 93];
  const values = (n: number) =>
    Array.from({ length: rows * columns }, (_, i) => (i * 37 + n * 101) % 4001);
  const bigEndian = (frame: readonly number[]) => int16Bytes(frame).swap16();
  const bytes8 = (frame: readonly number[]) => Buffer.from(frame.map((value) => value & 0xff));
  /** Two 8-bit pixels share a word, whose bytes are the other way round. */
  const words8 = (frames: readonly Buffer[]) => {
    const all = Buffer.concat(frames);
    return Buffer.from(all.length % 2 ? [...all, 0] : all).swap16();
  };

  it.each([
    ['explicit', int16Bytes, (frames: readonly Buffer[]) => Buffer.concat(frames), {}],
    ['implicit', int16Bytes, (frames: readonly Buffer[]) => Buffer.concat(frames), {}],
    ['big-endian', bigEndian, (frames: readonly Buffer[]) => Buffer.concat(frames), {}],
    ['big-endian', bytes8, words8, { '00280100 US': 8, '00280101 US': 8, '00280102 US': 7 }],
  ] as const)('is read frame by frame: %s', async (encoding, bytesOf, join, bits) => {
    const many = bytesOf === bytes8 ? 19 : 10;
    const frames = Array.from({ length: many }, (_, n) => bytesOf(values(n)));
    const elements = {
      ...enhanced(many, join(frames), { rows, columns }),
      '00280103 US': 0,
      ...bits,
    };
    put('m.dcm', dicomBytes({ elements, encoding }));
    const { series } = await all();
    for (const index of [7, 0, 8]) {
      const stored = values(index).map((value) => (bytesOf === bytes8 ? value & 0xff : value));
      expect(await valuesOf(series[0], index)).toEqual(stored.map((value) => 2 * value - 1000));
    }
  });

  it.each([
    ['a table', true, false],
    ['one fragment a frame', false, false],
    ['an extended table, which tells padding apart', false, true],
  ])('is read frame by frame: compressed, with %s', async (_, table, extended) => {
    const { Context, NativeCodecs } = dcmjsCodecs;
    await NativeCodecs.initializeAsync();
    const frames = Array.from({ length: 10 }, (_, n) => {
      const noise = values(n).map((value, i) => (value * 7919 + i * i * 31) & 0x7fff);
      const context = new Context({
        width: columns,
        height: rows,
        bitsAllocated: 16,
        bitsStored: 16,
        samplesPerPixel: 1,
        pixelRepresentation: 0,
        planarConfiguration: 0,
        photometricInterpretation: 'MONOCHROME2',
        decodedBuffer: new Uint8Array(int16Bytes(noise)),
      });
      const encoded = Buffer.from(NativeCodecs.encodeJpegLs(context).getEncodedBuffer() ?? []);
      return { noise, encoded };
    });
    const streams = frames.map(({ encoded }) => encoded);
    const offsets = streams.map((_, n) =>
      streams.slice(0, n).reduce((sum, b) => sum + 8 + b.length + (b.length % 2), 0),
    );
    const words64 = (numbers: readonly number[]) => {
      const words = Buffer.alloc(8 * numbers.length);
      numbers.forEach((value, i) => words.writeBigUInt64LE(BigInt(value), 8 * i));
      return words;
    };
    const elements = {
      ...enhanced(10, encapsulated(streams, table ? offsets : []), {
        rows,
        columns,
        compressed: true,
      }),
      '00280103 US': 0,
      ...(extended && {
        '7FE00001 OV': words64(offsets),
        '7FE00002 OV': words64(streams.map(({ length }) => length)),
      }),
    };
    const file = dicomBytes({ elements, transferSyntaxUID: '1.2.840.10008.1.2.4.80' });
    expect(file.length).toBeGreaterThan(128 * 1024);
    put('m.dcm', file);
    const { series } = await all();
    const source = series[0].openVoxels(checked(series[0]));
    for (const [index, { noise }] of frames.entries()) {
      const { pixels } = await source.readSlice(index);
      expect(Array.from(pixels)).toEqual(noise);
    }
  });

  it('may be larger than what is held at once', async () => {
    const side = 4096;
    const elements = enhanced(70, Buffer.alloc(0), { rows: side, columns: side });
    const header = dicomBytes({ elements: { ...elements, '7FE00010 OW': Buffer.alloc(2) } });
    const frame = 2 * side ** 2;
    // The value length of the last element, and room for its value that takes none on the disk.
    header.writeUInt32LE(70 * frame, header.length - 6);
    put('large.dcm', header);
    truncateSync(at('large.dcm'), header.length - 2 + 70 * frame);
    const file = openSync(at('large.dcm'), 'r+');
    writeSync(file, int16Bytes([1234]), 0, 2, header.length - 2 + 69 * frame);
    closeSync(file);
    const { series, failures } = await all();
    expect(failures).toEqual([]);
    const source = series[0].openVoxels({
      uid: '',
      modality: 'CT',
      slices: [{}],
      sourceIndex: [69],
    } as unknown as Series);
    const { pixels } = await source.readSlice(0);
    expect([pixels.length, pixels[0], pixels[1]]).toEqual([side ** 2, 1234, 0]);
  });
});
