import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os, { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { checkInput } from '../../../src/io/checkInput';
import { openInput } from '../../../src/io/openInput';
import { niftiBytes, type NiftiSpec } from '../io/writeNifti';
import { dicomBytes } from '../io/writeDicom';

const MIB = 1024 ** 2;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'find-l3-hostile-'));
  jest.spyOn(os, 'tmpdir').mockReturnValue(folder);
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const nifti = (size: readonly number[], more: Partial<NiftiSpec> = {}) =>
  niftiBytes({
    size,
    datatype: 'int16',
    values: [],
    sform: {
      code: 1,
      rows: [
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 1, 0],
      ],
    },
    ...more,
  });
const behind = (header: Buffer, mib: number) =>
  gzipSync(Buffer.concat([header, Buffer.alloc(mib * MIB)]), { level: 1 });

/** What is said of a file, and the bytes of buffers that were made for it. */
async function cost(name: string, bytes: Buffer): Promise<{ said: string; made: number }> {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const sizes: number[] = [];
  const NativeUint8Array = Uint8Array;
  const counting = new Proxy(NativeUint8Array, {
    construct(target, args: [unknown, ...unknown[]], newTarget) {
      if (typeof args[0] === 'number') sizes.push(args[0]);
      return Reflect.construct(target, args, newTarget) as object;
    },
  });
  globalThis.Uint8Array = counting;
  try {
    let said = '';
    for await (const item of openInput(path)) {
      if (item.kind === 'failure') said = item.message;
      else {
        const check = checkInput(item);
        said = check.ok ? 'accepted' : check.reason.message;
      }
    }
    return { said, made: sizes.reduce((sum, size) => sum + size, 0) };
  } finally {
    globalThis.Uint8Array = NativeUint8Array;
  }
}

it.each<[string, string, () => Buffer, RegExp]>([
  ['zeros alone', 'a.nii.gz', () => behind(Buffer.alloc(0), 64), /is not a NIfTI file/],
  [
    '3 GiB promised',
    'b.nii.gz',
    () => behind(nifti([1000, 1000, 1500]), 8),
    /holds 2\.8 GiB, which/,
  ],
  [
    '30000 cubed',
    'c.nii.gz',
    () => gzipSync(nifti([30000, 30000, 30000])),
    /27000000000000 voxels/,
  ],
  ['30000 cubed, plain', 'd.nii', () => nifti([30000, 30000, 30000]), /27000000000000 voxels/],
  ['2^40 cubed', 'e.nii', () => nifti([2 ** 40, 2 ** 40, 2 ** 40], { version: 2 }), /voxels/],
  ['30000 slices', 'f.nii', () => nifti([9, 9, 30000]), /30000 slices/],
  ['more than it holds', 'g.nii', () => nifti([512, 512, 300]), /ends after 352 of/],
  [
    'empty items without end',
    'h.dcm',
    () =>
      Buffer.concat([
        dicomBytes({ elements: {} }),
        Buffer.from('0800401153510000ffffffff', 'hex'),
        Buffer.alloc(9 * MIB, Buffer.from('feff00e000000000', 'hex')),
      ]),
    /more elements than any image/,
  ],
])('a file with %s is refused before room is made for it', async (_, name, make, message) => {
  const { said, made } = await cost(name, make());
  expect(said).toMatch(message);
  expect(made).toBeLessThan(MIB);
});

it('what lies behind the voxels is not decompressed', async () => {
  const { said, made } = await cost('zeros.nii.gz', behind(nifti([64, 64, 64]), 100));
  expect(said).toBe('accepted');
  expect(made).toBeGreaterThan(0);
  expect(made).toBeLessThan(2 * MIB);
});
