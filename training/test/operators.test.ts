import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-node';
import { batchNormRelu, upsample, type BatchStatistics } from '../network/operators';
import { tf } from '../network/tensorflow';
import { Random } from '../tools/random';

const randomValues = (size: number, seed: number): Float32Array => {
  const random = Random.ofKeys(seed);
  return Float32Array.from({ length: size }, () => random.normal());
};

/**
 * The derivative of sum(weights x f(values)) by each value, by central differences of a reference
 * in double precision.
 */
function numericGradient(
  f: (values: Float64Array) => Float64Array,
  values: ArrayLike<number>,
  weights: ArrayLike<number>,
): Float64Array {
  const step = 1e-5;
  const at = Float64Array.from(values);
  const total = () => f(at).reduce((sum, value, i) => sum + value * weights[i]!, 0);
  return at.map((value, i) => {
    at[i] = value + step;
    const above = total();
    at[i] = value - step;
    const below = total();
    at[i] = value;
    return (above - below) / (2 * step);
  });
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  for (let i = 0; i < actual.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (!(difference <= worst)) worst = difference;
  }
  expect(worst).toBeLessThan(tolerance);
}

describe('half-pixel upsampling', () => {
  const [batch, height, width, channels] = [2, 2, 3, 2];
  const shape: [number, number, number, number] = [batch, height, width, channels];
  const size = batch * height * width * channels;

  /** Pixel by pixel: output pixel i is centred on input (i + 0.5) / factor - 0.5, edges repeated. */
  const reference = (factor: number) => (x: Float64Array) => {
    const out = new Float64Array(x.length * factor * factor);
    let at = 0;
    for (let b = 0; b < batch; b++) {
      for (let r = 0; r < height * factor; r++) {
        for (let c = 0; c < width * factor; c++) {
          for (let k = 0; k < channels; k++) {
            const row = (r + 0.5) / factor - 0.5;
            const column = (c + 0.5) / factor - 0.5;
            let sum = 0;
            for (const y of [Math.floor(row), Math.floor(row) + 1]) {
              for (const z of [Math.floor(column), Math.floor(column) + 1]) {
                const weight = (1 - Math.abs(row - y)) * (1 - Math.abs(column - z));
                const yIn = Math.min(height - 1, Math.max(0, y));
                const zIn = Math.min(width - 1, Math.max(0, z));
                sum += weight * x[((b * height + yIn) * width + zIn) * channels + k]!;
              }
            }
            out[at++] = sum;
          }
        }
      }
    }
    return out;
  };

  it.each([2, 4, 8, 16])('equals the formula at factor %d', (factor) => {
    const values = randomValues(size, 1);
    const y = upsample(tf.tensor4d(values, shape), factor);
    expect(y.shape).toEqual([batch, height * factor, width * factor, channels]);
    expectClose(y.dataSync(), reference(factor)(Float64Array.from(values)), 1e-5);
  });

  it.each([2, 4, 8])('has the gradient of the formula at factor %d', (factor) => {
    const values = randomValues(size, 2);
    const weights = randomValues(size * factor * factor, 3);
    const gradient = tf.grad((x) =>
      upsample(x as Tensor4D, factor)
        .mul(tf.tensor4d(weights, [batch, height * factor, width * factor, channels]))
        .sum(),
    )(tf.tensor4d(values, shape));
    expectClose(gradient.dataSync(), numericGradient(reference(factor), values, weights), 1e-4);
  });
});

describe('batch normalisation with ReLU', () => {
  const shape: [number, number, number, number] = [2, 3, 4, 3];
  const channels = 3;
  const pixels = 2 * 3 * 4;
  const size = pixels * channels;
  const epsilon = 1e-5;
  // The channels differ in mean and size, or a mix-up between them would not show.
  const x = randomValues(size, 4).map(
    (value, i) => value * (1 + (i % channels)) + 2 * (i % channels),
  );
  const gamma = Float32Array.of(0.7, -1.2, 1.5);
  const beta = Float32Array.of(0.2, 0.1, -0.3);
  const weights = randomValues(size, 5);

  const momentsOf = (values: ArrayLike<number>, channel: number) => {
    let [mean, variance] = [0, 0];
    for (let i = channel; i < size; i += channels) mean += values[i]! / pixels;
    for (let i = channel; i < size; i += channels) variance += (values[i]! - mean) ** 2 / pixels;
    return { mean, variance };
  };
  const reference =
    (scale: ArrayLike<number>, offset: ArrayLike<number>) =>
    (values: Float64Array): Float64Array => {
      const moments = [0, 1, 2].map((channel) => momentsOf(values, channel));
      return values.map((value, i) => {
        const { mean, variance } = moments[i % channels]!;
        const normal = (value - mean) / Math.sqrt(variance + epsilon);
        return Math.max(0, normal * scale[i % channels]! + offset[i % channels]!);
      });
    };
  const ignore = () => {};

  it('normalises by the batch, and reports its mean and unbiased variance', () => {
    let seen: BatchStatistics | undefined;
    const y = batchNormRelu(
      tf.tensor4d(x, shape),
      tf.tensor1d(gamma),
      tf.tensor1d(beta),
      epsilon,
      (statistics) => {
        seen = statistics;
      },
    );
    const expected = reference(gamma, beta)(Float64Array.from(x));
    expect(expected.some((value) => value > 0.1)).toBe(true);
    expect(expected.some((value) => value === 0)).toBe(true);
    expectClose(y.dataSync(), expected, 1e-5);
    const moments = [0, 1, 2].map((channel) => momentsOf(x, channel));
    expectClose(
      seen!.mean,
      moments.map(({ mean }) => mean),
      1e-5,
    );
    expectClose(
      seen!.variance,
      moments.map(({ variance }) => (variance * pixels) / (pixels - 1)),
      1e-4,
    );
  });

  it('has the gradients of the formula by input, scale and offset', () => {
    const [byX, byGamma, byBeta] = tf.grads((input, scale, offset) =>
      batchNormRelu(input as Tensor4D, scale as Tensor1D, offset as Tensor1D, epsilon, ignore)
        .mul(tf.tensor4d(weights, shape))
        .sum(),
    )([tf.tensor4d(x, shape), tf.tensor1d(gamma), tf.tensor1d(beta)]);
    const values = Float64Array.from(x);
    expectClose(byX!.dataSync(), numericGradient(reference(gamma, beta), x, weights), 1e-4);
    expectClose(
      byGamma!.dataSync(),
      numericGradient((scale) => reference(scale, beta)(values), gamma, weights),
      1e-4,
    );
    expectClose(
      byBeta!.dataSync(),
      numericGradient((offset) => reference(gamma, offset)(values), beta, weights),
      1e-4,
    );
  });
});
