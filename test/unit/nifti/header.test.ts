import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { checkInput } from '../../../src/io/checkInput';
import { openNifti } from '../../../src/io/nifti/openNifti';
import { openInput } from '../../../src/io/openInput';
import type { LoadedSeries } from '../../../src/io/types';
import type { Series } from '../../../src/series/types';
import { openNiftiBlob } from '../../../src/viewer/nifti/niftiBlob';
import { niftiBytes, type NiftiSpec } from '../io/writeNifti';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'find-l3-nifti-header-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string) => join(folder, name);
const open = (path: string) => openNifti(path, path);
const write = (spec: NiftiSpec) => {
  writeFileSync(file('case.nii'), niftiBytes(spec));
  return file('case.nii');
};
const checked = (loaded: LoadedSeries): Series => {
  const check = checkInput(loaded);
  if (!check.ok) throw new Error(check.reason.message);
  return check.series;
};
const DIAGONAL = (sx: number, sy: number, sz: number) => [
  [sx, 0, 0, 0],
  [0, sy, 0, 0],
  [0, 0, sz, 0],
];
const volume = (n: number) => new Float64Array(n);
const good: NiftiSpec = {
  size: [12, 12, 12],
  datatype: 'int16',
  values: volume(12 ** 3),
  sform: { code: 1, rows: DIAGONAL(4, 4, 4) },
};

describe('the place of the voxels', () => {
  const values = Float64Array.from({ length: 12 ** 3 }, (_, i) => i);
  const spec: NiftiSpec = {
    size: [12, 12, 12],
    datatype: 'int16',
    values,
    sform: { code: 1, rows: DIAGONAL(-4, -4, 4) },
  };
  const first = async (loaded: LoadedSeries) => {
    const { pixels } = await loaded.openVoxels(checked(loaded)).readSlice(0);
    return Array.from(pixels.slice(0, 3));
  };
  const withOffset = (version: 1 | 2, offset: number) => {
    const bytes = niftiBytes({ ...spec, version });
    if (version === 1) bytes.writeFloatLE(offset, 108);
    else bytes.writeBigInt64LE(BigInt(offset), 168);
    writeFileSync(file('offset.nii'), bytes);
    return open(file('offset.nii'));
  };

  it.each<[1 | 2, number]>([
    [1, 0],
    [1, -8],
    [1, 352],
    [2, 0],
    [2, 544],
  ])(
    'in a NIfTI-%d that says %d is behind the header and its extender',
    async (version, offset) => {
      expect(await first(await withOffset(version, offset))).toEqual([0, 1, 2]);
    },
  );

  it.each([NaN, Infinity])('that is %d is damage', async (offset) => {
    await expect(withOffset(1, offset)).rejects.toThrow(/header is damaged \(vox_offset is/);
  });

  it('of a pair is in the .img file beside the header', async () => {
    const bytes = niftiBytes(spec);
    const header = Buffer.from(bytes.subarray(0, 348));
    header.write('ni1\0', 344, 'latin1');
    header.writeFloatLE(0, 108);
    mkdirSync(file('pair'));
    writeFileSync(file('pair/scan.hdr'), header);
    await expect(open(file('pair/scan.hdr'))).rejects.toThrow(/scan\.img: does not exist/);
    writeFileSync(file('pair/scan.img'), bytes.subarray(352));
    const found = [];
    for await (const item of openInput(file('pair'))) found.push(item);
    expect(found).toMatchObject([{ kind: 'series', firstFile: file('pair/scan.hdr') }]);
    expect(await first(found[0] as LoadedSeries)).toEqual([0, 1, 2]);
    for await (const alone of openInput(file('pair/scan.img'))) {
      expect(alone).toMatchObject({ kind: 'failure', advice: 'Give its .hdr file.' });
    }
    writeFileSync(file('pair.nii'), header);
    await expect(open(file('pair.nii'))).rejects.toThrow(/is the header of a \.hdr\/\.img pair/);
  });
});

describe('a gzip', () => {
  const bytes = niftiBytes({
    ...good,
    values: Float64Array.from({ length: 12 ** 3 }, (_, i) => i),
  });
  it.each<[string, Buffer]>([
    ['whose checksum is wrong', Buffer.from(gzipSync(bytes))],
    [
      'whose checksum is wrong, behind a tail',
      Buffer.from(gzipSync(Buffer.concat([bytes, Buffer.alloc(70_000)]))),
    ],
  ])('%s is damaged, though all voxels are there', async (_, gzip) => {
    gzip[gzip.length - 8] ^= 1;
    writeFileSync(file('checksum.nii.gz'), gzip);
    await expect(open(file('checksum.nii.gz'))).rejects.toThrow(/gzip compression is damaged/);
    await expect(openNiftiBlob(new Blob([new Uint8Array(gzip)]))).rejects.toThrow(
      /compression is damaged/,
    );
  });
});

describe('the size of the voxels', () => {
  it.each<[string, Partial<NiftiSpec>, RegExp]>([
    ['metres', { units: 1 }, /4000 mm between pixels/],
    ['micrometres', { units: 3 }, /0\.004 mm between pixels/],
    [
      'slices a metre apart',
      { sform: { code: 1, rows: DIAGONAL(4, 4, 1000) } },
      /1000 mm between slices/,
    ],
    [
      '3 m',
      {
        size: [12, 12, 400],
        values: volume(144 * 400),
        sform: { code: 1, rows: DIAGONAL(4, 4, 8) },
      },
      /3190 mm in all/,
    ],
    [
      'an sform of 1 mm beside a qform of the scan',
      {
        sform: { code: 1, rows: DIAGONAL(1, 1, 1) },
        qform: { code: 1, quaternion: [0, 0, 0], offset: [0, 0, 0], qfac: 1 },
        pixdim: [2, 2, 5],
      },
      /voxels of 1 x 1 x 1 mm by its sform, of 2 x 2 x 5 mm by its pixdim/,
    ],
  ])('a size that no scan has: %s', async (_, change, message) => {
    const check = checkInput(await open(write({ ...good, ...change })));
    expect(check).toMatchObject({ ok: false, reason: { code: 'implausible-size' } });
    expect(check.ok || check.reason.message).toMatch(message);
  });

  it.each<[string, Partial<NiftiSpec>]>([
    ['an sform scaled to a template', { sform: { code: 4, rows: DIAGONAL(4.4, 4.4, 5) } }],
    ['a pixdim of 0 beside a good sform', { pixdim: [0, 0, 0] }],
  ])('%s is none', async (_, change) => {
    const qform = { code: 1, quaternion: [0, 0, 0], offset: [0, 0, 0], qfac: 1 } as const;
    const loaded = await open(write({ ...good, pixdim: [4, 4, 4], qform, ...change }));
    expect(checked(loaded).slices).toHaveLength(12);
  });
});
