import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { generatePhantom } from '../../../src/phantom/generatePhantom';
import type { PhantomOptions } from '../../../src/phantom/types';
import { writePhantomSeries, type WrittenSeries } from '../../../src/phantom/writePhantomSeries';
import { writePhantomStudies } from '../../../src/phantom/writePhantomStudies';
import { dot, huAt, readSlice, type ReadSlice } from './readBack';

const LUMBAR = ['T12', 'L1', 'L2', 'L3', 'L4', 'L5', 'S1'];
// painting takes seconds of processor time, and the machine may be busy
jest.setTimeout(300_000);
const root = mkdtempSync(path.join(os.tmpdir(), 'phantom-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Made extends WrittenSeries {
  readonly slices: readonly ReadSlice[];
}
const made = new Map<string, Promise<Made>>();
/** From T12 to S1: painting is most of the time that these tests take. */
const SPINE_MM = [-125, 125] as const;
/** Writes a phantom (coarse, once per set of options) and reads its files back. */
function series(options: PhantomOptions): Promise<Made> {
  const full = { columns: 88, sliceSpacingMm: 5, rangeMm: SPINE_MM, ...options };
  const key = JSON.stringify(full);
  const known = made.get(key);
  if (known) return known;
  const promise = writePhantomSeries(path.join(root, `series-${made.size}`), full).then(
    (written) => ({ ...written, slices: written.files.map(readSlice) }),
  );
  made.set(key, promise);
  return promise;
}

const point = (made: Made, level: string): [number, number, number] => {
  const [x, y, z] = made.truth[level];
  return [x, y, z];
};
const between = (made: Made, upper: string, lower: string): [number, number, number] => {
  const a = point(made, upper);
  const b = point(made, lower);
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2];
};

describe.each([
  ['standard', {}],
  ['feet-first', { variant: 'feet-first' }],
  ['prone', { variant: 'prone' }],
  ['tilted', { variant: 'tilted' }],
  ['scoliosis', { variant: 'scoliosis' }],
  ['thick', { variant: 'thick', sliceSpacingMm: undefined }],
  ['large', { bodySize: 1.08, seed: 9 }],
] as [string, PhantomOptions][])('%s phantom, read back from its files', (_, options) => {
  it('has cancellous bone at each true centre and disc half way to the next', async () => {
    const phantom = await series(options);
    for (const level of LUMBAR) {
      expect(huAt(phantom.slices, point(phantom, level))).toBeGreaterThan(110);
      expect(huAt(phantom.slices, point(phantom, level))).toBeLessThan(300);
    }
    for (let i = 2; i < LUMBAR.length - 2; i++) {
      const centre = huAt(phantom.slices, point(phantom, LUMBAR[i]));
      const disc = huAt(phantom.slices, between(phantom, LUMBAR[i], LUMBAR[i + 1]));
      // thick and tilted slices mix endplates into the disc
      if (!options.variant || options.variant === 'feet-first' || options.variant === 'prone') {
        expect(disc).toBeLessThan(centre);
      }
    }
  });

  it('lies in the patient as its truth says: canal behind, soft tissue in front', async () => {
    const phantom = await series(options);
    const [x, y, z] = point(phantom, 'L4');
    if (options.variant !== 'scoliosis') {
      expect(huAt(phantom.slices, [x, y + 26, z], 0)).toBeLessThan(90);
    }
    expect(huAt(phantom.slices, [x, y - 32, z])).toBeLessThan(250);
    // the belly ends; under a prone one lies the foam of the table
    const foam = options.variant === 'prone' ? -750 : -900;
    expect(huAt(phantom.slices, [x, y - 170, z])).toBeLessThan(foam);
    // the liver is on the patient's right
    const size = options.bodySize ?? 1;
    const [, backwards, height] = point(phantom, 'T12');
    const right = phantom.truth.S1[0] - 100 * size;
    const liver = huAt(phantom.slices, [right, backwards - 45 * size, height]);
    expect(liver).toBeGreaterThan(80);
    expect(liver).toBeLessThan(140);
  });

  it('is spaced like a human spine', async () => {
    const { truth } = await series(options);
    const size = options.bodySize ?? 1;
    // mean distances along z of adult spines, mm
    const mean: Record<string, number> = {
      T12: 30.9,
      L1: 32.8,
      L2: 34.4,
      L3: 35.8,
      L4: 35.3,
      L5: 27.3,
    };
    LUMBAR.slice(0, -1).forEach((level, i) => {
      const distance = truth[level][2] - truth[LUMBAR[i + 1]][2];
      expect(Math.abs(distance - mean[level] * size)).toBeLessThan(3);
    });
  });

  it('has one orientation, even spacing and square geometry', async () => {
    const { slices } = await series(options);
    const along = slices.map((s) => dot(s.position, s.normal)).sort((a, b) => a - b);
    const gaps = along.slice(1).map((value, i) => value - along[i]);
    for (const gap of gaps) expect(gap).toBeCloseTo(gaps[0], 2);
    for (const s of slices) {
      expect(s.ImageOrientationPatient).toEqual(slices[0].ImageOrientationPatient);
      expect(dot(s.rowCosines, s.columnCosines)).toBeCloseTo(0, 6);
      expect(dot(s.columnCosines, s.columnCosines)).toBeCloseTo(1, 6);
    }
  });
});

describe('variants', () => {
  it('feet-first: FFS, rows to the patient’s right, first slice at the feet', async () => {
    const { slices } = await series({ variant: 'feet-first' });
    expect(slices[0].PatientPosition).toBe('FFS');
    expect(slices[0].rowCosines).toEqual([-1, 0, 0]);
    expect(slices[0].columnCosines).toEqual([0, 1, 0]);
    expect(slices[0].normal[2]).toBe(-1);
    expect(slices[0].position[2]).toBeLessThan(slices[1].position[2]);
    const head = await series({});
    expect(head.slices[0].PatientPosition).toBe('HFS');
    expect(head.slices[0].position[2]).toBeGreaterThan(head.slices[1].position[2]);
  });

  it('prone: HFP, image turned by half', async () => {
    const { slices } = await series({ variant: 'prone' });
    expect(slices[0].PatientPosition).toBe('HFP');
    expect([slices[0].rowCosines, slices[0].columnCosines]).toEqual([
      [-1, 0, 0],
      [0, -1, 0],
    ]);
    expect(slices[0].normal[2]).toBe(1);
  });

  it('tilted: the columns lean by the stated gantry tilt', async () => {
    const { slices } = await series({ variant: 'tilted' });
    expect(Number(slices[0].GantryDetectorTilt)).toBe(12);
    expect(slices[0].columnCosines[2]).toBeCloseTo(Math.sin(Math.PI / 15), 6);
  });

  it('missing-slice: one gap of two spacings, between L2 and L3, and no file renumbered', async () => {
    const whole = await series({});
    const gapped = await series({ variant: 'missing-slice' });
    expect(gapped.files).toHaveLength(whole.files.length - 1);
    const z = gapped.slices.map((s) => s.position[2]);
    const wide = z.slice(1).flatMap((value, i) => (z[i] - value > 6 ? [(z[i] + value) / 2] : []));
    expect(wide).toHaveLength(1);
    expect(wide[0]).toBeLessThan(gapped.truth.L2[2]);
    expect(wide[0]).toBeGreaterThan(gapped.truth.L3[2]);
    const numbers = gapped.slices.map((s) => Number(s.InstanceNumber));
    expect(numbers[numbers.length - 1]).toBe(whole.files.length);
  });

  it('no-lumbar-spine: lungs, thoracic levels and nothing below T10', async () => {
    const { truth, slices } = await series({ variant: 'no-lumbar-spine', rangeMm: undefined });
    expect(Object.keys(truth)).toEqual(Array.from({ length: 10 }, (_, i) => `T${i + 1}`));
    const lowest = Math.min(...slices.map((s) => s.position[2]));
    expect(truth.T10[2] - lowest).toBeLessThan(25);
    expect(huAt(slices, [truth.T6[0] + 80, truth.T6[1] - 40, truth.T6[2]])).toBeLessThan(-600);
  });

  it('scoliosis: the spine leaves its middle by 25 to 40 mm and bone follows', async () => {
    const { truth } = await series({ variant: 'scoliosis' });
    const x = LUMBAR.map((level) => truth[level][0]);
    const swing = Math.max(...x) - Math.min(...x);
    expect(swing).toBeGreaterThan(25);
    expect(swing).toBeLessThan(40);
  });

  it('thick: 5 mm slices', async () => {
    const { slices } = await series({ variant: 'thick', sliceSpacingMm: undefined });
    expect(Number(slices[0].SliceThickness)).toBe(5);
    expect(slices[0].position[2] - slices[1].position[2]).toBeCloseTo(5, 6);
  });

  it('sagittal: square pixels, rows to the back, and bone at the truth', async () => {
    const phantom = await series({ variant: 'sagittal' });
    expect(phantom.slices).toHaveLength(15);
    const [first, second] = phantom.slices;
    expect([first.rowCosines, first.columnCosines]).toEqual([
      [0, 1, 0],
      [0, 0, -1],
    ]);
    expect(first.spacing[0]).toBe(first.spacing[1]);
    expect(second.position[0] - first.position[0]).toBeCloseTo(3, 6);
    for (const level of LUMBAR) {
      expect(huAt(phantom.slices, point(phantom, level))).toBeGreaterThan(110);
      expect(huAt(phantom.slices, point(phantom, level))).toBeLessThan(300);
    }
  });

  it('rangeMm: truth names what lies within, no more', async () => {
    const { truth, slices } = await series({ rangeMm: [-50, 50] });
    expect(Object.keys(truth)).toEqual(['L2', 'L3', 'L4']);
    expect(slices[0].position[2] - truth.L3[2]).toBeCloseTo(50, 6);
  });
});

describe('worklist', () => {
  it('holds four patients, one with a localizer, every instance once', async () => {
    let last = [0, 0];
    const { files, studies } = await writePhantomStudies(path.join(root, 'worklist'), {
      columns: 40,
      sliceSpacingMm: 12,
      onProgress: (done, of) => (last = [done, of]),
    });
    const read = files.map(readSlice);
    expect(new Set(read.map((s) => s.SOPInstanceUID)).size).toBe(files.length);
    expect(new Set(read.map((s) => s.StudyInstanceUID)).size).toBe(4);
    expect(studies.map((s) => s.patientName)).toHaveLength(4);
    expect(last).toEqual([files.length - 1, files.length - 1]);
    const scouts = read.filter((s) => (s.ImageType as string[])[2] === 'LOCALIZER');
    expect(scouts).toHaveLength(1);
    expect(scouts[0].SeriesInstanceUID).toBe(studies[0].localizerSeriesInstanceUID);
    expect(scouts[0].StudyInstanceUID).toBe(studies[0].studyInstanceUID);
    expect(Math.abs(scouts[0].normal[1])).toBe(1);
    expect(studies.filter((s) => 'L3' in s.axial.truth)).toHaveLength(3);
    const names = new Set(read.map((s) => JSON.stringify(s.PatientName)));
    expect(names.size).toBe(4);
  });
});

describe('files', () => {
  it('carry valid unique UIDs, one study, series and frame of reference, and say they are synthetic', async () => {
    const { slices, studyInstanceUID, seriesInstanceUID } = await series({});
    const instances = slices.map((s) => s.SOPInstanceUID);
    expect(new Set(instances).size).toBe(slices.length);
    for (const uid of [...instances, studyInstanceUID, seriesInstanceUID]) {
      expect(uid).toMatch(/^2\.25\.[1-9]\d{0,38}$/);
    }
    for (const s of slices) {
      expect(s.SOPClassUID).toBe('1.2.840.10008.5.1.4.1.1.2');
      expect(s.StudyInstanceUID).toBe(studyInstanceUID);
      expect(s.SeriesInstanceUID).toBe(seriesInstanceUID);
      expect(s.FrameOfReferenceUID).toBe(slices[0].FrameOfReferenceUID);
      expect(s.StudyDescription).toContain('SYNTHETIC');
      expect(JSON.stringify(s.PatientName)).toContain('PHANTOM^');
      expect((s.meta as Record<string, unknown>).TransferSyntaxUID).toBe('1.2.840.10008.1.2.1');
      expect(s.pixels).toHaveLength(s.rows * s.columns);
    }
  });

  it('hold no truth, which lies beside them', async () => {
    const { files, truth } = await series({});
    const folder = path.dirname(files[0]);
    expect(readdirSync(folder).filter((name) => !name.endsWith('.dcm'))).toEqual(['truth.json']);
    const beside = JSON.parse(readFileSync(path.join(folder, 'truth.json'), 'utf8'));
    expect(beside.vertebralBodyCentres).toEqual(truth);
    expect(readFileSync(files[0]).includes('vertebralBody')).toBe(false);
  });

  it('are the same for the same seed and others for another', async () => {
    const small = { columns: 48, sliceSpacingMm: 20 };
    const hashes = [];
    for (const [i, seed] of [5, 5, 6].entries()) {
      const { files } = await writePhantomSeries(path.join(root, `seed-${i}`), { ...small, seed });
      const hash = createHash('sha256');
      for (const file of files) hash.update(readFileSync(file));
      hashes.push(hash.digest('hex'));
    }
    expect(hashes[0]).toBe(hashes[1]);
    expect(hashes[0]).not.toBe(hashes[2]);
  });

  it('are not written into a folder that holds something, and nothing is left of the try', async () => {
    const folder = path.join(root, 'occupied');
    await writePhantomSeries(folder, { columns: 32, sliceSpacingMm: 20 });
    const before = readdirSync(root);
    writeFileSync(path.join(folder, 'note.txt'), 'mine');
    await expect(writePhantomSeries(folder, {})).rejects.toThrow(/occupied is not empty/);
    expect(readdirSync(root)).toEqual(before);
    expect(readFileSync(path.join(folder, 'note.txt'), 'utf8')).toBe('mine');
  });
});

describe('options', () => {
  it.each([
    [{ columns: 8 }, /columns must be from 32 to 1024, not 8/],
    [{ columns: 64.5 }, /columns must be a whole number/],
    [{ sliceSpacingMm: Number.NaN }, /sliceSpacingMm must be from/],
    [{ lateralCurveMm: 90 }, /lateralCurveMm/],
    [{ rangeMm: [40, -40] as const }, /rangeMm must rise/],
    [{ variant: 'missing-slice' as const, rangeMm: [100, 200] as const }, /needs L2 and L3/],
  ])('%j is refused by name', (options, message) => {
    expect(() => generatePhantom(options)).toThrow(message);
  });

  it('without noise, fat and air have their HU', () => {
    const { slices, columns } = generatePhantom({ columns: 64, sliceSpacingMm: 20, noiseHu: 0 });
    expect(slices[10].pixels[0]).toBe(-1000);
    const values = Array.from(slices[10].pixels).filter((hu) => hu > -125 && hu < -85);
    expect(values.length).toBeGreaterThan(columns * 2);
  });
});
