import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import dcmjsCodecs from 'dcmjs-codecs';
import { checkInput } from '../../../src/io/checkInput';
import { all, at, checked, put, putSeries, ramp, valuesOf } from './files';
import { ctSlice, dicomBytes, encapsulated, ENCAPSULATED, int16Bytes, without } from './writeDicom';
import type { Elements } from './writeDicom';

const DEFLATED = '1.2.840.10008.1.2.1.99';

describe('a DICOM file in a gzip', () => {
  const slice = (n: number) => dicomBytes({ elements: ctSlice(5 * n, int16Bytes(ramp(5 * n))) });
  const putAll = (of: (n: number) => Buffer) => {
    for (let n = 0; n < 10; n++) put(`z/${n}.dcm.gz`, of(n));
  };

  it.each([
    ['explicit', (n: number) => slice(n)],
    [
      'deflated, too',
      (n: number) =>
        dicomBytes({ elements: ctSlice(5 * n, int16Bytes(ramp(5 * n))), encoding: 'deflated' }),
    ],
    [
      'with rubbish behind it',
      (n: number) => Buffer.concat([slice(n), Buffer.alloc(n === 2 ? 2 ** 25 : 0)]),
    ],
  ])('is read: %s', async (_, file) => {
    putAll((n) => gzipSync(file(n), { level: 1 }));
    const { series, failures } = await all();
    expect(failures).toEqual([]);
    expect(await valuesOf(series[0], 2)).toEqual(ramp(10 - 1024));
  });

  it('that is cut is named when its pixels are read', async () => {
    putAll((n) => (n === 4 ? gzipSync(slice(n)).subarray(0, -20) : gzipSync(slice(n))));
    const { series } = await all();
    const source = series[0].openVoxels(checked(series[0]));
    await expect(source.readSlice(4)).rejects.toThrow(
      /4\.dcm\.gz: the DICOM file is damaged or cut off: its gzip compression is damaged/,
    );
  });
});

describe('a deflated file', () => {
  const file = (body: Buffer) => {
    const meta = dicomBytes({ elements: {}, transferSyntaxUID: DEFLATED });
    return Buffer.concat([meta, body]);
  };
  const plain = (z: number, more: Elements = {}) =>
    dicomBytes({ elements: ctSlice(z, int16Bytes(ramp(z)), { more }), part10: false });

  it.each([
    ['raw', deflateRawSync],
    ['with a zlib header', deflateSync],
    ['not deflated at all', (bytes: Buffer) => bytes],
  ])('is read: %s', async (_name, pack) => {
    for (let n = 0; n < 10; n++) put(`d/${n}.dcm`, file(pack(plain(5 * n))));
    const { series, failures } = await all();
    expect(failures).toEqual([]);
    expect(await valuesOf(series[0], 2)).toEqual(ramp(10 - 1024));
  });

  it('that inflates to more than its header says is read as far as the header says', async () => {
    const bomb = Buffer.concat([plain(0), Buffer.alloc(300 * 1024 ** 2)]);
    for (let n = 0; n < 10; n++) {
      put(`d/${n}.dcm`, file(deflateRawSync(n === 0 ? bomb : plain(5 * n), { level: 1 })));
    }
    const before = process.memoryUsage().rss;
    const { series } = await all();
    expect(await valuesOf(series[0], 0)).toEqual(ramp(-1024));
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 ** 2);
  }, 60_000);

  it('whose header has no end, or whose compression is damaged, is refused', async () => {
    const endless = Buffer.concat([
      Buffer.from('0900011055540000ffffff7f', 'hex'),
      Buffer.alloc(40_000_000),
    ]);
    put('endless.dcm', file(deflateRawSync(endless)));
    const whole = deflateRawSync(plain(0));
    put('broken.dcm', file(Buffer.concat([Buffer.from([0x05]), whole.subarray(0, 40)])));
    const { failures } = await all();
    expect(failures.map(({ message }) => message.replace(/^.*: the/, 'the'))).toEqual([
      'the DICOM file is damaged or cut off: its compression is damaged',
      'the DICOM file is damaged or cut off: its header inflates to more than 16 MiB',
    ]);
  });
});

describe('frames of a multi-frame file', () => {
  const { Context, NativeCodecs } = dcmjsCodecs;
  beforeAll(() => NativeCodecs.initializeAsync());
  const frames = () =>
    Array.from({ length: 10 }, (_, n) => {
      const context = new Context({
        width: 8,
        height: 8,
        bitsAllocated: 16,
        bitsStored: 16,
        samplesPerPixel: 1,
        pixelRepresentation: 1,
        planarConfiguration: 0,
        photometricInterpretation: 'MONOCHROME2',
        decodedBuffer: new Uint8Array(int16Bytes(ramp(100 * n))),
      });
      return Buffer.from(NativeCodecs.encodeJpeg2000(context).getEncodedBuffer() ?? []);
    });
  const even = (bytes: Buffer) => bytes.length + (bytes.length % 2);
  const halves = (frame: Buffer) => {
    const middle = 2 * Math.floor(frame.length / 4);
    return [frame.subarray(0, middle), frame.subarray(middle)];
  };
  const words64 = (numbers: readonly number[]) => {
    const bytes = Buffer.alloc(8 * numbers.length);
    numbers.forEach((n, i) => bytes.writeBigUInt64LE(BigInt(n), 8 * i));
    return bytes;
  };
  const enhanced = (pixels: Buffer, more: Elements = {}): Elements => ({
    ...without(ctSlice(0, Buffer.alloc(0)), '00200032 DS', '7FE00010 OW'),
    '00280008 IS': 10,
    '52009230 SQ': Array.from({ length: 10 }, (_, n) => ({
      '00209113 SQ': [{ '00200032 DS': [0, 0, 6 * n] }],
      '00209116 SQ': [{ '00200037 DS': [1, 0, 0, 0, 1, 0] }],
      '00289110 SQ': [{ '00280030 DS': [2, 3] }],
    })),
    [ENCAPSULATED]: pixels,
    ...more,
  });

  it.each(['extended offset table', 'basic offset table', 'end-of-image markers'])(
    'in two fragments each are told apart by the %s',
    async (by) => {
      const streams = frames();
      const fragments = streams.flatMap(halves);
      const lengths = streams.map((f) => halves(f).reduce((sum, h) => sum + 8 + even(h), 0));
      const offsets = lengths.map((_, n) => lengths.slice(0, n).reduce((a, b) => a + b, 0));
      const more: Elements = by.startsWith('extended')
        ? {
            '7FE00001 OV': words64(offsets),
            '7FE00002 OV': words64(streams.map(({ length }) => length)),
          }
        : {};
      const pixels = encapsulated(fragments, by.startsWith('basic') ? offsets : []);
      const transferSyntaxUID = '1.2.840.10008.1.2.4.90';
      put('m.dcm', dicomBytes({ elements: enhanced(pixels, more), transferSyntaxUID }));
      const { series, failures } = await all();
      expect(failures).toEqual([]);
      expect(await valuesOf(series[0], 6)).toEqual(ramp(600 - 1024));
    },
  );
});

describe('a series', () => {
  it('that does not state its modality asks for it', async () => {
    putSeries('s', { more: { '00080060 CS': '' } });
    const check = checkInput((await all()).series[0]);
    expect(check).toMatchObject({ ok: false, reason: { code: 'modality-missing' } });
    expect(check.ok || check.reason.advice).toMatch(/--modality CT or --modality MR/);
    const [told] = (await all(at('s'), { modality: 'MR' })).series;
    expect(checked(told).modality).toBe('MR');
  });

  it('that states its modality keeps it, whatever is said', async () => {
    putSeries('s');
    expect(checked((await all(at('s'), { modality: 'MR' })).series[0]).modality).toBe('CT');
  });

  it('whose images share one SOP Instance UID is read; the UID names none of them', async () => {
    putSeries('s', { more: { '00080018 UI': '1.2.3.4.5' } });
    const ordered = checked((await all()).series[0]);
    expect(ordered.slices.map(({ sopInstanceUID }) => sopInstanceUID)).toEqual(
      new Array(10).fill(null),
    );
    expect(ordered.warnings).toMatchObject([
      { code: 'instance-uid-not-unique', values: { count: 10, of: 10 } },
    ]);
  });
});

describe('what cannot be read', () => {
  it('is told once a cause, with the number of files', async () => {
    for (let n = 0; n < 30; n++) {
      const elements = ctSlice(n, Buffer.alloc(2 * n));
      put(`few/${String(n).padStart(2, '0')}.dcm`, dicomBytes({ elements }));
      put(`other/${n}.dcm`, 'no DICOM');
    }
    const { series, failures } = await all();
    expect(series).toEqual([]);
    expect(failures.map(({ message, paths }) => [message, paths.length])).toEqual([
      [
        `${at('few/00.dcm')} and 29 other files: the DICOM file is damaged or cut off: its pixel data hold 0 of 128 bytes`,
        30,
      ],
      [`${at('other/0.dcm')} and 29 other files: is neither a DICOM nor a NIfTI image`, 30],
    ]);
  });

  it('is never taken for a file without an image', async () => {
    const whole = dicomBytes({ elements: ctSlice(0, int16Bytes(ramp(0))) });
    const header = whole.length - 128 - 12;
    for (let length = 160; length < header; length += 3)
      put(`${length}`, whole.subarray(0, length));
    const skipped: string[] = [];
    await all(undefined, { onSkip: (path) => skipped.push(path) });
    expect(skipped).toEqual([]);
  });

  it.each([
    ['study.zip', Buffer.from('PK\x03\x04 and more'), /a zip archive/, /Unpack it/],
    ['files.tar.gz', gzipSync('some files'), /compressed by gzip/, /Unpack it/],
    ['DICOMDIR', dicomBytes({ elements: { '00041220 SQ': [{}] } }), /DICOMDIR/, /folder/],
    ['sr.dcm', dicomBytes({ elements: { '00080060 CS': 'SR' } }), /DICOM without an image/, /Give/],
    ['empty.dcm', Buffer.alloc(0), /is empty/, /Export or copy/],
    ['scan.nrrd', Buffer.from('NRRD0004\ntype: short\n'), /an NRRD volume/, /Convert it to NIfTI/],
    ['scan.mha', Buffer.from('ObjectType = Image\n'), /a MetaImage volume/, /Convert it to NIfTI/],
    ['scan.mgz', gzipSync('volume'), /a FreeSurfer volume/, /Convert it to NIfTI/],
    ['scan.nii.zst', Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), /compressed by zstd/, /Unpack it/],
    ['scan.hdr', Buffer.from([0x5c, 1, 0, 0]), /Analyze 7\.5 pair/, /states no orientation/],
  ])('says what it is: %s', async (name, bytes, what, advice) => {
    put(name, bytes);
    const { failures } = await all(at(name));
    expect(failures[0].message).toMatch(what);
    expect(failures[0].advice).toMatch(advice);
  });

  it('of an image larger than any slice is refused before anything is decoded', async () => {
    const more = { '00280010 US': 65535, '00280011 US': 65535 };
    const header = without(ctSlice(0, Buffer.alloc(0), { more }), '7FE00010 OW');
    const elements = { ...header, [ENCAPSULATED]: encapsulated([Buffer.alloc(64)]) };
    put('huge.dcm', dicomBytes({ elements, transferSyntaxUID: '1.2.840.10008.1.2.5' }));
    expect((await all()).failures[0].message).toMatch(/65535 x 65535 pixels is larger than any/);
  });
});

it.each([
  ['Body Part Examined', { '00180015 CS': 'KNEE ' }, 'KNEE'],
  ['Study Description', { '00081030 LO': 'MR Kniegelenk' }, 'MR Kniegelenk'],
  ['Series Description', { '0008103E LO': 'sag knee' }, 'sag knee'],
  ['Protocol Name', { '00181030 LO': 'Knie rechts' }, 'Knie rechts'],
])('a %s that names another part of the body is told', async (_, more, text) => {
  putSeries('knee', { more });
  const { series } = await all();
  expect(checked(series[0]).warnings).toMatchObject([
    { code: 'other-body-part', values: { text } },
  ]);
});
