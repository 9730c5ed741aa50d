/** Writes small NIfTI files by hand (nifti1.h, nifti2.h), so that reading is tested against the format. */
export interface NiftiSpec {
  readonly version?: 1 | 2;
  readonly littleEndian?: boolean;
  readonly size: readonly number[];
  readonly datatype: Datatype;
  /** i fastest. */
  readonly values: ArrayLike<number>;
  readonly slope?: number;
  readonly intercept?: number;
  /** Three rows of four, RAS mm. */
  readonly sform?: { readonly code: number; readonly rows: readonly (readonly number[])[] };
  readonly qform?: {
    readonly code: number;
    readonly quaternion: readonly [number, number, number];
    readonly offset: readonly [number, number, number];
    readonly qfac: 1 | -1;
  };
  readonly pixdim?: readonly number[];
  readonly units?: number;
  /** Bytes between the header and the voxels, as an extension would take. */
  readonly gap?: number;
}

export const DATATYPES = {
  uint8: [2, 8],
  int16: [4, 16],
  int32: [8, 32],
  float32: [16, 32],
  float64: [64, 64],
  rgb24: [128, 24],
  int8: [256, 8],
  uint16: [512, 16],
  uint32: [768, 32],
  int64: [1024, 64],
  uint64: [1280, 64],
} as const;
export type Datatype = keyof typeof DATATYPES;

export function niftiBytes(spec: NiftiSpec): Buffer {
  const { version = 1, littleEndian: le = true, size, gap = 4 } = spec;
  const [code, bits] = DATATYPES[spec.datatype];
  const headerBytes = version === 1 ? 348 : 540;
  const offset = headerBytes + gap;
  const bytes = Buffer.alloc(offset + (spec.values.length * bits) / 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const wide = version === 2;
  const real = (at1: number, at2: number, values: readonly number[]) =>
    values.forEach((v, n) =>
      wide ? view.setFloat64(at2 + 8 * n, v, le) : view.setFloat32(at1 + 4 * n, v, le),
    );
  const short = (at1: number, at2: number, value: number) =>
    wide ? view.setInt32(at2, value, le) : view.setInt16(at1, value, le);

  view.setInt32(0, headerBytes, le);
  bytes.write(wide ? 'n+2\0\r\n\x1a\n' : 'n+1\0', wide ? 4 : 344, 'latin1');
  [size.length, ...size, 1, 1, 1, 1, 1, 1, 1].slice(0, 8).forEach((n, d) => {
    if (wide) view.setBigInt64(16 + 8 * d, BigInt(n), le);
    else view.setInt16(40 + 2 * d, n, le);
  });
  view.setInt16(wide ? 12 : 70, code, le);
  view.setInt16(wide ? 14 : 72, bits, le);
  real(76, 104, [spec.qform?.qfac ?? 1, ...(spec.pixdim ?? [1, 1, 1])]);
  if (wide) view.setBigInt64(168, BigInt(offset), le);
  else view.setFloat32(108, offset, le);
  real(112, 176, [spec.slope ?? 1, spec.intercept ?? 0]);
  if (wide) view.setInt32(500, spec.units ?? 2, le);
  else view.setUint8(123, spec.units ?? 2);
  short(252, 344, spec.qform?.code ?? 0);
  short(254, 348, spec.sform?.code ?? 0);
  real(256, 352, [...(spec.qform?.quaternion ?? [0, 0, 0]), ...(spec.qform?.offset ?? [0, 0, 0])]);
  real(280, 400, spec.sform?.rows.flat() ?? []);
  writeVoxels(view, offset, spec, le);
  return bytes;
}

function writeVoxels(view: DataView, offset: number, { datatype, values }: NiftiSpec, le: boolean) {
  const write: Record<Datatype, (at: number, v: number) => void> = {
    uint8: (at, v) => view.setUint8(at, v),
    rgb24: (at, v) => view.setUint8(at, v),
    int8: (at, v) => view.setInt8(at, v),
    int16: (at, v) => view.setInt16(at, v, le),
    uint16: (at, v) => view.setUint16(at, v, le),
    int32: (at, v) => view.setInt32(at, v, le),
    uint32: (at, v) => view.setUint32(at, v, le),
    float32: (at, v) => view.setFloat32(at, v, le),
    float64: (at, v) => view.setFloat64(at, v, le),
    int64: (at, v) => view.setBigInt64(at, BigInt(v), le),
    uint64: (at, v) => view.setBigUint64(at, BigInt(v), le),
  };
  const step = DATATYPES[datatype][1] / 8;
  for (let i = 0; i < values.length; i++) write[datatype](offset + i * step, values[i]);
}
