import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import dcmjsCodecs from 'dcmjs-codecs';
import { uidOf } from '../../../src/phantom/dicom';
import { scanOf } from '../../../src/phantom/sagittal';
import type { PhantomSlice } from '../../../src/phantom/types';
import { dicomBytes, encapsulated, ENCAPSULATED, int16Bytes } from '../../unit/io/writeDicom';
import type { Elements } from '../../unit/io/writeDicom';
import type { PixelKinds } from './pixelKinds';

/**
 * Run as a program: writes one study into the folder named, and `studies.json`. Its series show the
 * same phantom, each with pixels stored in another way that the standard allows and archives hold.
 */
const root = path.resolve(process.argv[2]);
const scan = scanOf({ variant: 'thick', seed: 1, columns: 192 });
const { rows, columns, pixelSpacing, imageOrientationPatient, truth } = scan.header;
const slices = scan.instanceNumbers.map((number) => scan.slice(number));
const { Context, NativeCodecs } = dcmjsCodecs;
await NativeCodecs.initializeAsync();

/** How a slice is stored: attributes that differ, and its pixels. */
interface Stored {
  readonly elements: Elements;
  /** 16-bit words, or one compressed frame. */
  readonly pixels: ArrayLike<number> | Buffer;
  readonly transferSyntaxUID?: string;
}

const JPEG_2000 = '1.2.840.10008.1.2.4.90';
const clipped = (pixels: Int16Array, low: number, high: number) =>
  Array.from(pixels, (hu) => Math.min(high, Math.max(low, hu)));
/** Unsigned words of 12 bits, 0 at -1024 HU, as most CT is stored. */
const words12 = (pixels: Int16Array) => clipped(pixels, -1024, 3071).map((hu) => hu + 1024);
const bits = (stored: number, high: number, signed: boolean): Elements => ({
  '00280100 US': 16,
  '00280101 US': stored,
  '00280102 US': high,
  '00280103 US': signed ? 1 : 0,
});
const rescale = (slope: number, intercept: number): Elements => ({
  '00281052 DS': intercept,
  '00281053 DS': slope,
});
/** Whether a pixel lies outside the circle that a scanner reconstructs. */
const outside = (i: number) => {
  const [x, y] = [(i % columns) - (columns - 1) / 2, Math.floor(i / columns) - (rows - 1) / 2];
  return x * x + y * y > (columns / 2 - 1) ** 2;
};
/** Whether a pixel lies under a burnt-in overlay: a broad frame across spine and front. */
const overlaid = (i: number) => Math.abs((i % columns) - columns / 2) < 40 && i % 3 === 0;

const KINDS: Readonly<Record<string, (slice: PhantomSlice) => Stored>> = {
  ordinary: ({ pixels }) => ({
    elements: { ...bits(12, 11, false), ...rescale(1, -1024) },
    pixels: words12(pixels),
  }),
  'padding of a high value': ({ pixels }) => ({
    elements: { ...bits(12, 11, false), ...rescale(1, -1024), '00280120 US': 4095 },
    pixels: words12(pixels).map((word, i) => (outside(i) ? 4095 : Math.min(word, 4094))),
  }),
  'signed pixels in an unsigned JPEG 2000 stream': ({ pixels }) => {
    const words = clipped(pixels, -4096, 4095).map((hu) => hu & 0x1fff);
    const context = new Context({
      width: columns,
      height: rows,
      bitsAllocated: 16,
      bitsStored: 13,
      samplesPerPixel: 1,
      pixelRepresentation: 0,
      planarConfiguration: 0,
      photometricInterpretation: 'MONOCHROME2',
      decodedBuffer: new Uint8Array(int16Bytes(words)),
    });
    return {
      elements: { ...bits(13, 12, true), ...rescale(1, 0) },
      pixels: Buffer.from(NativeCodecs.encodeJpeg2000(context).getEncodedBuffer() ?? []),
      transferSyntaxUID: JPEG_2000,
    };
  },
  'stored bits at the top': ({ pixels }) => ({
    elements: { ...bits(12, 15, false), ...rescale(1, -1024) },
    pixels: words12(pixels).map((word) => word * 16 + 7),
  }),
  'signed stored bits at the top': ({ pixels }) => ({
    elements: { ...bits(12, 15, true), ...rescale(1, 0) },
    pixels: clipped(pixels, -2048, 2047).map((hu) => hu * 16 + 7),
  }),
  'overlay in the unused bits': ({ pixels }) => ({
    elements: { ...bits(12, 11, false), ...rescale(1, -1024) },
    pixels: words12(pixels).map((word, i) => (overlaid(i) ? word | 0x9000 : word)),
  }),
  'overlay in the unused bits of signed pixels': ({ pixels }) => ({
    elements: { ...bits(12, 11, true), ...rescale(1, 0) },
    pixels: clipped(pixels, -2048, 2047).map((hu, i) => (hu & 0x0fff) | (overlaid(i) ? 0x5000 : 0)),
  }),
  'padding range in fractions of a HU': ({ pixels }) => ({
    elements: {
      ...bits(16, 15, false),
      ...rescale(0.25, -1024),
      '00280120 US': 60000,
      '00280121 US': 65535,
    },
    pixels: words12(pixels).map((word, i) => (outside(i) ? 60000 + (i % 5000) : word * 4)),
  }),
  'padding below air': ({ pixels }) => ({
    elements: { ...bits(16, 15, true), ...rescale(1, 0), '00280120 SS': -2000 },
    pixels: Array.from(pixels, (hu, i) => (outside(i) ? -2000 : hu)),
  }),
  'white shown as black': ({ pixels }) => ({
    elements: { ...bits(12, 11, false), ...rescale(1, -1024), '00280004 CS': 'MONOCHROME1' },
    pixels: words12(pixels),
  }),
  'values that are no HU': ({ pixels }) => ({
    elements: bits(12, 11, false),
    pixels: words12(pixels),
  }),
  'another slope in each slice': ({ pixels, instanceNumber }) => {
    const slope = 0.5 + (instanceNumber % 7) * 0.5;
    return {
      elements: { ...bits(16, 15, false), ...rescale(slope, -1024) },
      pixels: Array.from(pixels, (hu) => Math.round((hu + 1024) / slope)),
    };
  },
};

const studyInstanceUID = uidOf('pixel kinds');
const seriesUidOf = (kind: string) => uidOf(`pixel kinds/${kind}`);
const ofSeries = (kind: string, number: number): Elements => ({
  '00080005 CS': 'ISO_IR 192',
  '00080008 CS': 'ORIGINAL\\PRIMARY\\AXIAL',
  '00080020 DA': '20250101',
  '00080030 TM': '091500',
  '00080060 CS': 'CT',
  '0008103E LO': kind,
  '00100010 PN': 'PHANTOM^PIXELS',
  '00100020 LO': 'PHANTOM-PIXELS',
  '00180015 CS': 'ABDOMEN',
  '00185100 CS': 'HFS',
  '0020000D UI': studyInstanceUID,
  '0020000E UI': seriesUidOf(kind),
  '00200010 SH': '1',
  '00200011 IS': number,
  '00200052 UI': uidOf('pixel kinds/frame of reference'),
  '00280002 US': 1,
  '00280004 CS': 'MONOCHROME2',
  '00280010 US': rows,
  '00280011 US': columns,
});
const mm = (values: readonly number[]) => values.map((value) => Number(value.toFixed(6)));

const kinds: Record<string, string> = {};
for (const [number, [kind, stored]] of Object.entries(KINDS).entries()) {
  const folder = path.join(root, 'study', kind.replaceAll(' ', '-'));
  await mkdir(folder, { recursive: true });
  for (const slice of slices) {
    const { elements, pixels, transferSyntaxUID } = stored(slice);
    const file = dicomBytes({
      transferSyntaxUID,
      elements: {
        ...ofSeries(kind, number + 1),
        '00080016 UI': '1.2.840.10008.5.1.4.1.1.2',
        '00080018 UI': uidOf(`pixel kinds/${kind}/${slice.instanceNumber}`),
        '00180050 DS': scan.header.sliceThicknessMm,
        '00200013 IS': slice.instanceNumber,
        '00200032 DS': mm(slice.imagePositionPatient),
        '00200037 DS': mm(imageOrientationPatient),
        '00280030 DS': mm(pixelSpacing),
        ...elements,
        ...(Buffer.isBuffer(pixels)
          ? { [ENCAPSULATED]: encapsulated([pixels]) }
          : { '7FE00010 OW': int16Bytes(pixels) }),
      },
    });
    await writeFile(path.join(folder, `${slice.instanceNumber}.dcm`), file);
  }
  kinds[kind] = seriesUidOf(kind);
}

/** Two phases in one series, the second with more contrast; the first is answered on. */
const phases = 'two phases in one series';
await mkdir(path.join(root, 'study', 'phases'), { recursive: true });
for (const [phase, more] of [0, 40].entries()) {
  for (const slice of slices) {
    const number = slice.instanceNumber + phase * slices.length;
    const file = dicomBytes({
      elements: {
        ...ofSeries(phases, Object.keys(KINDS).length + 2),
        ...bits(16, 15, true),
        ...rescale(1, 0),
        '00080016 UI': '1.2.840.10008.5.1.4.1.1.2',
        '00080018 UI': uidOf(`pixel kinds/${phases}/${number}`),
        '00080032 TM': phase === 0 ? '091500' : '091600',
        '00180050 DS': scan.header.sliceThicknessMm,
        '00200012 IS': phase + 1,
        '00200013 IS': number,
        '00200032 DS': mm(slice.imagePositionPatient),
        '00200037 DS': mm(imageOrientationPatient),
        '00280030 DS': mm(pixelSpacing),
        '7FE00010 OW': int16Bytes(Array.from(slice.pixels, (hu) => (hu > 20 ? hu + more : hu))),
      },
    });
    await writeFile(path.join(root, 'study', 'phases', `${number}.dcm`), file);
  }
}
kinds[phases] = seriesUidOf(phases);

/** One enhanced CT: a frame for each slice, each with a rescale of its own. */
const kind = 'another slope in each frame';
const slopeOf = (n: number) => 1 + (n % 5);
await mkdir(path.join(root, 'study', 'enhanced'), { recursive: true });
const enhanced = dicomBytes({
  elements: {
    ...ofSeries(kind, Object.keys(KINDS).length + 1),
    ...bits(16, 15, false),
    '00080016 UI': '1.2.840.10008.5.1.4.1.1.2.1',
    '00080018 UI': uidOf(`pixel kinds/${kind}`),
    '00200013 IS': 1,
    '00280008 IS': slices.length,
    '52009229 SQ': [
      {
        '00209116 SQ': [{ '00200037 DS': mm(imageOrientationPatient) }],
        '00289110 SQ': [
          { '00180050 DS': scan.header.sliceThicknessMm, '00280030 DS': mm(pixelSpacing) },
        ],
      },
    ],
    '52009230 SQ': slices.map(({ imagePositionPatient }, n) => ({
      '00209111 SQ': [{ '00209056 SH': '1', '00209057 UL': [n + 1] }],
      '00209113 SQ': [{ '00200032 DS': mm(imagePositionPatient) }],
      '00289145 SQ': [{ ...rescale(slopeOf(n), -1024), '00281054 LO': 'HU' }],
    })),
    '7FE00010 OW': Buffer.concat(
      slices.map(({ pixels }, n) =>
        int16Bytes(Array.from(pixels, (hu) => Math.round((hu + 1024) / slopeOf(n)))),
      ),
    ),
  },
});
await writeFile(path.join(root, 'study', 'enhanced', '1.dcm'), enhanced);
kinds[kind] = seriesUidOf(kind);

const table: PixelKinds = { studyInstanceUID, kinds, l3: truth.L3[2] };
await writeFile(path.join(root, 'studies.json'), JSON.stringify(table, null, 2));
