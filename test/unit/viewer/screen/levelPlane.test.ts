import fc from 'fast-check';
import { dot, length, unit } from '../../../../src/series/geometry';
import type { Vec3 } from '../../../../src/series/types';
import {
  distanceFrom,
  headwards,
  showsAsSlice,
  traceOf,
} from '../../../../src/viewer/screen/levelPlane';

const degrees = (angle: number) => (angle * Math.PI) / 180;
const coordinate = fc.double({ min: -400, max: 400, noNaN: true });
const point = fc.tuple(coordinate, coordinate, coordinate) as fc.Arbitrary<Vec3>;

test('an untilted level is a horizontal line in a sagittal view, nearest to its point', () => {
  const trace = traceOf(
    { point: [12, 30, -80], normal: [0, 0, 1] },
    { normal: [1, 0, 0], point: [-5, 0, 0] },
  )!;
  expect(trace.origin).toEqual([-5, 30, -80]);
  expect(Math.abs(trace.direction[1])).toBeCloseTo(1);
  expect(trace.direction[2]).toBeCloseTo(0);
});

test('a gantry tilt tilts the line in a sagittal view and not in a coronal one', () => {
  const normal: Vec3 = [0, Math.sin(degrees(20)), Math.cos(degrees(20))];
  const level = { point: [0, 0, -50] as Vec3, normal };
  const { direction: sagittal } = traceOf(level, { normal: [1, 0, 0], point: [0, 0, 0] })!;
  const { direction: coronal } = traceOf(level, { normal: [0, 1, 0], point: [0, 0, 0] })!;
  expect(Math.abs(sagittal[2] / sagittal[1])).toBeCloseTo(Math.tan(degrees(20)));
  expect(coronal[2]).toBeCloseTo(0);
});

test('the line lies in both planes, whatever their angles', () => {
  fc.assert(
    fc.property(
      point,
      point,
      fc.double({ min: -40, max: 40, noNaN: true }),
      fc.double({ min: 0, max: 360, noNaN: true }),
      (at, viewPoint, tilt, turn) => {
        const normal: Vec3 = [0, Math.sin(degrees(tilt)), Math.cos(degrees(tilt))];
        const view = {
          normal: [Math.cos(degrees(turn)), Math.sin(degrees(turn)), 0] as Vec3,
          point: viewPoint,
        };
        const level = { point: at, normal };
        const trace = traceOf(level, view)!;
        for (const mm of [-100, 0, 100]) {
          const on = trace.origin.map(
            (value, axis) => value + mm * trace.direction[axis],
          ) as unknown as Vec3;
          expect(Math.abs(distanceFrom(level, on))).toBeLessThan(1e-6);
          expect(Math.abs(dot(view.normal, on) - dot(view.normal, viewPoint))).toBeLessThan(1e-6);
        }
        expect(length(trace.direction)).toBeCloseTo(1);
      },
    ),
  );
});

test('a view parallel to the level has no line', () => {
  const level = { point: [0, 0, 0] as Vec3, normal: [0, 0, 1] as Vec3 };
  expect(traceOf(level, { normal: [0, 0, -1], point: [0, 0, 9] })).toBeNull();
});

test.each([
  [0, true],
  [44, true],
  [46, false],
  [90, false],
])('a view turned by %d degrees shows a slice: %s', (angle, isSlice) => {
  const view = unit([0, Math.sin(degrees(angle)), -Math.cos(degrees(angle))]);
  expect(showsAsSlice([0, 0, 1], view)).toBe(isSlice);
});

test('normals point to the head', () => {
  expect(headwards([0, 0.6, -0.8])).toEqual([-0, -0.6, 0.8]);
  expect(headwards([0, 0.6, 0.8])).toEqual([0, 0.6, 0.8]);
});
