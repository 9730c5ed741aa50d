import { gzipSync, inflateRawSync } from 'node:zlib';
import { openNiftiVolume } from '../../../../src/nifti/niftiVolume';
import { openNiftiBlob } from '../../../../src/viewer/nifti/niftiBlob';
import { niftiBytes } from '../../io/writeNifti';

const SLICES = Array.from({ length: 6 }, (_, k) =>
  Array.from({ length: 36 }, (_, at) => (k * 36 + at) * 13),
);
const FILE = niftiBytes({
  size: [6, 6, 6],
  datatype: 'int16',
  values: SLICES.flat(),
  sform: {
    code: 1,
    rows: [
      [-4, 0, 0, 0],
      [0, -4, 0, 0],
      [0, 0, 4, 0],
    ],
  },
});

async function slicesOf(bytes: Uint8Array): Promise<number[][]> {
  const volume = await openNiftiVolume(await openNiftiBlob(new Blob([new Uint8Array(bytes)])));
  const slices = [...volume.slices.keys()].map((index) => volume.readSlice(index));
  return (await Promise.all(slices)).map(({ pixels }) => Array.from(pixels));
}

/** CRC-32 of gzip (RFC 1952). */
function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

describe('a gzip file of several members, as bgzip writes it', () => {
  const { DecompressionStream: real } = globalThis;
  afterEach(() => {
    globalThis.DecompressionStream = real;
  });

  /** Reads the first member alone, as browsers do. */
  class OneMember extends TransformStream<Uint8Array, Uint8Array> {
    constructor() {
      const parts: Uint8Array[] = [];
      super({
        transform: (part) => void parts.push(part),
        flush(controller) {
          const all = Buffer.concat(parts);
          const { buffer, engine } = inflateRawSync(all.subarray(10), {
            info: true,
          }) as unknown as {
            buffer: Buffer;
            engine: { bytesWritten: number };
          };
          const end = 10 + engine.bytesWritten;
          if (crc32(buffer) !== all.readUInt32LE(end)) throw new TypeError('The checksum differs');
          controller.enqueue(new Uint8Array(buffer));
          if (end + 8 < all.length) throw new TypeError('Junk found after end of compressed data');
        },
      });
    }
  }

  const members = (bytes: Buffer) =>
    [0, 1, 2].map((n) => {
      const third = Math.ceil(bytes.length / 3);
      return gzipSync(bytes.subarray(n * third, (n + 1) * third));
    });

  test('is read, also where the browser reads one member alone', async () => {
    globalThis.DecompressionStream = OneMember as never;
    expect(await slicesOf(gzipSync(FILE))).toEqual(SLICES);
    expect(await slicesOf(Buffer.concat(members(FILE)))).toEqual(SLICES);
  });

  test('of which one is damaged, or none is, but junk follows: the compression is damaged', async () => {
    globalThis.DecompressionStream = OneMember as never;
    const [first, second, third] = members(FILE);
    const wrong = Buffer.from(second);
    wrong[wrong.length - 8] ^= 1;
    const damaged = /gzip compression is damaged \(Junk/;
    await expect(slicesOf(Buffer.concat([first, wrong, third]))).rejects.toThrow(damaged);
    await expect(
      slicesOf(Buffer.concat([first, Buffer.from('junk that follows')])),
    ).rejects.toThrow(damaged);
  });
});
