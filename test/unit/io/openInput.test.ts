import { symlinkSync } from 'node:fs';
import { checkInput } from '../../../src/io/checkInput';
import { all, at, checked, folder, put, putSeries, ramp } from './files';
import { ctSlice, dicomBytes, int16Bytes, without } from './writeDicom';
import { niftiBytes } from './writeNifti';

describe('a folder', () => {
  it('gives its series in the order found, in depth, whatever lies between', async () => {
    putSeries('b/deep/er', { series: '1.2.2' });
    putSeries('a', { series: '1.2.1' });
    putSeries('c', { series: '1.2.1' }); // the same series, copied: not counted twice
    put('b/scan.nii', niftiBytes({ ...NIFTI }));
    put('README.txt', 'nothing to see');
    put('empty', '');
    put('.hidden.dcm', 'not looked at');
    put('DICOMDIR', dicomBytes({ elements: { '00041130 CS': 'SET', '00041220 SQ': [{}] } }));
    put('report', dicomBytes({ elements: { '00080060 CS': 'CT', '0020000E UI': '9.9' } }));
    const skipped: string[] = [];
    const { series, failures } = await all(folder.path, { onSkip: (path) => skipped.push(path) });
    expect(failures).toEqual([]);
    expect(series.map(({ description }) => description.uid)).toEqual([
      '1.2.1',
      '1.2.2',
      at('b/scan.nii'),
    ]);
    expect(series.map(({ path }) => path)).toEqual([
      folder.path,
      at('b/deep/er'),
      at('b/scan.nii'),
    ]);
    expect(checked(series[0]).slices).toHaveLength(10);
    expect(skipped.sort()).toEqual(['DICOMDIR', 'README.txt', 'empty', 'report'].map(at));
  });

  it('passes on series of other modalities, which the check refuses', async () => {
    const more = { '00080060 CS': 'US' };
    put('us.dcm', dicomBytes({ elements: ctSlice(0, int16Bytes(ramp(0)), { more }) }));
    const check = checkInput((await all()).series[0]);
    expect(check).toMatchObject({ ok: false, reason: { code: 'unsupported-modality' } });
  });

  it('goes on after files that cannot be read, and names each with its fault', async () => {
    putSeries('good');
    const slice = dicomBytes({ elements: ctSlice(0, int16Bytes(ramp(0)), { series: '7.7' }) });
    const noPixels = without(ctSlice(0, Buffer.alloc(0)), '7FE00010 OW');
    const noSeries = without(ctSlice(0, int16Bytes(ramp(0))), '0020000E UI');
    put('bad/cut-header.dcm', slice.subarray(0, 300));
    put('bad/cut-pixels.dcm', slice.subarray(0, slice.length - 20));
    put('bad/few-pixels.dcm', dicomBytes({ elements: ctSlice(0, Buffer.alloc(100)) }));
    put('bad/no-pixels.dcm', dicomBytes({ elements: noPixels }));
    put('bad/no-series.dcm', dicomBytes({ elements: noSeries }));
    put(
      'bad/rescale.dcm',
      dicomBytes({ elements: { ...ctSlice(0, int16Bytes(ramp(0))), '00281053 DS': '0' } }),
    );
    put('bad/text.dcm', 'this is no DICOM file');
    put('bad/volume.nii.gz', 'this is no NIfTI file');
    symlinkSync(folder.path, at('bad/zz-loop'));
    const { series, failures } = await all();
    expect(series).toHaveLength(1);
    expect(checked(series[0]).slices).toHaveLength(10);
    const faults = Object.fromEntries(
      failures.map(({ path, message }) => [path.slice(at('bad/').length), message]),
    );
    expect(Object.keys(faults)).toEqual([
      'cut-header.dcm',
      'cut-pixels.dcm',
      'few-pixels.dcm',
      'no-pixels.dcm',
      'no-series.dcm',
      'rescale.dcm',
      'text.dcm',
      'volume.nii.gz',
    ]);
    for (const { path, message, advice } of failures) {
      expect(message.startsWith(`${path}: `)).toBe(true);
      expect(advice).not.toBe('');
    }
    expect(faults['cut-pixels.dcm']).toMatch(/damaged or cut off/);
    expect(faults['few-pixels.dcm']).toMatch(/hold 100 of 128 bytes/);
    expect(faults['no-series.dcm']).toMatch(/no Series Instance UID/);
    expect(faults['text.dcm']).toMatch(/neither a DICOM nor a NIfTI image/);
  });

  it('without an image is a failure that says what was there', async () => {
    put('notes/a.txt', 'text');
    const { failures } = await all();
    expect(failures).toHaveLength(1);
    expect(failures[0].message).toBe(
      `${folder.path}: the folder holds no DICOM or NIfTI image (${at('notes/a.txt')}: neither a DICOM nor a NIfTI image)`,
    );
  });

  it('or file that does not exist is a failure', async () => {
    const { series, failures } = await all(at('nowhere'));
    expect(series).toEqual([]);
    expect(failures[0].message).toBe(`${at('nowhere')}: does not exist`);
  });

  it('tells how far it has got, and stops when asked to', async () => {
    putSeries('s');
    const seen: number[] = [];
    await all(folder.path, { onProgress: ({ done, of }) => seen.push(done / of) });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
    await expect(all(folder.path, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  });
});

it('a large file that is cut within its pixels is told from its header alone', async () => {
  const [rows, columns] = [400, 400];
  const whole = dicomBytes({
    elements: ctSlice(0, Buffer.alloc(2 * rows * columns), { rows, columns }),
  });
  put('cut.dcm', whole.subarray(0, 200_000));
  const { failures } = await all(at('cut.dcm'));
  expect(failures[0].message).toMatch(/needs \d+ bytes, it has 200000/);
});

const NIFTI = {
  size: [12, 12, 12],
  datatype: 'int16' as const,
  values: new Float64Array(12 ** 3),
  sform: {
    code: 1,
    rows: [
      [4, 0, 0, 0],
      [0, 4, 0, 0],
      [0, 0, 4, 0],
    ],
  },
};
