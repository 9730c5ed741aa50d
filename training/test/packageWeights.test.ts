import { toOnnx } from '../export/onnxModel';
import { answerOfNetwork } from '../export/parity';
import { seededPicture } from '../export/seededPicture';
import { BATCH_NORM_EPSILON, Network } from '../network/network';
import { planNetwork } from '../network/plan';
import { initialWeights, type Weights } from '../network/weights';
import { readPackageWeights } from '../retrain/packageWeights';
import { TINY_NETWORK } from './madeUp';

describe('weights read back from a package', () => {
  const plan = planNetwork({ ...TINY_NETWORK, deepSupervision: false });
  const weights: Weights = new Map(
    [...initialWeights(plan, 5)].map(([name, values], i) => [
      name,
      // Statistics and scales as training leaves them: not 0 and 1.
      values.map((value, k) =>
        /gamma|movingVariance/.test(name)
          ? 0.5 + ((i + 3 * k) % 7) / 5
          : /beta|movingMean/.test(name)
            ? ((i + k) % 5) / 4 - 0.5
            : value,
      ),
    ]),
  );
  const model = toOnnx(plan, weights, BATCH_NORM_EPSILON, { name: 'x', version: '1' });

  it('make a network that answers as the one that was packed, and packs to the same again', () => {
    const [read, ...others] = readPackageWeights(model);
    expect(others).toEqual([]);
    expect(read.network).toEqual(plan.options);
    const probe = { height: 64, width: 32, data: seededPicture(9, 3, 64, 32) };
    const [was, is] = [weights, read.weights].map((each) => {
      const network = new Network(planNetwork(read.network), each);
      const answer = answerOfNetwork(network, probe);
      network.dispose();
      return answer;
    });
    expect(Math.max(...is.map((value, i) => Math.abs(value - was[i])))).toBeLessThan(2e-6);
    expect(Math.max(...was) - Math.min(...was)).toBeGreaterThan(0.01);
    const again = toOnnx(planNetwork(read.network), read.weights, BATCH_NORM_EPSILON, {
      name: 'x',
      version: '1',
    });
    expect(again).toHaveLength(model.length);
  });

  it('say what is wrong with another file', () => {
    expect(() => readPackageWeights(new Uint8Array([1, 2, 3]))).toThrow(/not a readable ONNX/);
    const other = planNetwork({ ...TINY_NETWORK, maps: 11, classes: [] });
    const old = toOnnx(other, initialWeights(other, 1), BATCH_NORM_EPSILON, {
      name: 'x',
      version: '1',
    });
    expect(() => readPackageWeights(old)).toThrow(/11 maps instead of 12/);
  });
});
