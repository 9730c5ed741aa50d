import type { Finding } from '../../../src/finder/types';
import { failure, judge, namesL3, type Outcome } from '../../../training/evaluate/judge';
import {
  quantile,
  splitsOf,
  summariesOf,
  summarise,
  wilson,
} from '../../../training/evaluate/metrics';
import { csv, markdown } from '../../../training/evaluate/tables';
import type { Case } from '../../../training/items/cases';

const truth: Case = {
  id: 'a',
  set: 'set',
  modality: 'CT',
  path: '',
  levels: [
    { name: 'L2', zMm: 34, yMm: null },
    { name: 'L3', zMm: 0, yMm: null },
    { name: 'L4', zMm: -36, yMm: null },
  ],
  lastRib: null,
  l3ZMm: 0,
  toleranceMm: 5,
  expected: 'found',
  note: null,
};

const place = { pointLpsMm: [0, 0, 0], sliceIndex: 3, sopInstanceUID: null, frameNumber: null };

function found(zMm: number): Finding {
  return {
    status: 'found',
    l3: { ...place, zMm, probability: 0.9, sdMm: 1.5 },
    countedFrom: 'sacrum',
    levels: [],
    alternatives: [],
    timing: { read: 1, project: 2, model: 3, decode: 4 },
  } as unknown as Finding;
}

function undetermined(guessZMm: number | null): Finding {
  const alternatives =
    guessZMm === null ? [] : [{ ...place, zMm: guessZMm, probability: 0.4, why: '' }];
  return {
    status: 'undetermined',
    reason: { code: 'ambiguous', message: '', advice: '' },
    levels: [],
    alternatives,
    timing: { read: 1, project: 2, model: 3, decode: 4 },
  } as unknown as Finding;
}

describe('namesL3', () => {
  it.each([
    [16, true, 0],
    [18, false, -1],
    [-17, true, 0],
    [-19, false, 1],
  ])('at %d mm from L3 with neighbours', (z, right, levelsOff) => {
    expect(namesL3(truth, z)).toEqual({ right, levelsOff });
  });

  it('allows 15 mm where a neighbour is unknown', () => {
    const alone = { ...truth, levels: truth.levels.slice(0, 2) };
    expect(namesL3(alone, 15)).toEqual({ right: true, levelsOff: null });
    expect(namesL3(alone, -15.1)).toEqual({ right: false, levelsOff: null });
  });

  it('says nothing where the place of L3 is unknown', () => {
    expect(namesL3({ ...truth, l3ZMm: null }, 0)).toBeNull();
  });
});

describe('judge', () => {
  it('compares an answer with the truth', () => {
    expect(judge(truth, 'never', found(-2.5))).toMatchObject({
      verdict: 'right',
      errorMm: -2.5,
      levelsOff: 0,
      guessRight: true,
      milliseconds: 10,
      countedFrom: 'sacrum',
    });
    expect(judge(truth, 'never', found(-35))).toMatchObject({
      verdict: 'wrong-level',
      levelsOff: 1,
    });
  });

  it.each([
    ['found', 'missed'],
    ['either', 'abstained'],
    ['undetermined', 'abstained'],
  ] as const)('of no answer where %s is expected: %s', (expected, verdict) => {
    const outcome = judge({ ...truth, expected }, 'never', undetermined(33));
    expect(outcome).toMatchObject({
      verdict,
      reason: 'ambiguous',
      guessRight: false,
      errorMm: null,
    });
  });

  it('counts an answer where none can be given as false', () => {
    const negative: Case = { ...truth, l3ZMm: null, levels: [], expected: 'undetermined' };
    expect(judge(negative, 'never', found(0)).verdict).toBe('false-answer');
    expect(judge(negative, 'never', undetermined(null))).toMatchObject({ verdict: 'abstained' });
  });
});

describe('wilson', () => {
  // Values of the score interval as tabulated for n = 10 and n = 100.
  it.each([
    [0, 10, 0, 0.2775],
    [1, 10, 0.0179, 0.4042],
    [5, 10, 0.2366, 0.7634],
    [10, 10, 0.7225, 1],
    [3, 100, 0.0103, 0.0845],
  ])('of %d in %d', (successes, trials, low, high) => {
    const interval = wilson(successes, trials)!;
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  it('says nothing of no trials', () => {
    expect(wilson(0, 0)).toBeNull();
  });
});

describe('summaries', () => {
  const errors = [1, -2, 3, -4, 35];
  const outcomes: Outcome[] = [
    ...errors.map((z) => judge(truth, 'never', found(z))),
    judge(truth, 'never', undetermined(0)),
    judge({ ...truth, l3ZMm: null, expected: 'undetermined' }, 'never', undetermined(null)),
    failure(truth, 'held-out', 'broken, "really"'),
    judge({ ...truth, set: 'other' }, 'train', found(0)),
    judge(truth, 'unused', found(100)),
  ];

  it('match hand-computed numbers', () => {
    const summary = summarise('test', outcomes.slice(0, 7));
    expect(summary).toMatchObject({
      cases: 7,
      countable: 6,
      right: 4,
      wrongLevel: 1,
      missed: 1,
      abstained: 1,
      falseAnswers: 0,
      failed: 0,
      wrongLevelRate: 0.2,
      medianErrorMm: 3,
      meanErrorMm: 9,
      shareBelow10Mm: 0.8,
      meanErrorWhenRightMm: 2.5,
      guessesRight: 5,
      guesses: 6,
    });
    expect(summary.coverage).toBeCloseTo(5 / 6, 10);
    expect(summary.p95ErrorMm).toBeCloseTo(28.8, 10);
  });

  it('are split by role and set, and leave out what is no evidence', () => {
    const groups = summariesOf(outcomes);
    expect(groups.map(({ group, cases }) => [group, cases])).toEqual([
      ['all unseen', 8],
      ['test set', 7],
      ['test set: set', 7],
      ['held out', 1],
      ['held out: single scans', 1],
      ['trained on', 1],
      ['trained on: single scans', 1],
    ]);
  });

  it('have no numbers where there is nothing', () => {
    expect(summarise('none', [])).toMatchObject({
      coverage: null,
      wrongLevelRate: null,
      wrongLevelInterval: null,
      medianErrorMm: null,
      p95ErrorMm: null,
    });
    expect(quantile([], 0.5)).toBeNull();
  });

  it('are written as tables', () => {
    const identity = { name: 'm', version: '1', sha256: 'abc' };
    const text = markdown(identity, summariesOf(outcomes), splitsOf(outcomes), outcomes);
    expect(text).toContain('| test set | 7 | 4 | 1 | 1 | 1 | 0 | 0 | 83 % | 20 % (4 %-62 %) |');
    const lines = csv(outcomes).trimEnd().split('\r\n');
    expect(lines).toHaveLength(outcomes.length + 1);
    expect(lines[8]).toContain('"broken, ""really"""');
  });
});
