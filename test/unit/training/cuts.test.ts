import type { Series } from '../../../src/series/types';
import { cutSeries, cutsOf } from '../../../training/evaluate/cuts';
import type { Case } from '../../../training/items/cases';

const STEP = 33;
/** T12 at z 99, L3 at 0, S1 at -99. */
const truth: Case = {
  ...{ id: 'scan', set: 'a-set', modality: 'CT', path: 'scan', expected: 'found', note: null },
  ...{ l3ZMm: 0, toleranceMm: 3, lastRib: null },
  levels: [{ name: 'L3', zMm: 0, yMm: null }],
};

/** Slices 3 mm apart, stored from the feet up, in the source in the opposite order. */
function axial(lowest: number, highest: number): Series {
  const count = (highest - lowest) / 3 + 1;
  const slices = Array.from({ length: count }, (_, i) => ({ position: [0, 0, lowest + 3 * i] }));
  const sourceIndex = slices.map((_, i) => count - 1 - i);
  return { plane: 'axial', slices, sourceIndex } as unknown as Series;
}

const whole = axial(-240, 300);
const kindsIn = (series: Series) => [...new Set(cutsOf(truth, series).map((cut) => cut.truth.set))];

describe('scans cut off elsewhere', () => {
  it('says of each kind what a right answer is', () => {
    const expected = new Map(
      cutsOf(truth, whole).map((cut) => [cut.truth.set, cut.truth.expected]),
    );
    expect([...expected]).toEqual([
      ['without-sacrum', 'found'],
      ['without-ribs', 'found'],
      ['without-anchors', 'undetermined'],
      ['above-l3', 'undetermined'],
    ]);
  });

  it('leaves in view what the kind says, and no more', () => {
    for (const cut of cutsOf(truth, whole)) {
      const heights = cutSeries(whole, cut).slices.map(({ position }) => position[2]);
      const [bottom, top] = [Math.min(...heights), Math.max(...heights)];
      const shows = (z: number) => z > bottom && z < top;
      const seen = { t12: shows(3 * STEP), l3: shows(0), s1: shows(-3 * STEP) };
      const wanted = {
        'without-sacrum': { t12: true, l3: true, s1: false },
        'without-ribs': { t12: false, l3: true, s1: true },
        'without-anchors': { t12: false, l3: true, s1: false },
        'above-l3': { t12: expect.any(Boolean) as boolean, l3: false, s1: false },
      }[cut.truth.set];
      expect(seen).toEqual(wanted);
    }
  });

  it('has names of its own and keeps the truth', () => {
    const cuts = cutsOf(truth, whole);
    expect(new Set(cuts.map((cut) => cut.truth.id)).size).toBe(cuts.length);
    for (const cut of cuts) {
      expect(cut.truth.id).toMatch(/^scan~/);
      expect(cut.truth).toMatchObject({ l3ZMm: 0, levels: truth.levels });
    }
  });

  it('reads the slices that are left from where they lie', () => {
    const [cut] = cutsOf(truth, whole);
    const part = cutSeries(whole, cut!);
    expect(part.slices.length).toBeLessThan(whole.slices.length);
    part.slices.forEach((slice, i) => {
      expect(whole.slices[whole.sourceIndex.indexOf(part.sourceIndex[i]!)]).toBe(slice);
    });
  });

  it('makes no cut twice where the scan ends before it', () => {
    // Ends 60 mm above T12: of the four upper ends two fall together there.
    const cuts = cutsOf(truth, axial(-240, 159)).filter(
      (cut) => cut.truth.set === 'without-sacrum',
    );
    expect(new Set(cuts.map(({ topZMm }) => topZMm))).toEqual(new Set([159, 149, 129]));
  });

  it('asks nothing that a scan cannot show', () => {
    // Begins above S1: what is without sacrum already can lose its ribs only.
    expect(kindsIn(axial(-60, 300))).not.toContain('without-ribs');
    // Ends below T12.
    expect(kindsIn(axial(-240, 90))).not.toContain('without-sacrum');
    expect(cutsOf({ ...truth, l3ZMm: null }, whole)).toEqual([]);
    expect(cutsOf(truth, { ...whole, plane: 'sagittal' })).toEqual([]);
  });

  it('takes the heights that the case names before the usual distance', () => {
    const long = {
      ...truth,
      levels: [...truth.levels, { name: 'S1' as const, zMm: -81, yMm: null }],
    };
    const lowest = (of: Case) =>
      Math.min(
        ...cutsOf(of, whole)
          .filter((cut) => cut.truth.set === 'without-sacrum')
          .map(({ bottomZMm }) => bottomZMm),
      );
    expect(lowest(truth)).toBe(-68);
    expect(lowest(long)).toBe(-52);
  });
});
