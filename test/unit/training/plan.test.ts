import {
  DEFAULT_NETWORK,
  networkCost,
  planNetwork,
  weightSpecs,
} from '../../../training/network/plan';
import { CLASSIFIED_MAPS, OUTPUT_MAPS } from '../../../training/network/maps';
import { initialWeights } from '../../../training/network/weights';

describe('the plan of the network', () => {
  /**
   * Two levels, worked by hand for an input of 32 x 16, of which 16 x 8 = 128 pixels are left after
   * the stem and 8 x 4 = 32 on the second level. Parameters of a convolution: kernel + gamma + beta.
   *
   *   stem       5 x 5, 3 -> 4   300 + 8      300 x 128 = 38400
   *   enc0a      3 x 3, 4 -> 6   216 + 12     216 x 128 = 27648
   *   enc0b      3 x 3, 6 -> 6   324 + 12     324 x 128 = 41472
   *   enc1a      3 x 3, 6 -> 8   432 + 16     432 x  32 = 13824
   *   enc1b      3 x 3, 8 -> 8   576 + 16     576 x  32 = 18432
   *   dec0_from0 3 x 3, 6 -> 5   270 + 10     270 x 128 = 34560
   *   dec0_from1 3 x 3, 8 -> 5   360 + 10     360 x  32 = 11520   before it is enlarged
   *   dec0       3 x 3, 10 -> 10 900 + 20     900 x 128 = 115200
   *   head       1 x 1, 10 -> 2   20 + 2       20 x 128 = 2560
   */
  const small = planNetwork({
    channels: 3,
    maps: 2,
    stem: 4,
    encoder: [6, 8],
    perSource: 5,
    classes: [],
    deepSupervision: false,
  });

  it('has the parameters and multiply-adds worked by hand', () => {
    expect(networkCost(small, 32, 16)).toEqual({ parameters: 3504, multiplyAdds: 303616 });
    expect(small.stride).toBe(2);
    expect(small.multipleOf).toBe(4);
  });

  it('joins every decoder level from as many full-scale sources as there are levels', () => {
    const plan = planNetwork({ ...DEFAULT_NETWORK, maps: 11 });
    for (let level = 0; level < 4; level++) {
      const join = plan.nodes.find(({ name }) => name === `dec${level}_join`)!;
      expect(join).toMatchObject({ kind: 'concat' });
      const enlarged = plan.nodes.filter(
        ({ kind, name }) => kind === 'upsample' && name.startsWith(`dec${level}_`),
      );
      expect(enlarged.map((node) => 'factor' in node && node.factor)).toEqual(
        [2, 4, 8, 16].slice(0, 4 - level),
      );
    }
  });

  it('is the light net of the recipe: 0.76 M parameters', () => {
    const { parameters } = networkCost(planNetwork({ ...DEFAULT_NETWORK, maps: 12 }), 320, 128);
    expect(parameters / 1e6).toBeCloseTo(0.76, 2);
  });

  describe('with deep supervision and what is in view', () => {
    const plan = planNetwork({
      ...DEFAULT_NETWORK,
      ...{ maps: OUTPUT_MAPS, classes: CLASSIFIED_MAPS, deepSupervision: true },
    });

    it('ships at most 1.0 M parameters, and costs at most a fortieth of the article on 640 x 256 mm', () => {
      const { parameters, multiplyAdds } = networkCost(plan, 320, 128);
      expect(parameters).toBeLessThanOrEqual(1e6);
      expect(multiplyAdds).toBeLessThanOrEqual(74.5e9 / 40);
      const plain = networkCost(planNetwork({ ...DEFAULT_NETWORK, maps: OUTPUT_MAPS }), 320, 128);
      // 11 classes on 128 channels with a bias, at 10 x 4 pixels.
      expect(parameters - plain.parameters).toBe(11 * 129);
      expect(multiplyAdds - plain.multiplyAdds).toBe(11 * 128 * 40);
    });

    it('has a side head on each decoder level but the last, and on the deepest encoder level', () => {
      expect(plan.sides.map(({ input, factor }) => [input, factor])).toEqual([
        ...[['dec1', 2] as const, ['dec2', 4] as const, ['dec3', 8] as const],
        ['enc4b', 16],
      ]);
      expect(plan.nodes.some(({ name }) => name.startsWith('side'))).toBe(false);
      expect(weightSpecs(plan).some(({ name }) => name === 'side4.kernel')).toBe(true);
    });

    it('begins from the same weights as without them', () => {
      const plain = initialWeights(small, 5);
      const options = { ...small.options, classes: [0, 1], deepSupervision: true };
      const weights = initialWeights(planNetwork(options), 5);
      expect(weights.size).toBeGreaterThan(plain.size);
      for (const [name, values] of plain) expect(weights.get(name)).toEqual(values);
    });
  });

  it('computes every node from nodes before it', () => {
    const known = new Set([small.input]);
    for (const node of small.nodes) {
      for (const input of node.kind === 'concat' ? node.inputs : [node.input]) {
        expect(known).toContain(input);
      }
      known.add(node.name);
    }
    expect(known).toContain(small.output);
    expect(known.size).toBe(small.nodes.length + 1);
  });

  it('starts from weights of the right spread, the same for the same seed', () => {
    const plan = planNetwork({ ...DEFAULT_NETWORK, maps: 11 });
    const weights = initialWeights(plan, 1);
    expect([...weights.keys()]).toEqual(weightSpecs(plan).map(({ name }) => name));
    const kernel = weights.get('enc4b.kernel')!;
    const variance = kernel.reduce((sum, w) => sum + w * w, 0) / kernel.length;
    expect(variance * 9 * 128).toBeCloseTo(2, 1);
    expect(initialWeights(small, 1)).toEqual(initialWeights(small, 1));
    const of = (seed: number) => initialWeights(small, seed).get('dec0.kernel');
    expect(of(2)).not.toEqual(of(1));
  });
});
