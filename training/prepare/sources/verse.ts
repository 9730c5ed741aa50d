import { basename } from 'node:path';
import { filesBelow, niftiStem, setOf } from './files';
import { bodiesOf, readLabelMap, scanOf } from './masks';
import type { Source } from './source';

/** Names of the coding of VerSe (Sekuboyina et al. 2021): T13 is 28, the sacrum (or S1) 26. */
const NAMES: ReadonlyMap<number, string> = new Map([
  ...Array.from({ length: 7 }, (_, i) => [1 + i, `C${i + 1}`] as const),
  ...Array.from({ length: 12 }, (_, i) => [8 + i, `T${i + 1}`] as const),
  ...Array.from({ length: 6 }, (_, i) => [20 + i, `L${i + 1}`] as const),
  [26, 'S1'],
  [28, 'T13'],
]);
const MASK = /^(.+?)_(labels|seg-vert_msk|seg|mask|msk)$/;
/** What an image may be called beside the mask's own stem. */
const IMAGES = ['', '_ct', '_CT', '_T1w', '_T2w', '_mr', '_image'];

interface Pair {
  readonly image: string | null;
  readonly mask: string;
}

/**
 * Pairs of a NIfTI image and a mask of vertebrae in VerSe's codes, anywhere below a folder:
 * `X.nii.gz` (or `X_ct.nii.gz`) with `X_labels.nii.gz`, `X_seg-vert_msk.nii.gz` or `X_mask.nii.gz`.
 * A name as of BIDS (`sub-verse004_...`) gives the person.
 */
export const verse: Source = {
  describe: "NIfTI images with masks in VerSe's codes (X.nii.gz, X_labels.nii.gz)",
  async list(path) {
    const files = new Map(
      filesBelow(path).flatMap((file) => {
        const stem = niftiStem(basename(file));
        return stem === null ? [] : [[stem, file] as const];
      }),
    );
    const cases = [...files].flatMap(([stem, mask]) => {
      const match = MASK.exec(stem);
      if (!match) return [];
      const id = match[1];
      const image = IMAGES.map((suffix) => files.get(id + suffix)).find(Boolean) ?? null;
      const person = /^(sub-[^_]+)_/.exec(`${id}_`)?.[1] ?? null;
      const detail: Pair = { image, mask };
      return [{ id, set: setOf(id), person, inputs: [mask, ...(image ? [image] : [])], detail }];
    });
    if (cases.length === 0) throw new Error(`${path} holds no masks (X_labels.nii.gz or alike).`);
    return cases;
  },
  async read(entry) {
    const { image, mask } = entry.detail as Pair;
    if (image === null) throw new Error(`there is no image beside ${mask}`);
    const bodies = bodiesOf(await readLabelMap(mask), NAMES);
    return { kind: 'scan', truth: await scanOf(entry, image, bodies, true) };
  },
};
