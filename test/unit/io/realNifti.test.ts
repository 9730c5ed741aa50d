import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkInput } from '../../../src/io/checkInput';
import { openNifti } from '../../../src/io/nifti/openNifti';

/** Real scans with truth, outside the project; skipped where they are absent. */
const DATA = join(__dirname, '../../../../shared/data');
const present = existsSync(DATA);

interface CtCase {
  readonly case: string;
  readonly path: string;
  readonly labels?: string;
  readonly l3_z_mm?: number | null;
  readonly levels_z_mm?: Readonly<Record<string, number>>;
}
interface MrCase {
  readonly case: string;
  readonly labels: string;
  readonly shape: number[];
  readonly spacing_mm: number[];
  readonly l3_row: number;
}
const list = <T>(name: string): T[] =>
  present ? (JSON.parse(readFileSync(join(DATA, name), 'utf8')) as T[]) : [];
const ct = list<CtCase>('ct/cases.json').filter((c) => c.path.endsWith('.nii.gz'));
const mr = list<MrCase>('mr/index.json');

/** VerSe's label value of L3. */
const L3 = 22;

/** Mean LPS z of the centres of all pixels of the label. */
async function meanZ(path: string, label: number): Promise<number> {
  const loaded = await openNifti(path, path, { modality: 'MR' });
  const check = checkInput(loaded);
  if (!check.ok) throw new Error(check.reason.message);
  const source = loaded.openVoxels(check.series);
  let [sum, count] = [0, 0];
  for (const [index, slice] of check.series.slices.entries()) {
    const { pixels } = await source.readSlice(index);
    for (let at = 0; at < pixels.length; at++) {
      if (pixels[at] !== label) continue;
      const [row, column] = [Math.floor(at / slice.columns), at % slice.columns];
      sum +=
        slice.position[2] +
        row * slice.rowSpacing * slice.columnCosines[2] +
        column * slice.columnSpacing * slice.rowCosines[2];
      count++;
    }
  }
  return sum / count;
}

if (!present) it.skip('needs the shared data', () => undefined);

describe('CT volumes with vertebra masks', () => {
  for (const c of ct) {
    const { labels, l3_z_mm: truth } = c;
    if (labels && typeof truth === 'number') {
      it(`${c.case}: the mask of L3 lies where the truth says`, async () => {
        // The truth is the centre of the body; the mask holds the arch too, which lies lower.
        expect(Math.abs((await meanZ(join(DATA, 'ct', labels), L3)) - truth)).toBeLessThan(12);
      }, 60_000);
    }
    it(`${c.case}: is a CT series by its values`, async () => {
      const path = join(DATA, 'ct', c.path);
      const check = checkInput(await openNifti(path, path));
      expect(check).toMatchObject({ ok: true, series: { modality: 'CT' } });
    }, 60_000);
  }
});

describe('MR volumes with vertebra masks', () => {
  for (const c of mr) {
    it(`${c.case}: a sagittal series whose L3 lies at its row`, async () => {
      const path = join(DATA, 'mr', c.labels);
      const loaded = await openNifti(path, path, { modality: 'MR' });
      const check = checkInput(loaded);
      expect(check).toMatchObject({ ok: true, series: { plane: 'sagittal' } });
      expect(loaded.description.slices[0].rows).toBe(c.shape[1]);
      expect(loaded.description.slices).toHaveLength(c.shape[2]);
      // j runs from head to foot in 1 mm steps from z = 0.
      expect(await meanZ(path, L3)).toBeCloseTo(-c.l3_row * c.spacing_mm[1], 0);
    }, 60_000);
  }
});
