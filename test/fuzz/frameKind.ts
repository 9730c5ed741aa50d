import dcmjsCodecs from 'dcmjs-codecs';
import { DicomError } from '../../src/dicom/dicomError';
import { pixelFormatOf } from '../../src/dicom/pixelFormat';
import type { Decoder } from '../../src/dicom/transferSyntax';
import { FrameDecoder } from '../../src/io/decoder/frameDecoder';
import { Unexplained, type Kind } from './fuzz';
import { mutatedBytes } from './mutate';

const [ROWS, COLUMNS] = [64, 48];
const FORMAT = pixelFormatOf({
  rows: ROWS,
  columns: COLUMNS,
  bitsAllocated: 16,
  bitsStored: 16,
  highBit: 15,
  pixelRepresentation: 0,
  pixelPaddingValue: null,
  pixelPaddingRangeLimit: null,
});
const PICTURE = Uint16Array.from({ length: ROWS * COLUMNS }, (_, i) => (i * 37) % 4001);
const DECODERS = [
  'decodeRle',
  'decodeJpeg',
  'decodeJpegLs',
  'decodeJpeg2000',
  'decodeHtJpeg2000',
] as const satisfies readonly Decoder[];

/** One thread, which has less time than the budget of an input. */
const frames = new FrameDecoder({ threads: 1, seconds: 3 });
const streams = new Map<Decoder, Uint8Array>();

async function encodeAll(): Promise<void> {
  const { Context, NativeCodecs } = dcmjsCodecs;
  await NativeCodecs.initializeAsync();
  const context = () =>
    new Context({
      width: COLUMNS,
      height: ROWS,
      bitsAllocated: 16,
      bitsStored: 16,
      samplesPerPixel: 1,
      pixelRepresentation: 0,
      planarConfiguration: 0,
      photometricInterpretation: 'MONOCHROME2',
      decodedBuffer: new Uint8Array(PICTURE.buffer.slice(0)),
    });
  const encoded = {
    decodeRle: NativeCodecs.encodeRle(context()),
    decodeJpeg: NativeCodecs.encodeJpeg(context(), { lossy: false, predictor: 1 }),
    decodeJpegLs: NativeCodecs.encodeJpegLs(context()),
    decodeJpeg2000: NativeCodecs.encodeJpeg2000(context()),
    decodeHtJpeg2000: NativeCodecs.encodeHtJpeg2000(context()),
  };
  for (const name of DECODERS) streams.set(name, encoded[name].getEncodedBuffer()!);
}

interface Frame {
  readonly decoder: Decoder;
  readonly stream: Uint8Array;
}

let turn = 0;

/** Compressed frames; `healthy` first, which makes the streams that are damaged. */
export const FRAMES: Kind = {
  name: 'compressed frames',
  count: 3_000,
  make(random): Frame {
    const decoder = random.pick(DECODERS);
    return { decoder, stream: mutatedBytes(streams.get(decoder)!, random, 120) };
  },
  async read(input) {
    const { decoder, stream } = input as Frame;
    try {
      const { length } = await frames.decode(decoder, stream, FORMAT);
      if (length !== ROWS * COLUMNS) throw new Unexplained(`${length} pixels`);
      return 'accepted';
    } catch (error) {
      if (error instanceof DicomError) return 'refused';
      throw error;
    }
  },
  async healthy() {
    if (streams.size === 0) await encodeAll();
    const decoder = DECODERS[turn++ % DECODERS.length];
    const decoded = await frames.decode(decoder, streams.get(decoder)!, FORMAT);
    if (decoded.some((value, i) => value !== PICTURE[i])) {
      throw new Unexplained(`a healthy frame is misread by ${decoder}`);
    }
  },
};
