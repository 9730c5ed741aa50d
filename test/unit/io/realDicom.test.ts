import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openInput } from '../../../src/io/openInput';
import { checkInput } from '../../../src/io/checkInput';
import type { LoadedSeries } from '../../../src/io/types';
import type { Series } from '../../../src/series/types';

/** Real DICOM files, outside the project; skipped where they are absent. */
const DATA = join(__dirname, '../../../../shared/data');
const present = existsSync(DATA);
if (!present) it.skip('needs the shared data', () => undefined);

async function seriesIn(path: string): Promise<LoadedSeries[]> {
  const found: LoadedSeries[] = [];
  for await (const item of openInput(path)) {
    if (item.kind === 'failure') throw new Error(item.message);
    found.push(item);
  }
  return found;
}

async function imageOf(path: string): Promise<Float64Array> {
  const [loaded] = await seriesIn(path);
  // One slice is no series; its voxels are read all the same.
  const alone = { uid: '', modality: 'CT', sourceIndex: [0] } as unknown as Series;
  const { pixels, slope, intercept } = await loaded.openVoxels(alone).readSlice(0);
  return Float64Array.from(pixels, (v: number) => v * slope + intercept);
}

/** Largest and root-mean-square difference from the original in HU that each encoding may show. */
const LOSSY: Record<string, { max: number; rms: number }> = {
  // 32 HU a grey level: 4096 HU in 8 bits, rounded down
  '4.50': { max: 65, rms: 23 },
  // 2 HU a grey level, and the losses of the DCT
  '4.51': { max: 36, rms: 6 },
  '4.53': { max: 36, rms: 6 },
  '4.55': { max: 36, rms: 6 },
  '4.81': { max: 1, rms: 1 },
  '4.91': { max: 5, rms: 1 },
};

describe('transfer syntaxes', () => {
  const folder = join(DATA, 'odd/transfer-syntaxes');
  const files = present ? readdirSync(folder).filter((name) => name !== 'CTImage.dcm') : [];
  for (const name of files) {
    const syntax = /1\.2\.840\.10008\.1\.2(?:\.([\d.]+))?\.dcm$/.exec(name)?.[1] ?? '';
    const { max, rms } = LOSSY[syntax] ?? { max: 0, rms: 0 };
    it(`${name}: within ${max} HU of the uncompressed original`, async () => {
      const original = await imageOf(join(folder, 'CTImage.dcm'));
      const values = await imageOf(join(folder, name));
      expect(values).toHaveLength(512 * 512);
      const differences = values.map((v, i) => Math.abs(v - original[i]));
      expect(differences.reduce((a, b) => Math.max(a, b))).toBeLessThanOrEqual(max);
      const meanSquare = differences.reduce((sum, d) => sum + d * d, 0) / differences.length;
      expect(Math.sqrt(meanSquare)).toBeLessThanOrEqual(rms);
    });
  }
});

describe('series', () => {
  const refused = (code: string) => ({ ok: false, reason: { code } });
  const taken = (plane: string, slices: number, warnings: string[]) => ({
    plane,
    slices,
    warnings,
  });
  const expected: Record<string, unknown[]> = {
    'ct/tcga-coad': [taken('axial', 87, [])],
    'ct/wholebody-ffs-jpegls': [taken('axial', 174, [])],
    'ct/sagittal-slices': Array.from({ length: 16 }, () => taken('sagittal', 1, [])),
    // 53 files, 17 of which are copies of the same objects
    'odd/gantry-tilt-15deg': [taken('axial', 36, ['gantry-tilt'])],
    'odd/missing-slices': [taken('axial', 34, ['missing-slices'])],
    'odd/gantrytilting': [refused('too-few-slices')],
    'odd/notavolume': [refused('duplicate-positions')],
    'odd/slicecount': [taken('sagittal', 2, [])],
    'odd/sliceincrement': [refused('too-few-slices'), refused('too-few-slices')],
    'odd/sliceorientation': [refused('mixed-orientations')],
  };
  for (const [path, outcomes] of Object.entries(present ? expected : {})) {
    it(`${path}: as expected`, async () => {
      const checks = (await seriesIn(join(DATA, path))).map(checkInput);
      expect(
        checks.map((check) =>
          check.ok
            ? taken(
                check.series.plane,
                check.series.slices.length,
                check.series.warnings.map(({ code }) => code),
              )
            : refused(check.reason.code),
        ),
      ).toEqual(outcomes);
    });
  }

  const readable = present ? ['ct/tcga-coad', 'odd/gantry-tilt-15deg', 'odd/missing-slices'] : [];
  for (const path of readable) {
    it(`${path}: its slices show air and bone`, async () => {
      const [loaded] = await seriesIn(join(DATA, path));
      const check = checkInput(loaded);
      if (!check.ok) throw new Error(check.reason.message);
      const source = loaded.openVoxels(check.series);
      const count = check.series.slices.length;
      for (const index of [0, count >> 1, count - 1]) {
        const { pixels, slope, intercept } = await source.readSlice(index);
        const values = Float64Array.from(pixels, (v: number) => v * slope + intercept).sort();
        expect(values[Math.floor(values.length * 0.02)]).toBeLessThan(-900);
        expect(values[values.length - 50]).toBeGreaterThan(150);
      }
    }, 60_000);
  }
});
