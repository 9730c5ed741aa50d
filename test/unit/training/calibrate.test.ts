import { LEVEL_NAMES, type LevelName } from '../../../src/levels/types';
import { UNCALIBRATED, type Decision } from '../../../src/levels/decision';
import { calibrateMany } from '../../../training/calibrate/calibrateMany';
import { drawField } from '../../../training/calibrate/field';
import { recommend } from '../../../training/calibrate/recommend';
import { markdown } from '../../../training/calibrate/report';
import { ANCHORS, concludeSample, type Sample } from '../../../training/calibrate/sample';
import { statisticsOf } from '../../../training/calibrate/statistics';
import { caseOfItem, projectionOfItem, wholeView } from '../../../training/evaluate/itemCase';
import type { TrainingItem } from '../../../training/items/item';
import { Random } from '../../../training/tools/random';

const HEIGHT = 240;
const WIDTH = 120;
/** Bodies every 16 rows: T9 at row 30, T12 at 78, L3 at 126, S1 at 174. */
const rowOf = (name: LevelName) => 30 + 16 * LEVEL_NAMES.indexOf(name);

function spine(changes: Partial<TrainingItem> = {}): TrainingItem {
  const plane = (value: number) => new Uint8Array(HEIGHT * WIDTH).fill(value);
  return {
    ...{ id: 'made-up', person: 'made-up', set: 'synthetic', modality: 'CT', kind: 'synthetic' },
    ...{ height: HEIGHT, width: WIDTH, max: plane(102), mean: plane(51), lateral: plane(204) },
    levels: LEVEL_NAMES.map((name) => ({ name, row: rowOf(name), column: 66 })),
    labelledRows: null,
    lastRib: { row: rowOf('T12') + 1, column: 70 },
    ...changes,
  };
}

const rows = (top: number, bottom: number) => ({ top, bottom, left: 0, right: WIDTH });
const WITH_SACRUM = HEIGHT;
const NO_SACRUM = rowOf('S1') - 6;
const WITH_RIBS = 0;
const NO_RIBS = rowOf('T12') + 12;

describe('an item as a case', () => {
  const six = { lastRib: { row: rowOf('T11'), column: 66 } };
  const four = { lastRib: { row: rowOf('L1'), column: 66 } };

  it.each<[Partial<TrainingItem>, number, number, string, string, LevelName | null]>([
    [{}, WITH_RIBS, WITH_SACRUM, 'sacrum and last rib', 'found', 'L3'],
    [{}, NO_RIBS, WITH_SACRUM, 'sacrum', 'found', 'L3'],
    [{}, WITH_RIBS, NO_SACRUM, 'last rib', 'found', 'L3'],
    [{}, NO_RIBS, NO_SACRUM, 'no anchor', 'undetermined', 'L3'],
    [{ lateral: null }, WITH_RIBS, NO_SACRUM, 'no anchor', 'undetermined', 'L3'],
    [{ lastRib: null }, WITH_RIBS, NO_SACRUM, 'an anchor at the edge', 'either', 'L3'],
    [six, WITH_RIBS, WITH_SACRUM, 'counts disagree', 'undetermined', null],
    [four, WITH_RIBS, WITH_SACRUM, 'counts disagree', 'undetermined', null],
    // By the ribs, L3 is the body that the sacrum calls L2 (six) or L4 (four).
    [six, WITH_RIBS, NO_SACRUM, 'last rib', 'found', 'L2'],
    [four, WITH_RIBS, NO_SACRUM, 'last rib', 'found', 'L4'],
    [six, NO_RIBS, WITH_SACRUM, 'sacrum', 'found', 'L3'],
    [six, WITH_RIBS, rowOf('S1') + 2, 'an anchor at the edge', 'either', 'L2'],
    [{}, WITH_RIBS, rowOf('L3') - 8, 'no L3', 'undetermined', null],
    [{}, WITH_RIBS, rowOf('L3') + 3, 'L3 at the edge', 'either', 'L3'],
    [{ levels: [], lastRib: null }, 0, HEIGHT, 'no L3', 'undetermined', null],
  ])('%j in rows %d to %d: %s', (changes, top, bottom, inView, expected, l3) => {
    const truth = caseOfItem(spine(changes), rows(top, bottom));
    expect(truth).toMatchObject({ inView, expected });
    expect(truth.l3ZMm).toBe(l3 && -2 * (rowOf(l3) - top));
    expect(truth.levels.map(({ name }) => name)).toEqual(
      LEVEL_NAMES.filter((name) => truth.levels.some((level) => level.name === name)),
    );
  });

  it('takes a real scan whose sacrum nobody marked for neither', () => {
    const levels = spine().levels.filter(({ name }) => name !== 'S1');
    const truth = caseOfItem(spine({ kind: 'labelled', levels, lateral: null, lastRib: null }));
    expect(truth.expected).toBe('either');
  });

  it('becomes the projection that a model is given', () => {
    const item = spine({ max: Uint8Array.from({ length: HEIGHT * WIDTH }, (_, i) => i % 251) });
    const view = { top: 10, bottom: 60, left: 7, right: 40 };
    const projection = projectionOfItem(item, ['lateral', 'max', 'mix'], view);
    expect(projection).toMatchObject({ height: 50, width: 33, mmPerPixel: 2, topZMm: 0 });
    const size = 50 * 33;
    expect(projection.data).toHaveLength(3 * size);
    expect(projection.data[0]).toBeCloseTo(0.8, 6);
    const value = (12 * WIDTH + 9) % 251;
    expect(projection.data[size + 2 * 33 + 2]).toBeCloseTo(value / 255, 6);
    expect(projection.data[2 * size + 2 * 33 + 2]).toBeCloseTo((value + 51) / 510, 6);
    const without = projectionOfItem(spine({ lateral: null }), ['lateral']);
    expect(without.data.every((each) => each === 0)).toBe(true);
    expect(wholeView(item)).toEqual(rows(0, HEIGHT));
  });
});

describe('fields of view', () => {
  const drawn = Array.from({ length: 400 }, (_, i) => drawField(spine(), Random.ofStream(1, i)));

  it('lie in the item and are as large as a scan', () => {
    for (const { view } of drawn) {
      expect(view.top).toBeGreaterThanOrEqual(0);
      expect(view.bottom).toBeLessThanOrEqual(HEIGHT);
      expect(view.bottom - view.top).toBeGreaterThanOrEqual(45);
      expect(view.right - view.left).toBe(112);
    }
  });

  it('show what their names say', () => {
    const of = (name: string) => drawn.filter(({ field }) => field === name);
    for (const { view } of of('trunk')) {
      expect(caseOfItem(spine(), view).inView).toBe('sacrum and last rib');
    }
    for (const { view } of of('upper abdomen')) expect(view.bottom).toBeLessThan(rowOf('S1'));
    for (const { view } of of('lower lumbar')) expect(view.top).toBeGreaterThan(rowOf('T12'));
    expect(of('trunk').length).toBeGreaterThan(100);
    expect(of('chest').length).toBeGreaterThan(20);
    const kinds = new Set(drawn.map(({ view }) => caseOfItem(spine(), view).inView));
    expect([...kinds]).toEqual(
      expect.arrayContaining(['sacrum', 'last rib', 'no anchor', 'no L3', 'L3 at the edge']),
    );
  });

  it('are the same for the same seed', () => {
    expect(drawField(spine(), Random.ofStream(1, 7))).toEqual(drawn[7]);
  });
});

const DECISION: Decision = {
  ...UNCALIBRATED,
  minInView: 0.5,
  minProbability: 0.7,
  minAnchor: 0.3,
  minRibAnchor: 0.3,
};

/** A countable sample: both anchors answer with `response`; the answer is `offMm` beside L3. */
function sample(
  probability: number,
  offMm = 0,
  changes: Partial<TrainingItem> = {},
  response = 0.9,
) {
  const truth = caseOfItem(spine(changes));
  const readings = ANCHORS.map(({ sacrum, lastRib }) => ({
    basis: {
      from: sacrum ? (lastRib ? ('both' as const) : ('sacrum' as const)) : null,
      conflictMm: null,
      responses: { sacrum: response, lastRib: response, nearL3: 0.8 },
      spine: { lumbar: 0.8, parted: 0.6, seen: 0.8 },
    },
    l3: { zMm: -2 * rowOf('L3') + offMm, sdMm: 1, probability },
    inViewProbability: 0.95,
    other: null,
  }));
  return { truth, field: 'trunk', readings } satisfies Sample;
}

describe('calibration', () => {
  const wrong = 32;
  const samples = [
    ...Array.from({ length: 6 }, () => sample(0.95, 0.5)),
    sample(0.95, wrong),
    sample(0.8, -1.5),
    sample(0.6, 1.2),
    sample(0.97, 0.1, { lastRib: { row: rowOf('T11'), column: 66 } }),
  ];

  it('counts what a decision makes of samples', () => {
    const statistics = statisticsOf(samples, DECISION);
    expect(statistics.coverage).toMatchObject({ count: 8, of: 9 });
    // The count that disagrees must not be answered; it is neither due nor right.
    expect(statistics.precision).toMatchObject({ count: 7, of: 9 });
    expect(statistics.precisionAt90).toMatchObject({ count: 6, of: 8 });
    expect(statistics.sd).toEqual({ count: 7, within1: 6 / 7, within2: 1 });
    const bin = statistics.reliability.find(({ from }) => from === 0.95)!;
    expect(bin).toMatchObject({ count: 8, shareRight: 6 / 8 });
    const at90 = statistics.riskCoverage.find(({ minProbability }) => minProbability === 0.9)!;
    expect(at90).toMatchObject({ answers: 8, wrong: 2, coverage: 7 / 9 });
    const groups = Object.fromEntries(statistics.groups.map((each) => [each.group, each]));
    expect(groups['in view: counts disagree']).toMatchObject({ samples: 1, 'false-answer': 1 });
    expect(groups['lumbar-type vertebrae: 6']).toMatchObject({ samples: 1 });
    expect(groups['in view: sacrum and last rib']).toMatchObject({
      right: 7,
      'wrong-level': 1,
      missed: 1,
      reasons: { 'not-sure-enough': 1 },
    });
  });

  it('reads what the anchors’ thresholds admit', () => {
    const faint = sample(0.9, 0, {}, 0.4);
    expect(concludeSample(faint, DECISION).conclusion).toEqual({
      found: true,
      countedFrom: 'both',
    });
    expect(concludeSample(faint, { ...DECISION, minRibAnchor: 0.5 }).conclusion).toEqual({
      found: true,
      countedFrom: 'sacrum',
    });
    expect(concludeSample(faint, { ...DECISION, minAnchor: 0.5 }).conclusion.found).toBe(false);
  });

  it('applies the temperature before the threshold', () => {
    const cold = { ...DECISION, temperature: 0.5 };
    // The odds of 0.6 are 1.5; squared, 2.25.
    expect(concludeSample(sample(0.6), cold).probability).toBeCloseTo(2.25 / 3.25, 10);
    expect(concludeSample(sample(0.65), cold).conclusion.found).toBe(true);
    expect(concludeSample(sample(0.65), DECISION).conclusion.found).toBe(false);
  });

  it('recommends thresholds that leave wrong levels out and right ones in', () => {
    const many = [
      ...Array.from({ length: 120 }, (_, i) => sample(0.75 + 0.002 * i)),
      ...Array.from({ length: 4 }, (_, i) => sample(0.5 + 0.04 * i, wrong)),
      ...Array.from({ length: 6 }, () => sample(0.9, wrong, {}, 0.32)),
    ];
    const found = recommend(many, { ...DECISION, minProbability: 0.4 });
    const statistics = statisticsOf(many, found);
    expect(statistics.precision).toMatchObject({ count: 120, of: 120 });
  });

  it('answers nine in ten of the countable ones first', () => {
    const many = [
      ...Array.from({ length: 40 }, () => sample(0.95)),
      ...Array.from({ length: 10 }, () => sample(0.6, wrong)),
    ];
    const found = recommend(many, DECISION);
    expect(statisticsOf(many, found).coverage.share).toBeGreaterThanOrEqual(0.9);
  });

  it('keeps a decision that nothing improves on', () => {
    const right = Array.from({ length: 30 }, () => sample(0.99));
    expect(recommend(right, DECISION)).toEqual({ ...DECISION, temperature: 1 });
  });

  it('is written as tables', () => {
    const statistics = statisticsOf(samples, DECISION);
    const text = markdown({
      model: { name: 'm', version: '1', sha256: 'abc' },
      seed: 1,
      count: 10,
      realCurves: true,
      shipped: statistics,
      recommended: statistics,
    });
    expect(text).toContain('75.0 % (40.9 %-92.9 %), 6 of 8');
    expect(text).toContain('| at least 97 % |');
  });
});

it('gives the same samples on one thread and on two', async () => {
  const run = (threads: number) =>
    calibrateMany({ model: 'models/l3-unet3plus', count: 3, seed: 9, threads, curves: null });
  const [one, two] = [await run(1), await run(2)];
  expect(two).toEqual(one);
  expect(one).toHaveLength(3);
  expect(one[0]!.readings).toHaveLength(4);
}, 60_000);

it('stops with the reason when the model cannot be read', async () => {
  const options = { model: 'models/none', count: 2, seed: 9, threads: 2, curves: null };
  await expect(calibrateMany(options)).rejects.toThrow(/models\/none.*cannot be read/);
}, 60_000);
