import type { Weights } from './weights';

const BETA2 = 0.999;
const EPSILON = 1e-8;

/** First and second moments of every trained weight, and how many steps they have seen. */
export interface AdamState {
  readonly first: Weights;
  readonly second: Weights;
  /** Running product of the first moment's memories, which the schedule changes. */
  beta1Product: number;
  beta2Product: number;
}

export function newAdamState(weights: ReadonlyMap<string, { size: number }>): AdamState {
  const zeros = (): Weights =>
    new Map([...weights].map(([name, { size }]) => [name, new Float32Array(size)]));
  return { first: zeros(), second: zeros(), beta1Product: 1, beta2Product: 1 };
}

/** Length of the whole gradient. */
export function gradientNorm(gradients: Weights): number {
  let sum = 0;
  for (const gradient of gradients.values()) for (const value of gradient) sum += value * value;
  return Math.sqrt(sum);
}

/**
 * One step of AdamW (Loshchilov & Hutter, ICLR 2019), changing `weights` and `state` in place.
 *
 * @param scale the gradients are multiplied by this (clipping)
 */
export function adamWStep(
  weights: Weights,
  gradients: Weights,
  state: AdamState,
  {
    learningRate,
    beta1,
    weightDecay,
    scale,
  }: { learningRate: number; beta1: number; weightDecay: number; scale: number },
): void {
  state.beta1Product *= beta1;
  state.beta2Product *= BETA2;
  const correction1 = 1 - state.beta1Product;
  const correction2 = 1 - state.beta2Product;
  for (const [name, gradient] of gradients) {
    const weight = weights.get(name)!;
    const first = state.first.get(name)!;
    const second = state.second.get(name)!;
    for (let i = 0; i < weight.length; i++) {
      const g = gradient[i]! * scale;
      first[i] = beta1 * first[i]! + (1 - beta1) * g;
      second[i] = BETA2 * second[i]! + (1 - BETA2) * g * g;
      const step = first[i]! / correction1 / (Math.sqrt(second[i]! / correction2) + EPSILON);
      weight[i] = weight[i]! * (1 - learningRate * weightDecay) - learningRate * step;
    }
  }
}

/**
 * Follows `weights` with an average whose memory grows to 0.99: the raw weights change their mind
 * about levels from step to step, the average does not.
 */
export function followAverage(average: Weights, weights: Weights, step: number): void {
  const memory = Math.min(0.99, step / (step + 20));
  for (const [name, values] of weights) {
    const mean = average.get(name)!;
    for (let i = 0; i < values.length; i++) mean[i]! += (1 - memory) * (values[i]! - mean[i]!);
  }
}
