import { Random } from '../../../training/tools/random';
import {
  calibrationError,
  fitTemperature,
  reliabilityOf,
  riskCoverage,
  sdCoverage,
} from '../../../training/evaluate/reliability';

const offers = [
  { probability: 0.4, right: false, countable: true },
  { probability: 0.92, right: true, countable: true },
  { probability: 0.94, right: false, countable: false },
  { probability: 1, right: true, countable: true },
];

it('bins offers by probability', () => {
  const bins = reliabilityOf(offers);
  expect(bins.map(({ count }) => count)).toEqual([1, 0, 0, 0, 0, 2, 0, 1]);
  expect(bins[5]).toMatchObject({ from: 0.9, to: 0.95, shareRight: 0.5 });
  expect(bins[5]!.meanProbability).toBeCloseTo(0.93, 10);
  expect(bins[1]).toMatchObject({ shareRight: null, interval: null });
  // (0.4 + 2 x 0.43 + 0) / 4
  expect(calibrationError(offers)).toBeCloseTo(0.315, 10);
  expect(calibrationError([])).toBeNull();
});

it('sets coverage against risk', () => {
  const points = riskCoverage(offers, 5);
  expect(points[0]).toMatchObject({ minProbability: 0, answers: 4, wrong: 2, coverage: 3 / 5 });
  const at = points.find(({ minProbability }) => minProbability === 0.9)!;
  expect(at).toMatchObject({ answers: 3, wrong: 1, coverage: 2 / 5 });
  expect(at.risk).toBeCloseTo(1 / 3, 10);
  expect(riskCoverage([], 0)[0]).toMatchObject({ risk: null, coverage: null });
});

it.each([0.6, 1, 2.5])('finds the temperature %d that offers were made with', (temperature) => {
  const random = Random.ofStream(4);
  const made = Array.from({ length: 6000 }, () => {
    const probability = random.uniform(0.55, 0.999);
    const odds = (probability / (1 - probability)) ** (1 / temperature);
    return { probability, right: random.chance(odds / (1 + odds)) };
  });
  expect(fitTemperature(made) / temperature).toBeCloseTo(1, 0.9);
});

it('learns no temperature where nothing is wrong or little is known', () => {
  expect(
    fitTemperature(Array.from({ length: 50 }, () => ({ probability: 0.6, right: true }))),
  ).toBe(1);
  expect(fitTemperature(offers)).toBe(1);
});

it('counts errors within the standard deviation', () => {
  const answers = [0.5, -1.5, 2.5, -0.9].map((errorMm) => ({ errorMm, sdMm: 1 }));
  expect(sdCoverage(answers)).toEqual({ count: 4, within1: 0.5, within2: 0.75 });
  expect(sdCoverage([])).toEqual({ count: 0, within1: null, within2: null });
});
