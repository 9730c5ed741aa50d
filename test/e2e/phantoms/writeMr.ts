import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { MrStudy } from './phantoms';
import { writeMrSeries, type MrSeries, type Stack, type Volume } from './mrSeries';
import { phantomMr, realMr } from './mrVolumes';

type Point = readonly [number, number, number];

const T2 = { echoTimeMs: 102, repetitionTimeMs: 3500 };
const T1 = { echoTimeMs: 10, repetitionTimeMs: 550 };
const AXIAL = { rows: 128, columns: 128, pixelMm: 1.5 };
const SAGITTAL = { rows: 200, columns: 180, pixelMm: 1.5 };

/** A stack of axial slices tilted about the left-right axis, its `middle`th slice through a point. */
function tilted(through: Point, degrees: number, count: number, middle: number): Stack {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const stepMm = 4.4;
  const normal: Point = [0, sin, cos];
  const centre = through.map((v, i) => v - middle * stepMm * normal[i]) as unknown as Point;
  const column: Point = [0, cos, -sin];
  return { centre, row: [1, 0, 0], column, count, stepMm, thicknessMm: 4 };
}

function sagittal([x, y, z]: Point, count: number, stepMm: number): Stack {
  const centre: Point = [x + ((count - 1) / 2) * stepMm, y, z];
  return { centre, row: [0, 1, 0], column: [0, 0, -1], count, stepMm, thicknessMm: stepMm };
}

/** A study in the folder `root/name`, to which series are added by key. */
function study(root: string, name: string, uid: string) {
  const seriesInstanceUIDs: Record<string, string> = {};
  const add = async (
    key: string,
    number: number,
    frame: string,
    volume: Volume,
    series: Omit<
      MrSeries,
      'studyInstanceUID' | 'seriesInstanceUID' | 'frameOfReferenceUID' | 'patientName' | 'number'
    >,
  ) => {
    seriesInstanceUIDs[key] = `${uid}.${number}`;
    const ids = {
      studyInstanceUID: uid,
      seriesInstanceUID: `${uid}.${number}`,
      frameOfReferenceUID: `${uid}.${frame}`,
      patientName: `PHANTOM^${name.toUpperCase()}`,
      number,
    };
    await writeMrSeries(path.join(root, name, key), { ...ids, ...series }, volume);
  };
  return { studyInstanceUID: uid, seriesInstanceUIDs, add };
}

/** Run as a program: writes the MR studies of the tests into the folder named, and `studies.json`. */
const REAL = path.resolve('../shared/data/mr');
const CASE = 'zukic-02';
const root = path.resolve(process.argv[2]);
const volumes = phantomMr();
const { truth } = volumes.T2;
const [x, , z] = truth.L3;
const middle: Point = [x, truth.L3[1] - 20, z - 20];

const spine = study(root, 'spine', '2.25.71001');
await spine.add('localizer', 1, '900', volumes.T2, {
  ...T1,
  ...SAGITTAL,
  description: 'localizer',
  imageType: 'ORIGINAL\\PRIMARY\\LOCALIZER',
  stacks: [{ ...sagittal(middle, 1, 10), row: [1, 0, 0] }],
});
await spine.add('t1', 2, '900', volumes.T1, {
  ...T1,
  ...SAGITTAL,
  description: 'sag first',
  stacks: [sagittal([x, middle[1], middle[2]], 13, 4)],
});
await spine.add('t2', 3, '900', volumes.T2, {
  ...T2,
  ...SAGITTAL,
  description: 'sag second',
  stacks: [sagittal([x, middle[1], middle[2]], 13, 4)],
});
/** Three angled stacks, as they are laid through the discs; the first holds the middle of L3. */
await spine.add('discs', 4, '900', volumes.T2, {
  ...T2,
  ...AXIAL,
  description: 'tra discs',
  stacks: [
    tilted([x, truth.L3[1], z], 14, 7, 4),
    tilted(truth.L4, -4, 5, 2),
    tilted(truth.L5, -22, 5, 2),
  ],
});
await spine.add('low', 5, '900', volumes.T2, {
  ...T2,
  ...AXIAL,
  description: 'tra low',
  stacks: [tilted(truth.S1, -30, 5, 2)],
});

const moved = study(root, 'moved', '2.25.71002');
await moved.add('t2', 2, '900', volumes.T2, {
  ...T2,
  ...SAGITTAL,
  description: 'sag',
  stacks: [sagittal(middle, 13, 4)],
});
await moved.add('axial', 3, '901', volumes.T2, {
  ...T2,
  ...AXIAL,
  description: 'tra, after a pause',
  stacks: [tilted(truth.L4, 0, 9, 4)],
});

const table: Record<string, MrStudy> = {
  spine: { ...spine, truth },
  moved: { ...moved, truth },
};

const index = path.join(REAL, 'index.json');
if (existsSync(index)) {
  const cases = JSON.parse(readFileSync(index, 'utf8')) as {
    case: string;
    image: string;
    centroids_ijk: Record<string, number[]>;
  }[];
  const found = cases.find((entry) => entry.case === CASE)!;
  const volume = realMr(path.join(REAL, found.image));
  const centres = Object.fromEntries(
    Object.entries(found.centroids_ijk).map(([level, ijk]) => [level, volume.pointOf(ijk)]),
  );
  const [ni, nj, nk] = volume.size;
  const centre = volume.pointOf([(ni - 1) / 2, (nj - 1) / 2, (nk - 1) / 2]);
  const stepMm = Math.hypot(...volume.steps[2]);
  const real = study(root, 'real', '2.25.71003');
  await real.add('axial', 2, '900', volume, {
    ...T2,
    ...AXIAL,
    description: 'made axial',
    stacks: [tilted(centres.L3, 8, 9, 5)],
  });
  await real.add('sagittal', 3, '900', volume, {
    ...T2,
    rows: nj,
    columns: ni,
    pixelMm: Math.hypot(...volume.steps[0]),
    description: 'sagittal',
    stacks: [sagittal(centre, nk, stepMm)],
  });
  table.real = { ...real, truth: centres };
}
await writeFile(path.join(root, 'studies.json'), JSON.stringify(table, null, 2));
