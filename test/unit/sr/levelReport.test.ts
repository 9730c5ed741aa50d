import { CONCEPTS } from '../../../src/sr/codes';
import { levelReport } from '../../../src/sr/levelReport';
import { newestLevels, readLevelReport, storedReport } from '../../../src/sr/readLevelReport';
import { ACTS } from '../../../src/sr/types';
import type { Dataset, LevelToReport, ReportedLevel } from '../../../src/sr/types';
import { uidOf, uuidOf } from '../../../src/sr/uid';
import { ask, fileOf, isInstalled, readBack } from './dicomFile';
import { AS_FOUND, MOVED, PLACED, source } from './levels';

/** What a report keeps of a level. */
function kept(level: LevelToReport): ReportedLevel {
  const rest: Partial<LevelToReport> = { ...level };
  delete (rest as { plane?: unknown }).plane;
  return rest as ReportedLevel;
}

function stored(change: Parameters<typeof source>[0] = {}): Dataset {
  return readBack(fileOf(levelReport(source(change))));
}

describe('a report that was written to a file and read again', () => {
  test('gives back everything of every level', () => {
    const levels = [MOVED, AS_FOUND, PLACED];
    const read = readLevelReport(stored({ levels }))!;
    expect(read.levels).toEqual(levels.map(kept));
    expect(read.report).toMatchObject({
      studyInstanceUID: '1.2.3',
      instanceNumber: 1,
      writtenAtMs: new Date(2026, 10, 22, 14, 5, 6, 7).getTime(),
      predecessors: [],
      isOurs: true,
    });
  });

  test('is read from DICOM JSON as well, with numbers as text and single values bare', () => {
    const bare = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.length === 1 ? bare(value[0]) : value.map(bare);
      if (value === null || typeof value !== 'object') return value;
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, bare(v)]));
    };
    const json = bare(JSON.parse(JSON.stringify(levelReport(source())))) as Dataset;
    expect(readLevelReport(json)!.levels).toEqual([kept(MOVED)]);
  });

  test('says in whose study it is, names and text in any script', () => {
    const report = stored();
    expect(report).toMatchObject({
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.34',
      Modality: 'SR',
      PatientID: 'P-1',
      StudyInstanceUID: '1.2.3',
      StudyDescription: 'CT abdomen',
      SpecificCharacterSet: 'ISO_IR 192',
    });
    expect(String(report.PatientName)).toBe('Müller^Anna=山田');
  });

  test('names everything that an unextended viewer looks for', () => {
    const text = JSON.stringify(stored());
    for (const meaning of [
      'Imaging Measurements',
      'Measurement Group',
      'Tracking Identifier',
      'Tracking Unique Identifier',
    ]) {
      expect(text).toContain(`"CodeMeaning":"${meaning}"`);
    }
    expect(text).toContain('"Cornerstone3DTools@^0.1.0:Probe:L3Level"');
  });

  test('places the point on its image', () => {
    const [group] = groupsOf(levelReport(source()));
    const [height] = itemsOf(group).filter(({ ValueType }) => ValueType === 'NUM');
    const [scoord] = itemsOf(height);
    // The foot of the perpendicular on the tilted slice: 205 mm to the left at 0.5 mm a column;
    // 190 mm back and 33.7 mm up turned by 10 degrees, at 0.8 mm a row.
    const down = 190 * Math.cos(Math.PI / 18) + 33.7 * Math.sin(Math.PI / 18);
    const [column, row] = scoord.GraphicData as number[];
    expect(column).toBeCloseTo(205 / 0.5 + 0.5, 9);
    expect(row).toBeCloseTo(down / 0.8 + 0.5, 9);
    // The first NUM item of a group is the one whose point a viewer shows.
    expect(JSON.stringify(scoord)).toContain('1.2.3.41');
  });
});

test('a name never breaks out of its value', () => {
  const moved = { by: 'Me\\You=^X\u0007', at: MOVED.moved!.at };
  const dataset = stored({ levels: [{ ...MOVED, moved }], observer: '=^\\' });
  expect(readLevelReport(dataset)!.levels[0].moved).toEqual({ ...moved, by: 'Me You X' });
  expect(JSON.stringify(dataset)).toContain('Unknown');
});

describe('a later report', () => {
  test('joins the series of the one before and names it as its predecessor', () => {
    const first = stored();
    const report = storedReport(first)!;
    const moved = { ...MOVED, pointLpsMm: [5, 10, -150] as const };
    const second = stored({
      levels: [moved],
      predecessors: [report],
      now: new Date(2026, 10, 22, 9, 0, 0),
      newUid: () => '1.2.3.99',
    });
    expect(second.SeriesInstanceUID).toBe(first.SeriesInstanceUID);
    expect(second.SeriesTime).toBe(first.SeriesTime);
    expect(second.InstanceNumber).toBe(2);
    // A clock that is behind does not make the older report the newer one.
    for (const order of [
      [first, second],
      [second, first],
    ]) {
      const read = order.map((dataset) => readLevelReport(dataset)!);
      const { levels, current } = newestLevels(read);
      expect(levels).toEqual([kept(moved)]);
      expect(current.map(({ sopInstanceUID }) => sopInstanceUID)).toEqual(['1.2.3.99']);
    }
  });

  test('of two persons who did not know of each other, each level’s newest counts', () => {
    const early = stored({ levels: [MOVED, AS_FOUND], newUid: () => '1.2.3.1' });
    const late = stored({
      levels: [{ ...MOVED, label: 'late' }],
      now: new Date(2026, 10, 23),
      newUid: () => '1.2.3.2',
    });
    const { levels, current } = newestLevels([early, late].map((d) => readLevelReport(d)!));
    expect(levels.map(({ label }) => label)).toEqual(['late', 'S1']);
    expect(current.map(({ sopInstanceUID }) => sopInstanceUID)).toEqual(['1.2.3.2', '1.2.3.1']);
  });
});

test('the time of a report is compared across time zones; without one it is UTC', () => {
  const at = (change: Dataset) => {
    const report = { ...levelReport(source()), ContentDate: '20261122', ...change };
    return storedReport(report)!.writtenAtMs;
  };
  const noonUtc = Date.UTC(2026, 10, 22, 12);
  expect(at({ ContentTime: '140000', TimezoneOffsetFromUTC: '+0200' })).toBe(noonUtc);
  expect(at({ ContentTime: '083000.000', TimezoneOffsetFromUTC: '-0330' })).toBe(noonUtc);
  expect(at({ ContentTime: '120000.25', TimezoneOffsetFromUTC: undefined })).toBe(noonUtc + 250);
  expect(at({ ContentTime: '12', TimezoneOffsetFromUTC: undefined })).toBe(noonUtc);
  expect(at({ ContentTime: 'noon' })).toBe(0);
});

describe('foreign and damaged reports give nothing', () => {
  const damaged = (change: (group: Dataset[]) => Dataset[]) => {
    const report = levelReport(source());
    const content = report.ContentSequence as Dataset[];
    const measurements = content.at(-1)!;
    const [group] = itemsOf(measurements);
    const groups = [{ ...group, ContentSequence: change([...itemsOf(group)]) }];
    return {
      ...report,
      ContentSequence: [...content.slice(0, -1), { ...measurements, ContentSequence: groups }],
    };
  };
  const named = (name: { value: string }) => (item: Dataset) =>
    (item.ConceptNameCodeSequence as Dataset[])[0].CodeValue === name.value;

  test('no report at all', () => {
    expect(readLevelReport({})).toBeNull();
    expect(readLevelReport({ Modality: 'CT', ContentSequence: 'text' })).toBeNull();
    expect(readLevelReport({ ...levelReport(source()), ConceptNameCodeSequence: [] })).toBeNull();
  });

  test('a probe of someone else', () => {
    const foreign = damaged((items) =>
      items.map((item) =>
        named(CONCEPTS.trackingIdentifier)(item)
          ? { ...item, TextValue: 'Cornerstone3DTools@^0.1.0:Probe' }
          : item,
      ),
    );
    expect(readLevelReport(foreign)).toBeNull();
    expect(readLevelReport(damaged((items) => items))).not.toBeNull();
  });

  test.each([
    ['trackingUid'],
    ['findingSite'],
    ['definition'],
    ['finalPosition'],
    ['height'],
    ['series'],
    ['algorithmName'],
  ] as const)('without its %s', (name) => {
    const without = damaged((items) => items.filter((item) => !named(CONCEPTS[name])(item)));
    expect(readLevelReport(without)).toBeNull();
  });

  test.each([
    ['certainty', { MeasuredValueSequence: [{ NumericValue: '140' }] }],
    ['certainty', { MeasuredValueSequence: [{ NumericValue: 'high' }] }],
    ['movedAt', { DateTime: 'yesterday' }],
    ['movedAt', { DateTime: '20261399000000' }],
    ['finalPosition', { ContentSequence: [{ ValueType: 'SCOORD3D', GraphicData: [1, 2] }] }],
    ['algorithmParameters', { TextValue: 'model=only a name' }],
    ['trackingUid', { UID: '1.2.3' }],
  ] as const)('with an odd %s', (name, change) => {
    const odd = damaged((items) =>
      items.map((item) => (named(CONCEPTS[name])(item) ? { ...item, ...change } : item)),
    );
    expect(readLevelReport(odd)).toBeNull();
  });
});

describe('a report that withdraws the levels of earlier ones', () => {
  const before = stored();
  const predecessors = [storedReport(before)!];
  const withdrawal = stored({ levels: [], predecessors, newUid: () => '1.2.3.99' });

  test('is read as one, in the place of the earlier ones', () => {
    const read = readLevelReport(withdrawal)!;
    expect(read).toMatchObject({
      levels: [],
      report: { isOurs: true, instanceNumber: 2, predecessors: [textUid(before)] },
    });
    const { levels, current } = newestLevels([readLevelReport(before)!, read]);
    expect(levels).toEqual([]);
    expect(current.map(({ sopInstanceUID }) => sopInstanceUID)).toEqual(['1.2.3.99']);
  });

  test('withdraws no other report than those that it names, and later ones count again', () => {
    const other = readLevelReport(stored({ levels: [PLACED], newUid: () => '1.2.3.50' }))!;
    const read = [readLevelReport(before)!, readLevelReport(withdrawal)!, other];
    expect(newestLevels(read).levels).toEqual([kept(PLACED)]);
    const again = readLevelReport(
      stored({ predecessors: [read[1].report], newUid: () => '1.2.3.100' }),
    )!;
    expect(newestLevels([...read.slice(0, 2), again]).levels).toEqual([kept(MOVED)]);
  });

  test('has no measurement that another viewer could show, and needs something to withdraw', () => {
    const text = JSON.stringify(withdrawal);
    expect(text).toContain('all earlier ones are withdrawn');
    // A viewer opens a report of this title as measurements, and fails without any.
    expect(text).not.toMatch(/Imaging Measurement|"126000"|"1500"/);
    expect(() => levelReport(source({ levels: [], predecessors: [] }))).toThrow(/to withdraw/);
  });

  test('means that only where it says so', () => {
    const elsewhere = {
      ...withdrawal,
      ContentSequence: (withdrawal.ContentSequence as Dataset[]).map((item) =>
        JSON.stringify(item).includes('WITHDRAWN')
          ? { ...item, ConceptNameCodeSequence: [{ CodeValue: 'X', CodingSchemeDesignator: 'Y' }] }
          : item,
      ),
    };
    expect(readLevelReport(elsewhere)).toBeNull();
  });
});

const textUid = ({ SOPInstanceUID }: Dataset) => SOPInstanceUID as string;

test('a UUID and its UID name each other', () => {
  // PS3.5 Annex B.2's example.
  const uuid = 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6';
  expect(uidOf(uuid)).toBe('2.25.329800735698586629295641978511506172918');
  expect(uuidOf(uidOf(uuid))).toBe(uuid);
  expect(uuidOf(uidOf('00000000-0000-0000-0000-00000000000a'))).toBe(
    '00000000-0000-0000-0000-00000000000a',
  );
  for (const other of ['1.2.3', '2.25.01', `2.25.${2n ** 128n}`, '2.25.', '']) {
    expect(uuidOf(other)).toBeNull();
  }
  expect(() => uidOf('no uuid')).toThrow('no uuid');
});

describe('whether a person has looked', () => {
  const later = new Date(2027, 0, 1);
  const uidsOf = (read: ReturnType<typeof newestLevels>) =>
    read.current.map(({ sopInstanceUID }) => sopInstanceUID);
  const read = (change: Parameters<typeof stored>[0]) => readLevelReport(stored(change))!;
  const machine = read({ levels: [AS_FOUND], now: later, newUid: () => '1.2.3.60' });
  const person = read({ levels: [MOVED], newUid: () => '1.2.3.61' });

  test.each(ACTS)('%s comes back with reader and time', (act) => {
    const review = { act, by: 'Third Reader', at: '2026-11-22T13:04:05.678Z' };
    const back = readLevelReport(stored({ levels: [{ ...AS_FOUND, review }] }))!;
    expect(back.levels[0].review).toEqual(review);
    expect(back.report.isPersons).toBe(true);
  });

  test('who looked need not be who moved it', () => {
    const review = { act: 'confirmed', by: null, at: '2027-01-02T03:04:05.000Z' } as const;
    const [level] = readLevelReport(stored({ levels: [{ ...MOVED, review }] }))!.levels;
    expect(level).toMatchObject({ review, moved: MOVED.moved });
  });

  test('a report of levels that nobody looked at is a machine’s, one look makes it a person’s', () => {
    expect(machine.report.isPersons).toBe(false);
    expect(read({ levels: [AS_FOUND, PLACED] }).report.isPersons).toBe(true);
  });

  test('a person’s report is heard, and a machine’s not, whatever the times', () => {
    for (const order of [
      [machine, person],
      [person, machine],
    ]) {
      const newest = newestLevels(order);
      expect(newest.levels).toEqual([kept(MOVED)]);
      expect(uidsOf(newest)).toEqual(['1.2.3.61', '1.2.3.60']);
    }
  });

  test('a machine’s report takes the place of machines’ reports alone', () => {
    const over = read({
      levels: [AS_FOUND],
      now: later,
      newUid: () => '1.2.3.62',
      predecessors: [person.report, machine.report],
    });
    expect(uidsOf(newestLevels([machine, person, over]))).toEqual(['1.2.3.61', '1.2.3.62']);
  });

  test('of two machines’ reports of one series, the later one is heard', () => {
    const again = read({
      levels: [{ ...AS_FOUND, annotationUID: '00000000-0000-4000-8000-00000000000a' }],
      now: new Date(2027, 0, 2),
      newUid: () => '1.2.3.63',
    });
    const { levels } = newestLevels([machine, again]);
    expect(levels).toEqual(again.levels);
  });

  test('that L3 is not in the scan is a person’s word, and withdraws the levels before', () => {
    const absence = {
      reason: 'ends-above-l3',
      seriesInstanceUID: '1.2.3.4',
      by: 'Second Reader',
      at: '2026-11-22T13:04:05.678Z',
    } as const;
    const absent = read({ levels: [], absence, predecessors: [machine.report, person.report] });
    expect(absent).toMatchObject({ absence, levels: [], report: { isPersons: true } });
    expect(newestLevels([machine, person, absent]).levels).toEqual([]);
    expect(read({ levels: [], absence }).absence).toEqual(absence);
    expect(() => levelReport(source({ absence }))).toThrow(/cannot say/);
  });

  test('an odd review is no level', () => {
    const dataset = JSON.parse(
      JSON.stringify(levelReport(source())).replaceAll('"CodeValue":"MOVED"', '"CodeValue":"X"'),
    ) as Dataset;
    expect(readLevelReport(dataset)).toBeNull();
  });
});

describe('programs of others', () => {
  const file = () => {
    const before = storedReport(stored())!;
    return fileOf(
      levelReport(source({ levels: [MOVED, AS_FOUND, PLACED], predecessors: [before] })),
    );
  };
  const withDciodvfy = isInstalled('dciodvfy') ? test : test.skip;
  const withDsrdump = isInstalled('dsrdump') ? test : test.skip;

  withDciodvfy('dciodvfy finds no error (apt-get install dicom3tools)', () => {
    const predecessors = [storedReport(stored())!];
    for (const one of [
      file(),
      fileOf(levelReport(source({ levels: [PLACED], observer: null }))),
      fileOf(levelReport(source({ levels: [], predecessors }))),
    ]) {
      const said = ask('dciodvfy', [], one)!;
      expect(said).toContain('Comprehensive3DSR');
      expect(said.split('\n').filter((line) => /error/i.test(line))).toEqual([]);
    }
  });

  withDsrdump('dsrdump reads it (apt-get install dcmtk)', () => {
    const said = ask('dsrdump', ['+Pl'], file())!;
    expect(said).toMatch(/Comprehensive 3D SR Document/);
    expect(said).toContain('L3 vertebra');
    expect(said).toContain('Jane Möller');
    expect(said).toContain('Cornerstone3DTools@^0.1.0:Probe:L3Level');
    expect(said).toMatch(/5\/10\/-176\.3/);
    expect(said).not.toMatch(/^[EF]: /m);
  });
});

function itemsOf(item: Dataset): Dataset[] {
  return (item.ContentSequence ?? []) as Dataset[];
}

function groupsOf(report: Dataset): Dataset[] {
  return itemsOf(itemsOf(report).at(-1)!);
}
