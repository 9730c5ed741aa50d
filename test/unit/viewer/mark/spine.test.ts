import { levelsOf } from '../../../../src/finder/levelsOf';
import type { Finding } from '../../../../src/finder/types';
import type { LevelName } from '../../../../src/levels/types';
import type { Vec3 } from '../../../../src/series/types';
import { definitionOffsetMm } from '../../../../src/sr/definitionOffset';
import { distanceFrom } from '../../../../src/viewer/screen/levelPlane';
import { pointOnPlane, shiftedLevels, spinePointAt } from '../../../../src/viewer/mark/spine';

type Found = Extract<Finding, { status: 'found' }>;

const ROWS = 200;

/** A spine that leans to the left by 0.1 mm a mm, with levels 30 to 40 mm apart. */
function found(places: readonly (readonly [LevelName, number, number])[]): Found {
  const at = ([name, zMm, y]: (typeof places)[number]) => ({
    name,
    zMm,
    pointLpsMm: [0, y, zMm] as Vec3,
    probability: 0.9,
  });
  const l3 = places.find(([name]) => name === 'L3')!;
  return {
    status: 'found',
    levels: places.map(at),
    alternatives: [],
    l3: { ...at(l3), sdMm: 1 },
    projection: {
      topZMm: 100,
      mmPerPixel: 2,
      height: ROWS,
      spineXMm: Float32Array.from({ length: ROWS }, (_, row) => 0.2 * row),
    },
  } as unknown as Found;
}

const SPINE = found([
  ['L1', 70, 20],
  ['L2', 35, 10],
  ['L3', -5, 6],
  ['L4', -40, 12],
]);

test('levels run from head to foot, with L3 as it was found', () => {
  const finding = { ...SPINE, l3: { ...SPINE.l3, zMm: -4 } };
  expect(levelsOf(finding).map(({ name, zMm }) => [name, zMm])).toEqual([
    ['L1', 70],
    ['L2', 35],
    ['L3', -4],
    ['L4', -40],
  ]);
});

test('a shift renames the bodies: one up makes the body of L2 the third', () => {
  const names = (shift: number) => shiftedLevels(SPINE, shift).map(({ name, zMm }) => [name, zMm]);
  expect(names(1)).toEqual([
    ['L2', 70],
    ['L3', 35],
    ['L4', -5],
    ['L5', -40],
  ]);
  expect(names(-1)[3]).toEqual(['L3', -40]);
  // Below S1 there are no names.
  expect(names(4)).toEqual([
    ['L5', 70],
    ['S1', 35],
  ]);
});

test('the centre line goes through the levels and is held beyond them', () => {
  expect(spinePointAt(SPINE, 35)).toEqual([expect.closeTo(6.5, 0), 10, 35]);
  expect(spinePointAt(SPINE, 15)![1]).toBeCloseTo(8);
  expect(spinePointAt(SPINE, 90)![1]).toBe(20);
  expect(spinePointAt(SPINE, -90)![1]).toBe(12);
  // x by the projection's row: 100 - 2 * 50 = 0.
  expect(spinePointAt(SPINE, 0)![0]).toBeCloseTo(10);
  expect(
    spinePointAt({ ...SPINE, levels: [], alternatives: [] } as unknown as Found, 0),
  ).not.toBeNull();
});

test('a point on a tilted slice stays on the spine', () => {
  const tilt = (15 * Math.PI) / 180;
  const plane = {
    point: [0, -150, 20] as Vec3,
    normal: [0, Math.sin(tilt), Math.cos(tilt)] as Vec3,
  };
  const point = pointOnPlane(plane, [10, 6, -5], (zMm) => spinePointAt(SPINE, zMm));
  expect(Math.abs(distanceFrom(plane, point))).toBeLessThan(0.05);
  expect(point[1]).toBeCloseTo(spinePointAt(SPINE, point[2])![1], 1);
});

test('without a centre line only the height changes', () => {
  const plane = { point: [0, 0, 44] as Vec3, normal: [0, 0, 1] as Vec3 };
  expect(pointOnPlane(plane, [10, 6, -5], () => null)).toEqual([10, 6, 44]);
});

test('endplates lie by the distance to the neighbour on their side', () => {
  const levels = shiftedLevels(SPINE, 0);
  expect(definitionOffsetMm('mid-body', levels, 'L3')).toBe(0);
  expect(definitionOffsetMm('superior-endplate', levels, 'L3')).toBeCloseTo(0.37 * 40);
  expect(definitionOffsetMm('inferior-endplate', levels, 'L3')).toBeCloseTo(-0.37 * 35);
  // No L5 was found below L4: the usual distance.
  expect(definitionOffsetMm('inferior-endplate', levels, 'L4')).toBeCloseTo(-0.37 * 36);
});
