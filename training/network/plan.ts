/**
 * The network as data: a list of nodes in the order of computation. The trainer interprets it with
 * TensorFlow.js, the exporter writes it as ONNX, and both therefore speak of the same network.
 */

/** Convolution without bias ("same" as TensorFlow pads), batch normalisation, ReLU. */
export interface ConvolutionNode {
  readonly kind: 'convBnRelu';
  readonly name: string;
  readonly input: string;
  readonly kernel: number;
  readonly stride: number;
  readonly inChannels: number;
  readonly outChannels: number;
}

/** Convolution with bias ("same"); its output are logits. */
export interface HeadNode {
  readonly kind: 'head';
  readonly name: string;
  readonly input: string;
  readonly kernel: number;
  readonly inChannels: number;
  readonly outChannels: number;
}

export interface MaxPoolNode {
  readonly kind: 'maxPool';
  readonly name: string;
  readonly input: string;
  readonly factor: number;
}

/** Bilinear, half-pixel centres. */
export interface UpsampleNode {
  readonly kind: 'upsample';
  readonly name: string;
  readonly input: string;
  readonly factor: number;
}

export interface ConcatNode {
  readonly kind: 'concat';
  readonly name: string;
  readonly inputs: readonly string[];
}

/**
 * "Is it in view": a 1 x 1 convolution with bias and the highest value of the whole picture, one
 * logit a class. Map `maps[i]` of the answer is multiplied by the probability of class i.
 */
export interface GateNode {
  readonly kind: 'gate';
  readonly name: string;
  readonly input: string;
  readonly inChannels: number;
  readonly maps: readonly number[];
}

export type PlanNode =
  ConvolutionNode | HeadNode | MaxPoolNode | UpsampleNode | ConcatNode | GateNode;

export interface NetworkOptions {
  /** Planes of the input. */
  readonly channels: number;
  /** Maps of the output, see `maps.ts`. */
  readonly maps: number;
  readonly stem: number;
  readonly encoder: readonly number[];
  /** Channels each source brings to a decoder level. */
  readonly perSource: number;
  /** Maps whose being in view is judged too, by the classification-guided module; none: no module. */
  readonly classes: readonly number[];
  /** Whether every decoder level and the deepest encoder level is taught too. */
  readonly deepSupervision: boolean;
}

/** A head that is there for training only. */
export interface SideHead extends HeadNode {
  /** Pixels of the answer per pixel of this head, in both directions. */
  readonly factor: number;
}

export interface NetworkPlan {
  readonly options: NetworkOptions;
  readonly nodes: readonly PlanNode[];
  /** Name of the input and of the node whose output is the answer. */
  readonly input: string;
  readonly output: string;
  readonly gate: GateNode | null;
  /** Not part of `nodes`: neither exported nor counted. */
  readonly sides: readonly SideHead[];
  /** Input pixels per output pixel. */
  readonly stride: number;
  /** Height and width of the input must be multiples of this. */
  readonly multipleOf: number;
}

export const DEFAULT_NETWORK: Omit<NetworkOptions, 'maps'> = {
  channels: 3,
  stem: 16,
  encoder: [24, 40, 64, 96, 128],
  perSource: 12,
  classes: [],
  deepSupervision: false,
};

/**
 * UNet 3+ (Huang et al., ICASSP 2020) in a light form: a 5 x 5 stem of stride 2, two 3 x 3
 * convolutions per encoder level, full-scale skips whose convolution comes before the upsampling,
 * `perSource` channels per skip, and a fusing 3 x 3 convolution per decoder level. As in the paper, the
 * classification-guided module sits on the deepest encoder level; here it has a class per map, and the
 * maximum over the picture is taken after its convolution, so that the answer does not depend on how
 * much else is in the picture.
 */
export function planNetwork(options: NetworkOptions): NetworkPlan {
  const { encoder, perSource } = options;
  const depth = encoder.length;
  const fused = perSource * depth;
  const nodes: PlanNode[] = [];
  const add = <Node extends PlanNode>(node: Node): string => {
    if (!nodes.some((each) => each.name === node.name)) nodes.push(node);
    return node.name;
  };
  const convolve = (
    name: string,
    input: string,
    inChannels: number,
    outChannels: number,
    kernel = 3,
    stride = 1,
  ) => add({ kind: 'convBnRelu', name, input, kernel, stride, inChannels, outChannels });
  const pool = (input: string, factor: number) =>
    add({ kind: 'maxPool', name: `${input}_pool${factor}`, input, factor });

  let last = convolve('stem', 'projection', options.channels, options.stem, 5, 2);
  let width = options.stem;
  const encoded: string[] = [];
  encoder.forEach((channels, level) => {
    if (level > 0) last = pool(last, 2);
    last = convolve(`enc${level}a`, last, width, channels);
    last = convolve(`enc${level}b`, last, channels, channels);
    width = channels;
    encoded.push(last);
  });

  const decoded: string[] = [...encoded];
  for (let level = depth - 2; level >= 0; level--) {
    const sources = encoder.map((channels, source) => {
      const name = `dec${level}_from${source}`;
      if (source < level) {
        const pooled = pool(encoded[source]!, 2 ** (level - source));
        return convolve(name, pooled, channels, perSource);
      }
      if (source === level) return convolve(name, encoded[source]!, channels, perSource);
      const inChannels = source === depth - 1 ? channels : fused;
      const reduced = convolve(name, decoded[source]!, inChannels, perSource);
      return add({
        kind: 'upsample',
        name: `${name}_up`,
        input: reduced,
        factor: 2 ** (source - level),
      });
    });
    const joined = add({ kind: 'concat', name: `dec${level}_join`, inputs: sources });
    decoded[level] = convolve(`dec${level}`, joined, fused, fused);
  }
  const output = add({
    kind: 'head',
    name: 'head',
    input: decoded[0]!,
    kernel: 1,
    inChannels: fused,
    outChannels: options.maps,
  });
  const deepest = { input: encoded[depth - 1]!, inChannels: encoder[depth - 1]! };
  let gate: GateNode | null = null;
  if (options.classes.length > 0) {
    gate = { kind: 'gate', name: 'gate', ...deepest, maps: options.classes };
    nodes.push(gate);
  }
  const sides = !options.deepSupervision
    ? []
    : decoded.slice(1).map((input, i): SideHead => {
        const inChannels = i === depth - 2 ? deepest.inChannels : fused;
        const [name, factor] = [`side${i + 1}`, 2 ** (i + 1)];
        return {
          ...{ kind: 'head', kernel: 1, name, input, inChannels },
          ...{ outChannels: options.maps, factor },
        };
      });
  return {
    options,
    nodes,
    input: 'projection',
    output,
    gate,
    sides,
    stride: 2,
    multipleOf: 2 ** depth,
  };
}

export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** `moving` weights are statistics of the data, not trained. */
  readonly role: 'kernel' | 'bias' | 'gamma' | 'beta' | 'movingMean' | 'movingVariance';
}

/** Every weight of the network, those of the side heads last; kernels are [height, width, in, out]. */
export const weightSpecs = ({ nodes, sides }: NetworkPlan): WeightSpec[] =>
  specsOf([...nodes, ...sides]);

function specsOf(nodes: readonly PlanNode[]): WeightSpec[] {
  return nodes.flatMap((node): WeightSpec[] => {
    if (node.kind === 'convBnRelu') {
      const { name, kernel, inChannels, outChannels } = node;
      const perChannel = (role: WeightSpec['role']) => ({
        name: `${name}.${role}`,
        shape: [outChannels],
        role,
      });
      return [
        {
          name: `${name}.kernel`,
          shape: [kernel, kernel, inChannels, outChannels],
          role: 'kernel',
        },
        perChannel('gamma'),
        perChannel('beta'),
        perChannel('movingMean'),
        perChannel('movingVariance'),
      ];
    }
    if (node.kind === 'head' || node.kind === 'gate') {
      const [name, outChannels] = [node.name, outChannelsOf(node)];
      const size = node.kind === 'gate' ? 1 : node.kernel;
      return [
        {
          name: `${name}.kernel`,
          shape: [size, size, node.inChannels, outChannels],
          role: 'kernel',
        },
        { name: `${name}.bias`, shape: [outChannels], role: 'bias' },
      ];
    }
    return [];
  });
}

const outChannelsOf = (node: ConvolutionNode | HeadNode | GateNode): number =>
  node.kind === 'gate' ? node.maps.length : node.outChannels;

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

export const isTrained = ({ role }: WeightSpec): boolean =>
  role !== 'movingMean' && role !== 'movingVariance';

/** Number of trained parameters that ship, and multiply-adds for one input of height x width. */
export function networkCost(
  plan: NetworkPlan,
  height: number,
  width: number,
): { parameters: number; multiplyAdds: number } {
  const parameters = specsOf(plan.nodes)
    .filter(isTrained)
    .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const scaleOf = new Map([[plan.input, 1]]);
  let multiplyAdds = 0;
  for (const node of plan.nodes) {
    const scale = scaleOf.get(node.kind === 'concat' ? node.inputs[0]! : node.input)!;
    if (node.kind === 'maxPool') scaleOf.set(node.name, scale * node.factor);
    else if (node.kind === 'upsample') scaleOf.set(node.name, scale / node.factor);
    else if (node.kind === 'concat') scaleOf.set(node.name, scale);
    else {
      const stride = node.kind === 'convBnRelu' ? node.stride : 1;
      const kernel = node.kind === 'gate' ? 1 : node.kernel;
      const pixels = (height * width) / (scale * stride) ** 2;
      multiplyAdds += kernel ** 2 * node.inChannels * outChannelsOf(node) * pixels;
      scaleOf.set(node.name, scale * stride);
    }
  }
  return { parameters, multiplyAdds };
}
