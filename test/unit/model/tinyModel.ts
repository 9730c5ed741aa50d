import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from 'onnx-buf';

const FLOAT = 1;

/** A 1x1 convolution: output = sigmoid(weights * channels + bias), then 2x2 max pooling. */
export interface TinyNetwork {
  /** weights[map][channel] */
  readonly weights: readonly (readonly number[])[];
  readonly bias: readonly number[];
}

/**
 * An ONNX model small enough to compute by hand: input `projection` [1, C, H, W] (any H, W),
 * output `evidence` [1, M, H / 2, W / 2].
 */
export function tinyOnnx({ weights, bias }: TinyNetwork): Uint8Array {
  const maps = weights.length;
  const channels = weights[0].length;
  return onnxModel({
    node: [
      node('Conv', ['projection', 'weights', 'bias'], 'logits', [ints('kernel_shape', [1, 1])]),
      node('Sigmoid', ['logits'], 'response'),
      node('MaxPool', ['response'], 'evidence', halving()),
    ],
    initializer: [
      floats('weights', [maps, channels, 1, 1], weights.flat()),
      floats('bias', [maps], bias),
    ],
    input: [image('projection', channels, 'H', 'W')],
    output: [image('evidence', maps, 'H2', 'W2')],
  });
}

/**
 * A small encoder and decoder with a skip, of the operators that a UNet 3+ has (3x3 convolutions,
 * max pooling, bilinear upsampling, concatenation), with fixed weights of no meaning. Output on half
 * the input's grid.
 */
export function skipOnnx(channels: number, maps: number): Uint8Array {
  const width = 8;
  let state = 7;
  const weights = (count: number, scale: number) =>
    Array.from({ length: count }, () => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return scale * (state / 0x40000000 - 1);
    });
  const conv = (input: string, name: string, from: number, to: number, size: number) => {
    initializer.push(
      floats(`${name}.w`, [to, from, size, size], weights(to * from * size * size, 1 / size)),
      floats(`${name}.b`, [to], weights(to, 0.2)),
    );
    const pad = (size - 1) / 2;
    return node('Conv', [input, `${name}.w`, `${name}.b`], name, [
      ints('kernel_shape', [size, size]),
      ints('pads', [pad, pad, pad, pad]),
    ]);
  };
  const initializer = [floats('twice', [4], [1, 1, 2, 2])];
  return onnxModel({
    node: [
      conv('projection', 'stem', channels, width, 3),
      node('Relu', ['stem'], 'stem.relu'),
      node('MaxPool', ['stem.relu'], 'half', halving()),
      node('MaxPool', ['half'], 'quarter', halving()),
      conv('quarter', 'deep', width, width, 3),
      node('Relu', ['deep'], 'deep.relu'),
      node('Resize', ['deep.relu', '', 'twice'], 'up', [
        text('mode', 'linear'),
        text('coordinate_transformation_mode', 'half_pixel'),
      ]),
      node('Concat', ['half', 'up'], 'joined', [integer('axis', 1)]),
      conv('joined', 'logits', 2 * width, maps, 1),
      node('Sigmoid', ['logits'], 'evidence'),
    ],
    initializer,
    input: [image('projection', channels, 'H', 'W')],
    output: [image('evidence', maps, 'H2', 'W2')],
  });
}

function onnxModel(graph: Omit<MessageInitShape<typeof GraphProtoSchema>, '$typeName'>) {
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      producerName: 'find-l3-test',
      graph: create(GraphProtoSchema, { name: 'test', ...graph }),
      opsetImport: [{ domain: '', version: 17n }],
    }),
  );
}

function floats(name: string, dims: number[], values: readonly number[]) {
  return create(TensorProtoSchema, {
    name,
    dims: dims.map(BigInt),
    dataType: FLOAT,
    floatData: [...values],
  });
}

function node(
  opType: string,
  input: string[],
  output: string,
  attribute: ReturnType<typeof ints>[] = [],
) {
  return create(NodeProtoSchema, { name: output, opType, input, output: [output], attribute });
}

function ints(name: string, values: number[]) {
  return create(AttributeProtoSchema, {
    name,
    type: AttributeType.INTS,
    ints: values.map(BigInt),
  });
}

function integer(name: string, value: number) {
  return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
}

function text(name: string, value: string) {
  const s = new TextEncoder().encode(value);
  return create(AttributeProtoSchema, { name, type: AttributeType.STRING, s });
}

function halving() {
  return [ints('kernel_shape', [2, 2]), ints('strides', [2, 2])];
}

function image(name: string, planes: number, height: string, width: string) {
  const dim = [
    { value: { case: 'dimValue' as const, value: 1n } },
    { value: { case: 'dimValue' as const, value: BigInt(planes) } },
    { value: { case: 'dimParam' as const, value: height } },
    { value: { case: 'dimParam' as const, value: width } },
  ];
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType: FLOAT, shape: { dim } } } },
  });
}
