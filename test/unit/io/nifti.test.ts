import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { checkInput } from '../../../src/io/checkInput';
import { openNifti } from '../../../src/io/nifti/openNifti';
import type { LoadedSeries, OpenOptions } from '../../../src/io/types';
import type { Series } from '../../../src/series/types';
import { orientations, quaternionOf, rotate } from './axes';
import type { Triple } from './axes';
import { niftiBytes } from './writeNifti';
import type { Datatype, NiftiSpec } from './writeNifti';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'find-l3-nifti-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string) => join(folder, name);
const write = (spec: NiftiSpec, name = 'case.nii', gzip = false) => {
  const bytes = niftiBytes(spec);
  writeFileSync(file(name), gzip ? gzipSync(bytes) : bytes);
  return file(name);
};
const open = (path: string, options?: OpenOptions) => openNifti(path, path, options);
const checked = (loaded: LoadedSeries): Series => {
  const check = checkInput(loaded);
  if (!check.ok) throw new Error(check.reason.message);
  return check.series;
};

const DIAGONAL = (sx: number, sy: number, sz: number) => [
  [sx, 0, 0, 0],
  [0, sy, 0, 0],
  [0, 0, sz, 0],
];
const volume = (n: number, fill = 0) => new Float64Array(n).fill(fill);

/** LPS points, DICOM's way (PS3.3 C.7.6.2.1.1), of all pixels with the highest value. */
async function brightestPoints(loaded: LoadedSeries): Promise<number[][]> {
  const series = checked(loaded);
  const source = loaded.openVoxels(series);
  let best = -Infinity;
  let points: number[][] = [];
  for (const [index, source_] of series.sourceIndex.entries()) {
    const d = loaded.description.slices[source_];
    const { pixels, slope, intercept } = await source.readSlice(index);
    expect(pixels).toHaveLength(d.rows * d.columns);
    pixels.forEach((stored: number, at: number) => {
      const value = stored * slope + intercept;
      if (value < best) return;
      if (value > best) points = [];
      best = value;
      const [p, o, s] = [d.imagePositionPatient, d.imageOrientationPatient, d.pixelSpacing].map(
        (v) => v ?? [],
      );
      const [row, column] = [Math.floor(at / d.columns), at % d.columns];
      points.push([0, 1, 2].map((i) => p[i] + o[i] * s[1] * column + o[3 + i] * s[0] * row));
    });
  }
  return points;
}

/**
 * Near half a turn the fourth number of a quaternion, left out of the header, follows from three of 32 bits to
 * 0.0005 rad, which over 100 mm is this.
 */
const QFORM_WITHIN_MM = 0.05;

describe('where a voxel lies', () => {
  it('is the same in the slices as in the file, for any of the 48 axis orientations', async () => {
    const spacing = fc.double({ min: 3.6, max: 4.6, noNaN: true });
    const angle = fc.double({ min: -0.15, max: 0.15, noNaN: true });
    const size = fc.integer({ min: 12, max: 14 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...orientations),
        fc.tuple(spacing, spacing, spacing),
        fc.tuple(size, size, size),
        fc.tuple(angle, angle, angle),
        fc.tuple(...[0, 1, 2].map(() => fc.double({ min: -900, max: 900, noNaN: true }))),
        fc.tuple(...[0, 1, 2].map(() => fc.double({ min: 0, max: 0.999, noNaN: true }))),
        fc.record({
          form: fc.constantFrom('sform', 'qform'),
          version: fc.constantFrom(1 as const, 2 as const),
          littleEndian: fc.boolean(),
          gzip: fc.boolean(),
          thick: fc.boolean(),
        }),
        async ({ axes, sign }, spacings, dims, angles, offset, where, how) => {
          // Voxel axis a runs along RAS axis axes[a], turned a little.
          const directions = axes.map((ras, a) => {
            const v = [0, 0, 0];
            v[ras] = sign[a];
            return rotate(v, angles);
          });
          const sideways = axes.indexOf(0);
          const step = spacings.map((s, a) => (how.thick && a === sideways ? 2 * s : s));
          const voxel = dims.map((n, a) => Math.floor(where[a] * n));
          const values = volume(dims[0] * dims[1] * dims[2], 10);
          values[voxel[0] + dims[0] * (voxel[1] + dims[1] * voxel[2])] = 99;
          const ras = [0, 1, 2].map((r) =>
            voxel.reduce((sum, n, a) => sum + n * step[a] * directions[a][r], offset[r]),
          );
          const handed =
            directions[0][0] *
              (directions[1][1] * directions[2][2] - directions[1][2] * directions[2][1]) -
            directions[0][1] *
              (directions[1][0] * directions[2][2] - directions[1][2] * directions[2][0]) +
            directions[0][2] *
              (directions[1][0] * directions[2][1] - directions[1][1] * directions[2][0]);
          const qfac = handed < 0 ? -1 : 1;
          const path = write(
            {
              version: how.version,
              littleEndian: how.littleEndian,
              size: dims,
              datatype: 'int16',
              values,
              pixdim: step,
              ...(how.form === 'sform'
                ? {
                    sform: {
                      code: 2,
                      rows: [0, 1, 2].map((r) => [
                        ...step.map((s, a) => s * directions[a][r]),
                        offset[r],
                      ]),
                    },
                  }
                : {
                    qform: {
                      code: 1,
                      quaternion: quaternionOf([
                        directions[0],
                        directions[1],
                        directions[2].map((v) => v * qfac),
                      ]),
                      offset: offset as Triple,
                      qfac,
                    },
                  }),
            },
            'property.nii',
            how.gzip,
          );
          const loaded = await open(path, { modality: 'MR' });
          const points = await brightestPoints(loaded);
          expect(points).toHaveLength(1);
          expect(
            Math.hypot(points[0][0] + ras[0], points[0][1] + ras[1], points[0][2] - ras[2]),
          ).toBeLessThan(how.form === 'qform' ? QFORM_WITHIN_MM : 0.01);
          const [rx, ry, , , cy, cz] = loaded.description.slices[0].imageOrientationPatient ?? [];
          const plane = checked(loaded).plane;
          expect(plane).toBe(how.thick ? 'sagittal' : 'axial');
          if (plane === 'axial') expect(Math.min(rx, cy)).toBeGreaterThan(0.9);
          else expect(Math.min(ry, -cz)).toBeGreaterThan(0.9);
        },
      ),
      { numRuns: 300 },
    );
  }, 120_000);

  it('follows the sform when both forms are set, whatever their codes', async () => {
    const size = [12, 12, 12];
    const values = volume(12 ** 3);
    values[0] = 7;
    const path = write({
      size,
      datatype: 'uint8',
      values,
      pixdim: [4, 4, 4],
      sform: {
        code: 1,
        rows: [
          [4, 0, 0, 11],
          [0, 4, 0, 22],
          [0, 0, 4, 33],
        ],
      },
      qform: { code: 2, quaternion: [0, 0, 0], offset: [-500, -500, -500], qfac: 1 },
    });
    const points = await brightestPoints(await open(path));
    expect(points).toEqual([[-11, -22, 33]]);
  });

  it('is in millimetres when the header says metres', async () => {
    const path = write({
      size: [12, 12, 12],
      datatype: 'uint8',
      values: volume(12 ** 3),
      units: 1,
      sform: { code: 1, rows: DIAGONAL(0.004, 0.004, 0.005) },
    });
    const series = checked(await open(path));
    expect(series.spacingMm).toBeCloseTo(5, 4);
  });

  it('cuts a volume with few voxels across into sagittal slices', async () => {
    const path = write({
      size: [3, 60, 60],
      datatype: 'uint8',
      values: volume(3 * 60 * 60),
      sform: { code: 1, rows: DIAGONAL(1, 1, 1) },
    });
    const series = checked(await open(path));
    expect(series.plane).toBe('sagittal');
    expect(series.slices).toHaveLength(3);
  });
});

describe('values', () => {
  const stored = { uint8: [0, 255], int8: [-128, 127], uint16: [0, 65535], int16: [-1024, 3071] };
  const cases: [Datatype, number[]][] = [
    ...(Object.entries(stored) as [Datatype, number[]][]),
    ['uint32', [0, 4294967295]],
    ['int32', [-70000, 2147483647]],
    ['float32', [-0.5, 1234.5]],
    ['float64', [-0.1, 1e10 / 3]],
    ['int64', [-5000000000, 5000000000]],
    ['uint64', [0, 9007199254740991]],
  ];
  it.each(cases.flatMap(([type, v]) => [true, false].map((le) => [type, le, v] as const)))(
    'of type %s (little-endian %s) come back as stored',
    async (datatype, littleEndian, [low, high]) => {
      const values = volume(12 ** 3, low);
      values[5] = high;
      const path = write({
        size: [12, 12, 12],
        datatype,
        littleEndian,
        values,
        gap: 5, // voxels that are not aligned to their size
        sform: { code: 1, rows: DIAGONAL(-4, -4, 4) }, // axes as in DICOM, so that order is kept
      });
      const loaded = await open(path);
      const { pixels } = await loaded.openVoxels(checked(loaded)).readSlice(0);
      expect(Array.from(pixels.slice(4, 7))).toEqual([low, high, low]);
    },
  );

  it('are scaled by scl_slope and scl_inter, unless the slope is 0', async () => {
    const base = {
      size: [12, 12, 12],
      datatype: 'uint16' as const,
      values: volume(12 ** 3, 100),
      sform: { code: 1, rows: DIAGONAL(4, 4, 4) },
    };
    for (const [slope, intercept, value] of [
      [0.5, -1024, -974],
      [0, 77, 100],
      [NaN, 5, 100],
    ]) {
      const loaded = await open(write({ ...base, slope, intercept }));
      const slice = await loaded.openVoxels(checked(loaded)).readSlice(3);
      expect(slice.pixels[9] * slice.slope + slice.intercept).toBeCloseTo(value, 6);
    }
  });

  it('that are not numbers become air (CT) or nothing (MR)', async () => {
    const values = volume(12 ** 3, 40);
    values[0] = NaN;
    const path = write({
      size: [12, 12, 12],
      datatype: 'float32',
      values,
      slope: 2,
      intercept: -24,
      sform: { code: 1, rows: DIAGONAL(-4, -4, 4) },
    });
    for (const [modality, value] of [
      ['CT', -1024],
      ['MR', 0],
    ] as const) {
      const loaded = await open(path, { modality });
      const slice = await loaded.openVoxels(checked(loaded)).readSlice(0);
      expect(slice.pixels[0] * slice.slope + slice.intercept).toBe(value);
    }
  });
});

describe('modality', () => {
  const spec = (low: number): NiftiSpec => {
    const values = volume(12 ** 3, 50);
    values[7] = low;
    return {
      size: [12, 12, 12],
      datatype: 'int16',
      values,
      sform: { code: 1, rows: DIAGONAL(4, 4, 4) },
    };
  };
  it.each([
    [-1000, 'CT'],
    [-150, 'MR'],
    [0, 'MR'],
  ])('is guessed from a least value of %d: %s, with a warning', async (low, modality) => {
    const series = checked(await open(write(spec(low))));
    expect(series.modality).toBe(modality);
    expect(series.warnings.map((w) => w.code)).toContain('modality-guessed');
  });

  it('is the stated one, without a warning', async () => {
    const series = checked(await open(write(spec(-1000)), { modality: 'MR' }));
    expect(series.modality).toBe('MR');
    expect(series.warnings).toEqual([]);
  });
});

describe('what cannot be used', () => {
  const good: NiftiSpec = {
    size: [12, 12, 12],
    datatype: 'int16',
    values: volume(12 ** 3),
    sform: { code: 1, rows: DIAGONAL(4, 4, 4) },
  };
  const shear = [
    [4, 2, 2, 0],
    [0, 4, 2, 0],
    [0, 0, 4, 0],
  ];
  it.each<[string, Partial<NiftiSpec>, string]>([
    ['several volumes', { size: [12, 12, 12, 2], values: volume(2 * 12 ** 3) }, 'several-volumes'],
    ['no orientation', { sform: undefined }, 'unknown-orientation'],
    ['a singular affine', { sform: { code: 1, rows: DIAGONAL(4, 0, 4) } }, 'unknown-orientation'],
    [
      'an infinite affine',
      { sform: { code: 1, rows: DIAGONAL(4, NaN, 4) } },
      'unknown-orientation',
    ],
    ['sheared slices', { sform: { code: 1, rows: shear } }, 'unknown-orientation'],
    ['colours', { datatype: 'rgb24', values: volume(3 * 12 ** 3) }, 'unsupported-pixels'],
  ])('%s: refused with a reason', async (_, change, code) => {
    const check = checkInput(await open(write({ ...good, ...change })));
    expect(check).toMatchObject({ ok: false, reason: { code } });
  });

  it('one volume in a fourth dimension of 1 is fine', async () => {
    const loaded = await open(write({ ...good, size: [12, 12, 12, 1] }));
    expect(checked(loaded).slices).toHaveLength(12);
  });

  it.each<[string, () => Buffer, RegExp]>([
    ['a file that ends early', () => niftiBytes(good).subarray(0, 900), /bad\.nii: ends after 900/],
    ['text', () => Buffer.from('not an image'.repeat(40)), /bad\.nii: is not a NIfTI file/],
    ['two gzips', () => gzipSync(gzipSync(niftiBytes(good))), /is compressed by gzip twice/],
    ['an empty file', () => Buffer.alloc(0), /bad\.nii: is not a NIfTI file/],
    [
      'a damaged gzip',
      () => gzipSync(niftiBytes(good)).subarray(0, 60),
      /bad\.nii: the gzip compression is damaged/,
    ],
    [
      'sizes of 0',
      () => niftiBytes({ ...good, size: [12, 0, 12] }),
      /bad\.nii: the NIfTI header is damaged \(sizes 12 x 0 x 12\)/,
    ],
  ])('%s: an error that names the file and the fault', async (_, bytes, message) => {
    writeFileSync(file('bad.nii'), bytes());
    await expect(open(file('bad.nii'))).rejects.toThrow(message);
    await expect(open(file('bad.nii'))).rejects.toHaveProperty('advice', expect.any(String));
  });

  it('a file that is not there: an error that names it', async () => {
    await expect(open(file('none.nii'))).rejects.toThrow(/none\.nii: does not exist/);
  });
});
