import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-node';
import { nativeBackend, tf, type OpAttribute } from '../tensorflow';

/**
 * Two operations whose gradients TensorFlow.js lacks or computes slowly, on the native library's
 * own kernels.
 */

const typeAttribute = (name: string): OpAttribute => {
  const { binding } = nativeBackend();
  return { name, type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
};
const flag = (name: string, value: boolean): OpAttribute => ({
  name,
  type: nativeBackend().binding.TF_ATTR_BOOL,
  value,
});

const bilinearAttributes = () => [
  typeAttribute('T'),
  flag('align_corners', false),
  flag('half_pixel_centers', true),
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
      gradFunc: (dy: Tensor, saved: Tensor[]) =>
        nativeBackend().executeSingleOutput('ResizeBilinearGrad', bilinearAttributes(), [
          dy,
          saved[0]!,
        ]),
    };
  });
  return operation(x) as Tensor4D;
}

export interface BatchStatistics {
  readonly mean: Float32Array;
  /** Unbiased. */
  readonly variance: Float32Array;
}

const normAttributes = (epsilon: number): OpAttribute[] => {
  const { binding } = nativeBackend();
  return [
    typeAttribute('T'),
    typeAttribute('U'),
    { name: 'epsilon', type: binding.TF_ATTR_FLOAT, value: epsilon },
    { name: 'data_format', type: binding.TF_ATTR_STRING, value: 'NHWC' },
    flag('is_training', true),
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
  const operation = tf.customGrad((...inputs) => {
    const [source, scale, offset] = inputs as unknown as Tensor[];
    const save = inputs[3] as unknown as (tensors: Tensor[]) => void;
    const backend = nativeBackend();
    const empty = tf.tensor1d([]);
    const [normalised, mean, variance, ...reserved] = backend.executeMultipleOutputs(
      'FusedBatchNormV3',
      normAttributes(epsilon),
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
        const through = backend.executeSingleOutput('ReluGrad', [typeAttribute('T')], [dy, y!]);
        return backend
          .executeMultipleOutputs(
            'FusedBatchNormGradV3',
            normAttributes(epsilon),
            [through, x!, gamma!, ...kept],
            5,
          )
          .slice(0, 3);
      },
    };
  });
  return operation(x, gamma, beta) as Tensor4D;
}
