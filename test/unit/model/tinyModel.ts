import { create, toBinary } from '@bufbuild/protobuf';
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
  const floats = (name: string, dims: number[], values: readonly number[]) =>
    create(TensorProtoSchema, {
      name,
      dims: dims.map(BigInt),
      dataType: FLOAT,
      floatData: [...values],
    });
  const ints = (name: string, values: number[]) =>
    create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: values.map(BigInt) });
  const node = (
    opType: string,
    input: string[],
    output: string,
    attribute: ReturnType<typeof ints>[] = [],
  ) => create(NodeProtoSchema, { name: output, opType, input, output: [output], attribute });
  const image = (name: string, planes: number, height: string, width: string) =>
    create(ValueInfoProtoSchema, {
      name,
      type: {
        value: {
          case: 'tensorType',
          value: {
            elemType: FLOAT,
            shape: {
              dim: [
                { value: { case: 'dimValue', value: 1n } },
                { value: { case: 'dimValue', value: BigInt(planes) } },
                { value: { case: 'dimParam', value: height } },
                { value: { case: 'dimParam', value: width } },
              ],
            },
          },
        },
      },
    });
  const graph = create(GraphProtoSchema, {
    name: 'tiny',
    node: [
      node('Conv', ['projection', 'weights', 'bias'], 'logits', [ints('kernel_shape', [1, 1])]),
      node('Sigmoid', ['logits'], 'response'),
      node('MaxPool', ['response'], 'evidence', [
        ints('kernel_shape', [2, 2]),
        ints('strides', [2, 2]),
      ]),
    ],
    initializer: [
      floats('weights', [maps, channels, 1, 1], weights.flat()),
      floats('bias', [maps], bias),
    ],
    input: [image('projection', channels, 'H', 'W')],
    output: [image('evidence', maps, 'H2', 'W2')],
  });
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      producerName: 'find-l3-test',
      graph,
      opsetImport: [{ domain: '', version: 17n }],
    }),
  );
}
