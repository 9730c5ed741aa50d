import { describe, expect, test } from '@jest/globals';
import { findL3 } from '../../../src/finder/findL3';
import type { Finding } from '../../../src/finder/types';
import { decodeLevels } from '../../../src/levels/decodeLevels';
import { ModelError } from '../../../src/model/modelError';
import type { Progress } from '../../../src/projection/types';
import { reason, type Reason } from '../../../src/reasons/reasons';
import type { VoxelSource } from '../../../src/series/types';
import {
  COLUMN_X,
  COLUMN_Y,
  columnModel,
  columnSeries,
  columnSource,
  LEVEL_Z,
  sliceNearestTo,
} from './columnSeries';

type Found = Extract<Finding, { status: 'found' }>;

describe('findL3', () => {
  test('finds the level, in patient mm and on the nearest slice', async () => {
    const series = columnSeries();
    const model = columnModel();
    const finding = (await findL3({ series, source: columnSource(), model })) as Found;
    expect(finding.status).toBe('found');
    const [x, y, z] = finding.l3.pointLpsMm;
    expect(Math.abs(z - -158)).toBeLessThan(1.5);
    expect(finding.l3.zMm).toBe(z);
    expect(Math.abs(x - COLUMN_X)).toBeLessThan(5); // half a pixel
    expect(Math.abs(y - COLUMN_Y)).toBeLessThan(2);
    const index = sliceNearestTo(series, z);
    expect(finding.l3).toMatchObject({
      sliceIndex: index,
      sopInstanceUID: series.slices[index].sopInstanceUID,
      frameNumber: null,
    });
    expect(finding.l3.probability).toBeGreaterThan(0.9);
    expect(finding.countedFrom).toBe('sacrum');
    expect(finding.levels.map((level) => level.name)).toEqual(LEVEL_Z.map(([name]) => name));
    finding.levels.forEach((level, i) => {
      expect(Math.abs(level.zMm - LEVEL_Z[i][1])).toBeLessThan(2);
      expect(level.sliceIndex).toBe(sliceNearestTo(series, level.zMm));
    });
    expect(finding.model).toEqual({
      name: 'tiny',
      version: '1.0.0',
      sha256: model.manifest.sha256,
    });
    expect(finding.series).toBe(series);
    expect(finding.projection.channels).toEqual(['max', 'mean']);
    expect(model.runs).toEqual([finding.projection]);
    const { values, width, stride } = finding.heat!;
    const strongest = Math.floor(values.indexOf(Math.max(...values)) / width);
    const { topZMm, mmPerPixel } = finding.projection;
    expect(Math.abs(topZMm - stride * strongest * mmPerPixel - -158)).toBeLessThan(5);
  });

  test('counts slices in sorted order, whatever order the files come in', async () => {
    const series = columnSeries((_, i) => ({
      sopInstanceUID: `1.2.3.${69 - i}`,
      imagePositionPatient: [-160, -160, -14 - 4 * i],
    }));
    const finding = (await findL3({
      series,
      source: columnSource(),
      model: columnModel(),
    })) as Found;
    // -158 lies on the slice 33 above the lowest (-290 + 4 * 33); the lowest file carries .0
    expect(finding.l3).toMatchObject({ sliceIndex: 33, sopInstanceUID: '1.2.3.33' });
  });

  test('reports its stages in order, reading slice by slice', async () => {
    const seen: Progress[] = [];
    await findL3({
      series: columnSeries(),
      source: columnSource(),
      model: columnModel(),
      onProgress: (progress) => seen.push(progress),
    });
    const reading = seen.filter(({ stage }) => stage === 'reading');
    expect(reading.map(({ done }) => done)).toEqual(Array.from({ length: 71 }, (_, i) => i));
    expect(new Set(reading.map(({ of }) => of))).toEqual(new Set([70]));
    expect(seen.slice(71).map(({ stage }) => stage)).toEqual([
      'projecting',
      'inference',
      'decoding',
    ]);
  });

  test.each(['reading', 'projecting', 'inference', 'decoding'] as const)(
    'stops when aborted while %s',
    async (stage) => {
      const controller = new AbortController();
      const model = columnModel();
      const search = findL3({
        series: columnSeries(),
        source: columnSource(),
        model,
        signal: controller.signal,
        onProgress: (progress) => {
          if (progress.stage === stage && progress.done >= (stage === 'reading' ? 5 : 0)) {
            controller.abort();
          }
        },
      });
      await expect(search).rejects.toMatchObject({ name: 'AbortError' });
      expect(model.runs).toHaveLength(stage === 'decoding' ? 1 : 0);
    },
  );

  test('passes the source’s own error on', async () => {
    const good = columnSource();
    const source: VoxelSource = {
      readSlice: (i, signal) =>
        i === 7 ? Promise.reject(new Error('IM7.dcm: cut off')) : good.readSlice(i, signal),
    };
    await expect(findL3({ series: columnSeries(), source, model: columnModel() })).rejects.toThrow(
      'IM7.dcm: cut off',
    );
  });

  test('refuses a series without tissue before the model sees it', async () => {
    const model = columnModel();
    const finding = await findL3({ series: columnSeries(), source: columnSource(true), model });
    expect(finding).toMatchObject({ status: 'refused', reason: { code: 'empty-image' } });
    expect(model.runs).toEqual([]);
  });

  const valued = (change: (hu: number, i: number) => number): VoxelSource => ({
    async readSlice(index) {
      const { pixels, intercept } = await columnSource().readSlice(index);
      return {
        pixels: Float32Array.from(pixels, (v, i) => change(v + intercept, i)),
        slope: 1,
        intercept: 0,
      };
    },
  });

  test.each<[string, (hu: number) => number]>([
    ['their rescale is missing', (hu) => hu + 1024],
    ['they were normalised', (hu) => (hu + 1024) / 4095],
  ])('refuses a CT whose values are no HU before the model sees it: %s', async (_why, change) => {
    const model = columnModel();
    const finding = await findL3({ series: columnSeries(), source: valued(change), model });
    expect(finding).toMatchObject({ status: 'refused', reason: { code: 'values-not-hu' } });
    expect(model.runs).toEqual([]);
  });

  test('takes such values of an MR', async () => {
    const series = { ...columnSeries(), modality: 'MR' as const };
    const source = valued((hu) => hu + 1024);
    const finding = await findL3({ series, source, model: columnModel() });
    expect(finding.status).toBe('found');
  });

  test.each([
    ['l3-not-in-view', 0, 'values-not-hu'],
    ['cannot-count', 0, 'values-not-hu'],
    ['no-lumbar-spine', 0, 'no-lumbar-spine'],
    ['l3-not-in-view', -1024, 'l3-not-in-view'],
  ] as const)(
    'does not say %s of a patient where values are cut off: at %d, it says %s',
    async (code, low, said) => {
      const decode: typeof decodeLevels = (...args) => ({
        ...decodeLevels(...args),
        conclusion: { found: false, reason: reason(code, { detail: 'this' }) },
      });
      const source = valued((hu, i) => Math.max(low, hu > 300 ? hu + (i % 331) : hu));
      const finding = await findL3({
        series: columnSeries(),
        source,
        model: columnModel(),
        decode,
      });
      expect(finding).toMatchObject({ status: 'undetermined', reason: { code: said } });
    },
  );

  test('is undetermined, without a guess, when the model sees nothing', async () => {
    const finding = await findL3({
      series: columnSeries(),
      source: columnSource(),
      model: columnModel({ blind: true }),
    });
    expect(finding.status).toBe('undetermined');
    expect(finding).not.toHaveProperty('l3');
  });

  test('is undetermined, with the detail, when the model’s answer is refused', async () => {
    const model = columnModel();
    const failing = (error: Error) => ({ ...model, run: () => Promise.reject(error) });
    const search = (error: Error) =>
      findL3({ series: columnSeries(), source: columnSource(), model: failing(error) });
    expect(await search(new ModelError('output', 'the model’s output holds NaN'))).toMatchObject({
      status: 'undetermined',
      levels: [],
      reason: {
        code: 'model-output-invalid',
        message: 'The model gave no usable output (the model’s output holds NaN).',
      },
    });
    await expect(search(new ModelError('input', 'other channels'))).rejects.toThrow(
      'other channels',
    );
    await expect(search(new TypeError('bug'))).rejects.toThrow('bug');
  });

  test('offers the places it hesitates between when it cannot count', async () => {
    const model = columnModel();
    const unsure = {
      ...model,
      manifest: {
        ...model.manifest,
        decision: { ...model.manifest.decision, minProbability: 1 },
      },
    };
    const finding = await findL3({
      series: columnSeries(),
      source: columnSource(),
      model: unsure,
    });
    if (finding.status !== 'undetermined') throw new Error(finding.status);
    expect(finding.alternatives[0].why).toBe('the likeliest place');
    expect(Math.abs(finding.alternatives[0].zMm - -158)).toBeLessThan(1.5);
  });

  test('asks for more where the header names another part of the body, and says so', async () => {
    const model = columnModel();
    const strict: typeof model = {
      ...model,
      manifest: {
        ...model.manifest,
        decision: { ...model.manifest.decision, otherPartLumbar: 1, otherPartParted: 1 },
      },
    };
    const ask = (warnings: readonly Reason[]) =>
      findL3({ series: { ...columnSeries(), warnings }, source: columnSource(), model: strict });
    expect((await ask([])).status).toBe('found');
    const finding = await ask([reason('other-body-part', { text: 'KNEE' })]);
    if (finding.status !== 'undetermined') throw new Error(finding.status);
    expect(finding.reason.code).toBe('no-lumbar-spine');
    expect(finding.alternatives).toEqual([]);
    expect(finding.warnings.map(({ code }) => code)).toEqual(['other-body-part']);
  });
});
