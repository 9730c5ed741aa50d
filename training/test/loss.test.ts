import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-node';
import { tf } from '../network/tensorflow';
import { inViewLoss, levelLoss, networkLoss } from '../train/loss';

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

describe('the loss of "is it in view"', () => {
  it('is the mean cross-entropy of what is known', () => {
    const logits = tf.tensor2d([0, 2, -1, 50], [2, 2]);
    const target = tf.tensor2d([1, 1, 0, 0], [2, 2]);
    const mask = tf.tensor2d([1, 1, 1, 0], [2, 2]);
    // ln 2, ln(1 + e^-2), ln(1 + e^-1); of the fourth nobody knows.
    const expected = (0.693147 + 0.126928 + 0.313262) / 3;
    expect(inViewLoss(logits, target, mask).dataSync()[0]).toBeCloseTo(expected, 5);
    const gradient = tf
      .grad((y) => inViewLoss(y as Tensor2D, target, mask))(logits)
      .dataSync();
    // (sigmoid - target) / 3
    [-0.5, -0.119203, 0.268941, 0].forEach((slope, i) =>
      expect(gradient[i]).toBeCloseTo(slope / 3, 5),
    );
  });

  it('is nothing where nothing is known', () => {
    const zero = tf.zeros([1, 3]) as Tensor2D;
    expect(inViewLoss(zero, zero, zero).dataSync()[0]).toBe(0);
  });
});

test('side heads are taught the highest heat of each four pixels, where all four are known', () => {
  const target = tf.tensor4d([0, 0.2, 0.9, 0, 0, 0, 0, 0], [1, 2, 4, 1]);
  const mask = tf.tensor4d([1, 1, 1, 0, 1, 0.3, 1, 1], [1, 2, 4, 1]);
  const maps = tf.zeros([1, 2, 4, 1]) as Tensor4D;
  const side = tf.tensor4d([1, -2], [1, 1, 2, 1]);
  const wanted = { target, mask, inView: null, inViewMask: null };
  const without = networkLoss({ maps, sides: [], inView: null }, wanted).dataSync()[0]!;
  const withSide = networkLoss({ maps, sides: [side], inView: null }, wanted).dataSync()[0]!;
  const pooled = tf.tensor4d([0.2, 0.9], [1, 1, 2, 1]);
  const known = tf.tensor4d([0.3, 0], [1, 1, 2, 1]);
  const own = levelLoss(side, pooled, known).dataSync()[0]!;
  expect(own).toBeGreaterThan(0.1);
  expect(withSide - without).toBeCloseTo(0.3 * own, 5);
});
