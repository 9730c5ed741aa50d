import {
  adamWStep,
  followAverage,
  gradientNorm,
  newAdamState,
} from '../../../training/network/adamW';
import { oneCycle } from '../../../training/train/schedule';

const one = (...values: number[]) => new Map([['w', Float32Array.from(values)]]);

describe('AdamW', () => {
  const step = { learningRate: 0.1, beta1: 0.9, weightDecay: 0.01, scale: 1 };

  it('follows the published formula over two steps worked by hand', () => {
    const weights = one(1);
    const state = newAdamState(new Map([['w', { size: 1 }]]));
    // m = 0.1 x 0.5, v = 0.001 x 0.25; both divided by what they lack: 0.5 / sqrt(0.25) = 1.
    // w = 1 x (1 - 0.1 x 0.01) - 0.1 x 1.
    adamWStep(weights, one(0.5), state, step);
    expect(weights.get('w')![0]).toBeCloseTo(0.899, 6);
    // m = 0.8 x 0.05 - 0.2 x 0.25 = -0.01, over 1 - 0.9 x 0.8 = 0.28: -0.0357143.
    // v = 0.999 x 0.00025 + 0.001 x 0.0625 = 0.00031225, over 1 - 0.999^2 = 0.001999: 0.156203.
    // w = 0.899 x 0.999 + 0.1 x 0.0357143 / 0.395225.
    adamWStep(weights, one(-0.25), state, { ...step, beta1: 0.8 });
    expect(weights.get('w')![0]).toBeCloseTo(0.898101 + 0.00903645, 6);
  });

  it('takes the gradients times the scale', () => {
    const [clipped, small] = [one(1, -2), one(1, -2)];
    const states = [0, 1].map(() => newAdamState(new Map([['w', { size: 2 }]])));
    adamWStep(clipped, one(4, 8), states[0]!, { ...step, scale: 0.25 });
    adamWStep(small, one(1, 2), states[1]!, step);
    expect(clipped).toEqual(small);
    expect(states[0]).toEqual(states[1]);
    expect(states[0]!.first.get('w')![1]).toBeCloseTo(0.2, 6);
  });

  it('measures the whole gradient, over all weights', () => {
    const gradients = new Map([
      ['a', Float32Array.of(3, 0)],
      ['b', Float32Array.of(-4)],
    ]);
    expect(gradientNorm(gradients)).toBe(5);
  });
});

describe('the one-cycle schedule', () => {
  const steps = 100;
  const peak = 0.01;
  const cycle = Array.from({ length: steps }, (_, i) => oneCycle(i + 1, steps, peak));

  it('starts at a 25th of the peak, reaches it after 12 %, and ends at a 1250th', () => {
    expect(cycle[0]!.learningRate).toBeCloseTo(peak / 25, 12);
    expect(cycle[0]!.beta1).toBeCloseTo(0.95, 12);
    expect(cycle[11]!.learningRate).toBeCloseTo(peak, 12);
    expect(cycle[11]!.beta1).toBeCloseTo(0.85, 12);
    expect(cycle[99]!.learningRate).toBeCloseTo(peak / 1250, 12);
    expect(cycle[99]!.beta1).toBeCloseTo(0.95, 12);
  });

  it('rises, then falls, along a cosine', () => {
    const rates = cycle.map(({ learningRate }) => learningRate);
    for (let i = 1; i < steps; i++) {
      expect(Math.sign(rates[i]! - rates[i - 1]!)).toBe(i <= 11 ? 1 : -1);
    }
    // Half way down is half the height; a quarter down, (1 + cos 45 deg) / 2 of it.
    expect(rates[55]).toBeCloseTo((peak + peak / 1250) / 2, 12);
    expect(rates[33]).toBeCloseTo(peak / 1250 + (peak - peak / 1250) * 0.8535534, 8);
  });

  it('holds for a run of a few steps', () => {
    for (const few of [1, 2, 3, 6]) {
      for (let step = 1; step <= few; step++) {
        const { learningRate, beta1 } = oneCycle(step, few, peak);
        expect(learningRate).toBeGreaterThan(0);
        expect(learningRate).toBeLessThanOrEqual(peak);
        expect(beta1).toBeGreaterThanOrEqual(0.85);
        expect(beta1).toBeLessThanOrEqual(0.95);
      }
    }
  });
});

test('the average follows at once in the beginning and slowly later', () => {
  const average = one(0);
  followAverage(average, one(1), 1);
  expect(average.get('w')![0]).toBeCloseTo(1 - 1 / 21, 6);
  const late = one(0);
  followAverage(late, one(1), 100_000);
  expect(late.get('w')![0]).toBeCloseTo(0.01, 6);
});
