import { gzipSync } from 'node:zlib';
import { isCompressed, decompress, readHeader, readImage } from 'nifti-reader-js';
import { openNiftiFile } from '../../src/io/nifti/niftiFile';
import { openNifti } from '../../src/io/nifti/openNifti';
import { readNiftiVoxels } from '../../src/nifti/niftiFile';
import { DATATYPES, niftiBytes, type Datatype, type NiftiSpec } from '../unit/io/writeNifti';
import { readFile, TestFile } from './files';
import { Unexplained, type Kind } from './fuzz';
import { mutatedBytes, ODD_NUMBERS } from './mutate';
import type { Random } from './random';

const SIDE = 12;
const HEADER = 352;
const DIAGONAL = [
  [-4, 0, 0, 20],
  [0, -4, 0, 20],
  [0, 0, 5, -100],
];
const HEALTHY: NiftiSpec = {
  size: [SIDE, SIDE, SIDE],
  datatype: 'int16',
  values: Float64Array.from({ length: SIDE ** 3 }, (_, i) => ((i * 7919) % 2000) - 1000),
  pixdim: [4, 4, 5],
  sform: { code: 1, rows: DIAGONAL },
};
/** Fields of a NIfTI-1 header: where they are, and whether a short, an integer or a real number. */
const FIELDS: readonly (readonly [number, 'i16' | 'i32' | 'f32'])[] = [
  [0, 'i32'],
  ...[40, 42, 44, 46, 48, 50, 70, 72, 252, 254].map((at) => [at, 'i16'] as const),
  ...[76, 80, 84, 88, 108, 112, 116, 256, 260, 264, 280, 284, 300, 320, 292, 328].map(
    (at) => [at, 'f32'] as const,
  ),
  [123, 'i16'],
];

/** A NIfTI file with odd fields, damaged bytes, or both; half of them compressed, some damaged then. */
function makeNifti(random: Random): Uint8Array {
  const odd = random.chance(0.6);
  const spec: NiftiSpec = {
    ...HEALTHY,
    datatype: random.pick(Object.keys(DATATYPES) as Datatype[]),
    version: random.chance(0.8) ? 1 : 2,
    littleEndian: random.chance(0.8),
    ...(random.chance(0.3) && {
      qform: { code: 1, quaternion: [0, 0, 0], offset: [0, 0, 0], qfac: random.pick([1, -1]) },
    }),
    ...(random.chance(0.2) && { sform: undefined }),
  };
  let bytes: Uint8Array = niftiBytes(spec);
  if (odd && spec.version === 1) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let n = 1 + random.below(3); n > 0; n--) {
      const [at, type] = random.pick(FIELDS);
      const value = random.pick(ODD_NUMBERS);
      if (type === 'i16') view.setInt16(at, value, spec.littleEndian);
      else if (type === 'i32') view.setInt32(at, value, spec.littleEndian);
      else view.setFloat32(at, value, spec.littleEndian);
    }
  }
  if (!odd || random.chance(0.3)) bytes = mutatedBytes(bytes, random, HEADER);
  if (random.chance(0.5)) return bytes;
  const packed = gzipSync(bytes, { level: 1 });
  return random.chance(0.3) ? mutatedBytes(packed, random, 40) : packed;
}

const file = new TestFile('fuzz.nii');

export const NIFTI: Kind = {
  name: 'NIfTI files',
  count: 10_000,
  make: makeNifti,
  async read(input) {
    const bytes = input as Uint8Array;
    file.write(bytes);
    return readFile(file.path, async (_, series) => {
      if (series) await compare(bytes);
    });
  },
  async healthy() {
    file.write(niftiBytes(HEALTHY));
    const loaded = await openNifti(file.path, file.path, { modality: 'CT' });
    const series = { uid: '', modality: 'CT', sourceIndex: [SIDE - 1] } as never;
    const { pixels } = await loaded.openVoxels(series).readSlice(0);
    const last = HEALTHY.values.length - SIDE * SIDE;
    if (pixels[5] !== HEALTHY.values[last + 5]) throw new Unexplained('a healthy file is misread');
  },
};

/** The voxels of an accepted file beside those of NIFTI-Reader-JS. */
async function compare(bytes: Uint8Array): Promise<void> {
  const { header, bytes: source } = await openNiftiFile(file.path);
  const ours = readNiftiVoxels(await source.read(0, source.size), header);
  let all = new Uint8Array(bytes).buffer;
  if (isCompressed(all)) all = decompress(all) as ArrayBuffer;
  let theirs;
  try {
    theirs = readHeader(all);
  } catch {
    return; // it follows extensions, which may be damaged
  }
  if (!theirs || theirs.vox_offset < HEADER || header.voxOffset !== Math.floor(theirs.vox_offset))
    return;
  if (theirs.numBitsPerVoxel !== 8 * ours.BYTES_PER_ELEMENT || !Number.isInteger(theirs.vox_offset))
    return;
  const image = new DataView(readImage(theirs, all));
  // By dimensions that the header does not count.
  if (image.byteLength < ours.byteLength) return;
  const read = {
    2: (at: number) => image.getUint8(at),
    4: (at: number) => image.getInt16(at, theirs.littleEndian),
    8: (at: number) => image.getInt32(at, theirs.littleEndian),
    16: (at: number) => image.getFloat32(at, theirs.littleEndian),
    64: (at: number) => image.getFloat64(at, theirs.littleEndian),
    256: (at: number) => image.getInt8(at),
    512: (at: number) => image.getUint16(at, theirs.littleEndian),
    768: (at: number) => image.getUint32(at, theirs.littleEndian),
  }[theirs.datatypeCode];
  if (!read) return;
  for (let i = 0; i < ours.length; i += 97) {
    const other = read(i * ours.BYTES_PER_ELEMENT);
    if (!Object.is(ours[i] + 0, other + 0)) {
      throw new Unexplained(`voxel ${i} is ${ours[i]}; NIFTI-Reader-JS reads ${other}`);
    }
  }
}
