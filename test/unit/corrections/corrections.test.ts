import fc from 'fast-check';
import { decodeCorrections, encodeCorrection } from '../../../src/corrections/correctionFile';
import {
  makeAbsence,
  makeCorrection,
  type CorrectionInput,
} from '../../../src/corrections/makeCorrection';
import { personKey } from '../../../src/corrections/personKey';
import type { Absence } from '../../../src/corrections/types';
import { LEVEL_NAMES } from '../../../src/levels/types';
import type { Projection } from '../../../src/projection/types';
import type { Vec3 } from '../../../src/series/types';

const SALT = 'a salt that stays in the hospital';
const MARKED = 'MARKED^VALUE';
const [HEIGHT, WIDTH] = [400, 112];

/** 800 mm of body, row 0 at z = 1000; the value of a row tells the row. */
const projection: Projection = {
  channels: ['max', 'mean', 'lateral'],
  data: Float32Array.from({ length: 3 * HEIGHT * WIDTH }, (_, i) => {
    const plane = Math.floor(i / (HEIGHT * WIDTH));
    const row = Math.floor(i / WIDTH) % HEIGHT;
    return ((row % 200) + plane) / 255;
  }),
  height: HEIGHT,
  width: WIDTH,
  mmPerPixel: 2,
  topZMm: 1000,
  frontYMm: -100,
  spineXMm: new Float32Array(HEIGHT),
  inView: new Uint8Array(HEIGHT).fill(1),
};

/** A spine with 30 mm from body to body, T9 at z = 700, y = 20. */
const found: CorrectionInput['found'] = LEVEL_NAMES.map((name, i) => ({
  name,
  pointLpsMm: [3, 20, 700 - 30 * i] as Vec3,
  probability: 0.5 + i / 100,
}));
const l3 = found[LEVEL_NAMES.indexOf('L3')].pointLpsMm;
const at = (zMm: number): Vec3 => [0, 0, zMm];

const input: CorrectionInput = {
  projection,
  modality: 'CT',
  window: { kind: 'hu', low: -200, high: 800 },
  model: { name: 'l3-unet3plus', version: '0.1.0', sha256: 'ab'.repeat(32) },
  person: personKey({ patientId: 'X', salt: SALT }),
  outcome: 'found',
  found,
  l3PointLpsMm: l3,
};

const headerOf = (bytes: Uint8Array) =>
  JSON.parse(new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(10)))) as Record<
    string,
    unknown
  >;

function withHeader(bytes: Uint8Array, change: (header: Record<string, never>) => void) {
  const header = headerOf(bytes) as Record<string, never>;
  change(header);
  return Buffer.concat([
    Buffer.from(`${JSON.stringify(header)}\n`),
    bytes.subarray(bytes.indexOf(10) + 1),
  ]);
}

describe('makeCorrection', () => {
  const rowsOf = (levels: readonly { name: string; row: number }[]) =>
    Object.fromEntries(levels.map(({ name, row }) => [name, row]));

  it('keeps the picture from above T9 to below S1 and says where the levels lie in it', () => {
    const correction = makeCorrection(input);
    const topRow = correction.max[0];
    const { T9, L3, S1 } = rowsOf(correction.final.levels);
    expect(correction.final.action).toBe('confirmed');
    // T9 lies at z = 700, row 150 of the whole picture; L3 30 mm x 6 below, S1 30 mm x 9.
    expect([T9 + topRow, L3 + topRow, S1 + topRow]).toEqual([150, 240, 285]);
    expect(T9 * 2).toBeGreaterThan(10);
    expect(T9 * 2).toBeLessThan(26);
    expect((correction.height - S1) * 2).toBeGreaterThan(45);
    expect((correction.height - S1) * 2).toBeLessThan(75);
    expect([correction.mean[0], correction.lateral?.[0]]).toEqual([topRow + 1, topRow + 2]);
    expect(correction.max).toHaveLength(correction.height * WIDTH);
    expect(rowsOf(correction.found.levels)).toEqual(rowsOf(correction.final.levels));
  });

  it('moves L3 alone within its body', () => {
    const correction = makeCorrection({ ...input, l3PointLpsMm: at(l3[2] - 5) });
    expect(correction.final.action).toBe('moved');
    const [was, is] = [rowsOf(correction.found.levels), rowsOf(correction.final.levels)];
    expect(is).toEqual({ ...was, L3: was.L3 + 2.5 });
    const columns = correction.final.levels.map(({ column }) => column);
    expect(new Set(columns)).toEqual(new Set([60]));
  });

  it.each([
    ['one too low', -30, 'L4', 'L2'],
    ['one too high', 30, 'L2', 'L4'],
  ] as const)('renames every body when the person says L3 is the %s', (_, by, was, is) => {
    const correction = makeCorrection({ ...input, l3PointLpsMm: at(l3[2] + by) });
    expect(correction.final.action).toBe('renumbered');
    const [before, after] = [rowsOf(correction.found.levels), rowsOf(correction.final.levels)];
    expect(after.L3).toBe(before[was]);
    expect(after[is]).toBe(before.L3);
    expect(correction.final.levels).toHaveLength(LEVEL_NAMES.length - 1);
  });

  it('names no body beyond one that was overlooked', () => {
    const gap = found.map((level, i) =>
      i > 7 ? { ...level, pointLpsMm: at(level.pointLpsMm[2] - 30) } : level,
    );
    const correction = makeCorrection({ ...input, found: gap });
    expect(correction.final.levels.map(({ name }) => name)).toEqual(LEVEL_NAMES.slice(0, 8));
  });

  it('knows L3 alone where no body was found, and keeps rather too little around it', () => {
    const correction = makeCorrection({
      ...input,
      outcome: 'undetermined',
      found: [],
      l3PointLpsMm: [0, 40, 520],
    });
    expect(correction.final.action).toBe('placed');
    expect(correction.final.levels).toEqual([
      { name: 'L3', row: 240 - correction.max[0], column: 70 },
    ]);
    // The mean adult has 177 mm from T9 to L3.
    expect((240 - correction.max[0]) * 2).toBeLessThan(177);
  });

  it('never keeps rows more than a tall adult has between T9 and L3, whatever was found', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 210, max: 990, noNaN: true }), { maxLength: 10 }),
        fc.double({ min: 300, max: 600, noNaN: true }),
        (heights, z) => {
          const places = heights
            .sort((a, b) => b - a)
            .map((height, i) => ({ ...found[i], pointLpsMm: at(height) }));
          const correction = makeCorrection({ ...input, found: places, l3PointLpsMm: at(z) });
          // 177 mm from T9 to L3 on average, 20 mm above T9, the tallest body 1.24 times as long.
          return rowsOf(correction.final.levels).L3 * 2 <= 1.24 * (177 + 20) + 2;
        },
      ),
      { seed: 7, numRuns: 200 },
    );
  });

  it('leaves out a lateral band that shows nothing', () => {
    const data = projection.data.slice().fill(0, 2 * HEIGHT * WIDTH);
    expect(makeCorrection({ ...input, projection: { ...projection, data } }).lateral).toBeNull();
  });

  it('says what is missing', () => {
    expect(() => makeCorrection({ ...input, l3PointLpsMm: at(2000) })).toThrow(/outside/);
    const one: Projection = { ...projection, channels: ['max', 'mix', 'lateral'] };
    expect(() => makeCorrection({ ...input, projection: one })).toThrow(/channels max and mean/);
  });
});

describe('makeAbsence', () => {
  /** Rows 100 to 299 show something: z = 800 to z = 402 mm. */
  const seen = { ...projection, inView: new Uint8Array(HEIGHT).fill(1, 100, 300) };
  const absent = (absence: Absence, of: Projection = seen) =>
    makeAbsence({ ...input, projection: of, absence });

  it('keeps the lower end of a scan that ends above L3, no higher than a small T9 would lie', () => {
    const { final, found: was, height, max, mean, lateral } = absent('ends-above-l3');
    expect(final).toEqual({ action: 'ends-above-l3', levels: [] });
    const top = 300 - height;
    expect([max[0], mean[0], lateral![0]].map((value) => value + 200)).toEqual([
      top,
      top + 1,
      top + 2,
    ]);
    expect(max.at(-1)).toBe(299 - 200);
    // 177 mm from T9 to L3 on average and 20 mm above, in a body 0.76 times as long.
    expect(2 * height).toBeLessThanOrEqual(0.76 * 197 + 2);
    expect(2 * height).toBeGreaterThan(140);
    // What was found keeps its place: L3 at z = 520 is row 240 of the whole picture.
    expect(was.levels.find(({ name }) => name === 'L3')!.row).toBe(240 - top);
  });

  it('keeps the upper end of a scan that begins below L3', () => {
    const { final, height, max } = absent('begins-below-l3');
    expect(final).toEqual({ action: 'begins-below-l3', levels: [] });
    expect(max[0]).toBe(100);
    // Some 99 mm from L3 to S1 and 60 mm below.
    expect(2 * height).toBeLessThanOrEqual(0.76 * 165);
    expect(2 * height).toBeGreaterThan(110);
  });

  it('keeps a short scan whole, and of one that shows nothing makes nothing', () => {
    const short = { ...projection, inView: new Uint8Array(HEIGHT).fill(1, 20, 50) };
    for (const absence of ['ends-above-l3', 'begins-below-l3'] as const) {
      const { height, max } = absent(absence, short);
      expect([height, max[0]]).toEqual([30, 20]);
    }
    const nothing = { ...projection, inView: new Uint8Array(HEIGHT) };
    expect(() => absent('ends-above-l3', nothing)).toThrow(/saw nothing/);
  });
});

describe('the file', () => {
  const bytes = encodeCorrection(makeCorrection(input));

  it('gives back what was written, from files joined end to end too', () => {
    const first = makeCorrection(input);
    const data = projection.data.slice().fill(0, 2 * HEIGHT * WIDTH);
    const second = makeCorrection({ ...input, projection: { ...projection, data }, found: [] });
    const joined = Buffer.concat([encodeCorrection(first), encodeCorrection(second)]);
    const read = decodeCorrections(joined);
    expect(read).toHaveLength(2);
    expect(read.map((each) => each.lateral === null)).toEqual([false, true]);
    for (const [i, written] of [first, second].entries()) {
      const { max, mean, lateral, ...rest } = read[i];
      expect([...max]).toEqual([...written.max]);
      expect([...mean]).toEqual([...written.mean]);
      expect(lateral && [...lateral]).toEqual(written.lateral && [...written.lateral]);
      expect(rest).toMatchObject({ person: written.person, final: written.final });
      expect(rest.window).toEqual(input.window);
    }
  });

  it('says in version 2 that L3 is not in view, and all else in version 1', () => {
    const absence = makeAbsence({ ...input, absence: 'begins-below-l3' });
    const written = encodeCorrection(absence);
    expect(headerOf(written)).toMatchObject({
      format: 'find-l3-correction/2',
      found: { outcome: 'found' },
      final: { action: 'begins-below-l3', levels: [] },
    });
    expect(headerOf(bytes).format).toBe('find-l3-correction/1');
    const read = decodeCorrections(Buffer.concat([bytes, written]));
    expect(read.map(({ final }) => final.action)).toEqual(['confirmed', 'begins-below-l3']);
    expect([...read[1].max]).toEqual([...absence.max]);
  });

  it('has the documented fields and nothing else, whatever the objects it was made of carry', () => {
    const marked = {
      ...input,
      patientName: MARKED,
      model: { ...input.model, url: MARKED },
      window: { ...input.window, explanation: MARKED },
      projection: { ...projection, seriesInstanceUID: MARKED },
      found: found.map((level) => ({ ...level, sopInstanceUID: MARKED, date: MARKED })),
    };
    const made = encodeCorrection({ ...makeCorrection(marked), ...{ comment: MARKED } });
    expect(Buffer.from(made).includes(MARKED)).toBe(false);
    const header = headerOf(made);
    expect(Object.keys(header).sort()).toEqual(
      'final format found height max mean mmPerPixel modality model person planes width window'
        .split(' ')
        .filter((key) => key !== 'max' && key !== 'mean'),
    );
    const keys = (of: unknown) => Object.keys(of as object).sort();
    const { model, window, found: was, final } = header as Record<string, { levels: object[] }>;
    expect(keys(model)).toEqual(['name', 'sha256', 'version']);
    expect(keys(window)).toEqual(['high', 'kind', 'low']);
    expect(keys(was)).toEqual(['levels', 'outcome']);
    expect(keys(was.levels[0])).toEqual(['column', 'name', 'probability', 'row']);
    expect(keys(final)).toEqual(['action', 'levels']);
    expect(keys(final.levels[0])).toEqual(['column', 'name', 'row']);
    // No patient height: z of row 0 is 1000 mm, the front at y = -100 mm.
    expect(JSON.stringify(header)).not.toMatch(/1000|-100\b|700|520/);
  });

  it.each([
    [
      'a person who is a name',
      { person: 'DOE^JANE' },
      /person must be a pseudonym of 16 hexadecimal digits; it is another text of 8\./,
    ],
    ['a person who is a number', { person: 4711 }, /person must be .*; it is no text\./],
    [
      'a model with a sentence for a name',
      { model: { ...input.model, name: 'My Model' } },
      /model\.name must be up to 64 lower-case .*; it is "My Model"/,
    ],
    [
      'a version with words',
      { model: { ...input.model, version: '1.0.0 of ours' } },
      /model\.version must be three numbers .*; it is "1\.0\.0 of ours"/,
    ],
    ['planes of another size', { mean: new Uint8Array(7) }, /must have \d+ values; one has 7/],
  ])('does not write %s, and says why without telling who', (_, change, message) => {
    const correction = { ...makeCorrection(input), ...change } as never;
    const write = () => encodeCorrection(correction);
    expect(write).toThrow(/^This correction cannot be written: /);
    expect(write).toThrow(message);
    expect(write).not.toThrow(/DOE|4711/);
  });

  it.each<[string, (bytes: Uint8Array) => Uint8Array, RegExp]>([
    ['nothing', () => new Uint8Array(0), /Correction 1 .* cut short or is no correction/],
    ['a picture', () => Buffer.from('\x89PNG\r\n\x1a\nxyz'), /is no correction/],
    ['half a file', (b) => b.subarray(0, b.length - 5), /cut short/],
    ['something behind it', (b) => Buffer.concat([b, b.subarray(0, 90)]), /Correction 2 .*cut/],
    [
      'a later version',
      (b) => withHeader(b, (h) => Object.assign(h, { format: 'find-l3-correction/3' })),
      /format must be one of find-l3-correction\/1, find-l3-correction\/2; it is .*\/3"/,
    ],
    [
      'a statement that L3 is not in view in the version before it',
      (b) =>
        withHeader(b, ({ final }: Record<string, object>) =>
          Object.assign(final, { action: 'ends-above-l3', levels: [] }),
        ),
      /final\.action must be one of confirmed, .* in find-l3-correction\/1; it is ends-above-l3/,
    ],
    [
      'a place of L3 that is not in view',
      (b) =>
        withHeader(b, (h: Record<string, object>) => {
          Object.assign(h, { format: 'find-l3-correction/2' });
          Object.assign(h.final, { action: 'begins-below-l3' });
        }),
      /final\.levels must be empty where L3 is not in view; it has T9, /,
    ],
    [
      'a missing field',
      (b) => withHeader(b, (h) => delete h.mmPerPixel),
      /mmPerPixel must be a number above 0; it is missing/,
    ],
    [
      'another field',
      (b) => withHeader(b, (h) => Object.assign(h, { note: 1 })),
      /note is not known; known are format, person, /,
    ],
    [
      'a size that is none',
      (b) => withHeader(b, (h) => Object.assign(h, { height: -3 })),
      /height must be an integer from 1 to 4096; it is -3/,
    ],
    [
      'no L3',
      (b) =>
        withHeader(b, ({ final }: Record<string, { levels: object[] }>) => final.levels.splice(6)),
      /must be neighbours .*, L3 among them; it has T9, T10, T11, T12, L1, L2\./,
    ],
    [
      'levels that are no neighbours',
      (b) =>
        withHeader(b, ({ final }: Record<string, { levels: object[] }>) =>
          final.levels.splice(3, 1),
        ),
      /must be neighbours from head to foot, .* it has T9, T10, T11, L1/,
    ],
    [
      'a level without a row',
      (b) =>
        withHeader(b, ({ found: was }: Record<string, { levels: object[] }>) =>
          Object.assign(was.levels[2], { row: null }),
        ),
      /found\.levels\[2\]\.row must be a number from .*; it is null/,
    ],
    [
      'a window that is upside down',
      (b) =>
        withHeader(b, ({ window }: Record<string, object>) => Object.assign(window, { low: 900 })),
      /window\.high must be greater than low \(900\); it is 800/,
    ],
    [
      'a window without end',
      (b) =>
        withHeader(b, ({ window }: Record<string, object>) => Object.assign(window, { low: -1e9 })),
      /window\.low must be a number from -1000000 to 1000000; it is -1000000000/,
    ],
    [
      'a field within a field',
      (b) =>
        withHeader(b, ({ model }: Record<string, object>) => Object.assign(model, { url: 'x' })),
      /model\.url is not known; known are name, version, sha256\./,
    ],
    [
      'planes that are a text',
      (b) => withHeader(b, (h) => Object.assign(h, { planes: 'max,mean' })),
      /planes must be \["max","mean"\] or \["max","mean","lateral"\]; it is "max,mean"/,
    ],
    ['a list', (b) => Buffer.concat([Buffer.from('[]\n'), b]), /its first line must be an object/],
  ])('refuses %s', (_, damage, message) => {
    expect(() => decodeCorrections(damage(bytes))).toThrow(message);
  });
});
