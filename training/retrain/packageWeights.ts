import { constantsOf, type Constant } from '../export/committeeModel';
import { OUTPUT_MAPS } from '../network/maps';
import { BATCH_NORM_EPSILON } from '../network/network';
import { planNetwork, weightSpecs, type NetworkOptions } from '../network/plan';
import type { Weights } from '../network/weights';

/** A network and its weights. */
export interface Member {
  readonly network: NetworkOptions;
  readonly weights: Weights;
}

/**
 * Reads the networks of a package back from its ONNX file, to train on from there: one, or those of a committee.
 *
 * Batch normalisation is folded into the convolutions of the file and cannot be told apart again. It
 * comes back as one that changes nothing (mean 0, deviation 1, scale 1, and the folded bias), so the
 * network answers as the package does, and training goes on with these statistics frozen: a few
 * hundred pictures of one hospital would not give better ones. The heads of deep supervision are not
 * in the file; fine-tuning does without.
 *
 * @throws Error saying that the file is of another network than this version trains.
 */
export function readPackageWeights(model: Uint8Array): Member[] {
  return constantsOf(model).map(memberOf);
}

function memberOf(tensors: ReadonlyMap<string, Constant>): Member {
  const network = networkOf(tensors);
  const weights: Weights = new Map();
  const plan = planNetwork(network);
  for (const { name, shape, role } of weightSpecs(plan)) {
    const [node] = name.split('.');
    const bias = `${node}.bias`;
    const isGate = node === plan.gate?.name;
    let values: Float32Array;
    if (role === 'kernel') {
      const kernel = tensors.get(name);
      if (!kernel) throw anotherNetwork(`it has no ${name}`);
      values = transposed(isGate ? picked(kernel, network.classes) : kernel);
    } else if (role === 'bias' || role === 'beta') {
      const own = tensors.get(bias);
      if (!own) throw anotherNetwork(`it has no ${bias}`);
      values = isGate ? Float32Array.from(network.classes, (map) => own.values[map]) : own.values;
    } else {
      const value = { gamma: 1, movingMean: 0, movingVariance: 1 - BATCH_NORM_EPSILON }[role];
      values = new Float32Array(shape[0]).fill(value);
    }
    const size = shape.reduce((a, b) => a * b, 1);
    if (values.length !== size) {
      throw anotherNetwork(`${name} has ${values.length} values instead of ${size}`);
    }
    weights.set(name, values);
  }
  return { network, weights };
}

const anotherNetwork = (why: string): Error =>
  new Error(
    `This package holds another network than this version trains (${why}). Retrain a package that "export" wrote, or train anew.`,
  );

function networkOf(tensors: ReadonlyMap<string, Constant>): NetworkOptions {
  const dims = (name: string): readonly number[] => {
    const kernel = tensors.get(`${name}.kernel`);
    if (!kernel) throw anotherNetwork(`it has no ${name}.kernel`);
    return kernel.dims;
  };
  const encoder: number[] = [];
  while (tensors.has(`enc${encoder.length}b.kernel`))
    encoder.push(dims(`enc${encoder.length}b`)[0]);
  const [maps] = dims('head');
  if (maps !== OUTPUT_MAPS) throw anotherNetwork(`${maps} maps instead of ${OUTPUT_MAPS}`);
  const [stem, channels] = dims('stem');
  const gate = tensors.get('gate.kernel');
  return {
    channels,
    maps,
    stem,
    encoder,
    perSource: dims('dec0_from0')[0],
    classes: gate ? gatedMaps(gate) : [],
    deepSupervision: false,
  };
}

/** Maps with a gate of their own; the others' kernels are zeros, always open. */
function gatedMaps({ dims: [maps, inputs], values }: Constant): number[] {
  return Array.from({ length: maps }, (_, map) => map).filter((map) =>
    values.subarray(map * inputs, (map + 1) * inputs).some((value) => value !== 0),
  );
}

function picked({ dims: [, inputs], values }: Constant, maps: readonly number[]): Constant {
  const chosen = new Float32Array(maps.length * inputs);
  maps.forEach((map, i) =>
    chosen.set(values.subarray(map * inputs, (map + 1) * inputs), i * inputs),
  );
  return { dims: [maps.length, inputs, 1, 1], values: chosen };
}

/** [out, in, height, width] to [height, width, in, out]. */
function transposed({ dims: [outputs, inputs, height, width], values }: Constant): Float32Array {
  const pixels = height * width;
  const result = new Float32Array(values.length);
  let at = 0;
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let input = 0; input < inputs; input++) {
      for (let output = 0; output < outputs; output++) {
        result[at++] = values[(output * inputs + input) * pixels + pixel];
      }
    }
  }
  return result;
}
