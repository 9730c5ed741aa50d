import { writeFileSync } from 'node:fs';

export interface Box {
  readonly label: number;
  /** LPS mm: from, to. */
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly z: readonly [number, number];
}

export interface Grid {
  readonly size: readonly [number, number, number];
  readonly mm: readonly [number, number, number];
  /** LPS mm of voxel (0, 0, 0). */
  readonly origin: readonly [number, number, number];
}

/** A body 30 mm deep with pedicles, laminae and a spinous process that points down. */
export function vertebra(label: number, z: number, y = 0, height = 26): Box[] {
  return [
    { label, x: [-20, 20], y: [y - 15, y + 15], z: [z - height / 2, z + height / 2] },
    { label, x: [-18, -10], y: [y + 15, y + 32], z: [z, z + 8] },
    { label, x: [10, 18], y: [y + 15, y + 32], z: [z, z + 8] },
    { label, x: [-18, 18], y: [y + 30, y + 36], z: [z - 10, z + 8] },
    { label, x: [-4, 4], y: [y + 36, y + 60], z: [z - 24, z - 4] },
    { label, x: [-45, -18], y: [y + 20, y + 28], z: [z - 2, z + 6] },
  ];
}

export const GRID: Grid = { size: [50, 60, 160], mm: [2, 2, 2], origin: [-49, -59, -160] };

/** Writes boxes (later ones over earlier) as an uncompressed NIfTI-1 volume of int16, RAS in the file. */
export function writeScan(
  file: string,
  boxes: readonly Box[],
  { size, mm, origin }: Grid = GRID,
  background: (i: number) => number = () => 0,
): void {
  const [nx, ny, nz] = size;
  const bytes = Buffer.alloc(352 + 2 * nx * ny * nz);
  bytes.writeInt32LE(348, 0);
  [3, nx, ny, nz, 1, 1, 1, 1].forEach((value, i) => bytes.writeInt16LE(value, 40 + 2 * i));
  bytes.writeInt16LE(4, 70);
  bytes.writeInt16LE(16, 72);
  [1, ...mm].forEach((value, i) => bytes.writeFloatLE(value, 76 + 4 * i));
  bytes.writeFloatLE(352, 108);
  bytes.writeFloatLE(1, 112);
  bytes.writeInt16LE(1, 254);
  [-mm[0], 0, 0, -origin[0], 0, -mm[1], 0, -origin[1], 0, 0, mm[2], origin[2]].forEach((value, i) =>
    bytes.writeFloatLE(value, 280 + 4 * i),
  );
  bytes.write('n+1\0', 344, 'latin1');
  const uppermost = [...boxes].reverse();
  let at = 0;
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++, at++) {
        const point = [i, j, k].map((index, axis) => origin[axis] + index * mm[axis]);
        const within = (box: Box) =>
          [box.x, box.y, box.z].every(([from, to], a) => point[a] >= from && point[a] <= to);
        const box = uppermost.find(within);
        bytes.writeInt16LE(box ? box.label : background(at), 352 + 2 * at);
      }
    }
  }
  writeFileSync(file, bytes);
}
