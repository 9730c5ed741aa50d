import { appendFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fingerprintOf } from '../../../src/batch/fingerprint';
import { BatchProgress } from '../../../src/batch/progress';
import { readAhead } from '../../../src/batch/readAhead';
import { TreeSource } from '../../../src/batch/treeSource';
import { filesFor, walk } from '../../../src/batch/walk';
import type { Walked } from '../../../src/batch/walk';
import { progressText } from '../../../src/cli/batchMeter';
import { ctSlice, dicomBytes, int16Bytes } from '../io/writeDicom';
import { niftiBytes } from '../io/writeNifti';

let root = '';
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'find-l3-walk-'))));
afterEach(() => rmSync(root, { recursive: true }));

const PIXELS = int16Bytes(new Int16Array(64));
function put(name: string, content: Buffer | string): void {
  mkdirSync(join(root, name, '..'), { recursive: true });
  writeFileSync(join(root, name), content);
}
const putDicom = (name: string, series: string, z = 0) =>
  put(name, dicomBytes({ elements: ctSlice(z, PIXELS, { series }) }));

/** A NIfTI file as header and voxels apart. */
function putPair(name: string): void {
  const bytes = niftiBytes({ size: [1, 1, 1], datatype: 'int16', values: [1] });
  const header = Buffer.from(bytes.subarray(0, 348));
  header.write('ni1\0', 344, 'latin1');
  put(`${name}.hdr`, header);
  put(`${name}.img`, bytes.subarray(352));
}

const WHOLE = { number: 1, count: 1 };

async function walked(shard = WHOLE, path = root, sharedFrom?: number): Promise<Walked[]> {
  const all: Walked[] = [];
  for await (const unit of walk('as named', path, { shard, sharedFrom })) all.push(unit);
  return all;
}
const seriesOf = (units: readonly Walked[]) =>
  units
    .flatMap(({ series }) => series)
    .map(
      ({ about, files }) =>
        `${about.uid.replace(root, '')}: ${files.map(({ path }) => path.slice(root.length + 1)).join(' ')}`,
    );

describe('the walk', () => {
  it('groups by series within a folder and folders side by side, in the order found', async () => {
    putDicom('p/a/2', '1.1');
    putDicom('p/a/1', '1.2');
    putDicom('p/b/1', '1.1');
    putDicom('p/b/deep/1', '1.1');
    put('p/a/scan.nii.gz', '');
    expect(seriesOf(await walked())).toEqual([
      '1.2: p/a/1',
      '1.1: p/a/2 p/b/1',
      '/p/a/scan.nii.gz: p/a/scan.nii.gz',
      '1.1: p/b/deep/1',
    ]);
  });

  it('tells what cannot be read once a cause, and what is no image', async () => {
    putDicom('a/1', '1.1');
    put('a/cut1.dcm', dicomBytes({ elements: ctSlice(0, PIXELS) }).subarray(0, 600));
    put('a/cut2.dcm', dicomBytes({ elements: ctSlice(0, PIXELS) }).subarray(0, 600));
    put('a/notes.txt', 'text');
    const [, { failures, passedOver, folders, files }] = await walked();
    expect(failures.map(({ failure }) => failure.input)).toEqual(['as named']);
    expect(failures[0].files.map(({ path, bytes }) => [path, bytes])).toEqual([
      [join(root, 'a/cut1.dcm'), 600],
      [join(root, 'a/cut2.dcm'), 600],
    ]);
    expect(passedOver.map(({ path }) => path)).toEqual([join(root, 'a/notes.txt')]);
    expect([folders, files]).toEqual([[join(root, 'a')], 4]);
  });

  it('takes one file, too, which must be an image then', async () => {
    putDicom('a', '1.1');
    expect(seriesOf(await walked(WHOLE, join(root, 'a')))).toEqual(['1.1: a']);
    put('b', 'text');
    const [{ failures }] = await walked(WHOLE, join(root, 'b'));
    expect(failures[0].failure.message).toMatch(/b: is neither a DICOM nor a NIfTI image/);
  });

  it('stops when it is told to', async () => {
    for (const name of ['a/1', 'a/b/1', 'a/b/c/1']) putDicom(name, name.length.toString());
    const stop = new AbortController();
    const seen: Walked[] = [];
    const all = async () => {
      for await (const unit of walk('', root, { shard: WHOLE, signal: stop.signal })) {
        seen.push(unit);
        stop.abort(new Error('enough'));
      }
    };
    await expect(all()).rejects.toThrow('enough');
    expect(seen).toHaveLength(1);
  });
});

describe('a series is another one when any file that its answer rests on has changed', () => {
  const series = async () => {
    const [leaveOut, modality] = [join(root, 'out'), null];
    const source = new TreeSource({ inputs: [root], leaveOut, shard: WHOLE, modality });
    const all = [];
    for await (const listed of source.list(new AbortController().signal)) {
      all.push(...listed.series);
      expect(listed.files).toBe(listed.series.reduce((sum, { files }) => sum + files, 0));
    }
    return all;
  };
  const dicom = () => ['1.dcm', '2.dcm', '3.dcm'].forEach((name, z) => putDicom(name, '1.1', z));
  const kinds: [string, () => void, string[], string[]][] = [
    ['DICOM', dicom, ['1.dcm', '2.dcm', '3.dcm'], ['1.dcm', '2.dcm', '3.dcm']],
    ['NIfTI', () => put('scan.nii', 'x'), ['scan.nii'], ['scan.nii']],
    ['a pair', () => putPair('scan'), ['scan.hdr', 'scan.img'], ['scan.hdr']],
  ];
  it.each(kinds)('%s', async (_, write, files, opened) => {
    write();
    const [before, ...more] = await series();
    expect([more, before.files]).toEqual([[], files.length]);
    expect((await before.bring(new AbortController().signal)).paths).toEqual(
      opened.map((name) => join(root, name)),
    );
    const seen = new Set([before.fingerprint]);
    for (const name of files) {
      utimesSync(join(root, name), 1, 1);
      seen.add((await series())[0].fingerprint);
      appendFileSync(join(root, name), 'x');
      utimesSync(join(root, name), 1, 1);
      seen.add((await series())[0].fingerprint);
    }
    expect(seen.size).toBe(1 + 2 * files.length);
    const last = files[files.length - 1];
    rmSync(join(root, last));
    for (const { fingerprint } of await series()) expect(seen).not.toContain(fingerprint);
  });

  it('a pair that is named by its header alone', async () => {
    putPair('scan');
    const path = join(root, 'scan.hdr');
    const [{ series: found }] = await walked(WHOLE, path);
    expect(
      found.map(({ files, beside }) => [files, beside].flat().map((file) => file.path)),
    ).toEqual([[path, join(root, 'scan.img')]]);
  });
});

describe('shards of a walk', () => {
  async function shares(count: number, sharedFrom?: number): Promise<string[][]> {
    const numbers = Array.from({ length: count }, (_, i) => i + 1);
    return Promise.all(
      numbers.map(async (number) => seriesOf(await walked({ number, count }, root, sharedFrom))),
    );
  }

  it('take every series once and whole, failures once', async () => {
    for (let n = 0; n < 12; n++) {
      putDicom(`p${n}/a/1`, `1.${n}`);
      putDicom(`p${n}/b/1`, `1.${n}`);
      put(`nifti/${n}.nii`, '');
    }
    put('p3/a/cut.dcm', 'no image');
    const all = seriesOf(await walked());
    const each = await shares(3);
    expect(each.flat().sort()).toEqual(all.sort());
    for (const share of each) expect(share.length).toBeGreaterThan(2);
    const failing = await Promise.all(
      [1, 2, 3].map(async (number) =>
        (await walked({ number, count: 3 })).flatMap((u) => u.failures),
      ),
    );
    expect(failing.flat()).toHaveLength(1);
  });

  it('share the series of a folder with very many files', async () => {
    const many = 200;
    for (let n = 0; n <= many; n++) putDicom(`flat/${n}`, `1.${n % 50}`, n);
    const each = await shares(2, many);
    const uids = each.map((share) => share.map((text) => text.split(':')[0]));
    expect(uids.flat().sort()).toEqual([...new Set(uids.flat())].sort());
    expect(uids.flat()).toHaveLength(50);
    for (const share of uids) expect(share.length).toBeGreaterThan(10);
  });

  it('share the pairs of a folder with very many files', async () => {
    for (let n = 0; n < 30; n++) putPair(`flat/${n}`);
    const each = await shares(2, 10);
    expect(each.flat().sort()).toEqual(seriesOf(await walked()).sort());
    for (const share of each) expect(share.length).toBeGreaterThan(5);
  });

  it('know how many files they have without opening one', async () => {
    for (let n = 0; n < 20; n++) put(`p${n}/a/1`, 'anything');
    const counts = await Promise.all(
      [1, 2].map(async (number) => {
        let count = 0;
        for await (const files of filesFor(root, { shard: { number, count: 2 } })) count += files;
        const looked = (await walked({ number, count: 2 })).reduce(
          (sum, { files }) => sum + files,
          0,
        );
        expect(looked).toBe(count);
        return count;
      }),
    );
    expect(counts[0] + counts[1]).toBe(20);
  });
});

it('a fingerprint changes with path, size, time and stated modality, not with the order', () => {
  const file = { path: '/a', bytes: 1, changed: 2 };
  const other = { path: '/b', bytes: 3, changed: 4 };
  const same = fingerprintOf([file, other], null);
  expect(fingerprintOf([other, file], null)).toBe(same);
  const changed = [
    fingerprintOf([file], null),
    fingerprintOf([file, { ...other, path: '/c' }], null),
    fingerprintOf([file, { ...other, bytes: 4 }], null),
    fingerprintOf([file, { ...other, changed: 5 }], null),
    fingerprintOf([file, other], 'MR'),
    fingerprintOf([file, other], 'CT'),
  ];
  expect(new Set([same, ...changed]).size).toBe(changed.length + 1);
});

describe('reading ahead', () => {
  it('is one step ahead, in order', async () => {
    const made: number[] = [];
    async function* source() {
      for (let n = 0; n < 4; n++) {
        made.push(n);
        yield n;
      }
    }
    const taken: number[] = [];
    for await (const n of readAhead(source())) {
      await new Promise((resume) => setTimeout(resume, 5));
      expect(made.at(-1)).toBe(Math.min(3, n + 1));
      taken.push(n);
    }
    expect(taken).toEqual([0, 1, 2, 3]);
  });

  it('throws what the source throws, in its turn', async () => {
    async function* source() {
      yield 1;
      throw new Error('broken');
    }
    const taken: number[] = [];
    const all = async () => {
      for await (const n of readAhead(source())) taken.push(n);
    };
    await expect(all()).rejects.toThrow('broken');
    expect(taken).toEqual([1]);
  });
});

it('progress tells counts, the rate and the time that is left, as far as they are known', () => {
  let now = 0;
  const progress = new BatchProgress(() => now);
  expect(progressText(progress)).toBe('0 series: 0 found, 0 undetermined, 0 refused, 0 failed');
  progress.known(['found', 'refused']);
  progress.passed(100);
  progress.searching();
  now = 30_000;
  progress.answered('found');
  progress.searched(100);
  expect(progressText(progress)).toBe(
    '3 series: 2 found, 0 undetermined, 1 refused, 0 failed, 2.0 a minute',
  );
  progress.counted(600);
  progress.countedAll();
  expect(progressText(progress)).toMatch(/, about 2 min left$/);
  progress.counted(100_000);
  expect(progressText(progress)).toMatch(/, about 8 h 22 min left$/);
});
