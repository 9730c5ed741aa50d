import fc from 'fast-check';
import { columnOfY, patientPointOf, rowOfZ } from '../../../src/projection/maps';
import { ProjectionBuilder } from '../../../src/projection/projectionBuilder';
import { projectSeries } from '../../../src/projection/projectSeries';
import type { Vec3, VoxelSource } from '../../../src/series/types';
import { middlesAlong, rotate, scan, type Scene, type Stack } from './analyticScan';

const CT_WINDOW = { kind: 'hu', low: -200, high: 800 } as const;
const MR_WINDOW = { kind: 'percentile', low: 1, high: 99.5 } as const;

/** A body of water around a bony column that follows spineX(z), with one dense ball on it. */
function torso(ball: Vec3, spineX: (z: number) => number): Scene {
  const square = (v: number) => v * v;
  return ([x, y, z]) => {
    if (square(x / 170) + square(y / 120) > 1) return -1000;
    if (square(x - ball[0]) + square(y - ball[1]) + square(z - ball[2]) < square(9)) return 1400;
    return square(x - spineX(z)) + square(y - ball[1]) < square(20) ? 300 : 20;
  };
}

function centroid(plane: Float32Array, height: number, width: number, above: number) {
  let [sum, row, column] = [0, 0, 0];
  for (let i = 0; i < height * width; i++) {
    const weight = Math.max(0, plane[i] - above);
    sum += weight;
    row += weight * Math.floor(i / width);
    column += weight * (i % width);
  }
  return { row: row / sum, column: column / sum };
}

/** Projects and returns the patient point of the ball, as the projection's maps give it. */
async function findBall(scene: Scene, stack: Stack): Promise<Vec3> {
  const { series, source } = scan(scene, stack);
  const p = await projectSeries(series, source, { channels: ['max', 'mean'], window: CT_WINDOW });
  const max = p.data.subarray(0, p.height * p.width);
  const { row, column } = centroid(max, p.height, p.width, 0.75);
  const point = patientPointOf(p, row, column);
  expect(rowOfZ(p, point[2])).toBeCloseTo(row, 4);
  expect(columnOfY(p, point[1])).toBeCloseTo(column, 4);
  return point;
}

describe('projection of axial CT', () => {
  it('puts a ball where it is, in any direction of scan, tilt and rotation', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          ballZ: fc.double({ min: -40, max: 40, noNaN: true }),
          ballY: fc.double({ min: -10, max: 50, noNaN: true }),
          flipRow: fc.boolean(),
          flipColumn: fc.boolean(),
          transpose: fc.boolean(),
          tilt: fc.double({ min: -25, max: 25, noNaN: true }),
          turn: fc.double({ min: -12, max: 12, noNaN: true }),
          gantry: fc.boolean(),
          step: fc.constantFrom(0.9, 3, 3, 5),
        }),
        async (g) => {
          const ball: Vec3 = [0, g.ballY, g.ballZ];
          const place = (v: Vec3) => rotate(rotate(v, 2, g.turn), 0, g.tilt);
          let row = place([g.flipRow ? -1 : 1, 0, 0]);
          let column = place([0, g.flipColumn ? -1 : 1, 0]);
          if (g.transpose) [row, column] = [column, row];
          const steps = Array.from(
            { length: Math.round(140 / g.step) },
            (_, i) => -70 + i * g.step,
          );
          // With gantry tilt the table moves along z; otherwise the stack is oblique as a whole.
          const direction = g.gantry ? ([0, 0, 1] as Vec3) : place([0, 0, 1]);
          const stack = { row, column, pixelMm: 4, rows: 88, columns: 88 };
          const point = await findBall(
            torso(ball, () => 0),
            {
              ...stack,
              middles: middlesAlong(direction, steps),
            },
          );
          expect(Math.abs(point[2] - ball[2])).toBeLessThan(1 + 0.2 * g.step);
          expect(Math.abs(point[1] - ball[1])).toBeLessThan(2);
          expect(Math.abs(point[0] - ball[0])).toBeLessThan(8);
        },
      ),
      { numRuns: 12, seed: 3 },
    );
  }, 120_000);

  it('honours uneven spacing and a missing slice: z comes from the slices themselves', async () => {
    const positions = [...Array(40).keys()]
      .map((i) => -80 + 4 * i + (i % 3))
      .filter((_, i) => i !== 18);
    const point = await findBall(
      torso([0, 30, 12], () => 0),
      {
        row: [1, 0, 0],
        column: [0, 1, 0],
        pixelMm: 2.5,
        rows: 150,
        columns: 150,
        middles: middlesAlong([0, 0, 1], positions),
      },
    );
    expect(Math.abs(point[2] - 12)).toBeLessThan(1.5);
  });

  it('follows a scoliotic spine', async () => {
    const spineX = (z: number) => 28 * Math.sin(z / 55);
    const ball: Vec3 = [spineX(60), 30, 60];
    const point = await findBall(torso(ball, spineX), {
      row: [1, 0, 0],
      column: [0, 1, 0],
      pixelMm: 2,
      rows: 180,
      columns: 180,
      middles: middlesAlong(
        [0, 0, 1],
        [...Array(60).keys()].map((i) => -120 + 4 * i),
      ),
    });
    expect(Math.abs(point[0] - ball[0])).toBeLessThan(8);
    expect(Math.abs(point[2] - 60)).toBeLessThan(1.5);
  });

  it('is not moved by padding, a table, arms or a metal implant', async () => {
    const inner = torso([0, 30, 12], () => 0);
    const scene: Scene = ([x, y, z]) => {
      if (Math.hypot(x, y) > 185) return -3024;
      if (y > 135 && y < 140) return 700;
      if (Math.hypot(Math.abs(x) - 180, y) < 15) return 900;
      if (Math.hypot(x - 60, y, z + 40) < 12) return 20000;
      return inner([x, y, z]);
    };
    const { series, source } = scan(scene, {
      row: [1, 0, 0],
      column: [0, 1, 0],
      pixelMm: 2.5,
      rows: 160,
      columns: 160,
      middles: middlesAlong(
        [0, 0, 1],
        [...Array(50).keys()].map((i) => -75 + 3 * i),
      ),
    });
    const p = await projectSeries(series, source, { channels: ['mean'], window: CT_WINDOW });
    expect(Math.max(...p.spineXMm.map(Math.abs))).toBeLessThan(6);
    expect(p.data.every((v) => v >= 0 && v <= 1)).toBe(true);
  });

  it('has max, mean, mix and the lateral band as defined', async () => {
    // Bone everywhere in the slab's left half only: max 1 and mean 0.6; ribs at 40 mm on one side.
    const scene: Scene = ([x, y]) => {
      if (Math.abs(y) > 60) return -1000;
      if (Math.abs(x - 40) < 6) return 600;
      return Math.abs(x) < 12 ? (x < 0 ? 900 : 0) : -200;
    };
    const { series, source } = scan(scene, {
      row: [1, 0, 0],
      column: [0, 1, 0],
      pixelMm: 1,
      rows: 200,
      columns: 200,
      middles: middlesAlong(
        [0, 0, 1],
        [...Array(30).keys()].map((i) => 2 * i),
      ),
    });
    const channels = ['max', 'mean', 'mix', 'lateral'] as const;
    const p = await projectSeries(series, source, { channels, window: CT_WINDOW });
    const at = (name: (typeof channels)[number]) => {
      const row = 15;
      const column = Math.round(columnOfY(p, 0));
      return p.data[(channels.indexOf(name) * p.height + row) * p.width + column];
    };
    expect(at('max')).toBe(1);
    expect(at('mean')).toBeGreaterThan(0.25);
    expect(at('mean')).toBeLessThan(0.9);
    expect(at('mix')).toBeCloseTo((at('max') + at('mean')) / 2, 6);
    expect(at('lateral')).toBeCloseTo(0.8, 2);
  });

  it('leaves the lateral band empty for MR, however wide the stack, and for a single CT slice', async () => {
    const channels = ['max', 'lateral'] as const;
    const lateralOf = async (stack: Stack, window: typeof CT_WINDOW | typeof MR_WINDOW) => {
      const { series, source } = scan(([x, y]) => 400 + x + y, stack);
      const p = await projectSeries(series, source, { channels, window });
      expect(Math.max(...p.data.subarray(0, p.height * p.width))).toBeGreaterThan(0.5);
      return p.data.subarray(p.height * p.width);
    };
    const sagittal: Stack = {
      row: [0, 1, 0],
      column: [0, 0, -1],
      pixelMm: 2,
      rows: 100,
      columns: 90,
      middles: middlesAlong([1, 0, 0], [-40, -30, -20, -10, 0, 10, 20, 30, 40]),
    };
    const single: Stack = { ...sagittal, middles: [[0, 0, 0]] };
    expect(
      (await lateralOf({ ...sagittal, modality: 'MR' }, MR_WINDOW)).every((v) => v === 0),
    ).toBe(true);
    expect((await lateralOf(single, CT_WINDOW)).every((v) => v === 0)).toBe(true);
  });

  it('gives the same picture for stored values with slope and intercept', async () => {
    const stack: Stack = {
      row: [1, 0, 0],
      column: [0, 1, 0],
      pixelMm: 3,
      rows: 120,
      columns: 120,
      middles: middlesAlong(
        [0, 0, 1],
        [...Array(40).keys()].map((i) => 4 * i),
      ),
    };
    const { series, source } = scan(
      torso([0, 30, 60], () => 0),
      stack,
    );
    const options = { channels: ['max', 'mean'], window: CT_WINDOW } as const;
    const direct = await projectSeries(series, source, options);
    const stored: VoxelSource = {
      readSlice: async (i) => {
        const { pixels } = await source.readSlice(i);
        return {
          pixels: Int16Array.from(pixels as Float32Array, (v) => (v + 1024) / 2),
          slope: 2,
          intercept: -1024,
        };
      },
    };
    const other = await projectSeries(series, stored, options);
    expect(other.spineXMm).toEqual(direct.spineXMm);
    const difference = other.data.map((v, i) => Math.abs(v - direct.data[i]));
    expect(Math.max(...difference)).toBeLessThan(0.003);
  });
});

describe('projection of sagittal series', () => {
  it('puts a ball where it is in MR of any direction and tilt', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          ballY: fc.double({ min: -60, max: 60, noNaN: true }),
          ballZ: fc.double({ min: -60, max: 60, noNaN: true }),
          towardsHead: fc.boolean(),
          towardsFront: fc.boolean(),
          leftToRight: fc.boolean(),
          tilt: fc.double({ min: -10, max: 10, noNaN: true }),
          pixelMm: fc.constantFrom(0.9, 1.5, 2.4),
        }),
        async (g) => {
          const row = rotate([0, g.towardsFront ? -1 : 1, 0], 2, g.tilt);
          const column: Vec3 = [0, 0, g.towardsHead ? 1 : -1];
          const across = rotate([g.leftToRight ? -1 : 1, 0, 0], 2, g.tilt);
          const size = Math.round(220 / g.pixelMm);
          const { series, source } = scan(
            ([, y, z]) => 100 + 900 * Math.exp(-((y - g.ballY) ** 2 + (z - g.ballZ) ** 2) / 128),
            {
              row,
              column,
              pixelMm: g.pixelMm,
              rows: size,
              columns: size,
              middles: middlesAlong(across, [-20, -16, -12, -8, -4, 0, 4, 8, 12, 16, 20]),
              modality: 'MR',
            },
          );
          const p = await projectSeries(series, source, {
            channels: ['max', 'mean'],
            window: MR_WINDOW,
          });
          const mean = p.data.subarray(p.height * p.width);
          const { row: r, column: c } = centroid(mean, p.height, p.width, 0.4);
          const point = patientPointOf(p, r, c);
          expect(Math.abs(point[1] - g.ballY)).toBeLessThan(1);
          expect(Math.abs(point[2] - g.ballZ)).toBeLessThan(1);
          expect(Math.abs(point[0])).toBeLessThan(1);
        },
      ),
      { numRuns: 8, seed: 5 },
    );
  }, 120_000);

  it('takes a single CT slice: maximum and mean are the slice itself', async () => {
    const { series, source } = scan(
      torso([0, 30, 12], () => 0),
      {
        row: [0, 1, 0],
        column: [0, 0, -1],
        pixelMm: 1,
        rows: 200,
        columns: 260,
        middles: [[0, 0, 0]],
      },
    );
    const p = await projectSeries(series, source, { channels: ['max', 'mean'], window: CT_WINDOW });
    const size = p.height * p.width;
    expect(p.data.slice(0, size)).toEqual(p.data.slice(size));
    const { row, column } = centroid(p.data.subarray(0, size), p.height, p.width, 0.75);
    const point = patientPointOf(p, row, column);
    expect(Math.abs(point[1] - 30)).toBeLessThan(1);
    expect(Math.abs(point[2] - 12)).toBeLessThan(1);
  });
});

describe('ProjectionBuilder', () => {
  const { series } = scan(() => 0, {
    row: [1, 0, 0],
    column: [0, 1, 0],
    pixelMm: 3,
    rows: 10,
    columns: 12,
    middles: middlesAlong(
      [0, 0, 1],
      [...Array(20).keys()].map((i) => 4 * i),
    ),
  });
  const build = () => new ProjectionBuilder(series, { channels: ['max'], window: CT_WINDOW });

  it('refuses slices out of order, of another size, or missing', () => {
    expect(() => build().addSlice(1, new Int16Array(120), 1, 0)).toThrow(/where 0 was due/);
    expect(() => build().addSlice(0, new Int16Array(360), 1, 0)).toThrow(/360 pixels, not 10 x 12/);
    expect(() => build().finish()).toThrow(/0 of 20 slices/);
  });

  it('stops when aborted', async () => {
    const abort = new AbortController();
    const source: VoxelSource = {
      readSlice: async (i) => {
        if (i === 3) abort.abort();
        return { pixels: new Int16Array(120), slope: 1, intercept: 0 };
      },
    };
    const done: number[] = [];
    const run = projectSeries(series, source, {
      channels: ['max'],
      window: CT_WINDOW,
      signal: abort.signal,
      onProgress: (n) => done.push(n),
    });
    await expect(run).rejects.toThrow(/abort/i);
    expect(done).toEqual([1, 2, 3, 4]);
  });
});
