import { Network, BATCH_NORM_EPSILON } from '../network/network';
import { planNetwork, weightSpecs, DEFAULT_NETWORK, type NetworkPlan } from '../network/plan';
import { initialWeights, type Weights } from '../network/weights';
import { toOnnx } from '../export/onnxModel';
import { ExportedNetwork, type Probe } from '../export/exportedNetwork';
import { largestDifference } from '../export/parity';
import { CLASSIFIED_MAPS, OUTPUT_MAPS } from '../network/maps';
import { Random } from '../tools/random';
import { TINY_NETWORK } from './madeUp';

const producer = { name: 'test', version: '0' };

/** Weights as after a long training: no statistic is 0 or 1, some scales are negative. */
function livedInWeights(plan: NetworkPlan): Weights {
  const weights = initialWeights(plan, 7);
  weightSpecs(plan).forEach(({ name, role }, index) => {
    const random = Random.ofKeys(8, index);
    if (name.startsWith('gate.')) {
      // Some maps are gated and some are not.
      weights.set(
        name,
        weights.get(name)!.map(() => random.normal(0, 0.3)),
      );
    }
    const draw: Partial<Record<typeof role, () => number>> = {
      gamma: () => random.uniform(0.4, 1.4) * (random.chance(0.2) ? -1 : 1),
      beta: () => random.normal(0, 0.3),
      movingMean: () => random.normal(0, 0.5),
      movingVariance: () => random.uniform(0.3, 3),
    };
    const value = draw[role];
    if (value) weights.set(name, weights.get(name)!.map(value));
  });
  return weights;
}

const probe = (height: number, width: number): Probe => {
  const random = Random.ofKeys(height, width);
  return {
    height,
    width,
    data: Float32Array.from({ length: 3 * height * width }, () => random.next()),
  };
};

describe('the exported model', () => {
  it.each([
    [
      'the network that ships',
      { ...DEFAULT_NETWORK, maps: OUTPUT_MAPS, classes: CLASSIFIED_MAPS, deepSupervision: true },
      [
        [32, 32],
        [160, 96],
        [64, 128],
      ],
    ],
    [
      'a tiny one',
      TINY_NETWORK,
      [
        [16, 16],
        [48, 16],
        [16, 80],
      ],
    ],
    [
      'one that does not judge what is in view',
      { ...TINY_NETWORK, classes: [], deepSupervision: false },
      [
        [16, 16],
        [48, 16],
        [16, 80],
      ],
    ],
  ] as const)('answers as TensorFlow.js does at every size: %s', async (_, options, sizes) => {
    const plan = planNetwork(options);
    const weights = livedInWeights(plan);
    const network = new Network(plan, weights);
    const exported = await ExportedNetwork.open(
      toOnnx(plan, weights, BATCH_NORM_EPSILON, producer),
      3,
    );
    for (const [height, width] of sizes) {
      const picture = probe(height, width);
      const answer = await exported.answer(picture);
      expect(Math.max(...answer) - Math.min(...answer)).toBeGreaterThan(0.02);
      expect(await largestDifference(network, exported, [picture])).toBeLessThanOrEqual(1e-5);
    }
    await exported.close();
    network.dispose();
  });

  it.each(['gamma', 'beta', 'movingMean', 'movingVariance', 'kernel'] as const)(
    'would be found out if it ignored %s',
    async (role) => {
      const plan = planNetwork(TINY_NETWORK);
      const weights = livedInWeights(plan);
      const name = `dec0_from1.${role}`;
      const other: Weights = new Map(weights).set(
        name,
        weights.get(name)!.map((w) => 1.05 * w + 0.05),
      );
      const network = new Network(plan, weights);
      const exported = await ExportedNetwork.open(
        toOnnx(plan, other, BATCH_NORM_EPSILON, producer),
        3,
      );
      expect(await largestDifference(network, exported, [probe(32, 32)])).toBeGreaterThan(1e-5);
      await exported.close();
      network.dispose();
    },
  );
});
