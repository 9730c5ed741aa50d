import type { ReadReport, ReportedLevel, Review } from '../../../src/sr/types';
import { personsWords } from '../../../training/prepare/pacs/personsWord';
import { MOVED } from '../sr/levels';

const at = '2026-11-22T13:04:05.678Z';
const by = (name: string | null, act: Review['act'] = 'confirmed'): Review => ({
  ...{ act, at },
  by: name,
});
/** L3 of a series at a height, as somebody left it. */
const l3 = (zMm: number, review: Review | null, more: Partial<ReportedLevel> = {}) => ({
  ...MOVED,
  ...{ seriesInstanceUID: 'ct', pointLpsMm: [0, 0, zMm] as const, review },
  ...more,
});

let written = 0;
function report(
  uid: string,
  levels: readonly ReportedLevel[],
  more: Partial<ReadReport['report']> & Pick<Partial<ReadReport>, 'absence'> = {},
): ReadReport {
  const { absence = null, ...about } = more;
  return {
    report: {
      ...{ sopInstanceUID: uid, sopClassUID: 'sr', studyInstanceUID: 's', seriesInstanceUID: 'r' },
      ...{ instanceNumber: 1, writtenAtMs: written++, author: null, predecessors: [] },
      isPersons: levels.length === 0 || levels.some(({ review }) => review !== null),
      ...{ isOurs: true, series: {} },
      ...about,
    },
    ...{ levels, absence },
  };
}
const absent = (reader: string, reason: 'ends-above-l3' | 'begins-below-l3' = 'ends-above-l3') => ({
  absence: { reason, seriesInstanceUID: 'ct', by: reader, at },
});
const heard = (...reports: ReadReport[]) => {
  const { words, ...rest } = personsWords(reports);
  return {
    ...rest,
    words: words.map(({ level, absence, reportUID }) => [
      reportUID,
      level ? level.pointLpsMm[2] : absence?.reason,
    ]),
  };
};
const nothing = { words: [], conflicts: [], unreviewed: 0, withdrawn: 0 };

it.each(['confirmed', 'moved', 'renumbered', 'placed'] as const)('hears what was %s', (act) => {
  const said = report('a', [l3(-200, by('A', act))]);
  expect(heard(said)).toEqual({ ...nothing, words: [['a', -200]] });
});

it('hears that L3 is not in view', () => {
  expect(heard(report('a', [], absent('A')))).toEqual({
    ...nothing,
    words: [['a', 'ends-above-l3']],
  });
});

it("hears no program, beside a person's report or alone, whatever is newer", () => {
  const machine = report('m', [l3(-200, null)]);
  expect(heard(machine)).toEqual({ ...nothing, unreviewed: 1 });
  const person = report('a', [l3(-232, by('A'))]);
  const later = report('n', [l3(-200, null)], { predecessors: ['a'] });
  expect(heard(machine, person, later)).toEqual({ ...nothing, words: [['a', -232]] });
  const other = report('o', [l3(-200, null, { seriesInstanceUID: 'other' })]);
  expect(heard(person, other)).toMatchObject({ words: [['a', -232]], unreviewed: 1 });
});

it('hears no level that was saved without being looked at, beside one that was', () => {
  const saved = report('a', [
    l3(-200, null),
    l3(-230, by('A'), { level: 'L4' }),
    l3(-100, by('A'), { seriesInstanceUID: 'other' }),
  ]);
  expect(heard(saved)).toEqual({ ...nothing, words: [['a', -100]], unreviewed: 1 });
});

it('hears the newest head: what was superseded or withdrawn says nothing more', () => {
  const first = report('a', [l3(-200, by('A'))]);
  const second = report('b', [l3(-232, by('B', 'moved'))], { predecessors: ['a'] });
  expect(heard(second, first).words).toEqual([['b', -232]]);
  const unlooked = report('c', [l3(-232, null)], { predecessors: ['b'], isPersons: true });
  expect(heard(first, second, unlooked).words).toEqual([]);
  const withdrawal = report('d', [], { predecessors: ['a', 'b', 'c'] });
  expect(heard(first, second, unlooked, withdrawal)).toEqual({ ...nothing, withdrawn: 1 });
  const back = report('e', [l3(-168, by('A', 'placed'))]);
  expect(heard(first, second, unlooked, withdrawal, back).words).toEqual([['e', -168]]);
});

describe('heads of two readers', () => {
  const conflictOf = (...reports: ReadReport[]) => {
    const { words, conflicts } = personsWords(reports);
    expect(words).toEqual([]);
    return conflicts.map(({ why, by: names }) => [why, ...names]);
  };

  it('that differ are left out, in words that name none', () => {
    const a = report('a', [l3(-200, by('A'))]);
    const b = report('b', [l3(-232, by('B'))]);
    const apart = "two readers' reports differ: L3 lies 32 mm apart";
    expect(conflictOf(a, b)).toEqual([[apart, 'B', 'A']]);
    const unnamed = [report('c', [l3(-200, by(null))]), report('d', [l3(-232, by(null))])];
    expect(conflictOf(...unnamed)).toEqual([[apart]]);
    expect(conflictOf(a, report('e', [], absent('B')))).toEqual([
      [
        "two readers' reports differ: one names L3, the other says that it is not in view",
        'B',
        'A',
      ],
    ]);
    expect(
      conflictOf(report('f', [], absent('A')), report('g', [], absent('B', 'begins-below-l3'))),
    ).toEqual([
      ["two readers' reports differ: the scan ends above L3, or begins below it", 'B', 'A'],
    ]);
  });

  it('count as one where they mean the same body, whatever of it, and where the reader is one', () => {
    const a = report('a', [l3(-200, by('A'))]);
    const near = report('b', [l3(-194, by('B'))]);
    expect(heard(a, near)).toEqual({ ...nothing, words: [['b', -194]] });
    const plate = report('c', [l3(-186, by('B'), { definition: 'superior-endplate' })]);
    expect(heard(a, plate).words).toEqual([['c', -186]]);
    const again = report('d', [l3(-232, by('A', 'moved'))]);
    expect(heard(a, again).words).toEqual([['d', -232]]);
  });

  it('are compared across the series of one frame of reference, and not across frames', () => {
    const a = report('a', [l3(-200, by('A'))]);
    const sagittal = { seriesInstanceUID: 'sagittal' };
    const b = report('b', [l3(-232, by('B'), sagittal)]);
    expect(conflictOf(a, b)).toHaveLength(2);
    const other = l3(-232, by('B'), { ...sagittal, frameOfReferenceUID: 'other' });
    expect(heard(a, report('c', [other])).words).toHaveLength(2);
    const frameless = { frameOfReferenceUID: null };
    expect(
      heard(
        report('d', [l3(-200, by('A'), frameless)]),
        report('e', [l3(-232, by('B'), { ...sagittal, ...frameless })]),
      ).words,
    ).toHaveLength(2);
  });
});

it('leaves out a series in which one report names L3 twice', () => {
  const twice = report('a', [l3(-200, by('A')), l3(-232, by('A'))]);
  expect(personsWords([twice])).toMatchObject({
    words: [],
    conflicts: [{ seriesInstanceUID: 'ct', why: "one reader's marks differ: L3 lies 32 mm apart" }],
  });
});
