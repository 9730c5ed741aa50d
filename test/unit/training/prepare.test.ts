import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LEVEL_NAMES } from '../../../src/levels/types';
import type { Projection } from '../../../src/projection/types';
import { readCases, type Case } from '../../../training/items/cases';
import { faultsOf } from '../../../training/items/checkItem';
import { contactSheet } from '../../../training/items/contactSheet';
import type { TrainingItem } from '../../../training/items/item';
import { openCase, projectView, viewsOf } from '../../../training/items/openCase';
import { SOURCES } from '../../../training/prepare/sources/index';
import { NO_OPTIONS } from './sourceOptions';
import { readSplit, sharedPersons } from '../../../training/items/splits';
import { labelledItem, negativeItem } from '../../../training/items/toItem';
import { decode } from 'fast-png';

const SPLIT = 'training/items/splits/shared.json';
const MR_INDEX = '../shared/data/mr/index.json';
const CT_CASES = '../shared/data/ct/cases.json';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

function temporary(name: string, content: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), 'prepare-'));
  folders.push(folder);
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

function item(overrides: Partial<TrainingItem> = {}): TrainingItem {
  const [height, width] = [180, 90];
  const plane = Uint8Array.from({ length: height * width }, (_, i) => i % 200);
  return {
    id: 'x',
    person: 'x',
    set: 'x',
    modality: 'MR',
    kind: 'labelled',
    height,
    width,
    max: plane,
    mean: plane,
    lateral: null,
    levels: LEVEL_NAMES.map((name, i) => ({ name, row: 10 + 16 * i, column: 40 })),
    labelledRows: null,
    lastRib: null,
    ...overrides,
  };
}

describe('faultsOf', () => {
  const { levels } = item();
  const changed = (index: number, change: Partial<(typeof levels)[number]>) =>
    levels.map((level, i) => (i === index ? { ...level, ...change } : level));

  it('accepts a plausible item and a plausible negative', () => {
    expect(faultsOf(item())).toEqual([]);
    expect(faultsOf(item({ kind: 'no-l3', levels: [] }))).toEqual([]);
  });

  it.each([
    ['levels in another order', { levels: [...levels].reverse() }, /is followed by|not below/],
    ['names exchanged', { levels: changed(4, { name: 'L2' }) }, /followed by/],
    [
      'a level missing in between',
      { levels: levels.filter((_, i) => i !== 5) },
      /L1 is followed by L3/,
    ],
    ['bodies too near', { levels: changed(5, { row: levels[4].row + 5 }) }, /10 mm apart/],
    ['bodies too far', { levels: changed(9, { column: 85 }) }, /mm apart/],
    ['a body outside', { levels: changed(9, { column: 95 }) }, /S1 lies outside/],
    ['no place', { levels: changed(2, { row: NaN }) }, /T11 has no place/],
    ['no L3', { levels: levels.slice(0, 5) }, /L3 is not labelled/],
    ['an empty picture', { max: new Uint8Array(180 * 90).fill(7) }, /empty/],
    ['a negative with levels', { kind: 'no-l3' as const }, /must not have levels/],
    ['a scrap', { height: 5, width: 90 }, /5 x 90/],
  ])('rejects %s', (_, overrides, message) => {
    expect(faultsOf(item(overrides)).join('; ')).toMatch(message);
  });
});

describe('labelledItem', () => {
  const projection: Projection = {
    channels: ['max', 'mean', 'lateral'],
    data: Float32Array.from({ length: 3 * 60 * 40 }, (_, i) => [1, 0.5, 0][Math.floor(i / 2400)]),
    height: 60,
    width: 40,
    mmPerPixel: 2,
    topZMm: 100,
    frontYMm: -50,
    spineXMm: new Float32Array(60),
    inView: new Uint8Array(60).fill(1),
  };
  const truth: Case = {
    id: 'a',
    set: 's',
    modality: 'CT',
    path: '',
    levels: [
      { name: 'L3', zMm: 60, yMm: -10 },
      { name: 'L4', zMm: 25, yMm: null },
    ],
    lastRib: null,
    l3ZMm: 60,
    toleranceMm: null,
    expected: 'found',
    note: null,
  };

  it('places levels in rows and columns and keeps to what was labelled', () => {
    const made = labelledItem(truth, projection, 'v', 'p', { L4: -12 });
    expect(made.levels).toEqual([
      { name: 'L3', row: 20, column: 20 },
      { name: 'L4', row: 37.5, column: 19 },
    ]);
    expect(made.labelledRows).toEqual({ from: 15, to: 42.5 });
    expect(made.max[7]).toBe(255);
    expect(made.mean[7]).toBe(128);
    expect([made.id, made.person, made.set, made.kind]).toEqual(['a-v', 'p', 's', 'labelled']);
  });

  it('keeps the lateral band where the scan has one, and the last rib with it', () => {
    const lastRib = { name: 'L3', zMm: 60, yMm: -10 } as const;
    const counted = { ...truth, lastRib };
    expect(labelledItem(counted, projection, 'v', 'p', { L4: -12 })).toMatchObject({
      lateral: null,
      lastRib: null,
    });
    const data = projection.data.slice();
    data[4800 + 7] = 0.2;
    const made = labelledItem(counted, { ...projection, data }, 'v', 'p', { L4: -12 });
    expect(made.lateral?.[7]).toBe(51);
    expect(made.lastRib).toEqual({ row: 20, column: 20 });
    expect(labelledItem(truth, { ...projection, data }, 'v', 'p', { L4: -12 }).lastRib).toBeNull();
  });

  it('knows that nothing follows below S1', () => {
    const levels = [...truth.levels.slice(0, 1), { name: 'S1' as const, zMm: 0, yMm: 0 }];
    const made = labelledItem({ ...truth, levels }, projection, '', 'p', {});
    expect(made.labelledRows?.to).toBe(60);
  });

  it('refuses to invent a place front to back', () => {
    expect(() => labelledItem(truth, projection, '', 'p', {})).toThrow(/a: the place of L4/);
  });

  it('makes negatives without levels', () => {
    expect(negativeItem(truth, projection, '', 'p')).toMatchObject({ kind: 'no-l3', levels: [] });
  });
});

describe('readCases', () => {
  it('reads heights of a CT and voxels of a sagittal MR into LPS mm', () => {
    const file = temporary('cases.json', [
      { case: 'a-1', path: 'sub/a.dcm', l3_z_mm: -5, levels_z_mm: { L4: -40, L3: -5 }, note: 'n' },
      { case: 'r', path: 'r.dcm', l3_z_mm: -5, levels_z_mm: { T12: 70, L3: -5 }, last_rib: 'T12' },
      { case: 'b', path: 'b.nii.gz', l3_z_mm: null },
      {
        case: 'set-07',
        image: 'm.nii.gz',
        spacing_mm: [1, 2, 4],
        centroids_ijk: { L3: [30, 50, 7] },
      },
    ]);
    const [ct, ribs, negative, mr] = readCases(file);
    expect(ct.lastRib).toBeNull();
    expect(ribs.lastRib).toEqual({ name: 'T12', zMm: 70, yMm: null });
    expect(ct).toMatchObject({ set: 'sub', expected: 'found', l3ZMm: -5, note: 'n' });
    expect(ct.levels.map(({ name }) => name)).toEqual(['L3', 'L4']);
    expect(negative).toMatchObject({ expected: 'undetermined', l3ZMm: null, levels: [] });
    expect(mr).toMatchObject({ set: 'set', modality: 'MR', l3ZMm: -100 });
    expect(mr.levels).toEqual([{ name: 'L3', zMm: -100, yMm: 30 }]);
  });

  it('takes absolute paths as they are, and names the set by the case then', () => {
    const file = temporary('cases.json', [
      { case: 'site-3', path: '/scans/x/a.nii', l3_z_mm: 0 },
      { case: 'mr-1', image: '/scans/m.nii', spacing_mm: [1, 1, 4], centroids_ijk: {} },
    ]);
    expect(readCases(file).map(({ path, set }) => [path, set])).toEqual([
      ['/scans/x/a.nii', 'site'],
      ['/scans/m.nii', 'mr'],
    ]);
  });

  it('reads the modality and the person that an entry names', async () => {
    const heights = { l3_z_mm: 0, levels_z_mm: { L3: 0 } };
    const volume = { image: 'm.nii', spacing_mm: [1, 1, 4], centroids_ijk: {} };
    const file = temporary('cases.json', [
      { case: 'a', path: 'a', ...heights, modality: 'MR', person: 'p1' },
      { case: 'b', path: 'b', ...heights, modality: 'CT', person: null },
      { case: 'c', path: 'c', ...heights },
      { case: 'd', ...volume, modality: 'MR', person: 'p1' },
      { case: 'e', ...volume },
    ]);
    expect(readCases(file).map(({ modality, person }) => [modality, person])).toEqual([
      ['MR', 'p1'],
      ['CT', null],
      ['CT', null],
      ['MR', 'p1'],
      ['MR', null],
    ]);
    const listed = await SOURCES.list.list(file, NO_OPTIONS);
    expect(listed.map(({ person }) => person)).toEqual(['p1', null, null, 'p1', null]);
    const [mr] = await Promise.all(listed.map((entry) => SOURCES.list.read(entry, NO_OPTIONS)));
    expect(mr).toMatchObject({ kind: 'scan', truth: { id: 'a', modality: 'MR' } });
  });

  const scan = { case: 'q', path: 'x' };
  const volume = { case: 'q', image: 'x', spacing_mm: [1, 1, 4], centroids_ijk: {} };
  it.each([
    ['no JSON', '{', /cases\.json is not a readable JSON/],
    ['no list', {}, /cases\.json: its content must be a list; it is \{\}/],
    ['no entry', [scan, 7], /cases\.json: \[1\] must be an object; it is 7/],
    ['no file', [{ case: 'q' }], /entry 1: q names neither an "image" nor a "path"/],
    ['no name', [scan, { path: 'x' }], /entry 2: case must be a text; it is missing/],
    [
      'a rib on no level',
      [{ ...scan, last_rib: 'T11', levels_z_mm: { L3: 1 } }],
      /entry 1: last_rib must be one of the listed levels; it is "T11"/,
    ],
    ['no number', [{ ...scan, l3_z_mm: 'high' }], /entry 1: l3_z_mm must be a number .*"high"/],
    ['no height', [{ ...scan, levels_z_mm: { L2: null } }], /levels_z_mm\.L2 must be .* null/],
    ['a list of heights', [{ ...scan, levels_z_mm: [1] }], /levels_z_mm must be an object/],
    ['no expectation', [{ ...scan, expected: 'fond' }], /expected must be one of found, .*"fond"/],
    ['a modality', [{ ...scan, modality: 'PT' }], /modality must be one of CT, MR; it is "PT"/],
    [
      'no tolerance',
      [{ ...scan, tolerance_mm: -1 }],
      /tolerance_mm must be a number from 0 to 100/,
    ],
    ['no person', [{ ...scan, person: 17 }], /person must be a text; it is 17/],
    ['a CT in voxels', [{ ...volume, modality: 'CT' }], /modality must be MR, or a "path"/],
    ['no spacing', [{ ...volume, spacing_mm: [1, 0, 4] }], /spacing_mm\[1\] must be .* above 0/],
    ['no voxels', [{ ...volume, centroids_ijk: null }], /centroids_ijk must be an object/],
    [
      'no point',
      [{ ...volume, centroids_ijk: { L3: [1, 2] } }],
      /centroids_ijk\.L3 must be a point of three numbers; it is \[1,2\]/,
    ],
  ])('names the file, the entry and the field for %s', (_, content, message) => {
    expect(() => readCases(temporary('cases.json', content))).toThrow(message);
  });
});

describe('the split', () => {
  const split = readSplit(SPLIT);

  it('keeps the test set out of training and does not use what it does not name', () => {
    for (const id of ['tcga-coad', 'verse014', 'no-l3-verse006', 'A027284-0925', 'A058062-0108'])
      expect(split.roleOf(id).role).toBe('never');
    expect(split.roleOf('something-new').role).toBe('never');
    expect(split.roleOf('chu-02').role).toBe('train');
    expect(split.roleOf('chu-04').role).toBe('held-out');
    expect(split.roleOf('myosegmentum-39').role).toBe('unused');
    expect(split.personOf('zukic-06')).toBe(split.personOf('zukic-02'));
    expect(split.personOf('zukic-12')).toBe('zukic-12');
  });

  it('notices a person on both sides', () => {
    const leaking = readSplit(
      temporary('split.json', {
        rules: [
          { role: 'train', cases: ['a-1'], reason: '' },
          { role: 'held-out', cases: ['a-*'], reason: '' },
        ],
        persons: [{ person: 'a', cases: ['a-*'] }],
      }),
    );
    const cases = ['a-1', 'a-2', 'b-1'].map((id) => ({ id, person: null }));
    expect(sharedPersons(leaking, cases)).toEqual(['a-2 is held out, but a is trained on']);
    // What the source says of the person goes before the split.
    const told = cases.map(({ id }) => ({ id, person: id === 'a-2' ? 'p' : null }));
    expect(sharedPersons(leaking, told)).toEqual([]);
    const same = [...told, { id: 'c-1', person: 'a' }];
    expect(sharedPersons(leaking, same)).toEqual(['c-1 is held out, but a is trained on']);
  });

  const rule = { role: 'train', cases: ['a-*'], reason: '' };
  it.each([
    ['{', /split\.json is not a readable JSON file/],
    [{ rules: [rule] }, /split\.json: persons must be a list; it is missing/],
    [
      { rules: [{ ...rule, role: 'test' }], persons: [] },
      /rules\[0\]\.role must be one of train, /,
    ],
    [{ rules: [{ ...rule, cases: 'a-*' }], persons: [] }, /rules\[0\]\.cases must be a list/],
    [
      { rules: [rule], persons: [], levelsYMm: { 'a-1': { L3: '4' } } },
      /levelsYMm\.a-1\.L3 must be a number; it is "4"/,
    ],
  ])('says what is wrong with %j', (content, fault) => {
    expect(() => readSplit(temporary('split.json', content))).toThrow(fault);
  });

  const present = existsSync(MR_INDEX) && existsSync(CT_CASES) ? it : it.skip;
  present('covers the shared data without a person on both sides', () => {
    const cases = [MR_INDEX, CT_CASES].flatMap(readCases);
    const ids = cases.map(({ id }) => id);
    expect(sharedPersons(split, cases)).toEqual([]);
    expect(ids.filter((id) => split.roleOf(id).reason === 'not named by the split')).toEqual([]);
    const heldOut = ids.filter((id) => split.roleOf(id).role === 'held-out');
    expect(heldOut).toHaveLength(14);
  });
});

describe('a shared MR volume', () => {
  const present = existsSync(MR_INDEX) ? it : it.skip;
  present(
    'is projected in 21 views with L3 where its index says',
    async () => {
      const truth = readCases(MR_INDEX).find(({ id }) => id === 'zukic-16')!;
      const entries = JSON.parse(readFileSync(MR_INDEX, 'utf8')) as {
        case: string;
        l3_row: number;
      }[];
      const expected = entries.find((entry) => entry.case === 'zukic-16')!.l3_row / 2;
      const open = await openCase(truth);
      const views = viewsOf(open.series);
      expect(views).toHaveLength(21);
      const [thin, thick] = await Promise.all([
        projectView(
          open,
          views.find(({ name }) => name === 'slab+0w0')!,
        ),
        projectView(
          open,
          views.find(({ name }) => name === 'slab+0w2')!,
        ),
      ]);
      const made = labelledItem(truth, thin, '', 'p', {});
      expect(made.levels.find(({ name }) => name === 'L3')!.row).toBeCloseTo(expected, 0);
      expect(made.max).toEqual(made.mean);
      expect(labelledItem(truth, thick, '', 'p', {}).max).not.toEqual(made.max);
      expect(faultsOf(made)).toEqual([]);
    },
    60000,
  );
});

describe('contactSheet', () => {
  it('draws a picture enlarged, with its marks', () => {
    const plane = new Uint8Array(20 * 10).fill(100);
    const mark = { row: 10, column: null, label: '', colour: [255, 0, 0] as const };
    const png = decode(
      contactSheet([{ title: '', height: 20, width: 10, plane, marks: [mark] }], 1, 2),
    );
    const at = (x: number, y: number) => [
      ...png.data.slice((y * png.width + x) * 3, (y * png.width + x) * 3 + 3),
    ];
    expect(at(5, 10 + 5)).toEqual([100, 100, 100]);
    expect(at(18, 10 + 21)).toEqual([255, 0, 0]);
    expect(() => contactSheet([])).toThrow(/at least one/);
  });
});
