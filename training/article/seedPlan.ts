import type { NetworkPlan, PlanNode } from '../network/plan';

/** Filters of the article's encoder, and channels that each source brings to a decoder level. */
const FILTERS = [16, 32, 64, 128, 256] as const;
const PER_SOURCE = 16;

/**
 * The network of the article that this project began with: UNet 3+ (Huang et al., ICASSP 2020) at full
 * resolution, skips enlarged before they are convolved, one map, a 3 x 3 convolution as its last. The
 * article's text describes deep supervision and a classification module, its listing trains neither.
 */
export function planSeed(): NetworkPlan {
  const nodes: PlanNode[] = [];
  const add = (node: PlanNode): string => {
    if (!nodes.some(({ name }) => name === node.name)) nodes.push(node);
    return node.name;
  };
  const convolve = (name: string, input: string, inChannels: number, outChannels: number) =>
    add({ kind: 'convBnRelu', name, input, kernel: 3, stride: 1, inChannels, outChannels });
  const pool = (input: string, factor: number) =>
    add({ kind: 'maxPool', name: `${input}_pool${factor}`, input, factor });

  const encoded: string[] = [];
  let [last, width] = ['projection', 3];
  FILTERS.forEach((filters, level) => {
    if (level > 0) last = pool(last, 2);
    last = convolve(`enc${level}a`, last, width, filters);
    last = convolve(`enc${level}b`, last, filters, filters);
    width = filters;
    encoded.push(last);
  });
  const fused = PER_SOURCE * FILTERS.length;
  const decoded = [...encoded];
  for (let level = FILTERS.length - 2; level >= 0; level--) {
    const sources = FILTERS.map((filters, source) => {
      const name = `dec${level}_from${source}`;
      if (source === level) return convolve(name, encoded[source]!, filters, PER_SOURCE);
      if (source < level) {
        return convolve(name, pool(encoded[source]!, 2 ** (level - source)), filters, PER_SOURCE);
      }
      const [input, factor] = [decoded[source]!, 2 ** (source - level)];
      const enlarged = add({ kind: 'upsample', name: `${input}_up${factor}`, input, factor });
      const channels = source === FILTERS.length - 1 ? filters : fused;
      return convolve(name, enlarged, channels, PER_SOURCE);
    });
    const joined = add({ kind: 'concat', name: `dec${level}_join`, inputs: sources });
    decoded[level] = convolve(`dec${level}`, joined, fused, fused);
  }
  const output = add({
    ...{ kind: 'head', name: 'head', input: decoded[0]!, kernel: 3 },
    ...{ inChannels: fused, outChannels: 1 },
  });
  return {
    options: {
      ...{ channels: 3, maps: 1, stem: 0, encoder: FILTERS, perSource: PER_SOURCE },
      ...{ classes: [], deepSupervision: false },
    },
    ...{ nodes, input: 'projection', output, gate: null, sides: [], stride: 1, multipleOf: 16 },
  };
}
