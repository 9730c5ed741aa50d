import { phraseText } from '../../../src/reasons/phrases';
import fc from 'fast-check';
import { posteriorOfChain } from '../../../src/levels/chain';
import { decodeLevels } from '../../../src/levels/decodeLevels';
import { LEVEL_NAMES, type LevelEvidence } from '../../../src/levels/types';
import { UNCALIBRATED, type Decision } from '../../../src/levels/decision';
import { decodeHighest } from '../../../src/levels/decodeHighest';
import {
  evidenceOfSpine,
  heightOf,
  madeUpSpine,
  noiseOf,
  thirdAboveSacrum,
  thirdBelowRibs,
  type Look,
} from './madeUp';

const DECISION: Decision = {
  ...UNCALIBRATED,
  minInView: 0.8,
  minProbability: 0.6,
  minAnchor: 0.3,
  minRibAnchor: 0.3,
};
const decode = (evidence: LevelEvidence, change: Partial<Decision> = {}) =>
  decodeLevels(evidence, { ...DECISION, ...change });

/** The picture ends below L4, above L5: no sacrum. */
const WITHOUT_SACRUM = { heightMm: 330 };

describe('counting from the sacrum and from the last rib', () => {
  const spine = madeUpSpine();

  it.each<[string, Look, string]>([
    ['both in view', {}, 'both'],
    ['the sacrum cut off', WITHOUT_SACRUM, 'last-rib'],
    ['the ribs out of view', { rib: 0.02 }, 'sacrum'],
    ['a network that sees no ribs', { rib: null }, 'sacrum'],
    ['a sacrum too faint to count from', { sacrum: 0.2 }, 'last-rib'],
  ])('names L3 with %s', (_, look, countedFrom) => {
    const decoded = decode(evidenceOfSpine(spine, look));
    expect(decoded.conclusion).toEqual({ found: true, countedFrom });
    expect(Math.abs(heightOf(decoded.l3!) - thirdBelowRibs(spine))).toBeLessThan(1);
    expect(thirdBelowRibs(spine)).toBe(thirdAboveSacrum(spine));
  });

  it('counts from no rib whose head the upper end of the picture may have cut off', () => {
    const judged = (lastRibMm: number, look: Look) =>
      decode(evidenceOfSpine(madeUpSpine({ lastRibMm }), look)).conclusion;
    // Down to below L4; the heads of the ribs lie about 15 mm above the centre of their body.
    expect(judged(30, { heightMm: 180 })).toEqual({ found: true, countedFrom: 'last-rib' });
    expect(judged(14, { heightMm: 164 })).toMatchObject({
      found: false,
      reason: { code: 'cannot-count' },
    });
    expect(judged(14, { heightMm: 320 })).toEqual({ found: true, countedFrom: 'sacrum' });
  });

  it('is surer with both than with either, where both are faint', () => {
    const faint = { sacrum: 0.32, own: 0.1 };
    const of = (look: Look) => decode(evidenceOfSpine(spine, { ...faint, ...look })).l3!;
    const both = of({ rib: 0.32 }).probability;
    expect(both).toBeGreaterThan(of({ rib: 0.02 }).probability);
    expect(both).toBeGreaterThan(of({ rib: 0.32, sacrum: 0.02 }).probability);
  });

  describe.each([4, 6])('with %d lumbar-type vertebrae', (lumbar) => {
    const variant = madeUpSpine({ lumbar });
    const [down, up] = [thirdBelowRibs(variant), thirdAboveSacrum(variant)];

    it('offers both places and says which count gives which', () => {
      const decoded = decode(evidenceOfSpine(variant));
      const where = lumbar === 6 ? 'lower' : 'higher';
      expect(decoded.conclusion).toMatchObject({ found: false, reason: { code: 'ambiguous' } });
      if (decoded.conclusion.found) throw new Error('found');
      expect(decoded.conclusion.reason.message).toContain(
        `counted up from the sacrum, L3 is one vertebra ${where} than counted down from the last rib`,
      );
      const offered = [{ ...decoded.l3!, because: decoded.l3Because }, ...decoded.candidates];
      const sacral = offered.find(({ because }) =>
        because.some(({ code }) => code === 'counted-sacrum'),
      )!;
      const costal = offered.find(({ because }) =>
        because.some(({ code }) => code === 'counted-last-rib'),
      )!;
      expect(Math.abs(heightOf(sacral) - up)).toBeLessThan(3);
      expect(Math.abs(heightOf(costal) - down)).toBeLessThan(3);
      expect(Math.abs(sacral.probability - costal.probability)).toBeLessThan(0.2);
      expect(decoded.levels).toEqual([]);
    });

    it('counts from the last rib where the sacrum is out of view', () => {
      const look = { heightMm: variant.s1 - 25, sacrum: 0.25, ownFromRib: true };
      const decoded = decode(evidenceOfSpine(variant, look));
      expect(decoded.conclusion).toEqual({ found: true, countedFrom: 'last-rib' });
      expect(Math.abs(heightOf(decoded.l3!) - down)).toBeLessThan(3);
    });

    it('does not trust that count alone where the bodies look like others', () => {
      // The levels' own maps, one vertebra off, are as sure as the rib.
      const look = { heightMm: variant.s1 - 25, sacrum: 0.25 };
      const decoded = decode(evidenceOfSpine(variant, look));
      expect(decoded.conclusion).toMatchObject({ found: false, reason: { code: 'ambiguous' } });
      const offered = [decoded.l3!, ...decoded.candidates].map(heightOf);
      for (const place of [down, up]) {
        expect(Math.min(...offered.map((height) => Math.abs(height - place)))).toBeLessThan(3);
      }
    });

    it('counts from the sacrum where the ribs are out of view', () => {
      const decoded = decode(evidenceOfSpine(variant, { rib: 0.02 }));
      expect(decoded.conclusion).toEqual({ found: true, countedFrom: 'sacrum' });
      expect(Math.abs(heightOf(decoded.l3!) - up)).toBeLessThan(1);
    });
  });

  it('cannot count without either, and names what is missing', () => {
    const abdomen = madeUpSpine({ lastRibMm: -20 });
    const look = { heightMm: 128, rib: 0.02 };
    const decoded = decode(evidenceOfSpine(abdomen, look));
    expect(decoded.conclusion).toMatchObject({ found: false, reason: { code: 'cannot-count' } });
    if (decoded.conclusion.found) throw new Error('found');
    expect(decoded.conclusion.reason.message).toContain(
      'neither the sacrum nor the last rib is in view',
    );
    expect(heightOf(decoded.l3!)).toBeCloseTo(thirdBelowRibs(abdomen), 0);
  });

  it.each([
    ['that ends above the last rib', 300, 250, 0.9],
    ['that ends below the last rib', 300, 345, 0.9],
    ['that ends below L1, whose last rib is not seen', 300, 345, 0.02],
  ])('sees no L3 in a chest %s', (_, lastRibMm, heightMm, rib) => {
    const decoded = decode(evidenceOfSpine(madeUpSpine({ lastRibMm }), { heightMm, rib }));
    expect(decoded.conclusion).toMatchObject({ found: false, reason: { code: 'l3-not-in-view' } });
  });

  it('sees no L3 in a pelvis', () => {
    const decoded = decode(evidenceOfSpine(madeUpSpine({ lastRibMm: -120 })));
    expect(decoded.conclusion).toMatchObject({ found: false, reason: { code: 'l3-not-in-view' } });
  });

  it('is not sure enough where the ribs let it hesitate between two bodies', () => {
    const evidence = evidenceOfSpine(spine, WITHOUT_SACRUM);
    const other = evidenceOfSpine(spine, { ...WITHOUT_SACRUM, ribOffset: -1 });
    const maps = evidence.maps.map((value, i) => Math.max(value, other.maps[i]));
    const decoded = decode({ ...evidence, maps }, { minProbability: 0.75 });
    expect(decoded.conclusion).toMatchObject({ found: false, reason: { code: 'not-sure-enough' } });
    expect(decoded.candidates[0].because.map(phraseText).join()).toMatch(
      /^one vertebra (higher|lower)$/,
    );
  });

  it.each<[string, { at: number; there: number }, boolean]>([
    ['surely at another body than the sacrum says, however rare', { at: 0.6, there: 0.9 }, false],
    ['hardly more at another body than where the sacrum says', { at: 0.88, there: 0.9 }, true],
  ])('with the sacrum in view, the ribs %s', (_, { at, there }, found) => {
    const evidence = evidenceOfSpine(spine, { rib: at });
    const other = evidenceOfSpine(spine, { rib: there, ribOffset: -1 });
    const maps = evidence.maps.map((value, i) => Math.max(value, other.maps[i]));
    const { conclusion } = decode({ ...evidence, maps });
    expect(conclusion.found).toBe(found);
    if (!conclusion.found)
      expect(conclusion.reason.message).toContain('than counted down from the last');
  });

  it('cannot name L3 where the network sees no body of it', () => {
    const evidence = evidenceOfSpine(spine);
    const plane = evidence.height * evidence.width;
    const l2 = LEVEL_NAMES.indexOf('L2');
    evidence.maps.fill(0.04, l2 * plane, (l2 + 3) * plane);
    const decoded = decode(evidence);
    expect(decoded.conclusion).toMatchObject({ found: false, reason: { code: 'cannot-count' } });
    if (decoded.conclusion.found) throw new Error('found');
    expect(decoded.conclusion.reason.message).toContain('no vertebral body is seen');
  });

  it('decides by the thresholds of its anchors', () => {
    const faint = evidenceOfSpine(spine, { ...WITHOUT_SACRUM, rib: 0.5 });
    expect(decode(faint, { minRibAnchor: 0.6 }).conclusion).toMatchObject({ found: false });
    expect(decode(faint, { minRibAnchor: 0.4 }).conclusion).toMatchObject({ found: true });
  });
});

describe('without a map of the last rib', () => {
  const thresholds: Decision = {
    ...UNCALIBRATED,
    minInView: 0.5,
    minProbability: 0.75,
    minAnchor: 0.3,
    minRibAnchor: 0.3,
  };

  // Written down from the decoder of l3-unet3plus 0.1.0, which knew the sacrum only.
  it.each<
    [Parameters<typeof madeUpSpine>[0], number, Look, string, number, number, number, number]
  >([
    [{}, 1, {}, 'sacrum', 139.15113140237872, 12.597530311720266, 0.9170622656459968, 10],
    [
      { size: 0.9 },
      2,
      { sacrum: 0.4 },
      'not-sure-enough',
      133.99469685263554,
      12.527228582277571,
      0.7123493662097918,
      10,
    ],
    [
      {},
      3,
      { heightMm: 330 },
      'cannot-count',
      139.3140157452662,
      12.518626417423418,
      0.6317239933768651,
      8,
    ],
    [
      { lastRibMm: 300 },
      4,
      { heightMm: 345 },
      'cannot-count',
      150.39997478648584,
      13.226975677943594,
      0.28686593677050176,
      0,
    ],
    [
      { lumbar: 6 },
      5,
      { sacrum: 0.32, own: 0.1 },
      'not-sure-enough',
      156.8370148533743,
      12.604630512606462,
      0.33559004116018626,
      0,
    ],
  ])(
    'answers as before: %j, noise %d',
    (shape, seed, look, code, row, column, probability, levels) => {
      const noise = noiseOf(seed, 0.2);
      const evidence = evidenceOfSpine(madeUpSpine(shape), { ...look, rib: null, noise });
      const { conclusion, l3, ...decoded } = decode(evidence, thresholds);
      expect(conclusion.found ? conclusion.countedFrom : conclusion.reason.code).toBe(code);
      expect(l3!.row).toBeCloseTo(row, 9);
      expect(l3!.column).toBeCloseTo(column, 9);
      expect(l3!.probability).toBeCloseTo(probability, 9);
      expect(decoded.levels).toHaveLength(levels);
    },
  );
});

const sizes = fc.double({ min: 0.88, max: 1.12, noNaN: true });
const seeds = fc.integer({ min: 1, max: 1e6 });

describe('whatever the patient', () => {
  it('is right or says nothing when ends are cropped and maps are noisy', () => {
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: -60, max: 220 }),
        fc.integer({ min: 160, max: 480 }),
        seeds,
        (size, lastRibMm, heightMm, seed) => {
          const spine = madeUpSpine({ size, lastRibMm });
          const decoded = decode(evidenceOfSpine(spine, { heightMm, noise: noiseOf(seed, 0.15) }));
          if (decoded.conclusion.found) {
            expect(Math.abs(heightOf(decoded.l3!) - thirdBelowRibs(spine))).toBeLessThan(6);
          }
        },
      ),
      { numRuns: 60, seed: 3 },
    );
  });

  it('never names a level when the counts disagree', () => {
    fc.assert(
      fc.property(
        sizes,
        fc.constantFrom(4, 6),
        fc.constantFrom(0, -1, 1),
        fc.double({ min: 0.6, max: 0.95, noNaN: true }),
        fc.double({ min: 0.6, max: 0.95, noNaN: true }),
        seeds,
        (size, lumbar, ribOffset, rib, sacrum, seed) => {
          const variant = madeUpSpine({ size, lumbar, lastRibMm: 160 });
          // A misread rib may make up for the missing or the further vertebra.
          fc.pre(ribOffset !== lumbar - 5);
          const noise = noiseOf(seed, 0.05);
          const decoded = decode(evidenceOfSpine(variant, { ribOffset, rib, sacrum, noise }));
          expect(decoded.conclusion).toMatchObject({ found: false, reason: { code: 'ambiguous' } });
        },
      ),
      { numRuns: 60, seed: 4 },
    );
  });

  it('moves with the picture', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: -8, max: 8 }), (size, rows) => {
        const at = (lastRibMm: number) =>
          decode(evidenceOfSpine(madeUpSpine({ size, lastRibMm }), { heightMm: 560 }));
        const [here, there] = [at(220), at(220 + 4 * rows)];
        expect(there.conclusion).toEqual(here.conclusion);
        expect(there.l3!.row - here.l3!.row).toBeCloseTo(2 * rows, 3);
        expect(there.l3!.probability).toBeCloseTo(here.l3!.probability, 3);
        expect(there.levels.map(({ name }) => name)).toEqual(here.levels.map(({ name }) => name));
      }),
      { numRuns: 20, seed: 5 },
    );
  });

  it('hears only the anchor that it counts from', () => {
    const { length } = LEVEL_NAMES;
    fc.assert(
      fc.property(sizes, seeds, (size, seed) => {
        const evidence = evidenceOfSpine(madeUpSpine({ size }));
        const plane = evidence.height * evidence.width;
        const noise = noiseOf(seed, 1);
        const noisy = (from: number, to: number): LevelEvidence => ({
          ...evidence,
          maps: evidence.maps.map((v, i) => (i >= from * plane && i < to * plane ? noise(i) : v)),
        });
        const down = posteriorOfChain(evidence, 2, UNCALIBRATED, 'last-rib');
        expect(posteriorOfChain(noisy(0, length), 2, UNCALIBRATED, 'last-rib')).toEqual(down);
        const up = posteriorOfChain(evidence, 2, UNCALIBRATED, 'sacrum');
        expect(posteriorOfChain(noisy(length + 1, length + 2), 2, UNCALIBRATED, 'sacrum')).toEqual(
          up,
        );
      }),
      { numRuns: 5, seed: 6 },
    );
  });
});

it('refuses to count from ribs that it has no map of', () => {
  const evidence = evidenceOfSpine(madeUpSpine(), { rib: null });
  expect(() => posteriorOfChain(evidence, 2, UNCALIBRATED, 'last-rib')).toThrow(
    /no map of the last rib/,
  );
});

describe('the shape of a response', () => {
  const l3 = (look: Look) => decode(evidenceOfSpine(madeUpSpine(), look)).l3!;

  it('gives a standard deviation finer than the grid where it is sharp, wider where it is not', () => {
    const sharp = l3({ own: 0.95 });
    expect(sharp.sdMm).toBeGreaterThan(0.3);
    expect(sharp.sdMm).toBeLessThan(1);
    expect(l3({ own: 0.95, sigmaMm: 12 }).sdMm).toBeGreaterThan(1.3 * sharp.sdMm);
    expect(l3({ own: 0.5 }).sdMm).toBeGreaterThan(1.3 * sharp.sdMm);
  });
});

describe('temperature', () => {
  const faint = evidenceOfSpine(madeUpSpine(), { rib: null, sacrum: 0.35, own: 0.1 });

  it('divides the logit, and the threshold sees what it gives', () => {
    const plain = decode(faint);
    const hot = decode(faint, { temperature: 2 });
    const logit = (p: number) => Math.log(p / (1 - p));
    expect(plain.l3!.probability).toBeGreaterThan(0.8);
    expect(logit(hot.l3!.probability)).toBeCloseTo(logit(plain.l3!.probability) / 2, 6);
    expect(hot.l3!.row).toBe(plain.l3!.row);
    const between = (plain.l3!.probability + hot.l3!.probability) / 2;
    expect(decode(faint, { minProbability: between }).conclusion.found).toBe(true);
    expect(decode(faint, { minProbability: between, temperature: 2 }).conclusion.found).toBe(false);
  });

  it('leaves no more than the rest for other places', () => {
    const { l3, candidates } = decode(faint, { temperature: 4 });
    const total = candidates.reduce((sum, { probability }) => sum + probability, l3!.probability);
    expect(total).toBeLessThanOrEqual(1 + 1e-9);
  });
});

describe('the row of the highest response', () => {
  it('is answered whatever else is seen', () => {
    const spine = madeUpSpine();
    const evidence = evidenceOfSpine(spine, { rib: 0.02, sacrum: 0.02 });
    const decoded = decodeHighest(evidence, DECISION);
    expect(decoded.conclusion.found).toBe(true);
    expect(Math.abs(heightOf(decoded.l3!) - thirdBelowRibs(spine))).toBeLessThanOrEqual(2);
    expect(decoded.l3!.column).toBe(2 * 6 + 0.5);
    const { height, width, maps } = evidence;
    const l3 = LEVEL_NAMES.indexOf('L3') * height * width;
    maps[l3 + 3 * width + 2] = 0.99;
    expect(decodeHighest(evidence, DECISION).l3).toMatchObject({ row: 6.5, column: 4.5 });
  });
});
