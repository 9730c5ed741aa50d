import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Papa from 'papaparse';
import { version } from '../../../../package.json';
import { makeTables } from '../../../../src/batch/tables';
import { exportName } from '../../../../src/viewer/keep/exportName';
import {
  levelsCsv,
  levelsJson,
  type ExportedAbsence,
  type ExportedLevel,
} from '../../../../src/viewer/keep/levelTable';
import { FOUND, lineOf } from '../../batch/lines';
import { MARK } from './marks';

const SERIES = { number: '2', description: 'Abdomen, 5 mm "B30f"', modality: 'CT', slices: 60 };
const LEVEL: ExportedLevel = {
  mark: MARK,
  series: SERIES,
  image: { instanceNumber: 41, sliceNumber: 20, sliceZMm: -175.004, thicknessMm: 5 },
  search: { part: null, sdMm: 1.416, warnings: ['uneven-spacing', 'gantry-tilt'] },
  patient: { patientID: 'P-1', accessionNumber: 'A/7' },
  proposal: null,
};
const ABSENCE: ExportedAbsence = {
  statement: {
    studyInstanceUID: '1.2.3',
    seriesInstanceUID: '1.2.3.4',
    reason: 'ends-above-l3',
    by: 'Second Reader',
    at: '2026-11-22T13:04:05.678Z',
  },
  series: SERIES,
  patient: LEVEL.patient,
};

const tableOf = (csv: string) =>
  Papa.parse<Record<string, string>>(csv.slice(1), { header: true, skipEmptyLines: true });
const levelsIn = (json: string) =>
  (JSON.parse(json) as { levels: Record<string, unknown>[] }).levels;
const of = (change: Partial<ExportedLevel>) =>
  levelsIn(levelsJson([{ ...LEVEL, ...change }], false, new Date(0)));

test('CSV: one line a level behind the names of the columns, with a byte order mark', () => {
  const csv = levelsCsv([LEVEL], false);
  expect(csv.startsWith('\uFEFFstudyInstanceUID,seriesInstanceUID,seriesNumber,')).toBe(true);
  expect(csv.endsWith('\r\n')).toBe(true);
  expect(tableOf(csv).data).toEqual([
    {
      studyInstanceUID: '1.2.3',
      seriesInstanceUID: '1.2.3.4',
      seriesNumber: '2',
      seriesDescription: 'Abdomen, 5 mm "B30f"',
      modality: 'CT',
      part: '',
      slices: '60',
      slice_thickness_mm: '5',
      z_mm: '-176.3',
      slice_z_mm: '-175',
      slice_number: '20',
      sopInstanceUID: '1.2.3.41',
      frame_number: '',
      probability: '0.9375',
      sd_mm: '1.42',
      counted_from: 'sacrum',
      warnings: 'uneven-spacing gantry-tilt',
      model: 'l3-unet3plus 0.1.0',
      model_sha256: 'ab'.repeat(32),
      manifest_sha256: '',
      software_version: '0.1.0',
      level: 'L3',
      label: 'L3',
      definition: 'mid-body',
      state: 'moved',
      absence: '',
      reader: 'Second Reader',
      read_at: '2026-11-22T13:04:05.678Z',
      moved_by: 'Second Reader',
      moved_at: '2026-11-22T13:04:05.678Z',
      x_mm: '5',
      y_mm: '10',
      found_x_mm: '4.5',
      found_y_mm: '12.25',
      found_z_mm: '-198',
      instance_number: '41',
      image_seriesInstanceUID: '1.2.3.4',
      frameOfReferenceUID: '1.2.3.9',
      exported_by_version: version,
    },
  ]);
});

test('what results.csv of a batch says too has its name there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'find-l3-columns-'));
  writeFileSync(join(folder, 'results.jsonl'), `${JSON.stringify(lineOf('/a', '1.2', FOUND))}\n`);
  await makeTables(folder);
  const batch = Papa.parse<string[]>(readFileSync(join(folder, 'results.csv'), 'utf8')).data[0];
  rmSync(folder, { recursive: true });
  // How the search went, its files and its report: an export tells of levels.
  const alone =
    'status reason reason_message picture path answered_in_folders report report_sopInstanceUID';
  const shared = batch.filter((name) => !alone.split(' ').includes(name));
  const own = tableOf(levelsCsv([LEVEL], false)).meta.fields ?? [];
  expect(own.slice(0, shared.length)).toEqual(shared);
});

test('patient number and accession number are columns where the admin allows it', () => {
  const { data } = tableOf(levelsCsv([LEVEL, ABSENCE], true));
  const patient = { patient_id: 'P-1', accession_number: 'A/7' };
  expect(data).toMatchObject([patient, patient]);
  const without = [levelsCsv([LEVEL, ABSENCE], false), levelsJson([LEVEL], false, new Date(0))];
  expect(without.join()).not.toMatch(/patient|accession|P-1|A\/7/);
});

test('the state says what was made of a level', () => {
  const { moved, review } = MARK;
  const stateOf = (mark: Partial<ExportedLevel['mark']>) =>
    of({ mark: { ...MARK, ...mark } })[0].state;
  expect(stateOf({ moved: null, review: null })).toBe('found');
  expect(stateOf({ moved: null, review: { ...review!, act: 'confirmed' } })).toBe('confirmed');
  expect(stateOf({ review: { ...review!, act: 'renumbered' } })).toBe('renumbered');
  expect(stateOf({ foundPointLpsMm: null, review: { ...review!, act: 'placed' } })).toBe('placed');
  expect(stateOf({ moved, review: null })).toBe('moved');
});

test('a person’s word that L3 is not in the scan is a line of its own', () => {
  expect(levelsIn(levelsJson([ABSENCE], false, new Date(0)))).toMatchObject([
    {
      seriesInstanceUID: '1.2.3.4',
      level: 'L3',
      state: 'not in scan',
      absence: 'ends-above-l3',
      reader: 'Second Reader',
      z_mm: null,
    },
  ]);
});

test('an answer beside a person’s mark is a second line, of which nobody is the reader', () => {
  const proposal = {
    pointLpsMm: [1, 2, -210] as const,
    probability: 0.9,
    differenceMm: -33.7,
    vertebrae: -1,
  };
  expect(of({ proposal })).toMatchObject([
    { state: 'moved', z_mm: -176.3, reader: 'Second Reader' },
    { state: 'proposed', z_mm: -210, probability: 0.9, reader: null, sopInstanceUID: null },
  ]);
});

test('where this viewer has not searched, nothing is said of warnings; an answer without any says so', () => {
  expect(of({ search: null })[0]).toMatchObject({ warnings: null, sd_mm: null });
  expect(of({ search: { ...LEVEL.search!, warnings: [] } })[0].warnings).toBe('');
});

test.each(['=HYPERLINK("http://evil.test","x")', '+1', '-1+1', '@SUM(A1)', '\t=1', '\r=1'])(
  'a spreadsheet takes no formula from %j',
  (text) => {
    const mark = { ...MARK, label: text, moved: { by: text, at: MARK.moved!.at } };
    const csv = levelsCsv([{ ...LEVEL, mark, series: { ...SERIES, description: text } }], false);
    const cells = csv
      .slice(1)
      .split(/\r\n|,/)
      .map((cell) => cell.replace(/^"/, ''));
    // Numbers may begin with a minus sign; texts never with what begins a formula.
    expect(cells.filter((cell) => /^[=+@\t\r]|^-(?!\d+(\.\d+)?$)/.test(cell))).toEqual([]);
  },
);

test('JSON: the same fields, with the form’s name, the program and the time of the export', () => {
  const placed = { ...MARK, foundPointLpsMm: null, probability: null, model: null, moved: null };
  const json = JSON.parse(
    levelsJson([LEVEL, { ...LEVEL, mark: placed }], false, new Date(Date.UTC(2026, 10, 22, 13, 5))),
  ) as Record<string, unknown>;
  expect(json).toMatchObject({
    format: 'find-l3-levels/2',
    software: { name: 'find-l3', version },
    exported_at: '2026-11-22T13:05:00.000Z',
    levels: [
      { z_mm: -176.3, found_z_mm: -198, seriesDescription: SERIES.description, seriesNumber: 2 },
      { z_mm: -176.3, found_z_mm: null, probability: null, model: null, moved_at: null },
    ],
  });
});

describe('the name of a file', () => {
  test('names the study in characters that every system takes', () => {
    expect(exportName('1.2.3', ['levels'], 'csv')).toBe('find-l3_1.2.3_levels.csv');
    expect(exportName('A/7 ..\\é:*', ['L3', 'axial'], 'png')).toBe('find-l3_A-7_L3_axial.png');
    expect(exportName('../..', [], 'csv')).toBe('find-l3.csv');
    expect(exportName(null, ['2-studies'], 'json')).toBe('find-l3_2-studies.json');
    expect(exportName('9'.repeat(300), [], 'csv').length).toBeLessThan(90);
  });
});
