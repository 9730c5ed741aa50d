import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
} from 'onnx-buf';
import { fromFloat16, toFloat16 } from './float16';
import { FLOAT, INPUT_NAME, int, levelsOutput, OUTPUT_NAME } from './onnxModel';

/** Code of onnx.proto. */
const FLOAT16 = 10;
/** Kernels are stored as float16; biases and scales, which are few, as they are. */
const KERNEL_DIMS = 4;
const HALF = '.half';

/**
 * Several networks as one ONNX model: they are given the same input, and their maps follow one another
 * in the output, [1, members x maps, height / stride, width / stride]. Their kernels are stored as
 * float16 and computed with as float32.
 *
 * @param members ONNX models that `toOnnx` wrote, of the same input and output
 */
export function committeeOf(
  members: readonly Uint8Array[],
  { stride, maps }: { readonly stride: number; readonly maps: number },
  producer: { readonly name: string; readonly version: string },
): Uint8Array {
  const models = members.map(modelIn);
  const parts = models.map(({ graph }, member) => renamed(graph!, (name) => own(member, name)));
  const concat = create(NodeProtoSchema, {
    opType: 'Concat',
    name: OUTPUT_NAME,
    input: members.map((_, member) => own(member, OUTPUT_NAME)),
    output: [OUTPUT_NAME],
    attribute: [int('axis', 1)],
  });
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: models[0]!.irVersion,
      producerName: producer.name,
      producerVersion: producer.version,
      opsetImport: models[0]!.opsetImport,
      graph: create(GraphProtoSchema, {
        name: 'find-l3',
        node: [...parts.flatMap(({ node }) => node), concat],
        initializer: parts.flatMap(({ initializer }) => initializer),
        input: models[0]!.graph!.input,
        output: [levelsOutput(members.length * maps, stride)],
      }),
    }),
  );
}

/**
 * The constants of each network of a model file, under the names that `toOnnx` gave them, as float32.
 *
 * @returns one map a member; one where the file holds a single network
 * @throws Error where the file is no ONNX model
 */
export function constantsOf(model: Uint8Array): ReadonlyMap<string, Constant>[] {
  const members: Map<string, Constant>[] = [new Map()];
  for (const tensor of modelIn(model).graph?.initializer ?? []) {
    const [, member, name] = /^m(\d+)\/(.*)$/.exec(tensor.name) ?? [null, '0', tensor.name];
    const at = Number(member);
    members[at] ??= new Map();
    members[at].set(name!.replace(HALF, ''), constantOf(tensor));
  }
  return members;
}

export interface Constant {
  /** Of a kernel: out, in, height, width. */
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

function constantOf({ dims, rawData, dataType }: TensorProto): Constant {
  // A Buffer's own slice would be a view of a shared pool.
  const { buffer } = Uint8Array.from(rawData);
  const values =
    dataType === FLOAT16 ? fromFloat16(new Uint16Array(buffer)) : new Float32Array(buffer);
  return { dims: dims.map(Number), values };
}

function modelIn(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw new Error('The model of this package is not a readable ONNX file.', { cause });
  }
}

const own = (member: number, name: string): string => `m${member}/${name}`;

/** A graph under names of its own, but for its input and what is left out, with half-precision kernels. */
function renamed(
  graph: GraphProto,
  rename: (name: string) => string,
): { node: NodeProto[]; initializer: TensorProto[] } {
  const nameOf = (name: string) => (name === '' || name === INPUT_NAME ? name : rename(name));
  const casts: NodeProto[] = [];
  const initializer = graph.initializer.map((tensor) => {
    const name = nameOf(tensor.name);
    if (tensor.dims.length !== KERNEL_DIMS) return create(TensorProtoSchema, { ...tensor, name });
    const half = `${name}${HALF}`;
    casts.push(
      create(NodeProtoSchema, {
        opType: 'Cast',
        name,
        input: [half],
        output: [name],
        attribute: [int('to', FLOAT)],
      }),
    );
    const rawData = new Uint8Array(toFloat16(constantOf(tensor).values).buffer);
    return create(TensorProtoSchema, { ...tensor, name: half, dataType: FLOAT16, rawData });
  });
  const node = graph.node.map((each) =>
    create(NodeProtoSchema, {
      ...each,
      name: nameOf(each.name),
      input: each.input.map(nameOf),
      output: each.output.map(nameOf),
    }),
  );
  return { node: [...casts, ...node], initializer };
}
