import { phraseText } from '../../../src/reasons/phrases';
import fc from 'fast-check';
import { posteriorOfChain } from '../../../src/levels/chain';
import { decodeLevels } from '../../../src/levels/decodeLevels';
import { BODY_SIZES, SPACING_BELOW } from '../../../src/levels/spacing';
import { LEVEL_NAMES, type LevelEvidence, type LevelName } from '../../../src/levels/types';
import { UNCALIBRATED, type Decision } from '../../../src/levels/decision';

const DECISION: Decision = {
  ...UNCALIBRATED,
  minInView: 0.8,
  minProbability: 0.6,
  minAnchor: 0.3,
  minRibAnchor: 0.3,
};
const STRIDE = 2;
const MM = 2;

/** Heat maps with a Gaussian (sigma 8 mm) at each given height; `own` scales the levels' own maps. */
function evidenceOf(
  zFromTopMm: Partial<Record<LevelName, number>>,
  {
    heightMm = 480,
    own = () => 0.9,
  }: { heightMm?: number; own?: (name: LevelName) => number } = {},
): LevelEvidence {
  const height = Math.floor(heightMm / (STRIDE * MM));
  const width = 20;
  const maps = new Float32Array((LEVEL_NAMES.length + 1) * height * width).fill(0.01);
  const paint = (map: number, zMm: number, peak: number) => {
    for (let r = 0; r < height; r++) {
      for (let c = 0; c < width; c++) {
        const dz = (STRIDE * r + 0.5) * MM - zMm;
        const dy = (c - 8) * STRIDE * MM;
        const i = (map * height + r) * width + c;
        maps[i] = Math.max(maps[i], peak * Math.exp(-(dz * dz + dy * dy) / 128));
      }
    }
  };
  LEVEL_NAMES.forEach((name, l) => {
    const z = zFromTopMm[name];
    if (z === undefined) return;
    paint(l, z, own(name));
    paint(LEVEL_NAMES.length, z, 0.9);
  });
  return { levels: LEVEL_NAMES, maps, lastRib: false, height, width, stride: STRIDE };
}

/** Heights of all levels for one person: mean spacings times a body size, shifted. */
function person(size: number, l3Mm: number): Record<LevelName, number> {
  const heights: number[] = [0];
  LEVEL_NAMES.slice(0, -1).forEach((name, i) =>
    heights.push(heights[i] + size * SPACING_BELOW[name]!.meanMm),
  );
  const shift = l3Mm - heights[LEVEL_NAMES.indexOf('L3')];
  return Object.fromEntries(LEVEL_NAMES.map((n, i) => [n, heights[i] + shift])) as Record<
    LevelName,
    number
  >;
}

describe('decodeLevels', () => {
  it('names every level of a clearly seen spine, to half a millimetre', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.85, max: 1.15, noNaN: true }),
        fc.double({ min: 200, max: 280, noNaN: true }),
        (size, l3) => {
          const truth = person(size, l3);
          const decoded = decodeLevels(evidenceOf(truth), DECISION);
          expect(decoded.conclusion).toEqual({ found: true, countedFrom: 'sacrum' });
          expect(decoded.l3!.probability).toBeGreaterThan(0.9);
          for (const level of decoded.levels) {
            if (truth[level.name] < 8 || truth[level.name] > 472) continue;
            expect(Math.abs(level.row * MM - truth[level.name])).toBeLessThan(0.5);
            expect(Math.abs(level.column - (8 * STRIDE + 0.5))).toBeLessThan(0.5);
          }
        },
      ),
      { numRuns: 30, seed: 1 },
    );
  });

  it('counts up from the sacrum when the L3 map fires on the wrong vertebra', () => {
    const truth = person(1, 240);
    const evidence = evidenceOf(truth, {
      own: (name) => (name === 'L5' || name === 'S1' ? 0.9 : 0.4),
    });
    const map = LEVEL_NAMES.indexOf('L3') * evidence.height * evidence.width;
    const l4 = Math.round((truth.L4 / MM - 0.5) / STRIDE);
    for (let c = 6; c < 11; c++) evidence.maps[map + l4 * evidence.width + c] = 0.8;
    const decoded = decodeLevels(evidence, DECISION);
    expect(Math.abs(decoded.l3!.row * MM - truth.L3)).toBeLessThan(3);
    const rows = evidence.maps.subarray(map, map + evidence.height * evidence.width);
    const strongest = Math.floor(rows.indexOf(Math.max(...rows)) / evidence.width);
    expect(Math.abs((STRIDE * strongest + 0.5) * MM - truth.L3)).toBeGreaterThan(30);
  });

  it('cannot count without the sacrum, and offers the bodies that it sees', () => {
    const { L1, L2, L3, L4 } = person(1, 60);
    const decoded = decodeLevels(
      evidenceOf({ L1, L2, L3, L4 }, { heightMm: 120, own: () => 0.4 }),
      DECISION,
    );
    expect(decoded.conclusion).toMatchObject({ found: false, reason: { code: 'cannot-count' } });
    expect(decoded.l3).not.toBeNull();
    expect(decoded.candidates.length).toBeGreaterThan(0);
    expect(decoded.candidates.every(({ because }) => /^(higher|lower)/.test(because[0].code))).toBe(
      true,
    );
  });

  it('says that L3 is not in view above and below it', () => {
    const chest = person(1, 700);
    const above = decodeLevels(evidenceOf({ T9: chest.T9, T10: chest.T10 }), DECISION);
    expect(above.conclusion).toMatchObject({ found: false, reason: { code: 'l3-not-in-view' } });
    const pelvis = person(1, -60);
    const below = decodeLevels(evidenceOf({ L5: pelvis.L5, S1: pelvis.S1 }), DECISION);
    expect(below.conclusion).toMatchObject({ found: false, reason: { code: 'l3-not-in-view' } });
  });

  it('says nothing about an empty picture', () => {
    const decoded = decodeLevels(evidenceOf({}), DECISION);
    expect(decoded.conclusion.found).toBe(false);
  });

  it('is not sure enough when two sacral promontories are seen, one of them dimly', () => {
    const truth = person(1, 240);
    // Seen clearly one vertebra too high, and dimly where they are.
    const evidence = evidenceOf(truth, {
      own: (name) => (name === 'L5' || name === 'S1' ? 0.3 : 0.01),
    });
    const { height, width, maps } = evidence;
    const copyMap = (name: LevelName, fromMm: number, toMm: number) => {
      const base = LEVEL_NAMES.indexOf(name) * height * width;
      const shift = Math.round((toMm - fromMm) / (STRIDE * MM));
      const original = maps.slice(base, base + height * width);
      for (let r = 0; r < height; r++) {
        for (let c = 0; c < width; c++) {
          const from = r - shift;
          if (from < 0 || from >= height) continue;
          const i = base + r * width + c;
          maps[i] = Math.max(original[r * width + c], 1.6 * original[from * width + c]);
        }
      }
    };
    copyMap('L5', truth.L5, truth.L4);
    copyMap('S1', truth.S1, truth.L5);
    const decoded = decodeLevels(evidence, { ...DECISION, minProbability: 0.9, minAnchor: 0.2 });
    expect(decoded.conclusion).toMatchObject({ found: false, reason: { code: 'not-sure-enough' } });
    expect(phraseText(decoded.candidates[0].because[0])).toMatch(/one vertebra (higher|lower)/);
  });
});

describe('posteriorOfChain', () => {
  it('equals the sum over all placements of a short chain', () => {
    const evidence: LevelEvidence = {
      levels: ['L4', 'L5', 'S1'],
      maps: Float32Array.from({ length: 4 * 14 }, (_, i) => 0.05 + 0.9 * (((i * 7919) % 97) / 97)),
      lastRib: false,
      height: 14,
      width: 1,
      stride: 4,
    };
    const mmPerRow = 8;
    const { probability, margin, rows } = posteriorOfChain(evidence, 2, UNCALIBRATED);
    const emission = (l: number, own: number, r: number) => {
      const inside = r - margin;
      if (inside < 0 || inside >= 14) return 0.25;
      return (
        (evidence.maps[l * 14 + inside] + 0.03) ** own *
        (evidence.maps[3 * 14 + inside] + 0.03) ** (1 - own)
      );
    };
    const step = (mean: number, sd: number, size: number) => {
      const spread = Math.sqrt(sd ** 2 + mmPerRow ** 2 / 12);
      const w = Array.from({ length: 8 }, (_, i) =>
        Math.exp(-0.5 * (((i + 1) * 8 - mean * size) / spread) ** 2),
      );
      const total = w.reduce((a, b) => a + b);
      return w.map((v) => v / total + 1e-6);
    };
    const expected = [0, 1, 2].map(() => new Float64Array(rows));
    for (const { size, probability: prior } of BODY_SIZES) {
      const first = step(35.3, 3.0, size);
      const second = step(27.0, 5.0, size);
      for (let a = 0; a < rows; a++) {
        for (let i = 0; i < 8; i++) {
          for (let j = 0; j < 8; j++) {
            const [b, c] = [a + i + 1, a + i + j + 2];
            if (c >= rows) continue;
            const joint =
              prior *
              emission(0, 0.25, a) *
              emission(1, 1, b) *
              emission(2, 1, c) *
              first[i] *
              second[j];
            expected[0][a] += joint;
            expected[1][b] += joint;
            expected[2][c] += joint;
          }
        }
      }
    }
    expected.forEach((line, l) => {
      const total = line.reduce((a, b) => a + b);
      line.forEach((v, r) => expect(probability[l][r]).toBeCloseTo(v / total, 8));
    });
  });

  it('refuses levels that are not neighbours', () => {
    const evidence: LevelEvidence = {
      levels: ['L3', 'L5'],
      maps: new Float32Array(3),
      lastRib: false,
      height: 1,
      width: 1,
      stride: 2,
    };
    expect(() => posteriorOfChain(evidence, 2, UNCALIBRATED)).toThrow(/neighbours.*L3 L5/);
  });
});
