import { decode as decodePng } from 'fast-png';
import { decodeHighest } from '../../../src/levels/decodeHighest';
import { decodeLevels } from '../../../src/levels/decodeLevels';
import { LEVEL_NAMES } from '../../../src/levels/types';
import type { LevelModel } from '../../../src/model/types';
import type { Projection } from '../../../src/projection/types';
import {
  compareOutcomes,
  comparisonCsv,
  comparisonMarkdown,
  mcnemar,
} from '../../../training/evaluate/compare';
import { judgeAnswer, type Answer, type Outcome } from '../../../training/evaluate/judge';
import { splitsOf } from '../../../training/evaluate/metrics';
import { drawOutcome } from '../../../training/evaluate/pictures';
import { caseIdOf, runCase, runItem } from '../../../training/evaluate/runs';
import { confidenceOf } from '../../../training/evaluate/tables';
import type { Case } from '../../../training/items/cases';
import type { TrainingItem } from '../../../training/items/item';
import { evidenceOfSpine, madeUpSpine } from '../levels/madeUp';
import { TINY_MANIFEST } from '../model/tinyManifest';

const truth: Case = {
  id: 'a',
  set: 'one',
  modality: 'CT',
  path: '',
  levels: [
    { name: 'L2', zMm: 34, yMm: null },
    { name: 'L3', zMm: 0, yMm: null },
    { name: 'L4', zMm: -36, yMm: null },
  ],
  lastRib: null,
  l3ZMm: 0,
  toleranceMm: null,
  expected: 'found',
  note: null,
};

const found = (zMm: number, probability: number): Answer => ({
  status: 'found',
  l3: { zMm, probability, sdMm: 1 },
  guess: { zMm, probability },
  countedFrom: 'sacrum',
  reason: null,
  milliseconds: 5,
});
const unsure = (zMm: number, probability: number): Answer => ({
  status: 'undetermined',
  l3: null,
  guess: { zMm, probability },
  countedFrom: null,
  reason: 'ambiguous',
  milliseconds: 5,
});

const outcomes = (answers: readonly Answer[]): Outcome[] =>
  answers.map((answer, i) => judgeAnswer({ ...truth, id: `case-${i}` }, 'never', answer));

describe('two models on the same cases', () => {
  const identity = (version: string) => ({ name: 'm', version, sha256: '0123456789abcdef' });
  const first = outcomes([found(1, 0.9), found(2, 0.9), found(36, 0.9), unsure(0, 0.5)]);
  const second = outcomes([found(-1, 0.9), unsure(0, 0.6), found(0, 0.9), unsure(34, 0.5)]);

  it('are paired and counted', () => {
    const comparison = compareOutcomes(
      { model: identity('1'), outcomes: first },
      { model: identity('2'), outcomes: second },
    );
    expect(comparison.counts).toMatchObject([
      { both: 1, firstOnly: 1, secondOnly: 1, neither: 1, p: 1 },
      { both: 2, firstOnly: 1, secondOnly: 1, neither: 0 },
      { both: 3, firstOnly: 0, secondOnly: 1, neither: 0, p: 1 },
    ]);
    const text = comparisonMarkdown(comparison);
    expect(text).toContain('2 of 4 cases came out differently');
    expect(text).toContain('| case-2 | never | wrong-level, 36.0, 0.90 | right, 0.0, 0.90 |');
    expect(comparisonCsv(comparison).split('\r\n')[2]).toBe(
      'case-1,one,never,right,missed,2,,0.9,',
    );
  });

  it('leave out what was trained on', () => {
    const trained = first.map((outcome) => ({ ...outcome, role: 'train' as const }));
    const comparison = compareOutcomes(
      { model: identity('1'), outcomes: trained },
      { model: identity('2'), outcomes: second },
    );
    expect(comparison.counts[0]).toMatchObject({ both: 0, firstOnly: 0, secondOnly: 0 });
  });

  it('must have run on all of them', () => {
    expect(() =>
      compareOutcomes(
        { model: identity('1'), outcomes: first },
        { model: identity('2'), outcomes: second.slice(1) },
      ),
    ).toThrow('case-0 was not run on m');
  });

  // Sums of binomial probabilities by hand: (1 + 9) / 2^9 x 2; 2 x 1 / 2^6.
  it.each([
    [1, 8, 20 / 512],
    [8, 1, 20 / 512],
    [0, 6, 2 / 64],
    [0, 0, 1],
    [5, 5, 1],
  ])('differ by chance, %d against %d: p', (b, c, p) => {
    expect(mcnemar(b, c)).toBeCloseTo(p, 12);
  });
});

describe('groups of unseen cases', () => {
  it('are made by modality, slices, field of view, source and anchor', () => {
    const facts = (thicknessMm: number | null, fieldMm: number) => ({
      thicknessMm,
      fieldMm,
      plane: thicknessMm === null ? ('sagittal' as const) : ('axial' as const),
    });
    const of = (change: Partial<Case>, answer: Answer, scan: ReturnType<typeof facts>) =>
      judgeAnswer({ ...truth, ...change }, 'never', answer, scan);
    const groups = splitsOf([
      of({}, found(0, 0.9), facts(5, 500)),
      of({ set: 'two' }, found(36, 0.9), facts(1.5, 240)),
      of({ modality: 'MR' }, { ...found(0, 0.9), countedFrom: 'both' }, facts(null, 241)),
      judgeAnswer(truth, 'train', found(0, 0.9), facts(5, 500)),
    ]).map(({ group, cases, wrongLevel }) => [group, cases, wrongLevel]);
    expect(groups).toEqual([
      ['modality: CT', 2, 1],
      ['modality: MR', 1, 0],
      ['slices: 0 to 1.5 mm', 1, 1],
      ['slices: 4 mm and more', 1, 0],
      ['slices: sagittal', 1, 0],
      ['field of view: 160 to 240 mm', 1, 1],
      ['field of view: 240 to 360 mm', 1, 0],
      ['field of view: 480 mm and more', 1, 0],
      ['source: one', 2, 0],
      ['source: two', 1, 1],
      ['counted from: both', 1, 0],
      ['counted from: sacrum', 2, 1],
    ]);
  });

  it('tell how sure, and how right', () => {
    const made = outcomes([found(0.5, 0.95), found(36, 0.92), unsure(3, 0.6), unsure(33, 0.5)]);
    const { sd, riskCoverage, reliability } = confidenceOf(made);
    expect(sd).toEqual({ count: 1, within1: 1, within2: 1 });
    expect(riskCoverage[0]).toMatchObject({ answers: 4, wrong: 2, coverage: 1 });
    expect(reliability.find(({ from }) => from === 0.6)).toMatchObject({ count: 1, shareRight: 1 });
  });
});

/** An item with bodies where `evidenceOfSpine` paints them, and a model that sees that evidence. */
function itemAndModel() {
  const spine = madeUpSpine();
  const bodies = [...spine.thoracic, ...spine.lumbar, spine.s1];
  const [height, width] = [240, 60];
  const plane = new Uint8Array(height * width).fill(100);
  const item: TrainingItem = {
    ...{ id: 'p1-slab+0w2', person: 'p1', set: 'one', modality: 'CT', kind: 'labelled' },
    ...{ height, width, max: plane, mean: plane, lateral: plane, labelledRows: null },
    levels: LEVEL_NAMES.map((name, i) => ({
      name,
      row: bodies.at(i - LEVEL_NAMES.length)! / 2,
      column: 24,
    })),
    lastRib: { row: spine.thoracic.at(-1)! / 2, column: 24 },
  };
  const asked: Projection[] = [];
  const model: LevelModel = {
    manifest: {
      ...TINY_MANIFEST,
      input: { ...TINY_MANIFEST.input, mmPerPixel: 2, channels: ['max', 'lateral'] },
    },
    runtime: { runtime: 'wasm', fallbackReason: null, threads: 1 },
    run: async (projection) => {
      asked.push(projection);
      return evidenceOfSpine(spine);
    },
    dispose: async () => {},
  };
  return { item, model, asked };
}

describe('a prepared item', () => {
  it('is run on its stored planes and judged like a scan', async () => {
    const { item, model, asked } = itemAndModel();
    const { outcome, picture } = await runItem(item, 'never', model, decodeLevels);
    expect(asked[0]!.channels).toEqual(['max', 'lateral']);
    expect(outcome).toMatchObject({ verdict: 'right', countedFrom: 'both', fieldMm: 480 });
    expect(Math.abs(outcome.errorMm!)).toBeLessThan(1);
    expect(picture!().length).toBeGreaterThan(100);
  });

  it('is decoded in another way where that is asked for', async () => {
    const { item, model } = itemAndModel();
    const { outcome } = await runItem(item, 'never', model, decodeHighest);
    expect(outcome).toMatchObject({ verdict: 'right', countedFrom: 'sacrum' });
    expect(outcome.probability).toBeCloseTo(0.6, 1);
  });

  it('fails alone when the model does', async () => {
    const { item, model } = itemAndModel();
    const broken = { ...model, run: () => Promise.reject(new Error('out of memory')) };
    const { outcome } = await runItem(item, 'never', broken, decodeLevels);
    expect(outcome).toMatchObject({ verdict: 'failed', reason: 'out of memory' });
  });

  it('must have the pixels that the model wants', async () => {
    const { item, model } = itemAndModel();
    const { manifest } = model;
    const fine = { ...manifest, input: { ...manifest.input, mmPerPixel: 1 } };
    const run = runItem(item, 'never', { ...model, manifest: fine }, decodeLevels);
    await expect(run).rejects.toThrow(/wants 1 mm a pixel; items have 2/);
  });

  it('has the role of the case that it is a view of', () => {
    const { item } = itemAndModel();
    expect(caseIdOf(item)).toBe('p1');
    expect(caseIdOf({ ...item, id: 'ct-017' })).toBe('ct-017');
  });
});

it('a scan that cannot be opened fails alone', async () => {
  const { model } = itemAndModel();
  const missing = { ...truth, path: 'no/such/file.nii.gz' };
  const { outcome, picture } = await runCase(missing, 'never', model, decodeLevels);
  expect(outcome.verdict).toBe('failed');
  expect(outcome.reason).toContain('file.nii.gz');
  expect(picture).toBeNull();
});

it('draws the lateral band beside the picture', () => {
  const [height, width] = [50, 40];
  const size = height * width;
  const projection: Projection = {
    channels: ['max', 'mean', 'lateral'],
    data: new Float32Array(3 * size).fill(0.2, 0, size).fill(0.8, 2 * size),
    ...{ height, width, mmPerPixel: 2, topZMm: 40, frontYMm: 0 },
    spineXMm: new Float32Array(height),
    inView: new Uint8Array(height).fill(1),
  };
  const outcome = outcomes([found(36, 0.9)])[0]!;
  const sheet = (of: Projection) => decodePng(drawOutcome(truth, outcome, of, []));
  const picture = sheet(projection);
  const alone = sheet({ ...projection, channels: ['max', 'mean', 'mix'] });
  expect(picture.width).toBe(2 * alone.width);
  const at = (x: number, y: number) => picture.data[3 * (y * picture.width + x)];
  expect(at(60, 40)).toBe(51);
  expect(at(alone.width + 60, 40)).toBe(204);
});
