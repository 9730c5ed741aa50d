import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { generatePhantom } from '../../../src/phantom/generatePhantom';
import { niftiBytes } from '../../unit/io/writeNifti';
import { phantomMr } from './mrVolumes';

/** Run as a program: writes NIfTI files of the phantom into the folder named, and `truth.json`. */
const root = path.resolve(process.argv[2]);

/** RAS rows of an affine from LPS directions (mm from voxel to voxel) and the first voxel. */
function ras(steps: readonly (readonly number[])[], first: readonly number[]): number[][] {
  return [0, 1, 2].map((r) => [...steps, first].map((v) => (r < 2 ? -v[r] : v[r])));
}

const ct = generatePhantom({ seed: 9, columns: 128, sliceSpacingMm: 3 });
const { columns: n, pixelSpacing, slices } = ct;
// As converters write it: rows from the back, slices from the foot, with scaling.
const feetFirst = [...slices].reverse();
const values = new Int16Array(n * n * slices.length);
feetFirst.forEach(({ pixels }, k) => {
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < n; i++) {
      values[(k * n + j) * n + i] = (pixels[(n - 1 - j) * n + i] + 1024) / 2;
    }
  }
});
const [left, front, bottom] = feetFirst[0].imagePositionPatient;
const [down, across] = pixelSpacing;
const spacings = [across, down, ct.sliceThicknessMm];
const ctSpec = {
  size: [n, n, slices.length],
  datatype: 'int16',
  values,
  slope: 2,
  intercept: -1024,
  pixdim: spacings,
} as const;
const ctRows = ras(
  [
    [across, 0, 0],
    [0, -down, 0],
    [0, 0, ct.sliceThicknessMm],
  ],
  [left, front + (n - 1) * down, bottom],
);
await writeFile(
  path.join(root, 'ct.nii.gz'),
  gzipSync(niftiBytes({ ...ctSpec, sform: { code: 1, rows: ctRows } }), { level: 1 }),
);
await writeFile(path.join(root, 'unplaced.nii.gz'), gzipSync(niftiBytes(ctSpec), { level: 1 }));

// Sagittal as it was acquired, in float values: i to the back, j to the head, k to the right.
const mr = phantomMr();
const [x, y, z] = mr.T2.truth.L3;
const [ni, nj, nk] = [170, 190, 13];
const [mm, step] = [1.5, 4];
const first = [x + ((nk - 1) / 2) * step, y - 20 - (ni / 2) * mm, z - 20 - (nj / 2) * mm];
const mrValues = new Float32Array(ni * nj * nk);
for (let k = 0, at = 0; k < nk; k++) {
  for (let j = 0; j < nj; j++) {
    for (let i = 0; i < ni; i++, at++) {
      mrValues[at] = mr.T2.at([first[0] - k * step, first[1] + i * mm, first[2] + j * mm]) / 1000;
    }
  }
}
await writeFile(
  path.join(root, 'mr.nii'),
  niftiBytes({
    size: [ni, nj, nk],
    datatype: 'float32',
    values: mrValues,
    pixdim: [mm, mm, step],
    sform: {
      code: 1,
      rows: ras(
        [
          [0, mm, 0],
          [0, 0, mm],
          [-step, 0, 0],
        ],
        first,
      ),
    },
  }),
);
await writeFile(
  path.join(root, 'truth.json'),
  JSON.stringify({ ct: ct.truth, mr: mr.T2.truth }, null, 2),
);
