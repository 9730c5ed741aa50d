import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkInput } from '../../../src/io/checkInput';
import { openInput } from '../../../src/io/openInput';
import type { InputFailure, LoadedSeries, OpenOptions } from '../../../src/io/types';
import type { Series } from '../../../src/series/types';
import { ctSlice, dicomBytes, int16Bytes } from './writeDicom';
import type { DicomSpec, Elements } from './writeDicom';

/** A fresh folder for each test of a file; its path is set before each test. */
export const folder = { path: '' };
beforeEach(() => {
  folder.path = mkdtempSync(join(tmpdir(), 'find-l3-dicom-'));
});
afterEach(() => rmSync(folder.path, { recursive: true }));

export const at = (name: string) => join(folder.path, name);

export function put(name: string, content: Buffer | string): void {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), content);
}

export async function all(
  path = folder.path,
  options?: OpenOptions,
): Promise<{ series: LoadedSeries[]; failures: InputFailure[] }> {
  const series: LoadedSeries[] = [];
  const failures: InputFailure[] = [];
  for await (const item of openInput(path, options)) {
    if (item.kind === 'series') series.push(item);
    else failures.push(item);
  }
  return { series, failures };
}

export function checked(loaded: LoadedSeries): Series {
  const check = checkInput(loaded);
  if (!check.ok) throw new Error(check.reason.message);
  return check.series;
}

export const ramp = (first: number, step = 1) =>
  Array.from({ length: 64 }, (_, i) => first + i * step);

/** Ten slices, 5 mm apart, written from head to foot; the slice at z holds a ramp from z. */
export function putSeries(
  under: string,
  { series = '1.2.3.4', spec = {} as Partial<DicomSpec>, more = {} as Elements } = {},
): void {
  for (let n = 0; n < 10; n++) {
    const z = 100 - 5 * n;
    const elements = ctSlice(z, int16Bytes(ramp(z)), { series, more });
    put(`${under}/${String(n).padStart(3, '0')}.dcm`, dicomBytes({ elements, ...spec }));
  }
}

/** Values of slice `index` of the ordered series in modality units. */
export async function valuesOf(loaded: LoadedSeries, index: number): Promise<number[]> {
  const slice = await loaded.openVoxels(checked(loaded)).readSlice(index);
  return Array.from(slice.pixels, (v: number) => v * slice.slope + slice.intercept);
}
