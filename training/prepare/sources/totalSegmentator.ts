import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readLabelMap, regionsOf, type LabelMap } from '../labelMap';
import type { LabelledBody } from '../numbering';
import { niftiStem } from './files';
import { bodiesOf, scanOf } from './masks';
import type { Source } from './source';

/** Values of version 2 (task `total`), head to foot reversed: 26 S1, 27 L5, ..., 31 L1, 32 T12, ..., 43 T1. */
const VERSION_2: ReadonlyMap<number, string> = new Map([
  [26, 'S1'],
  ...Array.from({ length: 5 }, (_, i) => [27 + i, `L${5 - i}`] as const),
  ...Array.from({ length: 12 }, (_, i) => [32 + i, `T${12 - i}`] as const),
]);
const LAST_RIBS_VERSION_2 = [103, 115];
/** A rib of fewer voxels (of 1.5 mm) may be a speck. */
const LEAST_RIB_VOXELS = 60;

const IMAGES = ['ct', 'mri', 'mr', 'image'];
const LABELS = ['segmentations', 'segmentation', 'labels', 'total'];

interface Folder {
  readonly image: string;
  /** A label map, or a folder with one mask a structure. */
  readonly labels: string;
}

/**
 * A folder of subjects as of the TotalSegmentator dataset: each `ct.nii.gz` (or `mri.nii.gz`) with
 * `segmentations/vertebrae_L3.nii.gz`, ... or one label map `segmentations.nii.gz`, whose names are
 * read from its header where it has them and are those of version 2 otherwise. Where a twelfth rib
 * is labelled, T12 is known to bear the last one.
 */
export const totalSegmentator: Source = {
  describe: 'TotalSegmentator: folders with ct.nii.gz and segmentations (folder or label map)',
  async list(path) {
    const subjects = [path, ...subfolders(path)];
    const cases = subjects.flatMap((folder) => {
      const image = firstNifti(folder, IMAGES);
      const labels = join(folder, 'segmentations');
      const found =
        existsSync(labels) && statSync(labels).isDirectory() ? labels : firstNifti(folder, LABELS);
      if (!image || !found) return [];
      const id = `totalsegmentator-${basename(folder)}`;
      const detail: Folder = { image, labels: found };
      return [{ id, set: 'totalsegmentator', person: id, inputs: [image, found], detail }];
    });
    if (cases.length === 0) {
      throw new Error(`${path} holds no folders with ct.nii.gz and segmentations.`);
    }
    return cases;
  },
  async read(entry) {
    const { image, labels } = entry.detail as Folder;
    const { bodies, ribs } = statSync(labels).isDirectory()
      ? await fromFolder(labels)
      : fromMap(await readLabelMap(labels));
    return { kind: 'scan', truth: await scanOf(entry, image, bodies, ribs) };
  },
};

function fromMap(map: LabelMap): { bodies: LabelledBody[]; ribs: boolean } {
  const named = [...map.names].flatMap(([value, name]) => {
    const level = levelOf(name);
    return level ? [[value, level] as const] : [];
  });
  const isNamed = named.length > 0;
  const lastRibs = isNamed
    ? [...map.names].filter(([, name]) => /^rib_\w+_12$/.test(name)).map(([value]) => value)
    : LAST_RIBS_VERSION_2;
  const ribs = regionsOf(map, new Set(lastRibs)).values();
  return {
    bodies: bodiesOf(map, isNamed ? new Map(named) : VERSION_2),
    ribs: [...ribs].some(({ points }) => points.length / 3 >= LEAST_RIB_VOXELS),
  };
}

async function fromFolder(folder: string): Promise<{ bodies: LabelledBody[]; ribs: boolean }> {
  const bodies: LabelledBody[] = [];
  let ribs = false;
  for (const name of readdirSync(folder)) {
    const stem = niftiStem(name) ?? '';
    const level = levelOf(stem);
    const isRib = /^rib_\w+_12$/.test(stem);
    if (!level && !isRib) continue;
    const map = await readLabelMap(join(folder, name));
    if (level) bodies.push(...bodiesOf(map, new Map([[1, level]])));
    else {
      const rib = regionsOf(map, new Set([1])).get(1);
      ribs ||= (rib?.points.length ?? 0) / 3 >= LEAST_RIB_VOXELS;
    }
  }
  return { bodies, ribs };
}

const levelOf = (structure: string): string | undefined =>
  /^vertebrae_([TL]\d+|S1)$/.exec(structure)?.[1];

function subfolders(path: string): string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(path, entry.name))
    .sort();
}

function firstNifti(folder: string, stems: readonly string[]): string | undefined {
  return stems
    .flatMap((stem) => [join(folder, `${stem}.nii.gz`), join(folder, `${stem}.nii`)])
    .find((file) => existsSync(file));
}
