import { describe, expect, test } from '@jest/globals';
import { failureToJson, findingToJson } from '../../../src/finder/findingJson';
import type { Finding } from '../../../src/finder/types';
import { RELEASE } from '../../../src/release/release';
import { phrase } from '../../../src/reasons/phrases';
import { reason } from '../../../src/reasons/reasons';
import { columnSeries } from './columnSeries';
import { LINE_KEYS } from './lineKeys';
import { tinyProjection } from '../model/tinyManifest';

const model = { name: 'm', version: '2', sha256: 'ab' };
const about = {
  input: 'scans/a',
  path: 'scans/a/1.dcm',
  series: {
    uid: '1.2.3',
    modality: 'CT',
    frameOfReferenceUID: null,
    slices: Array.from({ length: 3 }, () => ({ sopInstanceUID: null, rows: 1, columns: 1 })),
    studyInstanceUID: '1.2',
    seriesNumber: 4,
    seriesDescription: 'Abdomen',
    sliceThicknessMm: 5,
  },
  model,
};
const position = {
  zMm: -214.2049,
  pointLpsMm: [-0.001, 30.456, -214.2049],
  sliceIndex: 41,
  sopInstanceUID: '1.2.3.41',
  frameNumber: null,
  probability: 0.97123,
} as const;
const answered = {
  series: columnSeries(),
  projection: tinyProjection(8, 8),
  window: { kind: 'hu', low: -200, high: 800 } as const,
  model: { ...model, manifestSha256: 'cd', extra: 'not for the line' },
  runtime: { runtime: 'wasm', fallbackReason: null, threads: 1 },
  timing: { read: 1000.4, project: 20.6, model: 90, decode: 0.3 },
  warnings: [reason('localizer')],
  levels: [{ ...position, name: 'L3' }],
  alternatives: [{ ...position, probability: 0.02, why: 'one vertebra lower' }],
} as const;

describe('findingToJson', () => {
  test('writes a found level', () => {
    const finding: Finding = {
      ...answered,
      status: 'found',
      l3: { ...position, sdMm: 1.096 },
      countedFrom: 'sacrum',
    };
    const json = findingToJson(about, finding);
    expect(Object.keys(json)).toEqual(LINE_KEYS);
    expect(JSON.parse(JSON.stringify(json))).toEqual({
      schema: 2,
      software: { name: RELEASE.name, version: RELEASE.version },
      input: 'scans/a',
      path: 'scans/a/1.dcm',
      studyInstanceUID: '1.2',
      seriesInstanceUID: '1.2.3',
      seriesNumber: 4,
      seriesDescription: 'Abdomen',
      modality: 'CT',
      part: null,
      slices: answered.series.slices.length,
      slice_thickness_mm: 5,
      status: 'found',
      reason: null,
      warnings: [{ code: 'localizer', message: reason('localizer').message }],
      counted_from: 'sacrum',
      l3: {
        z_mm: -214.2,
        point_lps_mm: [0, 30.46, -214.2],
        sopInstanceUID: '1.2.3.41',
        slice_index: 41,
        slice_number: 29,
        slice_z_mm: -126,
        frame_number: null,
        probability: 0.9712,
        sd_mm: 1.1,
      },
      levels: [{ name: 'L3', z_mm: -214.2, probability: 0.9712 }],
      alternatives: [{ z_mm: -214.2, probability: 0.02, why: 'one vertebra lower' }],
      model: { ...model, manifest_sha256: 'cd' },
      timing_ms: { read: 1000, project: 21, model: 90, decode: 0 },
    });
  });

  test('names the part that was searched, and its study', () => {
    const part = { name: [phrase('part-study', { value: 2, count: 2 })], sliceCount: 50 };
    const series = { ...answered.series, part, sourceIndex: [2] };
    const slices = ['1.1', '1.1', '1.3'].map((studyInstanceUID) => ({
      ...about.series.slices[0],
      studyInstanceUID,
    }));
    const json = findingToJson(
      { ...about, series: { ...about.series, slices } },
      { ...answered, series, status: 'undetermined', reason: reason('l3-not-in-view') },
    );
    expect(json).toMatchObject({ part: 'study 2 of 2', studyInstanceUID: '1.3' });
  });

  test('writes an undetermined level with its reason and the alternatives', () => {
    const json = findingToJson(about, {
      ...answered,
      status: 'undetermined',
      reason: reason('l3-not-in-view'),
    });
    expect(json).toMatchObject({
      status: 'undetermined',
      l3: null,
      reason: { code: 'l3-not-in-view', message: 'L3 is not in the field of view.' },
    });
    expect(json.alternatives).toHaveLength(1);
  });

  test('writes a refusal with every key, the model that was ready and no time spent', () => {
    const json = findingToJson(about, {
      status: 'refused',
      reason: reason('localizer'),
      warnings: [reason('interleaved-acquisitions')],
    });
    expect(Object.keys(json)).toEqual(LINE_KEYS);
    expect(json).toMatchObject({
      status: 'refused',
      reason: { code: 'localizer' },
      l3: null,
      levels: [],
      alternatives: [],
      warnings: [{ code: 'interleaved-acquisitions' }],
      slices: 3,
      counted_from: null,
      model: { ...model, manifest_sha256: null },
      timing_ms: { read: 0, project: 0, model: 0, decode: 0 },
    });
  });

  test('gives the height of a tilted slice where it passes the level', () => {
    const tilt = Math.PI / 6;
    const [cos, sin] = [Math.cos(tilt), Math.sin(tilt)];
    const series = columnSeries();
    const tilted = series.slices.map((slice) => ({
      ...slice,
      position: [0, 0, -214] as const,
      rowCosines: [1, 0, 0] as const,
      columnCosines: [0, cos, sin] as const,
    }));
    const json = findingToJson(about, {
      ...answered,
      series: { ...series, slices: tilted },
      status: 'found',
      l3: { ...position, sdMm: 1, pointLpsMm: [0, 30, -190] },
      countedFrom: 'both',
    });
    expect(json.l3?.slice_z_mm).toBeCloseTo(-214 + 30 * Math.tan(tilt), 2);
  });
});

test('what could not be read has a line of the same keys', () => {
  const failure = { message: 'a.dcm: is cut off', advice: 'Copy it again.' };
  const json = failureToJson({ ...about, series: null }, failure);
  expect(Object.keys(json)).toEqual(LINE_KEYS);
  expect(json).toMatchObject({
    path: 'scans/a/1.dcm',
    seriesInstanceUID: null,
    slices: 0,
    status: 'failed',
    reason: { code: 'unreadable', ...failure },
    l3: null,
  });
});
