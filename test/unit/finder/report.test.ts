import { describe, expect, test } from '@jest/globals';
import { findingToJson } from '../../../src/finder/report';
import type { Finding } from '../../../src/finder/types';
import { reason } from '../../../src/reasons/reasons';
import { columnSeries } from './columnSeries';
import { tinyProjection } from '../model/tinyManifest';

const model = { name: 'm', version: '2', sha256: 'ab' };
const about = { input: 'scans/a', seriesInstanceUID: '1.2.3', modality: 'CT', model };
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
  model: { ...model, extra: 'not for the line' },
  runtime: { runtime: 'wasm', fallbackReason: null, threads: 1 },
  timing: { read: 1000.4, project: 20.6, model: 90, decode: 0.3 },
  warnings: [],
  levels: [{ ...position, name: 'L3' }],
  alternatives: [{ ...position, probability: 0.02, why: 'one vertebra lower' }],
} as const;

/** The line that the design fixes, key by key and in this order. */
const KEYS = [
  'input',
  'seriesInstanceUID',
  'modality',
  'status',
  'reason',
  'l3',
  'levels',
  'alternatives',
  'model',
  'timing_ms',
];

describe('findingToJson', () => {
  test('writes a found level', () => {
    const finding: Finding = {
      ...answered,
      status: 'found',
      l3: { ...position, sdMm: 1.096 },
      countedFrom: 'sacrum',
    };
    const json = findingToJson(about, finding);
    expect(Object.keys(json)).toEqual(KEYS);
    expect(JSON.parse(JSON.stringify(json))).toEqual({
      input: 'scans/a',
      seriesInstanceUID: '1.2.3',
      modality: 'CT',
      status: 'found',
      reason: null,
      l3: {
        z_mm: -214.2,
        point_lps_mm: [0, 30.46, -214.2],
        sopInstanceUID: '1.2.3.41',
        slice_index: 41,
        frame_number: null,
        probability: 0.9712,
        sd_mm: 1.1,
      },
      levels: [{ name: 'L3', z_mm: -214.2, probability: 0.9712 }],
      alternatives: [{ z_mm: -214.2, probability: 0.02, why: 'one vertebra lower' }],
      model,
      timing_ms: { read: 1000, project: 21, model: 90, decode: 0 },
    });
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
    const json = findingToJson(about, { status: 'refused', reason: reason('localizer') });
    expect(Object.keys(json)).toEqual(KEYS);
    expect(json).toMatchObject({
      status: 'refused',
      reason: { code: 'localizer' },
      l3: null,
      levels: [],
      alternatives: [],
      model,
      timing_ms: { read: 0, project: 0, model: 0, decode: 0 },
    });
  });
});
