import dcmjsCodecs from 'dcmjs-codecs';
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
