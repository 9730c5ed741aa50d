import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os, { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { openNiftiFile } from '../../../src/io/nifti/niftiFile';
import { MOST } from '../../../src/limits/most';
import { openNiftiVolume } from '../../../src/nifti/niftiVolume';
import { openNiftiBlob } from '../../../src/viewer/nifti/niftiBlob';
import { orientations } from '../io/axes';
import { niftiBytes, type NiftiSpec } from '../io/writeNifti';

/** Bytes that are held at once; small, so that small files are large. */
let held = Infinity;
jest.mock('../../../src/limits/most', () => {
  const real = jest.requireActual<typeof import('../../../src/limits/most')>(
    '../../../src/limits/most',
  );
  const limits = Object.defineProperty({ ...real.MOST, inflation: 1000 }, 'heldBytes', {
    get: () => held,
  });
  const within = (limit: keyof typeof MOST, stated: number) => stated <= limits[limit];
  return { ...real, MOST: limits, within };
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'find-l3-streamed-'));
  jest.spyOn(os, 'tmpdir').mockReturnValue(folder);
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** Every slice of a file in modality units, with its place and the range that was found. */
async function contents(open: () => ReturnType<typeof openNiftiFile>, limit: number) {
  held = limit;
  const volume = await openNiftiVolume(await open());
  const slices: number[][] = [];
  // From the last to the first, and the first again: no order is relied on.
  for (const index of [...volume.slices.keys(), 0].reverse()) {
    const { pixels, slope, intercept } = await volume.readSlice(index);
    slices.push(Array.from(pixels, (value: number) => value * slope + intercept));
  }
  const { modality, plane, isInt16 } = volume;
  return { slices, places: volume.slices, modality, plane, isInt16 };
}

const volumes = fc
  .record({
    axes: fc.constantFrom(...orientations),
    size: fc.tuple(
      fc.integer({ min: 4, max: 9 }),
      fc.integer({ min: 4, max: 9 }),
      fc.integer({ min: 4, max: 9 }),
    ),
    datatype: fc.constantFrom('uint8', 'int16', 'float32', 'float64', 'int64', 'uint16' as const),
    littleEndian: fc.boolean(),
    thick: fc.integer({ min: 0, max: 2 }),
    seed: fc.integer({ min: 1, max: 1e6 }),
  })
  .map(({ axes: { axes, sign }, size, datatype, littleEndian, thick, seed }): NiftiSpec => {
    const step = [0, 1, 2].map((a) => (a === thick ? 12 : 4));
    const rows = [0, 1, 2].map((ras) => [
      ...axes.map((axis, a) => (axis === ras ? sign[a] * step[a] : 0)),
      ras * 5,
    ]);
    const count = size[0] * size[1] * size[2];
    const values = Float64Array.from({ length: count }, (_, i) => (i * seed) % 251);
    if (datatype.startsWith('float')) values[seed % count] = NaN;
    return {
      size,
      datatype: datatype as NiftiSpec['datatype'],
      littleEndian,
      values,
      sform: { code: 1, rows },
      intercept: seed % 2 ? -300 : 0,
    };
  });

describe('a volume that is too large to be held', () => {
  it('has the slices of one that is held, from a file or a gzip, in any orientation', async () => {
    const [plain, gzip] = [join(folder, 'a.nii'), join(folder, 'b.nii.gz')];
    await fc.assert(
      fc.asyncProperty(volumes, async (spec) => {
        const bytes = niftiBytes(spec);
        writeFileSync(plain, bytes);
        writeFileSync(gzip, gzipSync(bytes));
        const expected = await contents(() => openNiftiFile(plain), Infinity);
        for (const path of [plain, gzip]) {
          expect(await contents(() => openNiftiFile(path), 600)).toEqual(expected);
        }
        const blob = new Blob([new Uint8Array(gzipSync(bytes))]);
        expect(await contents(() => openNiftiBlob(blob), 600)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('that ends early is told before a slice is read', async () => {
    const bytes = niftiBytes(SMALL);
    const file = join(folder, 'short.nii');
    writeFileSync(file, bytes.subarray(0, bytes.length - 1));
    held = 600;
    await expect(openNiftiFile(file).then((opened) => openNiftiVolume(opened))).rejects.toThrow(
      `ends after ${bytes.length - 1} of ${bytes.length} bytes`,
    );
  });

  it('leaves nothing on the disk where it cannot be written', async () => {
    const file = join(folder, 'c.nii.gz');
    writeFileSync(file, gzipSync(niftiBytes(SMALL)));
    held = 600;
    jest.spyOn(os, 'tmpdir').mockReturnValue(join(folder, 'none'));
    await expect(openNiftiFile(file)).rejects.toMatchObject({
      message: expect.stringMatching(/c\.nii\.gz: cannot be decompressed onto the disk/),
      advice: expect.stringMatching(/TMPDIR/),
    });
    expect(readdirSync(folder)).toEqual(['c.nii.gz']);
  });
});

const SMALL: NiftiSpec = {
  size: [8, 8, 8],
  datatype: 'int16',
  values: Float64Array.from({ length: 512 }, (_, i) => (i * 7919) % 1000),
  sform: {
    code: 1,
    rows: [
      [4, 0, 0, 0],
      [0, 4, 0, 0],
      [0, 0, 4, 0],
    ],
  },
};
