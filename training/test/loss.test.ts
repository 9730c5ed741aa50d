import type { Tensor4D } from '@tensorflow/tfjs-node';
import { tf } from '../tensorflow';
import { levelLoss } from '../train/loss';

/**
 * Worked by hand, value by value. Cross-entropy: max(y, 0) - y t + ln(1 + e^-|y|). Weight: mask x
 * (0.5 + 12 t), and where t < 0.3 another 1 + 2 |sigmoid(y) - t|.
 */
const CASES = [
  // Sees nothing where nothing is, undecided: ln 2 x 0.5 x 2.
  { logit: 0, target: 0, mask: 1, loss: 0.693147, gradient: 0.5 * 1 },
  // A level that is there and seen: 0.126928 x 12.5.
  { logit: 2, target: 1, mask: 1, loss: 1.5866, gradient: -0.119203 * 12.5 },
  // A hard negative in an unseen row: 2.126928 x 0.3 x 0.5 x (1 + 2 x 0.880797).
  { logit: 2, target: 0, mask: 0.3, loss: 0.881057, gradient: 0.880797 * 0.414239 },
  // Nobody knows.
  { logit: 5, target: 0, mask: 0, loss: 0, gradient: 0 },
  // The slope of a heat spot, below 0.3: ln 2 x (0.5 + 3) x (1 + 2 x 0.25).
  { logit: 0, target: 0.25, mask: 1, loss: 3.639022, gradient: 0.25 * 5.25 },
  // And above: ln 2 x (0.5 + 6).
  { logit: 0, target: 0.5, mask: 1, loss: 4.505457, gradient: 0 },
] as const;

describe('the loss', () => {
  const tensor = (of: 'logit' | 'target' | 'mask'): Tensor4D =>
    tf.tensor4d(
      CASES.map((each) => each[of]),
      [1, 1, 3, 2],
    );

  it('is the mean of the weighted cross-entropies', () => {
    const loss = levelLoss(tensor('logit'), tensor('target'), tensor('mask')).dataSync()[0];
    const expected = CASES.reduce((sum, each) => sum + each.loss, 0) / CASES.length;
    expect(expected).toBeCloseTo(1.884214, 5);
    expect(loss).toBeCloseTo(expected, 5);
  });

  it('has the gradient weight x (sigmoid - target), the weights taken as constants', () => {
    const gradient = tf.grad((logits) =>
      levelLoss(logits as Tensor4D, tensor('target'), tensor('mask')).mul(3),
    )(tensor('logit'));
    const values = gradient.dataSync();
    CASES.forEach((each, i) => {
      expect(values[i]).toBeCloseTo((3 * each.gradient) / CASES.length, 5);
    });
  });

  it('stays finite for logits that are sure of the opposite', () => {
    const sure = tf.tensor4d([200, -200], [1, 1, 1, 2]);
    const target = tf.tensor4d([0, 1], [1, 1, 1, 2]);
    const loss = levelLoss(sure, target, tf.onesLike(target)).dataSync()[0];
    expect(loss).toBeCloseTo((200 * 0.5 * 3 + 200 * 12.5) / 2, 2);
  });
});
