import type { Vec3 } from '../series/types';
import type { Structure } from './canvas';
import type { NoiseField } from './random';
import { tube, type TubePoint } from './shapes';
import { fromFrame, VERTEBRAE, type Frame } from './spine';
import { HU } from './torso';

/** Aorta with calcified plaques, inferior vena cava and their large branches. */
export function vessels(frames: readonly Frame[], noise: NoiseField): Structure[] {
  const before = (name: string, u: number, gap: number): Vec3 => {
    const i = VERTEBRAE.findIndex((v) => v.name === name);
    return fromFrame(frames[i], u, -VERTEBRAE[i].depth * 0.55 - gap, 0);
  };
  const aorta: TubePoint[] = [
    { at: [22, 46, 285], radius: 12.5 },
    ...(['T6', 'T7', 'T8', 'T9', 'T10'] as const).map((n) => ({
      at: before(n, 14, 4),
      radius: 12,
    })),
    { at: before('T11', 11, 9), radius: 11.5 },
    { at: before('T12', 8, 12), radius: 11 },
    { at: before('L1', 7, 12), radius: 10 },
    { at: before('L2', 7, 11), radius: 9.3 },
    { at: before('L3', 7, 10.5), radius: 9 },
    { at: before('L4', 6, 10), radius: 8.6 },
  ];
  const fork = before('L4', 5, 10);
  const l5 = (u: number, gap: number) => before('L5', u, gap);
  const iliac = (side: number, radius: number, shift: number): TubePoint[] => [
    { at: [fork[0] + shift, fork[1] + Math.abs(shift) * 0.3, fork[2]], radius },
    { at: l5(side * 25 + shift * 0.5, 4 - Math.abs(shift) * 0.4), radius: radius * 0.95 },
    { at: [side * 46 + shift * 0.3, 14, -108], radius: radius * 0.9 },
    { at: [side * 66 + shift * 0.2, -24, -150], radius: radius * 0.85 },
    { at: [side * 78 + shift * 0.2, -56, -195], radius: radius * 0.8 },
    { at: [side * 82 + shift * 0.2, -60, -260], radius: radius * 0.75 },
  ];
  const cava: TubePoint[] = [
    { at: [-20, 20, 176], radius: 12 },
    { at: before('T11', -18, 22), radius: 12 },
    { at: before('T12', -20, 16), radius: 12 },
    { at: before('L1', -20, 11), radius: 11.5 },
    { at: before('L2', -19, 9), radius: 11 },
    { at: before('L3', -18, 8), radius: 11 },
    { at: before('L4', -16, 6), radius: 10.5 },
    { at: before('L5', -10, 2), radius: 10 },
  ];
  const mesenteric: TubePoint[] = [
    { at: before('L1', 6, 18), radius: 4 },
    { at: before('L1', 4, 34), radius: 4 },
    { at: [2, -42, 10], radius: 3.6 },
    { at: [-8, -48, -30], radius: 3 },
  ];
  const superiorVein = mesenteric.map(({ at, radius }) => ({
    at: [at[0] - 13, at[1] - 2, at[2]] as Vec3,
    radius: radius + 2,
  }));
  const renal = [-1, 1].flatMap((side) => [
    tube([
      { at: before('L1', side < 0 ? -18 : 6, 13), radius: 5 },
      { at: [side * 40, 26, 40], radius: 4.5 },
      { at: [side * 56, 38, 38], radius: 4 },
    ]),
  ]);
  const blood = (hu: number) => (x: number, y: number, z: number, d: number) => {
    const plaque = d > -1.8 && noise.smooth(x * 0.1, y * 0.1, z * 0.06) > 1.7;
    return plaque ? 400 : d > -1.4 ? 90 : hu;
  };
  const plain = (points: TubePoint[], hu: number) => ({ ...tube(points), material: hu });
  return [
    { ...tube(cava, [1.25, 0.85, 1.2]), material: HU.blood - 14 },
    plain(superiorVein, HU.blood - 4),
    ...renal.map((t) => ({ ...t, material: HU.blood - 10 })),
    ...[-1, 1].map((side) => plain(iliac(side, 9, -9), HU.blood - 22)),
    ...[-1, 1].map((side) => ({ ...tube(iliac(side, 7, 3)), material: blood(HU.blood) })),
    { ...tube(aorta), material: blood(HU.blood + 6) },
    plain(mesenteric, HU.blood),
  ];
}
