import { UNCALIBRATED } from '../../../src/levels/decision';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeCorrection } from '../../../src/corrections/correctionFile';
import { personKey } from '../../../src/corrections/personKey';
import type { Absence, Correction } from '../../../src/corrections/types';
import { LEVEL_NAMES, type LevelEvidence } from '../../../src/levels/types';
import type { LevelModel } from '../../../src/model/types';
import type { TrainingItem } from '../../../training/items/item';
import { bodiesFrom } from '../../../training/retrain/completeLevels';
import { contradictionsIn, showContradictions } from '../../../training/retrain/contradictions';
import { mixOf, oneViewEach, readOwnItems, splitOwn } from '../../../training/retrain/ownItems';
import { scoreItems, worseIn, type Scores } from '../../../training/retrain/score';

const [HEIGHT, WIDTH] = [110, 40];
/** Mean distances from the recipe's table, of a body 8 % larger; 4 mm rows. */
const STEPS_MM = [24.4, 26.1, 28.4, 30.9, 32.8, 34.4, 35.8, 35.3, 27].map((mm) => 1.08 * mm);
const ROWS_MM = STEPS_MM.reduce((rows, mm) => [...rows, rows[rows.length - 1] + mm], [50]);

function evidenceOf(without: readonly string[] = []): LevelEvidence {
  const maps = new Float32Array((LEVEL_NAMES.length + 2) * HEIGHT * WIDTH);
  LEVEL_NAMES.forEach((name, i) => {
    if (without.includes(name)) return;
    for (let r = 0; r < HEIGHT; r++) {
      for (let c = 0; c < WIDTH; c++) {
        const distance = Math.hypot(4 * r + 1 - ROWS_MM[i], 4 * (c - 20 - i / 3));
        const at = (LEVEL_NAMES.length * HEIGHT + r) * WIDTH + c;
        maps[at] = Math.max(maps[at], 0.8 * Math.exp(-(distance ** 2) / 128));
      }
    }
  });
  return { levels: LEVEL_NAMES, maps, lastRib: true, height: HEIGHT, width: WIDTH, stride: 2 };
}

const l3 = { name: 'L3', row: ROWS_MM[6] / 2, column: 44 } as const;
const named = (evidence: LevelEvidence) => bodiesFrom(evidence, l3, 2).map(({ name }) => name);

describe('bodies counted from where a person put L3', () => {
  it('lie where they are seen, under their names', () => {
    const levels = bodiesFrom(evidenceOf(), l3, 2);
    expect(levels.map(({ name }) => name)).toEqual([...LEVEL_NAMES]);
    levels.forEach(({ row }, i) => expect(Math.abs(2 * row - ROWS_MM[i])).toBeLessThan(3));
    expect(levels[6]).toEqual(l3);
  });

  it('end where one is not seen, and are none where everything responds alike', () => {
    expect(named(evidenceOf(['L1']))).toEqual(['L2', 'L3', 'L4', 'L5', 'S1']);
    const flat = evidenceOf();
    flat.maps.fill(0.6);
    expect(named(flat)).toEqual(['L3']);
    flat.maps.fill(0.1);
    expect(named(flat)).toEqual(['L3']);
  });
});

describe('own items', () => {
  const item = (id: string, person: string) => ({ id, person, set: 's' }) as TrainingItem;

  it('are split by person, the same way whoever else is there', () => {
    const all = Array.from({ length: 40 }, (_, i) => item(`c${i}`, `p${i >> 1}`));
    const { training, heldOut } = splitOwn(all, 0.25);
    expect(new Set(heldOut.map(({ person }) => person)).size).toBe(5);
    const learned = new Set(training.map(({ person }) => person));
    expect(heldOut.filter(({ person }) => learned.has(person))).toEqual([]);
    expect(training.length + heldOut.length).toBe(40);
    expect(splitOwn(all.slice(0, 4), 0.01).heldOut).toHaveLength(2);
    expect(() => splitOwn(all.slice(0, 2), 0.5)).toThrow(/of one person/);
  });

  it('are judged by one view of each case', () => {
    const ids = ['a-slab-1w0', 'a-slab+0w0', 'a-slab+1w0', 'b', 'c-slab+0w2'];
    const chosen = oneViewEach(ids.map((id) => item(id, id)));
    expect(chosen.map(({ id }) => id)).toEqual(['a-slab+0w0', 'b', 'c-slab+0w2']);
  });
});

describe('cases without L3', () => {
  const folder = mkdtempSync(join(tmpdir(), 'find-l3-absent-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const [height, width] = [64, 60];
  const plane = Uint8Array.from({ length: height * width }, (_, i) => i % 200);
  const said = (action: Absence): Correction => ({
    person: personKey({ patientId: action, salt: '0123456789abcdef' }),
    ...{ modality: 'CT', mmPerPixel: 2, height, width, max: plane, mean: plane, lateral: null },
    window: { kind: 'hu', low: -200, high: 800 },
    model: { name: 'm', version: '1.0.0', sha256: '0'.repeat(64) },
    found: { outcome: 'found', levels: [{ name: 'L3', row: 30, column: 30, probability: 0.9 }] },
    final: { action, levels: [] },
  });

  it('are read from what the viewer exported, and silence is the right answer to them', async () => {
    const absences = ['ends-above-l3', 'begins-below-l3'] as const;
    for (const action of absences) {
      writeFileSync(join(folder, `${action}.correction`), encodeCorrection(said(action)));
    }
    const { items, rejected } = readOwnItems([folder]);
    expect(rejected).toEqual([]);
    expect(items.map(({ kind }) => kind).sort()).toEqual(['below-l3', 'no-l3']);
    const silent = evidenceOf(LEVEL_NAMES);
    const model = {
      manifest: {
        input: { channels: ['max', 'mean'], mmPerPixel: 2 },
        decision: { ...UNCALIBRATED, minProbability: 0.5 },
      },
      run: async () => silent,
    } as unknown as LevelModel;
    const named: TrainingItem = { ...items[0], kind: 'labelled', levels: [l3] };
    const { score, cases } = await scoreItems(model, [...items, named], true);
    expect(cases.map(({ verdict }) => verdict)).toEqual(['abstained', 'abstained', 'missed']);
    expect(score).toEqual({ cases: 3, right: 2, wrong: 0, silent: 1 });
  });
});

describe('what is learned from', () => {
  const item = (id: string, person: string, set: string, kind = 'labelled') =>
    ({ id, person, set, kind, modality: 'MR' }) as TrainingItem;

  it('weighs persons, not pictures: one correction as much as a scan of many views', () => {
    const scan = Array.from({ length: 21 }, (_, i) => item(`v${i}`, 'a', 'scans'));
    const said = [item('c1', 'b', 'corrections'), item('c2', 'c', 'corrections', 'no-l3')];
    const rehearsed = [item('r', 'r', 'old')];
    expect(mixOf([...scan, ...said], rehearsed, 0.75)).toEqual({
      mr: 25,
      ...{ 'mr/scans': 25, 'mr/corrections': 25, 'no-l3/corrections': 25 },
    });
    // Who is in two groups has one share, not two.
    const both = mixOf([...scan, item('c', 'a', 'corrections'), item('d', 'd', 'scans')], [], 1);
    expect(both).toEqual({ 'mr/scans': 75, 'mr/corrections': 25 });
  });

  it('is told where it contradicts an answer that is sure, with a picture', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'find-l3-contradictions-'));
    const [height, width] = [2 * HEIGHT, 2 * WIDTH];
    const plane = Uint8Array.from({ length: height * width }, (_, i) => i % 200);
    const at = (id: string, row: number): TrainingItem => ({
      ...{ ...item(id, id, 's'), height, width, max: plane, mean: plane, lateral: null },
      ...{ labelledRows: null, lastRib: null, levels: [{ ...l3, row }] },
    });
    const items = [at('right', l3.row), at('mistaken', l3.row + 18), at('near', l3.row + 4)];
    const run = (minProbability: number) =>
      contradictionsIn(
        {
          manifest: {
            input: { channels: ['max', 'mean'], mmPerPixel: 2 },
            decision: { ...UNCALIBRATED, minProbability },
          },
          run: async () => seen,
        } as unknown as LevelModel,
        items,
      );
    const seen = evidenceOf();
    LEVEL_NAMES.forEach((_, i) => {
      const body = seen.maps.subarray(LEVEL_NAMES.length * HEIGHT * WIDTH);
      for (let r = 0; r < HEIGHT; r++) {
        const near = Math.exp(-((4 * r + 1 - ROWS_MM[i]) ** 2) / 128);
        for (let c = 0; c < WIDTH; c++) {
          seen.maps[(i * HEIGHT + r) * WIDTH + c] = near * body[r * WIDTH + c];
        }
      }
    });
    const found = await run(0.5);
    expect(found).toEqual([
      {
        ...{ id: 'mistaken', person: 'mistaken', saidRow: l3.row + 18 },
        ...{ foundRow: expect.closeTo(l3.row, 0), probability: expect.any(Number) },
      },
    ]);
    const silent = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    showContradictions(folder, [], items);
    expect(existsSync(join(folder, 'contradictions.png'))).toBe(false);
    showContradictions(folder, found, items);
    expect(silent.mock.calls.join()).toMatch(/1 of your cases contradict.*mistaken: L3 in row/s);
    silent.mockRestore();
    expect(existsSync(join(folder, 'contradictions.png'))).toBe(true);
    rmSync(folder, { recursive: true });
  });
});

describe('worseIn', () => {
  const scores = (own: [number, number], base: [number, number]): Scores => ({
    own: { cases: 10, right: own[0], wrong: own[1], silent: 10 - own[0] - own[1] },
    base: { cases: 100, right: base[0], wrong: base[1], silent: 100 - base[0] - base[1] },
  });
  const old = scores([4, 3], [90, 2]);

  it.each([
    ['better', scores([9, 0], [90, 2]), 0],
    ['the same', old, 0],
    ['one or two answers of the base set lost', scores([9, 0], [88, 2]), 0],
    ['three of them lost', scores([9, 0], [87, 2]), 1],
    ['a wrong level more on the base set', scores([9, 0], [95, 3]), 1],
    ['a wrong level more on the own persons', scores([6, 4], [90, 2]), 1],
    ['fewer right on the own persons', scores([3, 0], [90, 2]), 1],
  ])('%s', (_, model, reasons) => {
    expect(worseIn(model, old)).toHaveLength(reasons);
  });
});
