import type { Vec3 } from '../../../../src/series/types';
import type { ImagePlane } from '../../../../src/viewer/host/imagePlanes';
import { sliceAtPoint, isAxialPlane } from '../../../../src/viewer/screen/axialPlane';

const RADIANS = Math.PI / 180;

/**
 * A slice of 200 x 200 mm about `centre`, turned about the patient's left-right axis: with 20
 * degrees its back lies 20 degrees below its front.
 */
function plane(centre: Vec3, degrees = 0, thicknessMm: number | null = 4): ImagePlane {
  const down: Vec3 = [0, Math.cos(degrees * RADIANS), -Math.sin(degrees * RADIANS)];
  return {
    position: [centre[0] - 100, centre[1] - 100 * down[1], centre[2] - 100 * down[2]],
    rowCosines: [1, 0, 0],
    columnCosines: down,
    rowSpacing: 1,
    columnSpacing: 1,
    rows: 201,
    columns: 201,
    thicknessMm,
    frameOfReferenceUID: '1.2.3.9',
  };
}

/** `count` slices upwards from `centre`, each `step` mm along their own normal. */
function stack(centre: Vec3, count: number, step: number, degrees = 0, thicknessMm = 4) {
  const [sin, cos] = [Math.sin(degrees * RADIANS), Math.cos(degrees * RADIANS)];
  return Array.from({ length: count }, (_, i) =>
    plane(
      [centre[0], centre[1] + i * step * sin, centre[2] + i * step * cos],
      degrees,
      thicknessMm,
    ),
  );
}

test('the slice that holds the point, of slices one above the other', () => {
  const slices = stack([0, 0, -100], 40, 4);
  expect(sliceAtPoint(slices, [10, 20, -61.5])).toEqual({
    index: 10,
    distanceMm: expect.closeTo(1.5),
    within: 'slice',
  });
});

test('an oblique stack by distance along its own normal, not by z', () => {
  // 25 degrees: the plane through the middle of slice 10 lies 60 * tan(25) mm lower 60 mm behind it.
  const slices = stack([0, 0, -100], 40, 4, 25);
  const [, y, z] = [0, 10 * 4 * Math.sin(25 * RADIANS), -100 + 10 * 4 * Math.cos(25 * RADIANS)];
  const behind: Vec3 = [0, y + 60, z - 60 * Math.tan(25 * RADIANS)];
  expect(sliceAtPoint(slices, behind)).toMatchObject({ index: 10, within: 'slice' });
  expect(sliceAtPoint(slices, behind)?.distanceMm).toBeCloseTo(0, 6);
});

describe('stacks of one series, each tilted to its disc', () => {
  const lower = stack([0, 0, -60], 5, 4, 20);
  const upper = stack([0, 0, 0], 5, 4, -5);
  const slices = [...lower, ...upper];

  test('a point in one of them is cut by that one', () => {
    expect(sliceAtPoint(slices, [0, 0, 8.5])).toMatchObject({ index: 7, within: 'slice' });
    expect(sliceAtPoint(slices, [0, 0, -60])).toMatchObject({ index: 0, within: 'slice' });
  });

  test('a point between them is in none', () => {
    expect(sliceAtPoint(slices, [0, 0, -25])).toMatchObject({ within: 'beyond' });
  });

  test('where they cross, the nearer plane', () => {
    const crossing = [...stack([0, 0, 0], 5, 4, 20), ...stack([0, 0, 2], 5, 4, -20)];
    const point: Vec3 = [0, 0, 2.2];
    expect(sliceAtPoint(crossing, point)).toMatchObject({ index: 5, within: 'slice' });
  });
});

test('the gap between neighbours is no other part of the patient, a missing slice is', () => {
  const slices = stack([0, 0, 0], 10, 6);
  expect(sliceAtPoint(slices, [0, 0, 8.7])).toMatchObject({ index: 1, within: 'gap' });
  const holed = slices.filter((_, i) => i !== 4 && i !== 5);
  expect(sliceAtPoint(holed, [0, 0, 26])).toMatchObject({ within: 'beyond' });
});

test('above the last slice by more than half of it is beyond, whatever lies below', () => {
  const slices = stack([0, 0, 0], 10, 4);
  expect(sliceAtPoint(slices, [0, 0, 37.9])).toMatchObject({ index: 9, within: 'slice' });
  expect(sliceAtPoint(slices, [0, 0, 38.5])).toMatchObject({ index: 9, within: 'beyond' });
});

test('without a thickness in the header, slices reach to the middle between neighbours', () => {
  const slices = stack([0, 0, 0], 10, 5, 0).map((slice) => ({ ...slice, thicknessMm: null }));
  expect(sliceAtPoint(slices, [0, 0, 7.4])).toMatchObject({ index: 1, within: 'slice' });
  expect(sliceAtPoint([slices[0]], [0, 0, 1])).toMatchObject({ within: 'beyond' });
});

test('a slice that passes the point but does not show it does not count', () => {
  const slices = stack([0, 0, 0], 5, 4);
  expect(sliceAtPoint(slices, [0, 130, 4])).toBeNull();
  expect(sliceAtPoint([], [0, 0, 0])).toBeNull();
});

test('sagittal and coronal images are no cross-sections', () => {
  const sagittal: ImagePlane = {
    ...plane([0, 0, 0]),
    rowCosines: [0, 1, 0],
    columnCosines: [0, 0, -1],
  };
  expect(isAxialPlane(sagittal)).toBe(false);
  expect(isAxialPlane(plane([0, 0, 0], 40))).toBe(true);
  expect(isAxialPlane(plane([0, 0, 0], 50))).toBe(false);
  expect(sliceAtPoint([sagittal], [0, 0, 0])).toBeNull();
});
