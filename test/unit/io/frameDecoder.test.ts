import dcmjsCodecs from 'dcmjs-codecs';
import { pixelFormatOf } from '../../../src/dicom/pixelFormat';
import type { Decoder } from '../../../src/dicom/transferSyntax';
import { FrameDecoder } from '../../../src/io/decoder/frameDecoder';
import { FRAMES } from '../../fuzz/frameKind';
import { Random } from '../../fuzz/random';

const { Context, NativeCodecs } = dcmjsCodecs;
const [rows, columns] = [64, 48];
const FORMAT = pixelFormatOf({
  rows,
  columns,
  bitsAllocated: 16,
  bitsStored: 16,
  highBit: 15,
  pixelRepresentation: 0,
  pixelPaddingValue: null,
  pixelPaddingRangeLimit: null,
});
const PICTURE = Uint16Array.from({ length: rows * columns }, (_, i) => (i * 37) % 4001);

const context = () =>
  new Context({
    width: columns,
    height: rows,
    bitsAllocated: 16,
    bitsStored: 16,
    samplesPerPixel: 1,
    pixelRepresentation: 0,
    planarConfiguration: 0,
    photometricInterpretation: 'MONOCHROME2',
    decodedBuffer: new Uint8Array(PICTURE.buffer.slice(0)),
  });
const ENCODERS: Readonly<Record<Decoder, () => InstanceType<typeof Context>>> = {
  decodeRle: () => NativeCodecs.encodeRle(context()),
  decodeJpeg: () => NativeCodecs.encodeJpeg(context(), { lossy: false, predictor: 1 }),
  decodeJpegLs: () => NativeCodecs.encodeJpegLs(context()),
  decodeJpeg2000: () => NativeCodecs.encodeJpeg2000(context()),
  decodeHtJpeg2000: () => NativeCodecs.encodeHtJpeg2000(context()),
};
const frames = new FrameDecoder({ threads: 2 });
const DECODERS = Object.keys(ENCODERS) as Decoder[];
const healthy = {} as Record<Decoder, Uint8Array>;
beforeAll(async () => {
  await NativeCodecs.initializeAsync();
  for (const name of DECODERS) healthy[name] = ENCODERS[name]().getEncodedBuffer()!;
});

/** Numbers from 0 to 1, always the same. */
function random(seed: number) {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

/** Copies of a stream, each damaged in one of the ways that discs, networks and exporters know. */
function damagedCopies(stream: Uint8Array): Uint8Array[] {
  const next = random(stream.length);
  const scattered = Array.from({ length: 3 }, () => {
    const copy = Uint8Array.from(stream);
    for (let i = 0; i < 8; i++) copy[Math.floor(next() * copy.length)] = Math.floor(next() * 256);
    return copy;
  });
  const header = Array.from({ length: 3 }, (_, n) => {
    const copy = Uint8Array.from(stream);
    copy[4 + n * 7] ^= 0xff;
    return copy;
  });
  const cuts = [1, 12, 60, stream.length >> 1, stream.length - 5];
  const zeros = Uint8Array.from(stream).fill(0, 40);
  return [...scattered, ...header, ...cuts.map((end) => stream.slice(0, end)), zeros];
}

test.each(DECODERS)(
  'after each damaged frame for %s every decoder still reads a healthy one',
  async (name) => {
    let refused = 0;
    for (const damagedFrame of damagedCopies(healthy[name])) {
      const error: unknown = await frames
        .decode(name, damagedFrame, FORMAT)
        .catch((e: unknown) => e);
      if (!(error instanceof Error)) continue;
      refused++;
      expect([error.name, error.message]).toEqual([
        'DicomError',
        expect.stringMatching(/cannot be decoded/),
      ]);
      for (const other of DECODERS) {
        expect(Array.from(await frames.decode(other, healthy[other], FORMAT))).toEqual(
          Array.from(PICTURE),
        );
      }
    }
    expect(refused).toBeGreaterThan(3);
  },
);

test('frames that are decoded at the same time as a damaged one are read', async () => {
  const cut = healthy.decodeJpeg2000.slice(0, 60);
  const all = await Promise.allSettled(
    Array.from({ length: 9 }, (_, i) =>
      frames.decode('decodeJpeg2000', i % 3 === 1 ? cut : healthy.decodeJpeg2000, FORMAT),
    ),
  );
  expect(all.map(({ status }) => status)).toEqual(
    all.map((_, i) => (i % 3 === 1 ? 'rejected' : 'fulfilled')),
  );
});

test.each(DECODERS.filter((name) => name !== 'decodeRle'))(
  'a stream for %s of another size than the header says is refused before it is decoded',
  async (name) => {
    const small = { ...FORMAT, rows: rows / 2 };
    await expect(frames.decode(name, healthy[name], small)).rejects.toThrow(
      /holds 64 x 48 pixels, the header says 32 x 48/,
    );
  },
);

/** A damaged JPEG with which its decoder never ends, as `test/fuzz` found it. */
async function endless(): Promise<{ decoder: Decoder; stream: Uint8Array }> {
  await FRAMES.healthy();
  return FRAMES.make(new Random(11_107)) as { decoder: Decoder; stream: Uint8Array };
}

test('a frame with which its decoder never ends is given up, and every syntax is read after it', async () => {
  const few = new FrameDecoder({ threads: 1, seconds: 1 });
  const { decoder, stream } = await endless();
  const ends = few.decode(decoder, stream, FORMAT);
  const behind = DECODERS.map((name) => few.decode(name, healthy[name], FORMAT));
  await expect(ends).rejects.toMatchObject({
    name: 'DicomError',
    message: 'its compressed stream cannot be decoded (it took longer than 1 s)',
    advice: expect.stringMatching(/Export or copy the file again/),
  });
  for (const values of await Promise.all(behind)) expect(values).toEqual(PICTURE);
});

test('who gives up waits no longer, for a frame that waits itself neither', async () => {
  const one = new FrameDecoder({ threads: 1, seconds: 1 });
  const { decoder, stream } = await endless();
  const stop = new AbortController();
  const given = [0, 1].map(() => one.decode(decoder, stream, FORMAT, stop.signal));
  const kept = one.decode('decodeRle', healthy.decodeRle, FORMAT);
  stop.abort(new Error('enough'));
  for (const frame of given) await expect(frame).rejects.toThrow('enough');
  expect(await kept).toEqual(PICTURE);
});
