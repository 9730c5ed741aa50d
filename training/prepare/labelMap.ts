import { readNifti } from '../../src/io/nifti/niftiFile';
import type { SlicePixels, Vec3 } from '../../src/series/types';

/** A volume of labels (0 is background) with the map from voxel indices to LPS mm. */
export interface LabelMap {
  readonly file: string;
  readonly size: readonly [number, number, number];
  readonly voxels: SlicePixels;
  /** LPS mm of a step along i, j and k, and of voxel (0, 0, 0). */
  readonly steps: readonly [Vec3, Vec3, Vec3];
  readonly origin: Vec3;
  /** Names by label value, where the file carries them (TotalSegmentator's extension of the header). */
  readonly names: ReadonlyMap<number, string>;
}

/** The voxels of one label. */
export interface LabelledRegion {
  /** LPS mm, three numbers a voxel. */
  readonly points: Float32Array;
  /** 1 where the voxel lies in the first or last layer towards head or foot: the region may go on. */
  readonly atEnd: Uint8Array;
  /** Distance between neighbouring voxels along the patient's x, y and z, roughly, mm. */
  readonly spacing: Vec3;
}

/** @throws Error naming the file when it cannot be read, is not one volume, or has no orientation. */
export async function readLabelMap(file: string): Promise<LabelMap> {
  const { header, beginning, voxels } = await readNifti(file);
  if (header.volumes !== 1) throw new Error(`${file} holds ${header.volumes} volumes, not labels.`);
  const ras = header.affineRas;
  if (ras === null) throw new Error(`${file} has no orientation (neither sform nor qform).`);
  const column = (c: number): Vec3 => [-ras[0][c], -ras[1][c], ras[2][c]];
  return {
    file,
    size: header.size,
    voxels: voxels(),
    steps: [column(0), column(1), column(2)],
    origin: column(3),
    names: namesIn(Buffer.from(beginning).toString('latin1')),
  };
}

/** TotalSegmentator writes an XML label table behind the header: `<Label Key="29" ...>vertebrae_L3</Label>`. */
function namesIn(text: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const [, key, name] of text.matchAll(
    /<Label Key="(\d+)"[^>]*>\s*(?:<!\[CDATA\[)?\s*(\w+)/g,
  )) {
    names.set(Number(key), name);
  }
  return names;
}

/** The voxels of each wanted label that occurs, in one pass. */
export function regionsOf(map: LabelMap, labels: ReadonlySet<number>): Map<number, LabelledRegion> {
  const { voxels, size, steps, origin } = map;
  const counts = new Map<number, number>();
  for (let v = 0; v < voxels.length; v++) {
    const label = voxels[v] as number;
    if (label !== 0 && labels.has(label)) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const spacing = [0, 1, 2].map((axis) =>
    Math.max(...steps.map((step) => Math.abs(step[axis]))),
  ) as unknown as Vec3;
  const regions = new Map<number, LabelledRegion>();
  for (const [label, count] of counts) {
    regions.set(label, {
      points: new Float32Array(3 * count),
      atEnd: new Uint8Array(count),
      spacing,
    });
  }
  const upright = steps.reduce(
    (best, step, axis) => (Math.abs(step[2]) > Math.abs(steps[best][2]) ? axis : best),
    0,
  );
  const filled = new Map<number, number>();
  let v = 0;
  for (let k = 0; k < size[2]; k++) {
    for (let j = 0; j < size[1]; j++) {
      for (let i = 0; i < size[0]; i++, v++) {
        const label = voxels[v] as number;
        const region = label === 0 ? undefined : regions.get(label);
        if (!region) continue;
        const at = filled.get(label) ?? 0;
        filled.set(label, at + 1);
        for (let axis = 0; axis < 3; axis++) {
          region.points[3 * at + axis] =
            origin[axis] + i * steps[0][axis] + j * steps[1][axis] + k * steps[2][axis];
        }
        const index = [i, j, k][upright];
        region.atEnd[at] = Number(index === 0 || index === size[upright] - 1);
      }
    }
  }
  return regions;
}
