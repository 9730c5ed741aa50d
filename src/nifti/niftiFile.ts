import { isNIFTI1, isNIFTI2, NIFTI1, NIFTI2 } from 'nifti-reader-js';
import type { SlicePixels } from '../series/types';

/** Bytes a NIfTI-1 and a NIfTI-2 header take. */
const HEADER_BYTES = { 1: 348, 2: 540 } as const;

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

/** Bits a voxel takes, or null when a voxel is not one real number (RGB, complex, quadruple). */
export function bitsPerVoxel(datatype: number): number | null {
  const storage = STORAGE[datatype];
  return storage === undefined ? null : storage.bytes * 8;
}

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
 * @throws NiftiError when the bytes are no NIfTI header, or one whose sizes make no sense.
 */
export function readNiftiHeader(bytes: Uint8Array): NiftiHeader {
  const start = arrayBufferOf(bytes.subarray(0, HEADER_BYTES[2]));
  let version: 1 | 2;
  if (isNIFTI1(start)) version = 1;
  else if (start.byteLength === HEADER_BYTES[2] && isNIFTI2(start)) version = 2;
  else if (isNIFTI1(start, true)) {
    throw new NiftiError(
      'is the header of a .hdr/.img pair',
      'Convert the pair to one .nii or .nii.gz file.',
    );
  } else {
    throw new NiftiError(
      'is not a NIfTI file',
      'Give a DICOM file, a folder of them, or a .nii or .nii.gz file.',
    );
  }
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
    voxOffset: Math.max(raw.vox_offset, HEADER_BYTES[version]),
    slope: scaled ? raw.scl_slope : 1,
    intercept: scaled && Number.isFinite(raw.scl_inter) ? raw.scl_inter : 0,
    affineRas: readAffine(raw, new DataView(headerBytes), version),
  };
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
  const count = header.size[0] * header.size[1] * header.size[2];
  const end = header.voxOffset + count * storage.bytes;
  if (bytes.length < end) {
    throw new NiftiError(
      `ends after ${bytes.length} of ${end} bytes`,
      'Copy or download the file again.',
    );
  }
  let voxels = bytes.subarray(header.voxOffset, end);
  if (voxels.byteOffset % storage.bytes !== 0) voxels = new Uint8Array(arrayBufferOf(voxels));
  if (!header.littleEndian) swapBytes(voxels, storage.bytes);
  const values = storage.view(voxels.buffer, voxels.byteOffset, count);
  return values instanceof BigInt64Array || values instanceof BigUint64Array
    ? Float64Array.from(values, Number)
    : values;
}

function readAffine(raw: NIFTI1 | NIFTI2, header: DataView, version: 1 | 2): Affine | null {
  const toMm = { 1: 1000, 2: 1, 3: 0.001 }[raw.xyzt_units & 7] ?? 1;
  let rows: number[][];
  if (raw.sform_code > 0) {
    // From the bytes: the library keeps the qform instead when its code is higher.
    const at = (index: number) =>
      version === 1
        ? header.getFloat32(280 + 4 * index, raw.littleEndian)
        : header.getFloat64(400 + 8 * index, raw.littleEndian);
    rows = [0, 1, 2].map((row) => [0, 1, 2, 3].map((column) => at(4 * row + column)));
  } else if (raw.qform_code > 0) {
    rows = qformOf(raw);
  } else return null;
  return rows.map((row) => row.map((value) => value * toMm));
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
