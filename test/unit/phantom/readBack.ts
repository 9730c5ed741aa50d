import { readFileSync } from 'node:fs';
import dcmjs from 'dcmjs';

type Triple = [number, number, number];

/** One written file as a reader sees it, by keyword. */
export interface ReadSlice {
  readonly [keyword: string]: unknown;
  readonly position: Triple;
  readonly rowCosines: Triple;
  readonly columnCosines: Triple;
  readonly normal: Triple;
  readonly spacing: [number, number];
  readonly rows: number;
  readonly columns: number;
  /** HU. */
  readonly pixels: Float32Array;
}

interface DicomReader {
  data: {
    DicomMessage: {
      readFile(buffer: ArrayBuffer): {
        dict: Record<string, unknown>;
        meta: Record<string, unknown>;
      };
    };
    DicomMetaDictionary: {
      naturalizeDataset(dict: Record<string, unknown>): Record<string, unknown>;
    };
  };
}

const { data } = dcmjs as unknown as DicomReader;
const triple = (values: number[]): Triple => [values[0], values[1], values[2]];
export const dot = (a: Triple, b: Triple) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

export function readSlice(file: string): ReadSlice {
  const bytes = readFileSync(file);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { dict, meta } = data.DicomMessage.readFile(buffer as ArrayBuffer);
  const tags = data.DicomMetaDictionary.naturalizeDataset(dict);
  const numbers = (keyword: string) => (tags[keyword] as (number | string)[]).map(Number);
  const orientation = numbers('ImageOrientationPatient');
  const r = triple(orientation);
  const c = triple(orientation.slice(3));
  const stored = new Uint16Array((tags.PixelData as ArrayBuffer[])[0]);
  const slope = Number(tags.RescaleSlope);
  const intercept = Number(tags.RescaleIntercept);
  const spacing = numbers('PixelSpacing');
  return {
    ...tags,
    meta: data.DicomMetaDictionary.naturalizeDataset(meta),
    position: triple(numbers('ImagePositionPatient')),
    rowCosines: r,
    columnCosines: c,
    normal: [r[1] * c[2] - r[2] * c[1], r[2] * c[0] - r[0] * c[2], r[0] * c[1] - r[1] * c[0]],
    spacing: [spacing[0], spacing[1]],
    rows: Number(tags.Rows),
    columns: Number(tags.Columns),
    pixels: Float32Array.from(stored, (value) => value * slope + intercept),
  };
}

/** Mean HU of the pixels within `reach` of a patient point's, in the slice nearest to it. */
export function huAt(slices: readonly ReadSlice[], point: Triple, reach = 1): number {
  const offset = (s: ReadSlice): Triple => [
    point[0] - s.position[0],
    point[1] - s.position[1],
    point[2] - s.position[2],
  ];
  const away = (s: ReadSlice) => Math.abs(dot(offset(s), s.normal));
  const slice = slices.reduce((a, b) => (away(b) < away(a) ? b : a));
  const column = Math.round(dot(offset(slice), slice.rowCosines) / slice.spacing[1]);
  const row = Math.round(dot(offset(slice), slice.columnCosines) / slice.spacing[0]);
  let sum = 0;
  for (let i = -reach; i <= reach; i++) {
    for (let j = -reach; j <= reach; j++) {
      sum += slice.pixels[(row + i) * slice.columns + column + j];
    }
  }
  return sum / (2 * reach + 1) ** 2;
}
