import { basename, dirname, join } from 'node:path';
import { filesBelow, niftiStem } from './files';
import { bodiesOf, readLabelMap, scanOf } from './masks';
import type { Source } from './source';

/** Bodies of MRSpineSeg's coding; 11 to 19 are the discs L5/S ... T9/T10. */
const BODIES: ReadonlyMap<number, string> = new Map(
  ['S1', 'L5', 'L4', 'L3', 'L2', 'L1', 'T12', 'T11', 'T10', 'T9'].map((name, i) => [i + 1, name]),
);
const DISC_ABOVE_L3 = 14;
const DISC_BELOW_L3 = 13;
const DISCS: ReadonlyMap<number, string> = new Map([
  [DISC_BELOW_L3, 'L3/L4'],
  [DISC_ABOVE_L3, 'L2/L3'],
]);
/** The middle of the two discs and the middle of the body between them differ by less. */
const DISC_TOLERANCE_MM = 8;

/**
 * MRSpineSeg (sagittal T2 MR): `MR/Case<N>.nii.gz` with `Mask/mask_case<N>.nii.gz`. L3's height is
 * checked against the middle of the discs above and below it, which is how the article has it, and
 * comes from them where the body itself is not labelled.
 */
export const mrSpineSeg: Source = {
  describe: 'MRSpineSeg: MR/CaseN.nii.gz with Mask/mask_caseN.nii.gz',
  async list(path) {
    const files = filesBelow(path);
    const cases = files.flatMap((mask) => {
      const number = /^mask_case(\d+)$/i.exec(niftiStem(basename(mask)) ?? '')?.[1];
      if (number === undefined) return [];
      const folder = join(dirname(dirname(mask)), 'MR');
      const image = files.find(
        (file) =>
          dirname(file) === folder && niftiStem(basename(file))?.toLowerCase() === `case${number}`,
      );
      const id = `mrspineseg-${number}`;
      const inputs = image ? [mask, image] : [mask];
      return [
        { id, set: 'mrspineseg', person: id, inputs, detail: { mask, image: image ?? null } },
      ];
    });
    if (cases.length === 0) throw new Error(`${path} holds no Mask/mask_caseN.nii.gz.`);
    return cases;
  },
  async read(entry) {
    const { image, mask } = entry.detail as { image: string | null; mask: string };
    if (image === null) throw new Error(`there is no MR/Case... beside ${mask}`);
    const map = await readLabelMap(mask);
    const bodies = bodiesOf(map, BODIES);
    const discs = bodiesOf(map, DISCS).map(({ centre }) => centre);
    if (discs.length === 2) {
      const middle = [0, 1, 2].map((axis) => (discs[0][axis] + discs[1][axis]) / 2);
      const l3 = bodies.find(({ name }) => name === 'L3');
      const off = l3 ? Math.abs(l3.centre[2] - middle[2]) : 0;
      if (off > DISC_TOLERANCE_MM) {
        throw new Error(
          `L3 lies ${off.toFixed(0)} mm from the middle of the discs L2/L3 and L3/L4: one of the labels is wrong`,
        );
      }
      if (!l3) bodies.push({ name: 'L3', centre: [middle[0], middle[1], middle[2]] });
    }
    return {
      kind: 'scan',
      truth: { ...(await scanOf(entry, image, bodies, false)), modality: 'MR' },
    };
  },
};
