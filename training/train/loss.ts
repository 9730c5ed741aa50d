import type { Scalar, Tensor, Tensor4D } from '@tensorflow/tfjs-node';
import { tf } from '../tensorflow';

/**
 * Binary cross-entropy of every map's every pixel, weighted by mask x (0.5 + 12 target), and up to
 * three times more where the network sees a level that is not there. Mean over all values.
 *
 * @param logits [batch, rows, columns, maps], as are `target` and `mask`
 */
export function levelLoss(logits: Tensor4D, target: Tensor4D, mask: Tensor4D): Scalar {
  const operation = tf.customGrad((input) => {
    const y = input as Tensor4D;
    const probability = tf.sigmoid(y);
    const wrong = probability.sub(target);
    const hard = wrong.abs().mul(target.less(0.3)).mul(2).add(1);
    const weight = mask.mul(target.mul(12).add(0.5)).mul(hard);
    const entropy = tf.relu(y).sub(y.mul(target)).add(tf.softplus(y.abs().neg()));
    const value = entropy.mul(weight).mean() as Scalar;
    const gradient = tf.keep(wrong.mul(weight).div(y.size));
    return {
      value,
      gradFunc: (dy: Tensor) => {
        const result = gradient.mul(dy);
        gradient.dispose();
        return result;
      },
    };
  });
  return operation(logits) as Scalar;
}
