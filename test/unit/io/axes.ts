export type Triple = [number, number, number];
const permutations: Triple[] = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];
const signs = [-1, 1].flatMap((a) => [-1, 1].flatMap((b) => [-1, 1].map((c): Triple => [a, b, c])));
/** All 48 ways in which voxel axes can run along the patient axes. */
export const orientations = permutations.flatMap((axes) => signs.map((sign) => ({ axes, sign })));

/** Rotation by angle (radians) about x, then y, then z. */
export function rotate(v: number[], [ax, ay, az]: number[]): number[] {
  const turn = (p: number, q: number, angle: number, w: number[]) => {
    const out = [...w];
    out[p] = w[p] * Math.cos(angle) - w[q] * Math.sin(angle);
    out[q] = w[p] * Math.sin(angle) + w[q] * Math.cos(angle);
    return out;
  };
  return turn(0, 1, az, turn(2, 0, ay, turn(1, 2, ax, v)));
}

/** Quaternion b, c, d (a >= 0) of a proper rotation matrix given by its columns. */
export function quaternionOf([x, y, z]: number[][]): Triple {
  const trace = x[0] + y[1] + z[2];
  const q = [
    Math.sqrt(Math.max(0, 1 + trace)) / 2,
    Math.sqrt(Math.max(0, 1 + x[0] - y[1] - z[2])) / 2,
    Math.sqrt(Math.max(0, 1 - x[0] + y[1] - z[2])) / 2,
    Math.sqrt(Math.max(0, 1 - x[0] - y[1] + z[2])) / 2,
  ];
  // Products of components, from the off-diagonal elements, fix the signs.
  const big = q.indexOf(Math.max(...q));
  const products = [
    [0, y[2] - z[1], z[0] - x[2], x[1] - y[0]],
    [y[2] - z[1], 0, y[0] + x[1], z[0] + x[2]],
    [z[0] - x[2], y[0] + x[1], 0, z[1] + y[2]],
    [x[1] - y[0], z[0] + x[2], z[1] + y[2], 0],
  ][big];
  const signed = q.map((v, i) => (i === big ? v : Math.sign(products[i] || 1) * v));
  const flip = signed[0] < 0 ? -1 : 1;
  return [flip * signed[1], flip * signed[2], flip * signed[3]];
}
