import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-node';
import { OUTPUT_MAPS, STRIDE } from '../network/maps';
import { Network } from '../network/network';
import { planNetwork } from '../network/plan';
import { initialWeights, type Weights } from '../network/weights';
import { batchNormRelu, upsample } from '../network/operators';
import { nativeBackend, tf, useWasm } from '../network/tensorflow';
import { makeBatch } from '../batches/batch';
import { groupItems } from '../batches/itemMix';
import { networkLoss } from '../train/loss';
import { Random } from '../tools/random';
import { madeUpItem, TINY_TRAINING } from './madeUp';

const groups = groupItems([1, 2, 3, 4].map(madeUpItem), TINY_TRAINING.mix, []);

/** Loss, gradients and statistics of one batch on the backend at hand. */
function computed() {
  const { batch, height, width, network: options } = TINY_TRAINING;
  const made = makeBatch(groups, TINY_TRAINING, 1);
  const plan = planNetwork(options);
  const network = new Network(plan, initialWeights(plan, 3));
  const shape = [batch, height / STRIDE, width / STRIDE, OUTPUT_MAPS] as const;
  const gradients: Weights = new Map();
  const loss = tf.tidy(() => {
    const perClass = (values: Float32Array) =>
      tf.tensor2d(values, [batch, OUTPUT_MAPS]).gather([...options.classes], 1);
    const wanted = {
      target: tf.tensor4d(made.target, [...shape]),
      mask: tf.tensor4d(made.mask, [...shape]),
      inView: perClass(made.inView),
      inViewMask: perClass(made.inViewMask),
    };
    const x = tf.tensor4d(made.input, [batch, height, width, options.channels]);
    const { value, grads } = tf.variableGrads(
      () => networkLoss(network.forward(x, true), wanted),
      [...network.trained.values()],
    );
    for (const [name, { name: id }] of network.trained) {
      gradients.set(name, (grads[id] as Tensor).dataSync().slice() as Float32Array);
    }
    return value.dataSync()[0]!;
  });
  const statistics = new Map(network.movingStatistics());
  network.dispose();
  return { loss, gradients, statistics };
}

/** Largest difference of two sets of values, as a share of the largest value of each array. */
function largestDifference(
  one: ReadonlyMap<string, Float32Array>,
  other: ReadonlyMap<string, Float32Array>,
) {
  let worst = { name: '', difference: 0 };
  for (const [name, values] of one) {
    const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
    const difference = values.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - other.get(name)![i]!)),
      0,
    );
    if (difference / scale > worst.difference) worst = { name, difference: difference / scale };
  }
  return worst;
}

it('computes on WebAssembly what TensorFlow computes, gradients included', async () => {
  expect(nativeBackend()).not.toBeNull();
  const native = computed();
  await useWasm();
  try {
    expect(nativeBackend()).toBeNull();
    const wasm = computed();
    expect(wasm.loss).toBeCloseTo(native.loss, 4);
    expect(largestDifference(native.statistics, wasm.statistics).difference).toBeLessThan(1e-4);
    // A pixel at the bend of a ReLU falls to either side; the operations alone are exact, see below.
    expect(largestDifference(native.gradients, wasm.gradients).difference).toBeLessThan(5e-3);
    expect(native.gradients.size).toBeGreaterThan(50);
  } finally {
    await tf.setBackend('tensorflow');
  }
});

describe('on WebAssembly', () => {
  const made = (seed: number, shape: readonly number[]): Tensor => {
    const random = Random.ofKeys(seed);
    const size = shape.reduce((a, b) => a * b, 1);
    return tf.tensor(
      Float32Array.from({ length: size }, () => random.normal()),
      [...shape],
    );
  };
  const convolution = (size: number, stride: number, channels: number) => ({
    inputs: [
      [2, 12, 8, channels],
      [size, size, channels, 5],
    ],
    f: (x: Tensor, kernel: Tensor) => tf.conv2d(x as Tensor4D, kernel as Tensor4D, stride, 'same'),
  });
  // The picture itself has no gradient of stride 2: it is not trained.
  const stem = convolution(5, 2, 3);
  const picture = () => made(9, stem.inputs[0]!);
  const operations: Readonly<
    Record<string, { inputs: number[][]; f: (...x: Tensor[]) => Tensor }>
  > = {
    'a convolution of 3 x 3': convolution(3, 1, 4),
    'one of 1 x 1': convolution(1, 1, 4),
    'the kernel of one of 5 x 5 and stride 2': {
      inputs: [stem.inputs[1]!],
      f: (kernel) => stem.f(picture(), kernel),
    },
    'upsampling by 2': { inputs: [[2, 3, 4, 3]], f: (x) => upsample(x as Tensor4D, 2) },
    'upsampling by 8': { inputs: [[1, 2, 3, 2]], f: (x) => upsample(x as Tensor4D, 8) },
    'batch normalisation and ReLU': {
      inputs: [[2, 6, 5, 3], [3], [3]],
      f: (x, gamma, beta) =>
        batchNormRelu(x as Tensor4D, gamma as Tensor1D, beta as Tensor1D, 1e-5, () => {}),
    },
    'pooling by 4': {
      inputs: [[2, 8, 8, 3]],
      f: (x) => tf.maxPool(x as Tensor4D, 4, 4, 'valid'),
    },
    'the maximum of a picture': { inputs: [[2, 5, 4, 3]], f: (x) => tf.max(x, [1, 2]) },
  };

  afterAll(async () => {
    await tf.setBackend('tensorflow');
  });

  it.each(Object.keys(operations))('%s is as on TensorFlow, value and gradient', async (name) => {
    const { inputs, f } = operations[name]!;
    const run = () => {
      const at = inputs.map((shape, i) => made(i + 1, shape));
      const value = f(...at);
      const weights = made(20, value.shape);
      const gradients = tf.grads((...x: Tensor[]) =>
        f(...x)
          .mul(weights)
          .sum(),
      )(at);
      return [value, ...gradients].map((tensor) => tensor.dataSync().slice() as Float32Array);
    };
    await tf.setBackend('tensorflow');
    const native = run();
    await useWasm();
    const wasm = run();
    native.forEach((values, i) => {
      expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(0.1);
      const worst = Math.max(...values.map((value, k) => Math.abs(value - wasm[i]![k]!)));
      expect(worst).toBeLessThan(2e-5);
    });
  });
});
