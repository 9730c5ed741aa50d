import { levelsCsv, levelsJson } from '../../../../src/viewer/keep/levelTable';
import { MARK } from './marks';

const SERIES = { number: '2', description: 'Abdomen, 5 mm "B30f"', modality: 'CT' };

test('CSV: one line a level behind the names of the columns, with a byte order mark', () => {
  const csv = levelsCsv([{ mark: MARK, series: SERIES }]);
  expect(csv.startsWith('\uFEFFstudy_instance_uid,series_instance_uid,series_number,')).toBe(true);
  const [head, line, rest] = csv.slice(1).split('\r\n');
  expect(rest).toBe('');
  const quoted = '"Abdomen, 5 mm ""B30f"""';
  expect(line).toContain(quoted);
  const values = line.replace(quoted, 'description').split(',');
  const row = Object.fromEntries(head.split(',').map((name, i) => [name, values[i]]));
  expect(row).toEqual({
    study_instance_uid: '1.2.3',
    series_instance_uid: '1.2.3.4',
    series_number: '2',
    series_description: 'description',
    modality: 'CT',
    level: 'L3',
    label: 'L3',
    definition: 'mid-body',
    frame_of_reference_uid: '1.2.3.9',
    x_mm: '5',
    y_mm: '10',
    z_mm: '-176.3',
    image_series_instance_uid: '1.2.3.4',
    sop_instance_uid: '1.2.3.41',
    frame_number: '',
    found_x_mm: '4.5',
    found_y_mm: '12.25',
    found_z_mm: '-198',
    probability: '0.9375',
    counted_from: 'sacrum',
    algorithm: 'find-l3',
    algorithm_version: '0.1.0',
    model: 'l3-unet3plus',
    model_version: '0.1.0',
    model_sha256: 'ab'.repeat(32),
    moved_by: 'Second Reader',
    moved_at: '2026-11-22T13:04:05.678Z',
    review_state: 'confirmed',
    review_act: 'moved',
    reviewed_by: 'Second Reader',
    reviewed_at: '2026-11-22T13:04:05.678Z',
  });
});

test('a level that nobody has looked at says so', () => {
  const { levels } = JSON.parse(
    levelsJson([{ mark: { ...MARK, review: null }, series: SERIES }], new Date(0)),
  ) as { levels: object[] };
  expect(levels[0]).toMatchObject({ review_state: 'not looked at', review_act: null });
});

test.each(['=HYPERLINK("http://evil.test","x")', '+1', '-1+1', '@SUM(A1)', '\t=1', '\r=1'])(
  'a spreadsheet takes no formula from %j',
  (text) => {
    const mark = { ...MARK, label: text, moved: { by: text, at: MARK.moved!.at } };
    const csv = levelsCsv([{ mark, series: { ...SERIES, description: text } }]);
    const cells = csv
      .slice(1)
      .split(/\r\n|,/)
      .map((cell) => cell.replace(/^"/, ''));
    // Numbers may begin with a minus sign; texts never with what begins a formula.
    expect(cells.filter((cell) => /^[=+@\t\r]|^-(?!\d+(\.\d+)?$)/.test(cell))).toEqual([]);
  },
);

test('JSON: the same fields, with the form’s name and the time of the export', () => {
  const placed = { ...MARK, foundPointLpsMm: null, probability: null, model: null, moved: null };
  const json = JSON.parse(
    levelsJson(
      [
        { mark: MARK, series: SERIES },
        { mark: placed, series: SERIES },
      ],
      new Date(Date.UTC(2026, 10, 22, 13, 5)),
    ),
  ) as Record<string, unknown>;
  expect(json).toMatchObject({
    format: 'find-l3-levels/1',
    exported_at: '2026-11-22T13:05:00.000Z',
    levels: [
      { z_mm: -176.3, found_z_mm: -198, series_description: SERIES.description },
      { z_mm: -176.3, found_z_mm: null, probability: null, model: null, moved_at: null },
    ],
  });
});
