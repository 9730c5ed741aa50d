import type { Scalar, Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-node';
import type { Logits } from '../network/network';
import { tf } from '../network/tensorflow';

/** Weight of the first side head's loss. */
const SIDE_WEIGHT = 0.3;
/** Weight of each further one: at half the resolution, a level fills about three times the share. */
const SIDE_DECAY = 1 / 3;
/** Weight of the loss of "is it in view". */
const IN_VIEW_WEIGHT = 0.1;

/** What a batch wants; the shapes of the logits. */
export interface Wanted {
  readonly target: Tensor4D;
  readonly mask: Tensor4D;
  /** Null where nothing is classified. */
  readonly inView: Tensor2D | null;
  readonly inViewMask: Tensor2D | null;
}

/** Loss of the answer, of the side heads (targets pooled to their size) and of "is it in view". */
export function networkLoss({ maps, sides, inView }: Logits, wanted: Wanted): Scalar {
  let loss = levelLoss(maps, wanted.target, wanted.mask);
  let { target, mask } = wanted;
  sides.forEach((side, i) => {
    // The highest heat of each four pixels, certain where all four are.
    target = tf.maxPool(target, 2, 2, 'valid');
    mask = tf.maxPool(mask.neg() as Tensor4D, 2, 2, 'valid').neg() as Tensor4D;
    loss = loss.add(levelLoss(side, target, mask).mul(SIDE_WEIGHT * SIDE_DECAY ** i));
  });
  if (inView && wanted.inView && wanted.inViewMask) {
    loss = loss.add(inViewLoss(inView, wanted.inView, wanted.inViewMask).mul(IN_VIEW_WEIGHT));
  }
  return loss;
}

/**
 * Binary cross-entropy of every map's every pixel, weighted by mask x (0.5 + 12 target), and up to
 * three times more where the network sees a level that is not there. Mean over all values.
 *
 * @param logits [batch, rows, columns, maps], as are `target` and `mask`
 */
export function levelLoss(logits: Tensor4D, target: Tensor4D, mask: Tensor4D): Scalar {
  const operation = tf.customGrad((input, save) => {
    const y = input as Tensor4D;
    const probability = tf.sigmoid(y);
    const wrong = probability.sub(target);
    const hard = wrong.abs().mul(target.less(0.3)).mul(2).add(1);
    const weight = mask.mul(target.mul(12).add(0.5)).mul(hard);
    const entropy = tf.relu(y).sub(y.mul(target)).add(tf.softplus(y.abs().neg()));
    const value = entropy.mul(weight).mean() as Scalar;
    (save as (tensors: Tensor[]) => void)([wrong.mul(weight).div(y.size)]);
    return { value, gradFunc: (dy: Tensor, [gradient]: Tensor[]) => gradient!.mul(dy) };
  });
  return operation(logits) as Scalar;
}

/**
 * Binary cross-entropy of "is it in view", mean over what is known of it.
 *
 * @param logits [batch, classes], as are `target` and `mask`
 */
export function inViewLoss(logits: Tensor2D, target: Tensor2D, mask: Tensor2D): Scalar {
  const entropy = tf.relu(logits).sub(logits.mul(target)).add(tf.softplus(logits.abs().neg()));
  return entropy.mul(mask).sum().div(mask.sum().maximum(1)) as Scalar;
}
