import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeCorrections, encodeCorrection } from '../../src/corrections/correctionFile';
import { readHeader } from '../../src/server/dicomweb/dicomHeader';
import { toDicomJson } from '../../src/server/dicomweb/dicomJson';
import { newestLevels, readLevelReport } from '../../src/sr/readLevelReport';
import type { Dataset, ReadReport, ReportedLevel } from '../../src/sr/types';
import type { LevelMark, LevelMarkStore } from '../../src/viewer/mark/types';
import type { DisplaySet, DisplaySetService, Instance } from '../../src/viewer/host/ohif';
import { SavedLevels } from '../../src/viewer/keep/savedLevels';
import { naturalized, readBack } from './sr/dicomFile';

const FIXTURES = 'test/fixtures/0.3.0';
const REPORTS = join(FIXTURES, 'reports');
const CORRECTIONS = join(FIXTURES, 'corrections');
/** Reports without a level: all earlier ones are withdrawn. */
const WITHDRAWALS = ['abdomen-5-withdrawn', 'abdomen-7-absent'];

/** What the viewer's marks said when a report was written. */
interface WrittenMark extends Omit<
  ReportedLevel,
  'slice' | 'pointLpsMm' | 'frameOfReferenceUID' | 'level'
> {
  readonly level: string;
  readonly zMm: number;
  readonly sopInstanceUID: string | null;
  readonly frameNumber: number | null;
}
const written = JSON.parse(readFileSync(join(REPORTS, 'marks.json'), 'utf8')) as Record<
  string,
  readonly WrittenMark[]
>;
const names = readdirSync(REPORTS)
  .filter((name) => name.endsWith('.dcm'))
  .map((name) => name.slice(0, -4));

/** By name, as a DICOMweb server gives them and the viewer takes them. */
const datasets = new Map<string, Dataset>();
const datasetOf = (name: string): Dataset => datasets.get(name)!;

beforeAll(async () => {
  for (const name of names) {
    const { dataSet } = await readHeader(join(REPORTS, `${name}.dcm`));
    datasets.set(name, naturalized(toDicomJson(dataSet)));
  }
});

function readOf(dataset: Dataset): ReadReport {
  const read = readLevelReport(dataset);
  if (!read) throw new Error('a report of 0.3.0 is not read');
  return read;
}

const reading = (name: string): ReadReport => readOf(datasetOf(name));
const uidOf = (name: string): string => reading(name).report.sopInstanceUID;

test('not a byte of them has changed', () => {
  const listed = readFileSync(join(FIXTURES, 'README.md'), 'utf8').matchAll(
    /^\| `([^`]+)`.*\| `([0-9a-f]{64})` \|$/gm,
  );
  const sums = [...listed].map(([, name, sum]) => [name, sum]);
  expect(sums.map(([name]) => name).sort()).toEqual(
    [REPORTS, CORRECTIONS]
      .flatMap((folder) => readdirSync(folder))
      .filter((name) => !name.endsWith('.json'))
      .sort(),
  );
  for (const [name, sum] of sums) {
    const bytes = readFileSync(join(name.endsWith('.dcm') ? REPORTS : CORRECTIONS, name));
    expect([name, createHash('sha256').update(bytes).digest('hex')]).toEqual([name, sum]);
  }
});

describe('reports that 0.3.0 stored', () => {
  test('are all here', () => {
    expect(names.sort()).toEqual(Object.keys(written).sort());
    expect(names).toHaveLength(15);
  });

  test.each(names)('%s says what its marks said', (name) => {
    const { report, levels } = reading(name);
    expect(report.isOurs).toBe(!name.includes('by-host'));
    expect(report.writtenAtMs).toBeGreaterThan(Date.UTC(2026, 10, 22));
    expect(levels.length === 0).toBe(WITHDRAWALS.includes(name));
    expect(levels).toHaveLength(written[name].length);
    levels.forEach((level, i) => expectLevel(level, written[name][i]));
  });

  test.each(names)('%s says the same as a file', (name) => {
    const file = readBack(new Uint8Array(readFileSync(join(REPORTS, `${name}.dcm`))).buffer);
    const [a, b] = [readOf(file), reading(name)];
    // Texts in a file's sequences are decoded otherwise by dcmjs.
    expect({ ...a.report, author: '' }).toEqual({ ...b.report, author: '' });
    expect(b.report.isPersons).toBe(true);
    expect(a.levels.map(withoutTexts)).toEqual(b.levels.map(withoutTexts));
  });

  test.each([
    ['abdomen-1-found', []],
    ['abdomen-2-moved', ['abdomen-1-found']],
    ['abdomen-3-renumbered', ['abdomen-2-moved']],
    ['abdomen-4-endplate', ['abdomen-3-renumbered']],
    ['abdomen-5-withdrawn', ['abdomen-4-endplate']],
    ['abdomen-6-placed', ['abdomen-5-withdrawn']],
    ['abdomen-7-absent', ['abdomen-6-placed']],
    ['scoliosis-1-by-host', []],
    ['scoliosis-2-by-host-with-length', []],
    ['scoliosis-3-over-the-host', ['scoliosis-2-by-host-with-length', 'scoliosis-1-by-host']],
  ])('%s takes the place of %j', (name, before) => {
    const { predecessors } = reading(name).report;
    expect(predecessors.slice().sort()).toEqual(before.map(uidOf).sort());
  });

  test.each([
    ['abdomen-', 1, 'abdomen-1-found'],
    ['abdomen-', 2, 'abdomen-2-moved'],
    ['abdomen-', 3, 'abdomen-3-renumbered'],
    ['abdomen-', 4, 'abdomen-4-endplate'],
    ['abdomen-', 5, 'abdomen-5-withdrawn'],
    ['abdomen-', 6, 'abdomen-6-placed'],
    ['abdomen-', 7, 'abdomen-7-absent'],
    ['scoliosis-', 1, 'scoliosis-1-by-host'],
    ['scoliosis-', 2, 'scoliosis-2-by-host-with-length'],
    ['scoliosis-', 3, 'scoliosis-3-over-the-host'],
  ])(
    'of the first reports of %s (%d), the levels of %s count, in any order',
    (study, count, last) => {
      const chain = names.filter((name) => name.startsWith(study)).sort();
      const reads = chain.slice(0, count).map((name) => reading(name));
      for (const some of [reads, reads.slice().reverse()]) {
        const { levels, current } = newestLevels(some);
        expect(current[0].sopInstanceUID).toBe(uidOf(last));
        expect(levels).toHaveLength(written[last].length);
        levels.forEach((level, i) => expectLevel(level, written[last][i]));
      }
    },
  );
});

describe('the marks that come back from them', () => {
  test.each([
    ['abdomen-', 1, 'abdomen-1-found'],
    ['abdomen-', 4, 'abdomen-4-endplate'],
    ['abdomen-', 5, 'abdomen-5-withdrawn'],
    ['abdomen-', 6, 'abdomen-6-placed'],
    ['abdomen-', 7, 'abdomen-7-absent'],
    ['scoliosis-', 3, 'scoliosis-3-over-the-host'],
    ['two-series.', 1, 'two-series'],
    ['two-series-by-host', 1, 'two-series-by-host'],
    ['candidate', 1, 'candidate'],
    ['other-frame', 1, 'other-frame'],
  ])('%s (the first %d): those of %s', (start, count, last) => {
    const chain = names.filter((name) => `${name}.`.startsWith(start)).sort();
    const { saved, marks } = opened(chain.slice(0, count).map(datasetOf));
    expect(saved.restore()).toHaveLength(written[last].length);
    expect(marks.list().map(({ annotationUID }) => annotationUID)).toEqual(
      written[last].map(({ annotationUID }) => annotationUID),
    );
    marks.list().forEach(({ pointLpsMm }, i) => {
      expect(pointLpsMm[2]).toBeCloseTo(written[last][i].zMm, 2);
    });
    const study = reading(last).report.studyInstanceUID;
    expect(saved.current(study)[0].sopInstanceUID).toBe(uidOf(last));
    expect(saved.restore()).toEqual([]);
    if (written[last].length > 0) expect(saved.isSaved(study, marks.list())).toBe(true);
    expect(saved.withdrawn()).toEqual([]);
  });

  test('deleted, they are to be withdrawn', () => {
    const { saved, marks } = opened([datasetOf('abdomen-1-found')]);
    saved.restore();
    marks.remove(written['abdomen-1-found'][0].annotationUID);
    expect(saved.withdrawn()).toEqual([reading('abdomen-1-found').report.studyInstanceUID]);
  });
});

describe('corrections that 0.3.0 exported', () => {
  const SHA256 = 'a6147f3a00bf225124c316af0e38eb35807e7541b1d4391fa971a8288b6fac6f';
  const read = (name: string) =>
    decodeCorrections(new Uint8Array(readFileSync(join(CORRECTIONS, `${name}.correction`))));

  test.each([
    // name, format, modality, height, planes, found, action, L3's row, names from head to foot
    ['ct-confirmed', 1, 'CT', 36, 3, 10, 'confirmed', 20.025, ['T9', 'S1']],
    ['ct-moved', 1, 'CT', 36, 3, 10, 'moved', 20.513, ['T9', 'S1']],
    ['mr-renumbered', 1, 'MR', 35, 2, 7, 'renumbered', 19, ['T12', 'S1']],
    ['mr-placed', 1, 'MR', 29, 2, 0, 'placed', 15, ['L3', 'L3']],
    ['ct-ends-above-l3', 2, 'CT', 14, 3, 3, 'ends-above-l3', null, []],
    ['mr-begins-below-l3', 2, 'MR', 12, 2, 7, 'begins-below-l3', null, []],
    ['first-ct-moved', 1, 'CT', 34, 3, 10, 'moved', 20.513, ['T9', 'S1']],
    ['first-mr-placed', 1, 'MR', 27, 2, 0, 'placed', 15, ['L3', 'L3']],
  ] as const)('%s', (name, format, modality, height, planes, found, action, row, ends) => {
    const bytes = new Uint8Array(readFileSync(join(CORRECTIONS, `${name}.correction`)));
    expect(Buffer.from(bytes).indexOf(`{"format":"find-l3-correction/${format}",`)).toBe(0);
    const [item, ...more] = read(name);
    expect(more).toEqual([]);
    expect(item).toMatchObject({ modality, height, width: 16, mmPerPixel: 10 });
    expect(item.person).toBe(modality === 'CT' ? '26363810a9c7e144' : '64200d7a6f47fee9');
    expect(item.model).toEqual({ name: 'l3-unet3plus', version: '0.3.0', sha256: SHA256 });
    expect(item.window).toEqual(
      modality === 'CT'
        ? { kind: 'hu', low: -200, high: 800 }
        : { kind: 'percentile', low: 1, high: 99.5 },
    );
    expect(item.found.levels).toHaveLength(found);
    expect(item.final.action).toBe(action);
    const { levels } = item.final;
    expect(levels.find((level) => level.name === 'L3')?.row ?? null).toBe(row);
    expect([levels[0]?.name, levels.at(-1)?.name].filter(Boolean)).toEqual(ends);
    // A pixel is the whole picture's row and its column, and 60 more in each plane.
    const top = item.max[0];
    const pixel = (plane: Uint8Array) => [plane[0], plane[17], plane.at(-1)!];
    const expected = (plane: number) =>
      [top, top + 2, top + height - 1 + 15].map((value) => value + 60 * plane);
    expect(item.max).toHaveLength(height * 16);
    expect(pixel(item.max)).toEqual(expected(0));
    expect(pixel(item.mean)).toEqual(expected(1));
    expect(item.lateral && pixel(item.lateral)).toEqual(planes === 3 ? expected(2) : null);
    expect(decodeCorrections(encodeCorrection(item))).toEqual([item]);
  });

  test('both formats in one file', () => {
    expect(read('joined')).toEqual(
      ['ct-moved', 'mr-begins-below-l3', 'first-mr-placed', 'ct-ends-above-l3'].flatMap(read),
    );
  });
});

/** dcmjs reads the texts within a file's sequences as Latin-1, whatever the file says. */
const withoutTexts = ({ moved, review, ...rest }: ReportedLevel) => ({
  ...rest,
  label: '',
  moved: moved?.at,
  review: [review?.act, review?.at],
});

function expectLevel(level: ReportedLevel, mark: WrittenMark): void {
  const { annotationUID, label, definition, seriesInstanceUID, countedFrom } = mark;
  const { model, algorithm, moved } = mark;
  expect(level).toMatchObject({ annotationUID, level: mark.level, label, definition });
  expect(level).toMatchObject({ seriesInstanceUID, countedFrom, model, algorithm });
  expect(level.frameOfReferenceUID).toMatch(/^[\d.]+$/);
  expect(level.pointLpsMm[2]).toBeCloseTo(mark.zMm, 2);
  expect(level.foundPointLpsMm === null).toBe(mark.foundPointLpsMm === null);
  level.foundPointLpsMm?.forEach((mm, axis) =>
    expect(mm).toBeCloseTo(mark.foundPointLpsMm![axis], 2),
  );
  expect(level.probability === null).toBe(mark.probability === null);
  expect(level.probability ?? 0).toBeCloseTo(mark.probability ?? 0, 5);
  // A name's delimiter is no part of what a person reads.
  expect(level.moved).toEqual(moved && { ...moved, by: moved.by?.replace('^', ' ') ?? null });
  const act = mark.foundPointLpsMm === null ? 'placed' : 'moved';
  expect(level.review).toEqual(level.moved && { act, ...level.moved });
  expect(level.slice?.sopInstanceUID ?? null).toBe(mark.sopInstanceUID);
  expect(level.slice?.frameNumber ?? null).toBe(mark.frameNumber);
}

/** The viewer's store of saved levels over reports, with one display set for each series of theirs. */
function opened(reports: readonly Dataset[]) {
  const study = readOf(reports[0]).report.studyInstanceUID;
  const series = new Set(
    reports.flatMap((one) => readOf(one).levels.map(({ seriesInstanceUID }) => seriesInstanceUID)),
  );
  const displaySets = [
    ...[...series].map((uid) => ({
      displaySetInstanceUID: `shown ${uid}`,
      SeriesInstanceUID: uid,
      StudyInstanceUID: study,
      Modality: 'CT',
    })),
    ...reports.map((instance, i) => ({
      displaySetInstanceUID: `report ${i}`,
      StudyInstanceUID: study,
      Modality: 'SR',
      instance: instance as Instance,
    })),
  ] as unknown as readonly DisplaySet[];
  const list: LevelMark[] = [];
  const marks: LevelMarkStore = {
    list: () => list,
    get: (uid) => list.find(({ annotationUID }) => annotationUID === uid),
    put: (mark) => void list.push(mark),
    remove: (uid) =>
      void list.splice(
        list.findIndex((one) => one.annotationUID === uid),
        1,
      ),
    onChange: () => () => undefined,
  };
  const service = { getActiveDisplaySets: () => displaySets } as unknown as DisplaySetService;
  return { saved: new SavedLevels(service, marks), marks };
}
