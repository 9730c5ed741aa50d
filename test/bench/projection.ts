import { ProjectionBuilder } from '../../src/projection/projectionBuilder';
import { assembleSeries } from '../../src/series/assembleSeries';
import type { Series } from '../../src/series/types';
import type { Figure } from './main';

const WINDOW = { kind: 'hu', low: -200, high: 800 } as const;
const RUNS = 5;
const MIB = 2 ** 20;

/** Axial CT as scanners make it; the values of one slice are reused, so that memory is not measured twice. */
function axialSeries(slices: number, spacingMm: number): { series: Series; pixels: Int16Array } {
  const size = 512;
  const check = assembleSeries({
    uid: 'bench',
    modality: 'CT',
    frameOfReferenceUID: null,
    slices: Array.from({ length: slices }, (_, i) => ({
      sopInstanceUID: `1.${i}`,
      imagePositionPatient: [-200, -200, i * spacingMm],
      imageOrientationPatient: [1, 0, 0, 0, 1, 0],
      pixelSpacing: [0.78, 0.78],
      rows: size,
      columns: size,
    })),
  });
  if (!check.ok) throw new Error(check.reason.message);
  return { series: check.series, pixels: bodySlice() };
}

/** An axial slice of 512 x 512, HU: a round body with a column of bone. */
export function bodySlice(): Int16Array {
  const size = 512;
  const pixels = new Int16Array(size * size);
  for (let i = 0; i < pixels.length; i++) {
    const [x, y] = [(i % size) - 256, Math.floor(i / size) - 256];
    const inside = x * x + y * y < 220 ** 2;
    const bone = x * x + (y - 60) ** 2 < 28 ** 2;
    pixels[i] = inside ? (bone ? 320 : 40) + ((i * 2654435761) % 41) - 20 : -1000;
  }
  return pixels;
}

/** Projection time against a plain pass over the same voxels, and memory over the series' size. */
export async function benchProjection(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [slices, spacingMm] of [
    [100, 5],
    [300, 1],
    [800, 0.625],
  ] as const) {
    const { series, pixels } = axialSeries(slices, spacingMm);
    const times = Array.from({ length: RUNS }, () => once(series, pixels));
    const least = (key: 'plain' | 'add' | 'finish') => Math.min(...times.map((t) => t[key]));
    const name = `${slices} slices of 512 x 512, ${spacingMm} mm`;
    const memory = await memoryOf(series, pixels);
    const seriesMiB = (slices * pixels.byteLength) / MIB;
    figures.push(
      { what: `${name}: plain sum over the voxels`, value: least('plain'), unit: 'ms' },
      { what: `${name}: reducing the slices`, value: least('add'), unit: 'ms' },
      { what: `${name}: tracing and projecting`, value: least('finish'), unit: 'ms' },
      {
        what: `${name}: whole projection / plain pass`,
        value: (least('add') + least('finish')) / least('plain'),
        unit: 'x',
      },
      { what: `${name}: memory held while reading`, value: memory / MIB, unit: 'MiB' },
      {
        what: `${name}: that over the series' size`,
        value: (100 * memory) / MIB / seriesMiB,
        unit: '%',
      },
    );
  }
  return figures;
}

function once(series: Series, pixels: Int16Array) {
  let start = performance.now();
  let sum = 0;
  for (let s = 0; s < series.slices.length; s++) {
    for (let i = 0; i < pixels.length; i++) sum += pixels[i];
  }
  const plain = performance.now() - start;
  if (!Number.isFinite(sum)) throw new Error('the sum keeps the pass alive');
  const builder = new ProjectionBuilder(series, {
    channels: ['max', 'mean', 'mix'],
    window: WINDOW,
  });
  start = performance.now();
  series.slices.forEach((_, i) => builder.addSlice(i, pixels, 1, 0));
  const add = performance.now() - start;
  start = performance.now();
  builder.finish();
  return { plain, add, finish: performance.now() - start };
}

/** Bytes of arrays that a builder with all slices added keeps alive. */
async function memoryOf(series: Series, pixels: Int16Array): Promise<number> {
  const held = async () => {
    for (let i = 0; i < 3; i++) {
      globalThis.gc?.();
      await new Promise((done) => setTimeout(done, 20));
    }
    return process.memoryUsage().arrayBuffers;
  };
  const before = await held();
  const builder = new ProjectionBuilder(series, {
    channels: ['max', 'mean', 'mix'],
    window: WINDOW,
  });
  series.slices.forEach((_, i) => builder.addSlice(i, pixels, 1, 0));
  const bytes = (await held()) - before;
  builder.finish();
  return bytes;
}
