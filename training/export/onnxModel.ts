import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type NodeProto,
  type TensorProto,
} from 'onnx-buf';
import type { ConvolutionNode, GateNode, HeadNode, NetworkPlan, PlanNode } from '../network/plan';
import type { Weights } from '../network/weights';

export const OPSET = 17;
export const INPUT_NAME = 'projection';
export const OUTPUT_NAME = 'levels';
const IR_VERSION = 8n;
/** Codes of onnx.proto. */
export const FLOAT = 1;
/** The sigmoid of this is 1 in float32: the gate of a map that has none. */
const OPEN = 40;
const ATTRIBUTE = { int: 2, string: 3, ints: 7 };

/**
 * Writes the planned network as an ONNX model: input `projection` [1, channels, height, width],
 * output `levels` [1, maps, height / stride, width / stride], heat maps after the sigmoid and
 * the gate. Height and width are free (multiples of `plan.multipleOf`); batch normalisation is folded into the
 * convolutions.
 *
 * @param epsilon the one that batch normalisation was trained with
 */
export function toOnnx(
  plan: NetworkPlan,
  weights: Weights,
  epsilon: number,
  producer: { name: string; version: string },
): Uint8Array {
  const graph = new GraphWriter();
  for (const node of plan.nodes) writeNode(graph, node, weights, epsilon);
  graph.node('Sigmoid', [plan.output], plan.gate ? 'heat' : OUTPUT_NAME);
  if (plan.gate) {
    writeGate(graph, plan.gate, weights, plan.options.maps);
    graph.node('Mul', ['heat', plan.gate.name], OUTPUT_NAME);
  }
  const { channels, maps } = plan.options;
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: producer.name,
    producerVersion: producer.version,
    opsetImport: [{ domain: '', version: BigInt(OPSET) }],
    graph: create(GraphProtoSchema, {
      name: 'find-l3',
      node: graph.nodes,
      initializer: graph.initializers,
      input: [floatImage(INPUT_NAME, channels, ['height', 'width'])],
      output: [levelsOutput(maps, plan.stride)],
    }),
  });
  return toBinary(ModelProtoSchema, model);
}

/** Probability that each map has something to show, [1, maps, 1, 1]. */
function writeGate(
  graph: GraphWriter,
  { name, input, inChannels, maps }: GateNode,
  weights: Weights,
  count: number,
): void {
  const given = transposeKernel(weights.get(`${name}.kernel`)!, 1, inChannels, maps.length);
  const kernel = new Float32Array(count * inChannels);
  const bias = new Float32Array(count).fill(OPEN);
  maps.forEach((map, i) => {
    kernel.set(given.subarray(i * inChannels, (i + 1) * inChannels), map * inChannels);
    bias[map] = weights.get(`${name}.bias`)![i]!;
  });
  const source = { name, input, inChannels, outChannels: count };
  graph.convolution(source, 1, 1, [0, 0, 0, 0], kernel, bias, `${name}_everywhere`);
  graph.node('GlobalMaxPool', [`${name}_everywhere`], `${name}_logits`);
  graph.node('Sigmoid', [`${name}_logits`], name);
}

function writeNode(graph: GraphWriter, node: PlanNode, weights: Weights, epsilon: number): void {
  switch (node.kind) {
    case 'convBnRelu': {
      const { kernel, bias } = foldBatchNorm(node, weights, epsilon);
      // "Same" of TensorFlow for sizes that are multiples of the stride: the odd pixel comes last.
      const total = node.kernel - node.stride;
      const before = Math.floor(total / 2);
      const pads = [before, before, total - before, total - before];
      graph.convolution(node, node.kernel, node.stride, pads, kernel, bias, `${node.name}_linear`);
      graph.node('Relu', [`${node.name}_linear`], node.name);
      break;
    }
    case 'head': {
      const { name, kernel: size, inChannels, outChannels } = node;
      const kernel = transposeKernel(weights.get(`${name}.kernel`)!, size, inChannels, outChannels);
      const pads = new Array<number>(4).fill((size - 1) / 2);
      graph.convolution(node, size, 1, pads, kernel, weights.get(`${name}.bias`)!, name);
      break;
    }
    case 'maxPool': {
      const size = [node.factor, node.factor];
      graph.node('MaxPool', [node.input], node.name, [
        ints('kernel_shape', size),
        ints('strides', size),
      ]);
      break;
    }
    case 'upsample': {
      const scales = `scales_${node.factor}`;
      graph.tensor(scales, [4], Float32Array.of(1, 1, node.factor, node.factor));
      graph.node('Resize', [node.input, '', scales], node.name, [
        text('mode', 'linear'),
        text('coordinate_transformation_mode', 'half_pixel'),
      ]);
      break;
    }
    case 'gate':
      // Behind the answer, see `toOnnx`.
      break;
    case 'concat':
      graph.node('Concat', node.inputs, node.name, [int('axis', 1)]);
      break;
  }
}

/**
 * A convolution and the batch normalisation behind it as one convolution with bias.
 *
 * @returns kernel in ONNX's order [out, in, height, width]
 */
function foldBatchNorm(
  { name, kernel: size, inChannels, outChannels }: ConvolutionNode,
  weights: Weights,
  epsilon: number,
): { kernel: Float32Array; bias: Float32Array } {
  const of = (role: string) => weights.get(`${name}.${role}`)!;
  const [gamma, beta, mean] = [of('gamma'), of('beta'), of('movingMean')];
  const scale = Float64Array.from(
    of('movingVariance'),
    (variance, c) => gamma[c]! / Math.sqrt(variance + epsilon),
  );
  const kernel = transposeKernel(of('kernel'), size, inChannels, outChannels);
  const perChannel = inChannels * size * size;
  for (let i = 0; i < kernel.length; i++) kernel[i]! *= scale[Math.floor(i / perChannel)]!;
  const bias = Float32Array.from(beta, (value, c) => value - mean[c]! * scale[c]!);
  return { kernel, bias };
}

/** [height, width, in, out] to [out, in, height, width]. */
function transposeKernel(
  kernel: Float32Array,
  size: number,
  inChannels: number,
  outChannels: number,
): Float32Array {
  const transposed = new Float32Array(kernel.length);
  const pixels = size * size;
  let at = 0;
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let input = 0; input < inChannels; input++) {
      for (let output = 0; output < outChannels; output++) {
        transposed[(output * inChannels + input) * pixels + pixel] = kernel[at++]!;
      }
    }
  }
  return transposed;
}

class GraphWriter {
  readonly nodes: NodeProto[] = [];
  readonly initializers: TensorProto[] = [];

  node(
    opType: string,
    input: readonly string[],
    output: string,
    attribute: AttributeProto[] = [],
  ): void {
    this.nodes.push(
      create(NodeProtoSchema, {
        opType,
        name: output,
        input: [...input],
        output: [output],
        attribute,
      }),
    );
  }

  /** Adds a constant; one of the same name is taken to be the same. */
  tensor(name: string, dims: readonly number[], values: Float32Array): void {
    if (this.initializers.some((each) => each.name === name)) return;
    this.initializers.push(
      create(TensorProtoSchema, {
        name,
        dims: dims.map(BigInt),
        dataType: FLOAT,
        rawData: new Uint8Array(Float32Array.from(values).buffer),
      }),
    );
  }

  convolution(
    {
      name,
      input,
      inChannels,
      outChannels,
    }: Pick<ConvolutionNode | HeadNode, 'name' | 'input' | 'inChannels' | 'outChannels'>,
    size: number,
    stride: number,
    pads: readonly number[],
    kernel: Float32Array,
    bias: Float32Array,
    output: string,
  ): void {
    this.tensor(`${name}.kernel`, [outChannels, inChannels, size, size], kernel);
    this.tensor(`${name}.bias`, [outChannels], bias);
    this.node('Conv', [input, `${name}.kernel`, `${name}.bias`], output, [
      ints('kernel_shape', [size, size]),
      ints('strides', [stride, stride]),
      ints('pads', pads),
    ]);
  }
}

/** An attribute that is a whole number. */
export const int = (name: string, value: number) =>
  create(AttributeProtoSchema, { name, type: ATTRIBUTE.int, i: BigInt(value) });
const ints = (name: string, values: readonly number[]) =>
  create(AttributeProtoSchema, { name, type: ATTRIBUTE.ints, ints: values.map(BigInt) });
const text = (name: string, value: string) =>
  create(AttributeProtoSchema, {
    name,
    type: ATTRIBUTE.string,
    s: new Uint8Array(new TextEncoder().encode(value)),
  });

/** The output: so many maps on a grid of `stride` pixels. */
export const levelsOutput = (maps: number, stride: number) =>
  floatImage(OUTPUT_NAME, maps, [`height / ${stride}`, `width / ${stride}`]);

function floatImage(name: string, channels: number, size: readonly [string, string]) {
  const fixed = (value: number) => ({ value: { case: 'dimValue' as const, value: BigInt(value) } });
  const free = (value: string) => ({ value: { case: 'dimParam' as const, value } });
  return create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: 'tensorType',
        value: {
          elemType: FLOAT,
          shape: { dim: [fixed(1), fixed(channels), ...size.map(free)] },
        },
      },
    },
  });
}
