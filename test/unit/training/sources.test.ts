import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeCorrection } from '../../../src/corrections/correctionFile';
import { personKey } from '../../../src/corrections/personKey';
import type { Correction } from '../../../src/corrections/types';
import { readCases } from '../../../training/items/cases';
import { readItems } from '../../../training/items/itemStore';
import { prepare as prepareCases, type PrepareOptions } from '../../../training/prepare/command';
import { readLabelMap, regionsOf } from '../../../training/prepare/labelMap';
import { faultsOf } from '../../../training/items/checkItem';
import { countFromSacrum, type LabelledBody } from '../../../training/prepare/numbering';
import { SOURCES } from '../../../training/prepare/sources/index';
import { NO_OPTIONS } from './sourceOptions';
import { splitByPerson, splitOf } from '../../../training/items/splits';
import { bodyCentre } from '../../../training/prepare/vertebralBody';
import { GRID, vertebra, writeScan } from './maskScan';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sources-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function truthOf(kind: string, path: string) {
  const [entry] = await SOURCES[kind].list(path, NO_OPTIONS);
  const truth = await SOURCES[kind].read(entry, NO_OPTIONS);
  if (truth.kind !== 'scan') throw new Error('items, not a scan');
  return truth.truth;
}

describe('the centre of a vertebral body', () => {
  const centreIn = async (z: number) => {
    const file = join(folder, 'mask.nii');
    writeScan(file, vertebra(22, z, 3));
    const region = regionsOf(await readLabelMap(file), new Set([22])).get(22)!;
    return { ...bodyCentre(region)!, points: region.points };
  };

  it('is that of the body, not of the vertebra with its processes', async () => {
    const { centre, isCut, points } = await centreIn(10);
    expect(isCut).toBe(false);
    expect(Math.abs(centre[1] - 3)).toBeLessThan(1.5);
    expect(Math.abs(centre[2] - 10)).toBeLessThan(1.5);
    const ys = Array.from({ length: points.length / 3 }, (_, p) => points[3 * p + 1]);
    expect(ys.reduce((a, b) => a + b, 0) / ys.length).toBeGreaterThan(3 + 5);
  });

  it('is not believed where the scan ends within the body', async () => {
    expect((await centreIn(-155)).isCut).toBe(true);
    // The spinous process is cut, the body is not.
    expect((await centreIn(-144)).isCut).toBe(false);
  });

  const shared = '../shared/data/ct/cases.json';
  (existsSync(shared) ? it : it.skip)(
    'agrees with the centres read from expert masks',
    async () => {
      const values = { T12: 19, L1: 20, L2: 21, L3: 22, L4: 23, L5: 24 } as const;
      let compared = 0;
      for (const truth of readCases(shared).filter(({ id }) => /^verse/.test(id))) {
        const map = await readLabelMap(truth.path.replace('.nii.gz', '_labels.nii.gz'));
        const regions = regionsOf(map, new Set(Object.values(values)));
        for (const { name, zMm } of truth.levels) {
          const region = regions.get(values[name as keyof typeof values]);
          if (!region) continue;
          expect(Math.abs(bodyCentre(region)!.centre[2] - zMm)).toBeLessThan(2.5);
          compared++;
        }
      }
      expect(compared).toBeGreaterThan(15);
    },
    60_000,
  );
});

describe('countFromSacrum', () => {
  const spine = (names: string, step = 30): LabelledBody[] =>
    names.split(' ').map((name, i) => ({ name, centre: [0, 0, 300 - step * i] }));
  const renamed = (names: string, ribs = true) => {
    const bodies = spine(names);
    const { levels, lastRib, ...rest } = countFromSacrum(bodies, ribs);
    const sourceOf = (zMm: number) => bodies.find(({ centre }) => centre[2] === zMm)!.name;
    return {
      names: levels.map(({ name, zMm }) => `${sourceOf(zMm)}:${name}`).join(' '),
      lastRib: lastRib && sourceOf(lastRib.zMm),
      ...rest,
    };
  };

  it('keeps the names of an ordinary spine', () => {
    expect(renamed('T11 T12 L1 L2 L3 L4 L5 S1')).toMatchObject({
      names: 'T11:T11 T12:T12 L1:L1 L2:L2 L3:L3 L4:L4 L5:L5 S1:S1',
      lastRib: 'T12',
      expected: 'found',
      l3ZMm: 180,
    });
    expect(renamed('T11 T12 L1 L2 L3 L4 L5 S1', false).lastRib).toBeNull();
  });

  it.each([
    [
      'six lumbar-type',
      'T12 L1 L2 L3 L4 L5 L6',
      'T12:T11 L1:T12 L2:L1 L3:L2 L4:L3 L5:L4 L6:L5',
      'T12',
    ],
    [
      'four lumbar-type',
      'T11 T12 L1 L2 L3 L4 S1',
      'T11:T12 T12:L1 L1:L2 L2:L3 L3:L4 L4:L5 S1:S1',
      'T12',
    ],
  ])(
    'counts %s vertebrae up from the sacrum and says that nobody can tell',
    (_, given, names, rib) => {
      expect(renamed(given)).toMatchObject({ names, lastRib: rib, expected: 'undetermined' });
    },
  );

  it.each([
    ['thirteen ribs and five lumbar', 'T11 T12 T13 L1 L2 L3 L4 L5 S1', 'T13', 'found'],
    ['eleven ribs and five lumbar', 'T10 T11 L1 L2 L3 L4 L5 S1', 'T11', 'found'],
  ])('finds L3 with %s vertebrae: both counts agree', (_, given, rib, expected) => {
    const { names, lastRib, ...rest } = renamed(given);
    expect(names).toMatch(/L1:L1 L2:L2 L3:L3 L4:L4 L5:L5 S1:S1$/);
    expect(names).toContain(`${rib}:T12`);
    expect([lastRib, rest.expected]).toEqual([rib, expected]);
  });

  it('counts no further than a vertebra that is missing, and not on names alone', () => {
    expect(renamed('T12 L1 L3 L4 L5 S1').names).toBe('L3:L3 L4:L4 L5:L5 S1:S1');
    expect(renamed('L2 L3 L4').expected).toBe('either');
    expect(renamed('T10 T11 T12')).toMatchObject({ l3ZMm: null, expected: 'undetermined' });
    expect(() => countFromSacrum([...spine('L2 L1')], true)).toThrow(/L2 does not lie below L1/);
  });
});

describe('sources of masks', () => {
  const column = (labels: readonly number[], step: number) =>
    labels.flatMap((label, i) => vertebra(label, 100 - step * i));
  const image = (file: string) => writeScan(file, column([700, 700, 700], 34), GRID, () => -1000);

  it("reads pairs in VerSe's codes, of persons that the names give", async () => {
    image(join(folder, 'sub-verse123_dir-sag_ct.nii'));
    writeScan(join(folder, 'sub-verse123_dir-sag_seg-vert_msk.nii'), column([21, 22, 23], 34));
    writeScan(join(folder, 'alone_labels.nii'), column([22], 34));
    const entries = await SOURCES.verse.list(folder, NO_OPTIONS);
    expect(entries.map(({ id, person }) => [id, person])).toEqual([
      ['alone', null],
      ['sub-verse123_dir-sag', 'sub-verse123'],
    ]);
    await expect(SOURCES.verse.read(entries[0], NO_OPTIONS)).rejects.toThrow(
      /no image beside .*alone_labels/,
    );
    const read = await SOURCES.verse.read(entries[1], NO_OPTIONS);
    const { truth } = read as Extract<typeof read, { kind: 'scan' }>;
    expect(truth).toMatchObject({ modality: 'CT', expected: 'either' });
    expect(truth.levels.map(({ name }) => name)).toEqual(['L2', 'L3', 'L4']);
    expect(Math.abs(truth.l3ZMm! - 66)).toBeLessThan(1.5);
    await expect(SOURCES.verse.list(join(folder, 'none'), NO_OPTIONS)).rejects.toThrow(
      /none is not a folder/,
    );
  });

  const disc = (label: number, z: number) => ({
    ...{ label, x: [-18, 18] as const, y: [-14, 14] as const },
    z: [z - 3, z + 3] as const,
  });
  const writeCase = (mask: Parameters<typeof writeScan>[1]) => {
    for (const name of ['MR', 'Mask']) mkdirSync(join(folder, name), { recursive: true });
    writeScan(join(folder, 'MR/Case7.nii'), column([300], 34), GRID, () => 40);
    writeScan(join(folder, 'Mask/mask_case7.nii'), mask);
  };

  it('reads MRSpineSeg, L3 from its discs where it has no body', async () => {
    // 5 is L2, 3 is L4; 14 and 13 are the discs above and below L3.
    writeCase([...vertebra(5, 68), ...vertebra(3, 0), disc(14, 51), disc(13, 17)]);
    const truth = await truthOf('mrspineseg', folder);
    expect(truth).toMatchObject({ id: 'mrspineseg-7', modality: 'MR', lastRib: null });
    expect(truth.levels.map(({ name }) => name)).toEqual(['L2', 'L3', 'L4']);
    expect(Math.abs(truth.l3ZMm! - 34)).toBeLessThan(1.5);
  });

  it('does not believe an L3 that its discs contradict', async () => {
    writeCase([...vertebra(4, 68), disc(14, 51), disc(13, 17)]);
    await expect(truthOf('mrspineseg', folder)).rejects.toThrow(
      /34 mm from the middle of the discs/,
    );
  });

  it('reads TotalSegmentator: a folder of structures, and version 2 of the label map', async () => {
    const subject = join(folder, 's1');
    mkdirSync(join(subject, 'segmentations'), { recursive: true });
    image(join(subject, 'ct.nii'));
    const write = (name: string, boxes: Parameters<typeof writeScan>[1]) =>
      writeScan(join(subject, 'segmentations', `${name}.nii`), boxes);
    ['T12', 'L1', 'L2', 'L3'].forEach((name, i) =>
      write(`vertebrae_${name}`, vertebra(1, 100 - 34 * i)),
    );
    write('liver', vertebra(1, 0));
    expect((await truthOf('totalsegmentator', folder)).lastRib).toBeNull();
    write('rib_left_12', [{ label: 1, x: [-40, -10], y: [20, 30], z: [90, 100] }]);
    const folders = await truthOf('totalsegmentator', folder);
    expect(folders.levels.map(({ name }) => name)).toEqual(['T12', 'L1', 'L2', 'L3']);
    expect(folders).toMatchObject({ lastRib: { name: 'T12' }, expected: 'found' });
    rmSync(join(subject, 'segmentations'), { recursive: true });
    // 32 is T12, 31 L1, 30 L2, 29 L3; 115 the right twelfth rib.
    writeScan(join(subject, 'segmentations.nii'), [
      ...column([32, 31, 30, 29], 34),
      { label: 115, x: [30, 48], y: [20, 30], z: [90, 100] },
    ]);
    const map = await truthOf('totalsegmentator', folder);
    expect([map.levels, map.lastRib]).toEqual([folders.levels, folders.lastRib]);
  }, 30_000);
});

describe('corrections', () => {
  const [height, width] = [120, 60];
  const plane = Uint8Array.from({ length: height * width }, (_, i) => i % 200);
  const correction: Correction = {
    person: personKey({ patientId: 'x', salt: '0123456789abcdef' }),
    modality: 'CT',
    mmPerPixel: 2,
    height,
    width,
    window: { kind: 'hu', low: -200, high: 800 },
    max: plane,
    mean: plane,
    lateral: null,
    model: { name: 'm', version: '1.0.0', sha256: '0'.repeat(64) },
    found: { outcome: 'undetermined', levels: [] },
    final: {
      action: 'renumbered',
      levels: [
        { name: 'L3', row: 50, column: 30 },
        { name: 'L4', row: 67, column: 30 },
      ],
    },
  };
  const read = async (changed: Partial<Correction> = {}) => {
    writeFileSync(join(folder, '17.correction'), encodeCorrection({ ...correction, ...changed }));
    const [entry] = await SOURCES.corrections.list(folder, NO_OPTIONS);
    const truth = await SOURCES.corrections.read(entry, NO_OPTIONS);
    return (truth as Extract<typeof truth, { kind: 'items' }>).items;
  };

  it('become items whose other levels nobody labelled', async () => {
    expect(await read()).toEqual([
      expect.objectContaining({
        ...{ id: '17', person: correction.person, set: 'corrections', kind: 'labelled' },
        levels: correction.final.levels,
        labelledRows: { from: 45, to: 72 },
        lastRib: null,
      }),
    ]);
  });

  it.each([
    ['ends-above-l3', 'no-l3'],
    ['begins-below-l3', 'below-l3'],
  ] as const)('of a scan without L3 that %s become items of the kind %s', async (action, kind) => {
    const [item] = await read({ final: { action, levels: [] } });
    expect(item).toMatchObject({ kind, levels: [], labelledRows: null, person: correction.person });
    expect(faultsOf(item)).toEqual([]);
  });

  it('must be on the grid and with the window that models are trained with', async () => {
    await expect(read({ mmPerPixel: 1 })).rejects.toThrow(/pixels of 1 mm/);
    await expect(read({ window: { kind: 'hu', low: -100, high: 800 } })).rejects.toThrow(
      /window -100\.\.800 \(hu\); models are trained with -200\.\.800/,
    );
  });
});

describe('splitByPerson', () => {
  const cases = Array.from({ length: 300 }, (_, i) => ({
    ...{ id: `c${i}`, set: 's', person: `p${Math.floor(i / 3)}` },
  }));

  it('keeps a person on one side, and there whatever else comes', () => {
    const split = splitOf(splitByPerson(cases, 0.2));
    const roleOf = (id: string) => split.roleOf(id).role;
    for (let i = 0; i < 300; i += 3) {
      expect(new Set([roleOf(`c${i}`), roleOf(`c${i + 1}`), roleOf(`c${i + 2}`)]).size).toBe(1);
    }
    const heldOut = cases.filter(({ id }) => roleOf(id) === 'held-out').length;
    expect(heldOut).toBeGreaterThan(30);
    expect(heldOut).toBeLessThan(100);
    const fewer = splitOf(splitByPerson(cases.slice(0, 100), 0.2));
    expect(cases.slice(0, 100).every(({ id }) => fewer.roleOf(id).role === roleOf(id))).toBe(true);
  });
});

describe('prepare', () => {
  const prepare = () =>
    execFileSync(
      process.execPath,
      [
        ...['training/find-l3-train.mjs', 'prepare', '--source', `csv=${join(folder, 'my.csv')}`],
        ...['--hold-out-share', '0', '--workers', '1'],
        ...['--out', join(folder, 'out'), '--sheets', join(folder, 'sheets')],
      ],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    );
  const sagittal = { size: [7, 100, 130], mm: [4, 2, 2], origin: [-12, -100, -130] } as const;
  const scan = (name: string, shift: number) =>
    writeScan(
      join(folder, name),
      [0, 34, 68].flatMap((up) => vertebra(400, up + shift)),
      sagittal,
      (i) => (i * 7) % 60,
    );

  it('fails where it cannot or did not write anything, and looks before it works', async () => {
    const said = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const out = join(folder, 'barren');
    const given = (input: string, changes: Partial<PrepareOptions> = {}) => {
      const table = join(folder, 'barren.csv');
      writeFileSync(table, `input,level,z_mm,y_mm\n${input},L3,0,0\n`);
      const options = { cases: [], source: [`csv=${table}`], holdOutShare: 0, out, workers: 1 };
      return prepareCases({ ...options, columnsFrom: 'models/l3-unet3plus', ...changes });
    };
    await expect(given('gone.nii')).rejects.toThrow(
      /1 of 1 cases lack files, e.g. .*gone.nii. Paths in a list are absolute, or relative/,
    );
    scan('empty.nii', 0);
    const nowhere = { columnsFrom: folder };
    await expect(given('empty.nii', nowhere)).rejects.toThrow(/no model package in /);
    expect(existsSync(join(out, 'cases'))).toBe(false);
    writeFileSync(join(folder, 'no-scan.nii'), 'this is no scan');
    await expect(given(join(folder, 'no-scan.nii'))).rejects.toThrow(
      /None of the 1 cases for train gave an item \(.*no-scan: .*barren.rejected.json/,
    );
    said.mockRestore();
  });

  it('goes on where it stopped, does again what has changed, and says what it left out', () => {
    scan('a.nii', 0);
    scan('b.nii', 10);
    const row = (input: string, shift: number) =>
      ['L2,68', 'L3,34', 'L4,0']
        .map((level) => level.split(','))
        .map(([name, z]) => `${input},${name},${Number(z) + shift},0\n`)
        .join('');
    const table = (b: number) =>
      writeFileSync(
        join(folder, 'my.csv'),
        `input,level,z_mm,y_mm\n${row('a.nii', 0)}${row('b.nii', b)}gone.nii,L3,0,0\n`,
      );
    table(10);
    prepare();
    const out = (name: string) => join(folder, 'out', name);
    const items = readItems(out('mr.items'));
    expect(items).toHaveLength(42);
    const l3 = items[0].levels.find(({ name }) => name === 'L3')!;
    // Row 0 is at z = 128, column 0 at y = -100.
    expect([l3.row, l3.column]).toEqual([(128 - 34) / 2, 50]);
    expect(items.every(({ lateral, lastRib }) => lateral === null && lastRib === null)).toBe(true);
    const rejected = JSON.parse(readFileSync(out('rejected.json'), 'utf8')) as { case: string }[];
    expect(rejected).toEqual([
      expect.objectContaining({ case: 'gone', reasons: [expect.stringMatching(/does not exist/)] }),
    ]);
    expect(existsSync(join(folder, 'sheets', 'mr.png'))).toBe(true);
    const first = readFileSync(out('mr.items'));

    const records = () =>
      (
        JSON.parse(readFileSync(out('provenance.json'), 'utf8')) as {
          id: string;
          fingerprint: string;
        }[]
      ).map(({ id, fingerprint }) => [id, fingerprint]);
    const before = records();
    prepare();
    expect(records()).toEqual(before);
    expect(readFileSync(out('mr.items')).equals(first)).toBe(true);
    table(12);
    prepare();
    const [a, b] = records();
    expect([a, b[0]]).toEqual([before[0], 'b']);
    expect(b[1]).not.toBe(before[1][1]);
    expect(readItems(out('mr.items'))[21].levels[1].row).toBe((128 - 46) / 2);
  }, 120_000);
});
