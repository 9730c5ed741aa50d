import dcmjs from 'dcmjs';
import { decodeCorrections } from '../../../../src/corrections/correctionFile';
import type { Finding } from '../../../../src/finder/types';
import { LEVEL_NAMES } from '../../../../src/levels/types';
import type { Series, Vec3 } from '../../../../src/series/types';
import { absenceOf, correctionOf } from '../../../../src/viewer/keep/correctionOf';
import { MARK } from './marks';

const SALT = 'SECRET-SALT-OF-THE-HOSPITAL';
const MARKED = 'MARKEDVALUE';
const MARKED_UID = '1.2.777.777';
const MARKED_DATE = '19770707';
const [HEIGHT, WIDTH] = [300, 112];

/** Every attribute that DICOM knows, each with a value that says whose it is. */
function markedHeader(): Record<string, unknown> {
  const header: Record<string, unknown> = {};
  for (const entry of Object.values(dcmjs.data.DicomMetaDictionary.nameMap)) {
    if (!entry) continue;
    if (entry.vr === 'UI') header[entry.name] = MARKED_UID;
    else if (['DA', 'DT', 'TM'].includes(entry.vr)) header[entry.name] = MARKED_DATE;
    else if (!['SQ', 'ox', 'OB', 'OW'].includes(entry.vr)) header[entry.name] = MARKED;
  }
  return { ...header, PatientName: [{ Alphabetic: `${MARKED}^NAME` }], MarkedPrivate: MARKED };
}

/** L3 at z 500; 30 mm from body to body. */
const levels = LEVEL_NAMES.map((name, i) => ({
  name,
  zMm: 500 + 30 * (LEVEL_NAMES.indexOf('L3') - i),
  pointLpsMm: [3, 20, 500 + 30 * (LEVEL_NAMES.indexOf('L3') - i)] as Vec3,
  sliceIndex: i,
  sopInstanceUID: MARKED_UID,
  frameNumber: null,
  probability: 0.9,
}));

const finding = {
  status: 'found',
  series: { uid: MARKED_UID, modality: 'CT', frameOfReferenceUID: MARKED_UID } as unknown as Series,
  projection: {
    channels: ['max', 'mean'],
    data: new Float32Array(2 * HEIGHT * WIDTH).fill(0.5),
    height: HEIGHT,
    width: WIDTH,
    mmPerPixel: 2,
    topZMm: 800,
    frontYMm: -100,
    spineXMm: new Float32Array(HEIGHT),
    inView: new Uint8Array(HEIGHT).fill(1),
  },
  window: { kind: 'hu', low: -200, high: 800 },
  model: { name: 'l3-unet3plus', version: '0.1.0', sha256: 'ab'.repeat(32), note: MARKED },
  runtime: { runtime: 'wasm', fallbackReason: MARKED, threads: 1 },
  timing: { read: 1, project: 1, model: 1, decode: 1 },
  warnings: [{ code: 'gap', message: MARKED, advice: MARKED }],
  levels,
  alternatives: [],
  l3: { ...levels[LEVEL_NAMES.indexOf('L3')], sdMm: 1 },
  countedFrom: 'sacrum',
} as unknown as Extract<Finding, { status: 'found' }>;

const mark = {
  ...MARK,
  label: MARKED,
  studyInstanceUID: MARKED_UID,
  seriesInstanceUID: MARKED_UID,
  frameOfReferenceUID: MARKED_UID,
  pointLpsMm: [3, 20, 530] as Vec3,
  moved: { by: MARKED, at: '1977-07-07T07:07:07.777Z' },
};

test('no value of the header, the series or the mark is in any byte', () => {
  const header = markedHeader();
  expect(Object.keys(header).length).toBeGreaterThan(3000);
  const bytes = Buffer.from(correctionOf(finding, mark, header, SALT));
  const secrets = [MARKED, MARKED_UID, MARKED_DATE, '1977', SALT, 'Reader'];
  for (const secret of secrets) {
    for (const encoding of ['utf8', 'utf16le', 'base64', 'hex'] as const) {
      const written = Buffer.from(secret, encoding === 'utf16le' ? encoding : 'utf8');
      const text =
        encoding === 'utf8' || encoding === 'utf16le' ? written : written.toString(encoding);
      expect(bytes.includes(text)).toBe(false);
    }
    expect(bytes.toString('latin1').toLowerCase()).not.toContain(secret.toLowerCase());
  }
});

test('says what the person did, with the window and the model that were asked', () => {
  const [item] = decodeCorrections(correctionOf(finding, mark, markedHeader(), SALT));
  expect(item.final.action).toBe('renumbered');
  expect(item.window).toEqual({ kind: 'hu', low: -200, high: 800 });
  expect(item.model).toEqual({ name: 'l3-unet3plus', version: '0.1.0', sha256: 'ab'.repeat(32) });
  expect(item.found.levels).toHaveLength(LEVEL_NAMES.length);
  // z 530 from the top at 800, without what was cropped.
  const l3 = item.final.levels.find(({ name }) => name === 'L3')!;
  const l4 = item.found.levels.find(({ name }) => name === 'L3')!;
  expect((l4.row - l3.row) * item.mmPerPixel).toBeCloseTo(30, 6);
});

test('says that L3 is not in view, without a value of the header, the series or the answer', () => {
  const bytes = Buffer.from(absenceOf(finding, 'begins-below-l3', markedHeader(), SALT));
  const [item] = decodeCorrections(bytes);
  expect(item.final).toEqual({ action: 'begins-below-l3', levels: [] });
  expect(item.found.outcome).toBe('found');
  expect(item.person).toBe(
    decodeCorrections(correctionOf(finding, mark, markedHeader(), SALT))[0].person,
  );
  for (const secret of [MARKED, MARKED_UID, MARKED_DATE, SALT]) {
    expect(bytes.toString('latin1').toLowerCase()).not.toContain(secret.toLowerCase());
  }
});

test.each([
  ['BodyPartExamined', 'HEADNECK'],
  ['BodyPartExamined', 'CSPINE'],
  ['SeriesDescription', 'CT_Brain_1mm'],
  ['StudyDescription', 'Angio Hals'],
  ['SeriesDescription', '头部平扫'],
])('of a scan whose %s is %s, no picture goes out without L3 in it', (name, value) => {
  const image = { PatientID: 'A', [name]: value };
  expect(() => absenceOf(finding, 'ends-above-l3', image, SALT)).toThrow(/head or neck.*face/);
  expect(correctionOf(finding, mark, image, SALT).length).toBeGreaterThan(0);
});

test.each(['Thorax', 'CT chest, incidental finding', 'Becken nativ', 'surface coil', 'L-SPINE'])(
  '%s is not taken for the head',
  (SeriesDescription) => {
    const image = { PatientID: 'A', SeriesDescription };
    expect(absenceOf(finding, 'ends-above-l3', image, SALT).length).toBeGreaterThan(0);
  },
);

test('the same person has the same key in every study, another person another', () => {
  const keyOf = (image: Record<string, unknown>, of = mark) =>
    decodeCorrections(correctionOf(finding, of, image, SALT))[0].person;
  const other = { ...mark, studyInstanceUID: '9.9' };
  expect(keyOf({ PatientID: 'A' }, other)).toBe(keyOf({ PatientID: 'A' }));
  expect(keyOf({ PatientID: 'B' })).not.toBe(keyOf({ PatientID: 'A' }));
  expect(keyOf({ PatientID: 'A', IssuerOfPatientID: 'H' })).not.toBe(keyOf({ PatientID: 'A' }));
  // Without a patient ID, the study.
  expect(keyOf({}, other)).not.toBe(keyOf({}));
});

test('a mark on an endplate means the body that it belongs to', () => {
  // 0.37 of the 30 mm to the neighbour below the middle of L3.
  const onEndplate = {
    ...mark,
    definition: 'inferior-endplate' as const,
    pointLpsMm: [3, 20, 500 - 0.37 * 30] as Vec3,
  };
  const [item] = decodeCorrections(correctionOf(finding, onEndplate, {}, SALT));
  expect(item.final.action).toBe('confirmed');
});

test('a mark outside of what was searched gives no item', () => {
  const outside = { ...mark, pointLpsMm: [3, 20, 2000] as Vec3 };
  expect(() => correctionOf(finding, outside, {}, SALT)).toThrow(/outside/);
});
