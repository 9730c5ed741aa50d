import fc from 'fast-check';
import { findL3 } from '../../../src/finder/findL3';
import { assembleSeries } from '../../../src/series/assembleSeries';
import type { Series, SliceDescription, VoxelSource } from '../../../src/series/types';
import { FinderClient } from '../../../src/worker/finderClient';
import { columnModel } from '../finder/columnSeries';
import { opens, servingWorker } from '../worker/channel';

interface Stack {
  readonly count: number;
  /** Between rows, columns and slices, mm. */
  readonly spacing: readonly [number, number, number];
  readonly rows?: number;
  readonly columns?: number;
  readonly sagittal?: boolean;
}

const AXIAL = [1, 0, 0, 0, 1, 0];
const SAGITTAL = [0, 1, 0, 0, 0, -1];

function slicesOf({ count, spacing, rows = 512, columns = 512, sagittal = false }: Stack) {
  return Array.from({ length: count }, (_, i): SliceDescription => {
    const at = i * spacing[2];
    return {
      sopInstanceUID: `1.2.${i}`,
      imagePositionPatient: sagittal ? [at, 0, 0] : [0, 0, at],
      imageOrientationPatient: sagittal ? SAGITTAL : AXIAL,
      pixelSpacing: [spacing[0], spacing[1]],
      rows,
      columns,
    };
  });
}

const check = (stack: Stack) =>
  assembleSeries({
    uid: '1',
    modality: 'CT',
    frameOfReferenceUID: null,
    slices: slicesOf(stack),
  });

function refusal(stack: Stack): string {
  const outcome = check(stack);
  return outcome.ok ? 'accepted' : `${outcome.reason.code}: ${outcome.reason.message}`;
}

/** As a host without `assembleSeries` might hand it over. */
function unchecked(stack: Stack, modality: 'CT' | 'MR' = 'CT'): Series {
  const sagittal = stack.sagittal ?? false;
  return {
    uid: '1',
    modality,
    frameOfReferenceUID: null,
    plane: sagittal ? 'sagittal' : 'axial',
    slices: slicesOf(stack).map((slice) => {
      const [a, b, c, d, e, f] = slice.imageOrientationPatient!;
      const [x, y, z] = slice.imagePositionPatient!;
      return {
        sopInstanceUID: slice.sopInstanceUID,
        frameNumber: null,
        position: [x, y, z],
        rowCosines: [a, b, c],
        columnCosines: [d, e, f],
        rowSpacing: stack.spacing[0],
        columnSpacing: stack.spacing[1],
        rows: slice.rows,
        columns: slice.columns,
      } as const;
    }),
    sourceIndex: Array.from({ length: stack.count }, (_, i) => i),
    normal: sagittal ? [-1, 0, 0] : [0, 0, 1],
    spacingMm: stack.spacing[2],
    tiltDegrees: 0,
    part: null,
    otherParts: [],
    warnings: [],
  };
}

describe('a size that no scan of a person has', () => {
  it('is told with what was found, when lengths are in another unit', () => {
    const length = fc.double({ min: 0.3, max: 5, noNaN: true });
    fc.assert(
      fc.property(
        fc.tuple(length, length, fc.double({ min: 1, max: 10, noNaN: true })),
        fc.constantFrom(1e-6, 1e-3, 1e3, 1e6),
        fc.constantFrom('all', 'pixels', 'slices'),
        fc.boolean(),
        (mm, factor, what, sagittal) => {
          const spacing = mm.map((v, i) =>
            what === 'all' || (what === 'slices') === i > 1 ? v * factor : v,
          ) as [number, number, number];
          const stack = { count: 60, spacing, rows: 256, columns: 256, sagittal };
          const gone = 60 * spacing[2] < 1e-3 && what === 'slices'; // one position, rounded
          if (!gone) expect(refusal(stack)).toMatch(/^implausible-size: .*\d+ mm between/);
        },
      ),
    );
  });

  it.each<[string, Stack, RegExp]>([
    ['0.04 mm pixels', { count: 60, spacing: [0.04, 0.04, 5] }, /0\.04 mm between pixels/],
    ['21 mm pixels', { count: 60, spacing: [1, 21, 5], columns: 40 }, /21 mm between pixels/],
    ['21 mm slices', { count: 20, spacing: [1, 1, 21] }, /21 mm between slices/],
    ['3 m in a row', { count: 60, spacing: [1, 6, 5] }, /512 x 3070 mm in all/],
    ['3 m of slices', { count: 600, spacing: [1, 1, 5] }, /511 x 511 x 3000 mm in all/],
    ['pixels', { count: 9, spacing: [0.1, 0.1, 5], rows: 8192, columns: 8192 }, /8192 x 8192/],
    ['slices', { count: 10001, spacing: [1, 1, 0.1] }, /10001 slices/],
    ['voxels', { count: 2000, spacing: [0.2, 0.2, 1], rows: 2048, columns: 2048 }, /voxels/],
  ])('is refused: %s', (_, stack, message) => {
    expect(refusal(stack)).toMatch(message);
    expect(refusal(stack)).toMatch(/^implausible-size/);
  });

  it.each<[string, Stack]>([
    ['a small crop', { count: 70, spacing: [0.98, 0.98, 1], rows: 71, columns: 71 }],
    ['a head of 0.2 mm', { count: 1000, spacing: [0.2, 0.2, 0.2] }],
    ['a whole body', { count: 2000, spacing: [1.52, 1.52, 1] }],
    ['one sagittal slice', { count: 1, spacing: [0.7, 0.7, 0], sagittal: true }],
    ['thick sagittal slices', { count: 9, spacing: [0.7, 0.7, 18], sagittal: true }],
  ])('is none of these: %s', (_, stack) => {
    expect(refusal(stack)).toBe('accepted');
  });
});

describe('a search', () => {
  const unread: VoxelSource = {
    readSlice: () => Promise.reject(new Error('a slice was read')),
  };
  const hostile: [string, Series][] = [
    ['metres for millimetres', unchecked({ count: 60, spacing: [800, 800, 5000] })],
    ['micrometres', unchecked({ count: 60, spacing: [0.0008, 0.0008, 0.005] })],
    [
      'a cube of 2.4 m',
      unchecked({ count: 2400, spacing: [2.4, 2.4, 1], rows: 1000, columns: 1000 }),
    ],
    [
      'a cube of a few voxels',
      unchecked({ count: 200, spacing: [12, 12, 12], rows: 200, columns: 200 }, 'MR'),
    ],
    [
      'a sagittal one',
      unchecked(
        { count: 2400, spacing: [2.4, 2.4, 1], rows: 1000, columns: 1000, sagittal: true },
        'MR',
      ),
    ],
  ];

  it.each(hostile)('of %s is refused before anything is read or allocated', async (_, series) => {
    const before = process.memoryUsage();
    const finding = await findL3({ series, source: unread, model: columnModel() });
    const { arrayBuffers } = process.memoryUsage();
    expect(finding).toMatchObject({ status: 'refused', reason: { code: 'implausible-size' } });
    expect(arrayBuffers - before.arrayBuffers).toBeLessThan(8 * 1024 ** 2);
  });

  it('in the worker is refused alike', async () => {
    const client = new FinderClient({
      pluginUrl: 'https://pacs.example/viewer/find-l3',
      modelUrl: 'https://pacs.example/viewer/find-l3/model/',
      spawn: () => servingWorker(opens(columnModel())),
    });
    const finding = await client.find({ series: hostile[0][1], source: unread });
    client.dispose();
    expect(finding).toMatchObject({
      status: 'refused',
      reason: { code: 'implausible-size', values: { detail: { values: { mm: '800' } } } },
    });
  });
});
