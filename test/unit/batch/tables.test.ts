import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Papa from 'papaparse';
import { contactSheet, sheetEntry } from '../../../src/batch/contactSheet';
import { makeTables } from '../../../src/batch/tables';
import type { JournalLine } from '../../../src/batch/types';
import { FOUND, lineOf } from './lines';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'find-l3-tables-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function journal(name: string, ...lines: JournalLine[]): void {
  writeFileSync(join(folder, name), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}
const text = (name: string) => readFileSync(join(folder, name), 'utf8');
const rows = () =>
  Papa.parse<Record<string, string>>(text('results.csv'), { header: true, skipEmptyLines: true })
    .data;
const summary = () => JSON.parse(text('summary.json')) as Record<string, unknown>;

describe('results.csv', () => {
  it('has a row a series, with the fixed columns, ordered by path', async () => {
    journal(
      'results.jsonl',
      lineOf('/b/1', '1.2', {
        ...FOUND,
        studyInstanceUID: '1.1',
        seriesNumber: 4,
        seriesDescription: 'Abdomen, "thin"\nnew line =1+1',
        warnings: [
          { code: 'uneven-spacing', message: 'uneven' },
          { code: 'gantry-tilt', message: 'tilted' },
        ],
      }),
      lineOf('/a/1', null),
    );
    expect(await makeTables(folder)).toEqual({
      series: 2,
      status: { found: 1, undetermined: 0, refused: 0, failed: 1 },
      missingShards: [],
    });
    const [failed, found] = rows();
    expect(found).toEqual({
      studyInstanceUID: '1.1',
      seriesInstanceUID: '1.2',
      seriesNumber: '4',
      seriesDescription: 'Abdomen, "thin"\nnew line =1+1',
      modality: 'CT',
      part: '',
      slices: '0',
      slice_thickness_mm: '',
      status: 'found',
      reason: '',
      reason_message: '',
      z_mm: '-12.5',
      slice_z_mm: '-12',
      slice_number: '7',
      sopInstanceUID: '1.2.3.4.5',
      frame_number: '',
      probability: '0.9876',
      sd_mm: '0.91',
      counted_from: 'both',
      warnings: 'uneven-spacing gantry-tilt',
      model: 'tiny 1',
      model_sha256: 'aa',
      manifest_sha256: 'bb',
      software_version: expect.any(String) as string,
      picture: '',
      report: '',
      report_sopInstanceUID: '',
      path: '/b/1',
      answered_in_folders: '1',
    });
    expect(failed).toMatchObject({
      path: '/a/1',
      status: 'failed',
      reason: 'unreadable',
      z_mm: '',
    });
    expect(text('results.csv')).toMatch(/^[^\n]*\r\n[^]*\r\n$/);
    expect(text('results.csv')).toContain('"Abdomen, ""thin""\nnew line =1+1"');
    expect(readdirSync(folder).sort()).toEqual(['results.csv', 'results.jsonl', 'summary.json']);
  });

  it('has the newest search of each series, over all journals', async () => {
    const later = { answered_at: '2026-01-02T00:00:00.000Z' };
    journal(
      'results.1-of-3.jsonl',
      lineOf('/a/1', '1', { ...FOUND, ...later, fingerprint: 'new' }),
      lineOf('/b/1', '2', { status: 'refused' }),
      lineOf('/b/1', '2', { fingerprint: 'f2', status: 'undetermined', lines: 2, part: 'x' }),
      lineOf('/b/1', '2', { fingerprint: 'f2', status: 'undetermined', lines: 2, part: 'y' }),
      lineOf('/c/1', null),
      lineOf('/c/1', null, { withdrawn: true }),
    );
    journal('results.3-of-3.jsonl', lineOf('/a/1', '1', { status: 'refused' }));
    expect(await makeTables(folder)).toMatchObject({ series: 3, missingShards: ['2/3'] });
    expect(rows().map((row) => [row.path, row.status, row.part])).toEqual([
      ['/a/1', 'found', ''],
      ['/b/1', 'undetermined', 'x'],
      ['/b/1', 'undetermined', 'y'],
    ]);
  });

  it('says which series were answered in several folders', async () => {
    journal(
      'results.jsonl',
      lineOf('/a/1', '1.2', FOUND),
      lineOf('/b/1', '1.2', FOUND),
      lineOf('/b/2', '1.3', FOUND),
    );
    await makeTables(folder);
    expect(rows().map((row) => row.answered_in_folders)).toEqual(['2', '2', '1']);
    expect(summary().series_in_several_folders).toEqual([
      { seriesInstanceUID: '1.2', folders: ['/a', '/b'] },
    ]);
  });
});

describe('summary.json', () => {
  it('counts reasons and warnings, and lists failures', async () => {
    const refused = (code: 'coronal' | 'localizer') =>
      ({ status: 'refused', reason: { code, message: code, advice: '' } }) as const;
    journal(
      'results.jsonl',
      lineOf('/a/1', '1', refused('localizer')),
      lineOf('/b/1', '2', refused('coronal')),
      lineOf('/c/1', '3', refused('coronal')),
      lineOf('/d/1', '4'),
      lineOf('/e/1', '5', { ...FOUND, warnings: [{ code: 'gantry-tilt', message: '' }] }),
    );
    await makeTables(folder);
    expect(summary()).toMatchObject({
      journals: ['results.jsonl'],
      series: 5,
      status: { found: 1, undetermined: 0, refused: 3, failed: 1 },
      reasons: { coronal: 2, localizer: 1, unreadable: 1 },
      warnings: { 'gantry-tilt': 1 },
      failures: [
        {
          path: '/d/1',
          seriesInstanceUID: '4',
          message: '/d/1: is damaged',
          advice: 'Copy it again.',
        },
      ],
    });
  });

  it.each([
    ['a folder that is not there', 'gone', /is no folder/],
    ['a folder without journals', '.', /holds no journal/],
  ])('is not made of %s', async (_, name, message) => {
    await expect(makeTables(join(folder, name))).rejects.toThrow(message);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that cannot be written leaves nothing half-written', async () => {
    journal('results.jsonl', lineOf('/a/1', '1', FOUND));
    mkdirSync(join(folder, 'summary.json'));
    await expect(makeTables(folder)).rejects.toThrow(/summary.json cannot be written/);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('the contact sheet', () => {
  const drawn = (path: string, changes: Partial<JournalLine>) =>
    lineOf(path, path, { picture: `pictures/CT ${path.slice(1)}.png`, ...changes });
  const withProbability = (probability: number): Partial<JournalLine> => ({
    ...FOUND,
    l3: { ...(FOUND.l3 as NonNullable<JournalLine['l3']>), probability },
  });

  it('is made where there are pictures, most doubtful first, with links to them', async () => {
    journal('results.jsonl', lineOf('/x', '1', FOUND));
    await makeTables(folder);
    expect(readdirSync(folder)).not.toContain('contact-sheet.html');
    const undetermined = {
      status: 'undetermined',
      reason: { code: 'ambiguous', message: 'two fit', advice: '' },
    } as const;
    journal(
      'results.jsonl',
      drawn('/sure', withProbability(0.99)),
      drawn('/doubted', withProbability(0.61)),
      drawn('/warned', {
        ...withProbability(0.99),
        warnings: [{ code: 'gantry-tilt', message: 'was tilted' }],
      }),
      drawn('/open', undetermined),
      lineOf('/broken', '2'),
    );
    await makeTables(folder);
    const html = text('contact-sheet.html');
    const order = [...html.matchAll(/src="pictures\/CT%20(\w+)\.png"/g)].map(([, name]) => name);
    expect(order).toEqual(['open', 'doubted', 'warned', 'sure']);
    expect(html).toContain('Not for diagnostic use.');
    expect(html).toContain('was tilted');
    expect(html).toMatch(/1 without a picture<\/h2>[^]*broken/);
    expect(html).not.toMatch(/(src|href)="(https?:|\/)/);
  });

  it('shows what headers say as text', () => {
    const evil = drawn('/<img src=x onerror=alert(1)>', {
      ...FOUND,
      seriesDescription: '"><script>alert(1)</script>',
    });
    const html = [...contactSheet([sheetEntry(evil)])].join('');
    expect(html).not.toContain('<script>alert');
    expect(html).not.toContain('<img src=x');
    expect(html).toContain('&#60;script&#62;alert(1)');
  });
});
