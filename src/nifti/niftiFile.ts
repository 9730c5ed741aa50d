import { isNIFTI1, isNIFTI2, NIFTI1, NIFTI2 } from 'nifti-reader-js';
import type { SlicePixels } from '../series/types';

/** Bytes a NIfTI-1 and a NIfTI-2 header take. */
const HEADER_BYTES = { 1: 348, 2: 540 } as const;
/** Bytes behind a header that say whether extensions follow (nifti1.h, nifti1_extender). */
const EXTENDER_BYTES = 4;

/** Bytes of the beginning of a file that its header is read from. */
export const LONGEST_HEADER = HEADER_BYTES[2];

type Affine = readonly (readonly number[])[];

export interface NiftiHeader {
  readonly littleEndian: boolean;
  /** Voxels along i, j, k. */
  readonly size: readonly [number, number, number];
  /** Product of the sizes beyond the third (time points, echoes, components). */
  readonly volumes: number;
  readonly datatype: number;
  readonly voxOffset: number;
  readonly slope: number;
  readonly intercept: number;
  /**
   * First three rows of the matrix from voxel indices to RAS+ millimetres (x to the right, y to the
   * front, z to the head): the sform when sform_code > 0, else the qform when qform_code > 0, else
   * null. Source: nifti1.h, methods 2 and 3.
   */
  readonly affineRas: Affine | null;
  /**
   * Where sform and qform are both set: the lengths of a step along i, j, k by each of them, mm. Those
   * of the qform are pixdim.
   */
  readonly stepsMm: { readonly sform: readonly number[]; readonly qform: readonly number[] } | null;
}

interface Storage {
  readonly bytes: number;
  /** Makes the voxels of `count` elements from aligned bytes in the machine's (little-endian) order. */
  readonly view: (
    buffer: ArrayBufferLike,
    offset: number,
    count: number,
  ) => SlicePixels | BigInt64Array | BigUint64Array;
}

/** NIfTI datatype codes that hold one real number a voxel. */
const STORAGE: Readonly<Record<number, Storage>> = {
  2: { bytes: 1, view: (b, o, n) => new Uint8Array(b, o, n) },
  4: { bytes: 2, view: (b, o, n) => new Int16Array(b, o, n) },
  8: { bytes: 4, view: (b, o, n) => new Int32Array(b, o, n) },
  16: { bytes: 4, view: (b, o, n) => new Float32Array(b, o, n) },
  64: { bytes: 8, view: (b, o, n) => new Float64Array(b, o, n) },
  256: { bytes: 1, view: (b, o, n) => new Int8Array(b, o, n) },
  512: { bytes: 2, view: (b, o, n) => new Uint16Array(b, o, n) },
  768: { bytes: 4, view: (b, o, n) => new Uint32Array(b, o, n) },
  1024: { bytes: 8, view: (b, o, n) => new BigInt64Array(b, o, n) },
  1280: { bytes: 8, view: (b, o, n) => new BigUint64Array(b, o, n) },
};

/** The number of voxels of the (first) volume. */
export function voxelCount({ size }: NiftiHeader): number {
  return size[0] * size[1] * size[2];
}

/** Whether the voxels of a datatype are read as floating-point numbers. */
export function isFloat(datatype: number): boolean {
  return [16, 64, 1024, 1280].includes(datatype);
}

/** Bits a voxel takes, or null when a voxel is not one real number (RGB, complex, quadruple). */
export function bitsPerVoxel(datatype: number): number | null {
  const storage = STORAGE[datatype];
  return storage === undefined ? null : storage.bytes * 8;
}

const CONVERT = 'Convert the original images to NIfTI (.nii or .nii.gz).';

/** A file that is no NIfTI volume, or a damaged one. */
export class NiftiError extends Error {
  override readonly name = 'NiftiError';

  /**
   * @param message what is wrong, to follow the file's name
   * @param advice what to do about it
   */
  constructor(
    message: string,
    readonly advice: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Whether a file is compressed with gzip. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** The error for a gzip stream that cannot be decompressed. */
export function damagedGzip(cause: unknown): NiftiError {
  return new NiftiError(
    `the gzip compression is damaged (${messageOf(cause)})`,
    'Copy or download the file again.',
    { cause },
  );
}

/**
 * Reads the header of a NIfTI-1 or NIfTI-2 file in either byte order.
 *
 * @param options `isPair`: the bytes are of a .hdr file, whose voxels lie in an .img file.
 * @throws NiftiError when the bytes are no NIfTI header, or one whose sizes make no sense.
 */
export function readNiftiHeader(
  bytes: Uint8Array,
  { isPair = false }: { readonly isPair?: boolean } = {},
): NiftiHeader {
  const start = arrayBufferOf(bytes.subarray(0, LONGEST_HEADER));
  const version = versionOf(start, isPair);
  // Only the header itself: the library would otherwise follow extensions, which may be damaged.
  const headerBytes = start.slice(0, HEADER_BYTES[version]);
  const raw = version === 1 ? new NIFTI1() : new NIFTI2();
  try {
    raw.readHeader(headerBytes);
  } catch (cause) {
    throw damagedHeader(messageOf(cause), cause);
  }
  const ndim = raw.dims[0];
  if (!(ndim >= 1 && ndim <= 7)) throw damagedHeader(`dim[0] is ${ndim}`);
  const dims = [1, 2, 3, 4, 5, 6, 7].map((d) => (d <= ndim ? raw.dims[d] : 1));
  const size: [number, number, number] = [dims[0], dims[1], dims[2]];
  if (!size.every((n) => Number.isSafeInteger(n) && n >= 1)) {
    throw damagedHeader(`sizes ${size.join(' x ')}`);
  }
  const scaled = Number.isFinite(raw.scl_slope) && raw.scl_slope !== 0;
  return {
    littleEndian: raw.littleEndian,
    size,
    volumes: dims.slice(3).reduce((product, n) => product * Math.max(1, n), 1),
    datatype: raw.datatypeCode,
    voxOffset: voxOffsetOf(raw.vox_offset, isPair ? 0 : HEADER_BYTES[version]),
    slope: scaled ? raw.scl_slope : 1,
    intercept: scaled && Number.isFinite(raw.scl_inter) ? raw.scl_inter : 0,
    affineRas: readAffine(raw, new DataView(headerBytes), version),
    stepsMm: bothSteps(raw, new DataView(headerBytes), version),
  };
}

/** Whether bytes are the header of a .hdr/.img pair. */
export function isPairHeader(bytes: Uint8Array): boolean {
  const start = arrayBufferOf(bytes.subarray(0, LONGEST_HEADER));
  return pairVersionOf(start) !== null;
}

function pairVersionOf(start: ArrayBuffer): 1 | 2 | null {
  if (isNIFTI1(start, true) && !isNIFTI1(start)) return 1;
  const isWhole2 = start.byteLength === HEADER_BYTES[2];
  return isWhole2 && isNIFTI2(start, true) && !isNIFTI2(start) ? 2 : null;
}

function versionOf(start: ArrayBuffer, isPair: boolean): 1 | 2 {
  const isWhole2 = start.byteLength === HEADER_BYTES[2];
  const pair = pairVersionOf(start);
  if (isPair && pair !== null) return pair;
  if (isPair) throw new NiftiError('is not the header of a NIfTI pair', CONVERT);
  if (pair !== null) {
    throw new NiftiError(
      'is the header of a .hdr/.img pair',
      'Give it a name that ends in .hdr, beside its .img file.',
    );
  }
  if (isNIFTI1(start)) return 1;
  else if (isWhole2 && isNIFTI2(start)) return 2;
  if (isGzip(new Uint8Array(start))) {
    throw new NiftiError('is compressed by gzip twice', 'Unpack it once and give what comes out.');
  }
  throw new NiftiError(
    'is not a NIfTI file',
    'Give a DICOM file, a folder of them, or a .nii or .nii.gz file.',
  );
}

/** Where the voxels begin: an offset within the header, as 0, stands for the first place behind it. */
function voxOffsetOf(stated: number, headerBytes: number): number {
  if (!Number.isFinite(stated)) throw damagedHeader(`vox_offset is ${stated}`);
  const offset = Math.floor(stated);
  return offset < headerBytes ? headerBytes && headerBytes + EXTENDER_BYTES : offset;
}

/**
 * The voxels in file order (i fastest), in the machine's byte order; 64-bit integers as float64.
 * May share memory with `bytes`, and swaps them in place when the file has the other byte order.
 *
 * @throws NiftiError when the file ends before its voxels do.
 */
export function readNiftiVoxels(bytes: Uint8Array, header: NiftiHeader): SlicePixels {
  const storage = STORAGE[header.datatype];
  if (storage === undefined) throw damagedHeader(`datatype ${header.datatype}`);
  const end = header.voxOffset + voxelCount(header) * storage.bytes;
  if (bytes.length < end) throw cutOff(bytes.length, end);
  return voxelsOf(bytes.subarray(header.voxOffset, end), header);
}

/** The error for a file that ends before its voxels do. */
export function cutOff(size: number, needed: number): NiftiError {
  return new NiftiError(
    `ends after ${size} of ${needed} bytes`,
    'Copy or download the file again.',
  );
}

/** As `readNiftiVoxels`, of bytes that hold voxels and nothing else. */
export function voxelsOf(bytes: Uint8Array, header: NiftiHeader): SlicePixels {
  const storage = STORAGE[header.datatype];
  const count = bytes.length / storage.bytes;
  let voxels = bytes;
  if (voxels.byteOffset % storage.bytes !== 0) voxels = new Uint8Array(arrayBufferOf(voxels));
  if (!header.littleEndian) swapBytes(voxels, storage.bytes);
  const values = storage.view(voxels.buffer, voxels.byteOffset, count);
  return values instanceof BigInt64Array || values instanceof BigUint64Array
    ? Float64Array.from(values, Number)
    : values;
}

function readAffine(raw: NIFTI1 | NIFTI2, header: DataView, version: 1 | 2): Affine | null {
  const toMm = millimetresOf(raw);
  let rows: number[][];
  if (raw.sform_code > 0) rows = sformOf(raw, header, version);
  else if (raw.qform_code > 0) rows = qformOf(raw);
  else return null;
  return rows.map((row) => row.map((value) => value * toMm));
}

/** Millimetres of the header's unit of length; what it leaves open is millimetres. */
function millimetresOf(raw: NIFTI1 | NIFTI2): number {
  return { 1: 1000, 2: 1, 3: 0.001 }[raw.xyzt_units & 7] ?? 1;
}

/** From the bytes: the library keeps the qform instead when its code is higher. */
function sformOf(raw: NIFTI1 | NIFTI2, header: DataView, version: 1 | 2): number[][] {
  const at = (index: number) =>
    version === 1
      ? header.getFloat32(280 + 4 * index, raw.littleEndian)
      : header.getFloat64(400 + 8 * index, raw.littleEndian);
  return [0, 1, 2].map((row) => [0, 1, 2, 3].map((column) => at(4 * row + column)));
}

function bothSteps(raw: NIFTI1 | NIFTI2, header: DataView, version: 1 | 2): NiftiHeader['stepsMm'] {
  if (!(raw.sform_code > 0 && raw.qform_code > 0)) return null;
  const rows = sformOf(raw, header, version);
  const toMm = millimetresOf(raw);
  return {
    sform: [0, 1, 2].map((c) => Math.hypot(...rows.map((row) => row[c])) * toMm),
    qform: raw.pixDims.slice(1, 4).map((step) => Math.abs(step) * toMm),
  };
}

/** The matrix of the quaternion (nifti1.h, method 2); the library has it for NIfTI-1 only. */
function qformOf(raw: NIFTI1 | NIFTI2): number[][] {
  let [b, c, d] = [raw.quatern_b, raw.quatern_c, raw.quatern_d];
  let a = 1 - (b * b + c * c + d * d);
  if (a < 1e-7) {
    const length = Math.hypot(b, c, d);
    [a, b, c, d] = [0, b / length, c / length, d / length];
  } else a = Math.sqrt(a);
  const [qfac, dx, dy, dz] = raw.pixDims;
  const scale = [Math.abs(dx), Math.abs(dy), Math.abs(dz) * (qfac < 0 ? -1 : 1)];
  const offset = [raw.qoffset_x, raw.qoffset_y, raw.qoffset_z];
  const rotation = [
    [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
    [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
    [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
  ];
  return rotation.map((row, r) => [
    ...row.map((value, column) => value * scale[column]),
    offset[r],
  ]);
}

/** Reverses each element of `size` bytes in place. */
function swapBytes(bytes: Uint8Array, size: number): void {
  if (size === 1) return;
  for (let at = 0; at < bytes.length; at += size) {
    for (let low = at, high = at + size - 1; low < high; low++, high--) {
      [bytes[low], bytes[high]] = [bytes[high], bytes[low]];
    }
  }
}

function arrayBufferOf(bytes: Uint8Array): ArrayBuffer {
  const copy = new ArrayBuffer(bytes.length);
  new Uint8Array(copy).set(bytes);
  return copy;
}

function damagedHeader(what: string, cause?: unknown): NiftiError {
  return new NiftiError(
    `the NIfTI header is damaged (${what})`,
    'Export or download the file again.',
    { cause },
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
