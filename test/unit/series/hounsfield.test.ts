import { HounsfieldCheck } from '../../../src/series/hounsfield';

/** What a stretch of a body holds: HU, their spread, and a share of the values. */
type Tissue = readonly [hu: number, spread: number, share: number];
const AIR: Tissue = [-1000, 12, 10];
const LUNG: Tissue = [-850, 60, 3];
const FAT: Tissue = [-100, 12, 4];
const MUSCLE: Tissue = [55, 14, 6];
const MARROW: Tissue = [220, 60, 2];
const CORTEX: Tissue = [700, 250, 0.5];
const METAL: Tissue = [2900, 200, 0.4];

const BODY = [AIR, FAT, MUSCLE, MARROW, CORTEX];
const CHEST = [...BODY, [LUNG[0], LUNG[1], 12] as Tissue];
const INSIDE = [MUSCLE, MARROW, CORTEX, [-100, 12, 0.4] as Tissue];
const VERTEBRA = [MARROW, CORTEX, METAL, [60, 10, 0.5] as Tissue];

/** Values in HU: normally spread, from a generator of its own so that they are always the same. */
function valuesOf(tissues: readonly Tissue[], count = 20_000): Float64Array {
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const normal = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  const all = tissues.reduce((sum, [, , share]) => sum + share, 0);
  return Float64Array.from(
    tissues.flatMap(([hu, spread, share]) =>
      Array.from({ length: Math.round((count * share) / all) }, () =>
        Math.min(3071, Math.max(-1024, Math.round(hu + spread * normal()))),
      ),
    ),
  );
}

function faultOf(values: Float64Array, slope = 1, intercept = 0) {
  const check = new HounsfieldCheck();
  for (let i = 0; i < 3; i++) check.add(values, { slope, intercept });
  return check.fault()?.code ?? null;
}

const clip = (values: Float64Array, low: number, high: number) =>
  values.map((value) => Math.min(high, Math.max(low, value)));
/** 0..1 over a window. */
const windowed = (values: Float64Array, low: number, high: number) =>
  clip(values, low, high).map((value) => (value - low) / (high - low));

describe('values that can be HU', () => {
  it.each<[string, Float64Array]>([
    ['a body in air', valuesOf(BODY)],
    ['a chest', valuesOf(CHEST)],
    ['a crop without air', valuesOf([FAT, MUSCLE, MARROW, CORTEX])],
    ['a crop with hardly any fat', valuesOf(INSIDE)],
    ['a crop of a vertebra with screws', valuesOf(VERTEBRA)],
    ['a crop of a vertebra without anything below 0', clip(valuesOf(VERTEBRA), 15, 3071)],
    [
      'dense bone',
      valuesOf([
        [800, 250, 8],
        [55, 14, 2],
      ]),
    ],
    ['water and bone in air', valuesOf([AIR, [0, 5, 8], [400, 10, 8]])],
    [
      'muscle and marrow without anything below 0',
      clip(
        valuesOf([
          [45, 14, 1],
          [260, 80, 1],
        ]),
        1,
        3071,
      ),
    ],
    ['marrow alone', valuesOf([MARROW])],
    ['cut at the ends of a wide window', clip(valuesOf(BODY), -200, 300)],
    ['a field with padding', valuesOf([...BODY, [-2000, 0, 5]])],
    ['nothing but air', valuesOf([AIR])],
    ['one value', new Float64Array(20_000)],
    ['too few to tell', windowed(valuesOf(BODY, 200), -1024, 3071)],
  ])('are taken: %s', (_name, values) => {
    expect(faultOf(values)).toBeNull();
  });
});

describe('values cut off at 0', () => {
  const check = new HounsfieldCheck();
  check.add(clip(valuesOf(BODY), 0, 3071), { slope: 1, intercept: 0 });

  it('are only suspected, since a picture without its background has them too', () => {
    expect(check.fault()).toBeNull();
    expect(check.suspicion()).toMatchObject({ code: 'values-between', values: { min: '0' } });
  });

  it.each<[string, Float64Array]>([
    ['a body', valuesOf(BODY)],
    ['a body whose background was set to 0', valuesOf([...BODY.slice(1), [0, 0, 10]])],
    ['a crop without anything below 0', clip(valuesOf(VERTEBRA), 15, 3071)],
    ['one value', new Float64Array(20_000)],
  ])('are not suspected in %s', (_name, values) => {
    const ordinary = new HounsfieldCheck();
    ordinary.add(values, { slope: 1, intercept: 0 });
    expect(ordinary.suspicion()).toBeNull();
  });
});

describe('values that cannot be HU', () => {
  const kinds: [string, (values: Float64Array) => Float64Array, string][] = [
    ['without their rescale', (v) => v.map((x) => x + 1024), 'values-shifted'],
    ['shifted up twice', (v) => v.map((x) => x + 2048), 'values-shifted'],
    ['normalised to 0..1', (v) => windowed(v, -1024, 3071), 'values-between'],
    ['normalised to -1..1', (v) => v.map((x) => x / 1024), 'values-between'],
    ['standardised', (v) => v.map((x) => (x + 400) / 500), 'values-between'],
    [
      'windowed to 8 bits',
      (v) => windowed(v, -160, 240).map((x) => Math.round(255 * x)),
      'values-between',
    ],
    ['stretched to 16 bits', (v) => v.map((x) => 16 * (x + 1024)), 'values-high'],
  ];
  it.each(
    kinds.flatMap(([name, make, code]) =>
      [
        ['a body in air', BODY],
        ['a chest', CHEST],
        ['a crop without air', [FAT, MUSCLE, MARROW, CORTEX]],
      ].map(([what, tissues]) => [name, what, make(valuesOf(tissues as Tissue[])), code] as const),
    ),
  )('are noticed: %s, %s', (_name, _what, values, code) => {
    expect(faultOf(values)).toBe(code);
  });

  it.each<[string, Float64Array, string]>([
    ['scaled to 0..1000', valuesOf(BODY).map((x) => (x + 1024) / 4), 'values-between'],
    [
      'air at 0 with noise to both sides',
      valuesOf(BODY.map(([hu, ...more]) => [hu + 1000, ...more])),
      'values-shifted',
    ],
    [
      'the rescale missing beside padding',
      valuesOf([...BODY.map(([hu, ...more]): Tissue => [hu + 1024, ...more]), [-1000, 0, 6]]),
      'values-shifted',
    ],
    [
      'unsigned where they are signed',
      valuesOf(BODY).map((x) => (x < 0 ? x + 65536 : x)),
      'values-high',
    ],
  ])('are noticed: %s', (_name, values, code) => {
    expect(faultOf(values)).toBe(code);
  });

  it('are noticed after a rescale that is wrong', () => {
    const stored = valuesOf(BODY).map((x) => x + 1024);
    expect(faultOf(stored, 1, -1024)).toBeNull();
    expect(faultOf(stored, 1, 1024)).toBe('values-shifted');
    expect(
      faultOf(
        stored.map((x) => x - 1024),
        1,
        -1024,
      ),
    ).toBe('values-shifted');
  });
});
