import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-node';
import { nativeBackend, tf, type NativeBackend, type OpAttribute } from './tensorflow';

/**
 * Two operations whose gradients TensorFlow.js lacks or computes slowly: on the native library's own
 * kernels where it is there, else composed of others.
 */

const typeAttribute = ({ binding }: NativeBackend, name: string): OpAttribute => ({
  name,
  type: binding.TF_ATTR_TYPE,
  value: binding.TF_FLOAT,
});
const flag = ({ binding }: NativeBackend, name: string, value: boolean): OpAttribute => ({
  name,
  type: binding.TF_ATTR_BOOL,
  value,
});

const bilinearAttributes = (native: NativeBackend) => [
  typeAttribute(native, 'T'),
  flag(native, 'align_corners', false),
  flag(native, 'half_pixel_centers', true),
];

/**
 * Bilinear enlargement by a whole factor with half-pixel centres, and its exact gradient (the one of
 * TensorFlow.js ignores half-pixel centres).
 *
 * @param x [batch, height, width, channels]
 * @returns [batch, factor * height, factor * width, channels]
 */
export function upsample(x: Tensor4D, factor: number): Tensor4D {
  const operation = tf.customGrad((input, save) => {
    const source = input as Tensor4D;
    const [, height, width] = source.shape;
    const value = tf.image.resizeBilinear(source, [height * factor, width * factor], false, true);
    (save as (tensors: Tensor[]) => void)([source]);
    return {
      value,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const native = nativeBackend();
        return native
          ? native.executeSingleOutput('ResizeBilinearGrad', bilinearAttributes(native), [
              dy,
              saved[0]!,
            ])
          : upsampleGradient(dy as Tensor4D, factor);
      },
    };
  });
  return operation(x) as Tensor4D;
}

/** Every source pixel gathers from the enlarged ones by a triangle as wide as two source pixels. */
function upsampleGradient(dy: Tensor4D, factor: number): Tensor4D {
  const triangle = Array.from({ length: 2 * factor }, (_, k) => {
    const rising = (Math.min(k, 2 * factor - 1 - k) + 0.5) / factor;
    return rising;
  });
  const channels = dy.shape[3];
  const weights = triangle.flatMap((v) => triangle.flatMap((u) => new Array(channels).fill(u * v)));
  const filter = tf.tensor4d(weights as number[], [2 * factor, 2 * factor, channels, 1]);
  const edge: [number, number] = [factor / 2, factor / 2];
  const padded = tf.mirrorPad(dy, [[0, 0], edge, edge, [0, 0]], 'symmetric');
  return tf.depthwiseConv2d(padded, filter, factor, 'valid');
}

export interface BatchStatistics {
  readonly mean: Float32Array;
  /** Unbiased. */
  readonly variance: Float32Array;
}

const normAttributes = (native: NativeBackend, epsilon: number): OpAttribute[] => {
  const { binding } = native;
  return [
    typeAttribute(native, 'T'),
    typeAttribute(native, 'U'),
    { name: 'epsilon', type: binding.TF_ATTR_FLOAT, value: epsilon },
    { name: 'data_format', type: binding.TF_ATTR_STRING, value: 'NHWC' },
    flag(native, 'is_training', true),
  ];
};

/**
 * Batch normalisation over the batch's own statistics, then ReLU, with one gradient for both.
 *
 * @param x [batch, height, width, channels]
 * @param onStatistics receives mean and variance of the batch, one value a channel
 */
export function batchNormRelu(
  x: Tensor4D,
  gamma: Tensor1D,
  beta: Tensor1D,
  epsilon: number,
  onStatistics: (statistics: BatchStatistics) => void,
): Tensor4D {
  const native = nativeBackend();
  if (!native) return composedBatchNormRelu(x, gamma, beta, epsilon, onStatistics);
  const operation = tf.customGrad((...inputs) => {
    const [source, scale, offset] = inputs as unknown as Tensor[];
    const save = inputs[3] as unknown as (tensors: Tensor[]) => void;
    const empty = tf.tensor1d([]);
    const [normalised, mean, variance, ...reserved] = native.executeMultipleOutputs(
      'FusedBatchNormV3',
      normAttributes(native, epsilon),
      [source!, scale!, offset!, empty, empty],
      6,
    );
    onStatistics({
      mean: mean!.dataSync() as Float32Array,
      variance: variance!.dataSync() as Float32Array,
    });
    const value = tf.relu(normalised!);
    save([source!, scale!, value, ...reserved]);
    return {
      value,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [x, gamma, y, ...kept] = saved;
        const through = native.executeSingleOutput(
          'ReluGrad',
          [typeAttribute(native, 'T')],
          [dy, y!],
        );
        return native
          .executeMultipleOutputs(
            'FusedBatchNormGradV3',
            normAttributes(native, epsilon),
            [through, x!, gamma!, ...kept],
            5,
          )
          .slice(0, 3);
      },
    };
  });
  return operation(x, gamma, beta) as Tensor4D;
}

/** The same of plain operations: mean, variance, and the gradient of Ioffe & Szegedy (2015) through both. */
function composedBatchNormRelu(
  x: Tensor4D,
  gamma: Tensor1D,
  beta: Tensor1D,
  epsilon: number,
  onStatistics: (statistics: BatchStatistics) => void,
): Tensor4D {
  const operation = tf.customGrad((...inputs) => {
    const [source, scale, offset] = inputs as unknown as [Tensor4D, Tensor1D, Tensor1D];
    const save = inputs[3] as unknown as (tensors: Tensor[]) => void;
    const [batch, height, width] = source.shape;
    const count = batch * height * width;
    const mean = source.mean([0, 1, 2]);
    const centred = source.sub(mean);
    const variance = centred.square().mean([0, 1, 2]);
    const inverse = variance.add(epsilon).rsqrt();
    const normal = centred.mul(inverse);
    const value = tf.relu(normal.mul(scale).add(offset));
    onStatistics({
      mean: mean.dataSync() as Float32Array,
      variance: variance.mul(count / Math.max(1, count - 1)).dataSync() as Float32Array,
    });
    save([normal, inverse, scale, value]);
    return {
      value,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [normal, inverse, scale, value] = saved as [Tensor, Tensor, Tensor, Tensor];
        const through = dy.mul(value.greater(0).cast('float32'));
        const byOffset = through.sum([0, 1, 2]);
        const byScale = through.mul(normal).sum([0, 1, 2]);
        const shared = byOffset.add(normal.mul(byScale)).div(count);
        return [through.sub(shared).mul(scale.mul(inverse)), byScale, byOffset];
      },
    };
  });
  return operation(x, gamma, beta) as Tensor4D;
}
