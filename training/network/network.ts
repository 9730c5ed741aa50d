import type { Tensor, Tensor1D, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-node';
import { tf } from './tensorflow';
import { batchNormRelu, upsample } from './operators';
import { isTrained, weightSpecs, type NetworkPlan, type WeightSpec } from './plan';
import type { Weights } from './weights';

export const BATCH_NORM_EPSILON = 1e-5;
const STATISTICS_MOMENTUM = 0.9;

/** Logits of one run. */
export interface Logits {
  /** [batch, height / stride, width / stride, maps] */
  readonly maps: Tensor4D;
  /** One a side head of the plan, smaller by its factor; empty unless training. */
  readonly sides: readonly Tensor4D[];
  /** [batch, classes]; null without a gate. */
  readonly inView: Tensor2D | null;
}

/** The planned network in TensorFlow.js. Tensors are [batch, height, width, channels]. */
export class Network {
  private readonly specs: WeightSpec[];
  private readonly variables = new Map<string, Variable>();
  private readonly moving = new Map<string, Float32Array>();

  constructor(
    readonly plan: NetworkPlan,
    weights: Weights,
  ) {
    this.specs = weightSpecs(plan);
    for (const spec of this.specs) {
      if (!isTrained(spec)) continue;
      const variable = tf.variable(tf.zeros([...spec.shape]), true);
      this.variables.set(spec.name, variable);
    }
    this.setWeights(weights);
  }

  /** The variables to train, by name. */
  get trained(): ReadonlyMap<string, Variable> {
    return this.variables;
  }

  /**
   * @param x [batch, height, width, channels], height and width multiples of `plan.multipleOf`
   * @param training normalise by the batch's statistics and follow them; else by the moving ones
   */
  forward(x: Tensor4D, training: boolean): Logits {
    let inView: Tensor2D | null = null;
    const values = new Map<string, Tensor4D>([[this.plan.input, x]]);
    for (const node of this.plan.nodes) {
      const input = (name: string) => values.get(name)!;
      let value: Tensor4D;
      switch (node.kind) {
        case 'convBnRelu': {
          const kernel = this.variable(`${node.name}.kernel`) as Tensor4D;
          const raw = tf.conv2d(input(node.input), kernel, node.stride, 'same');
          value = this.normalise(node.name, raw, training);
          break;
        }
        case 'head':
          value = this.head(node.name, input(node.input));
          break;
        case 'gate':
          value = this.head(node.name, input(node.input));
          inView = tf.max<Tensor2D>(value, [1, 2]);
          break;
        case 'maxPool':
          value = tf.maxPool(input(node.input), node.factor, node.factor, 'valid');
          break;
        case 'upsample':
          value = upsample(input(node.input), node.factor);
          break;
        case 'concat':
          value = tf.concat(node.inputs.map(input), 3);
          break;
      }
      values.set(node.name, value);
    }
    return {
      maps: values.get(this.plan.output)!,
      sides: training
        ? this.plan.sides.map(({ name, input }) => this.head(name, values.get(input)!))
        : [],
      inView,
    };
  }

  /**
   * What the exported model answers: heat maps 0..1, each multiplied by the probability that it has
   * something to show.
   *
   * @returns [batch, height / stride, width / stride, maps]
   */
  answer(x: Tensor4D): Tensor4D {
    const { maps, inView } = this.forward(x, false);
    const heat = tf.sigmoid(maps);
    if (!inView) return heat;
    const gated = this.plan.gate!.maps;
    const count = this.plan.options.maps;
    const place = gated.flatMap((map) => Array.from({ length: count }, (_, i) => +(i === map)));
    const free = Array.from({ length: count }, (_, i) => +!gated.includes(i));
    const gate = tf
      .sigmoid(inView)
      .matMul(tf.tensor2d(place, [gated.length, count]))
      .add(free);
    return heat.mul(gate.reshape([-1, 1, 1, count]));
  }

  /** A copy of every weight. */
  weights(): Weights {
    const weights: Weights = new Map();
    for (const { name } of this.specs) {
      const values = this.moving.get(name) ?? (this.variable(name).dataSync() as Float32Array);
      weights.set(name, Float32Array.from(values));
    }
    return weights;
  }

  /** @throws Error naming the weight that is missing or has another size */
  setWeights(weights: Weights): void {
    for (const { name, shape } of this.specs) {
      const values = weights.get(name);
      const size = shape.reduce((a, b) => a * b, 1);
      if (values?.length !== size) {
        throw new Error(
          `Weight ${name} should have ${size} values, but has ${values?.length ?? 'none'}: these weights are of another network.`,
        );
      }
      const variable = this.variables.get(name);
      if (variable) this.assign(variable, values);
      else this.moving.set(name, Float32Array.from(values));
    }
  }

  setVariable(name: string, values: Float32Array): void {
    this.assign(this.variable(name) as Variable, values);
  }

  /** The moving statistics themselves, not copies. */
  movingStatistics(): ReadonlyMap<string, Float32Array> {
    return this.moving;
  }

  dispose(): void {
    for (const variable of this.variables.values()) variable.dispose();
  }

  private head(name: string, input: Tensor4D): Tensor4D {
    const kernel = this.variable(`${name}.kernel`) as Tensor4D;
    return tf.conv2d(input, kernel, 1, 'same').add(this.variable(`${name}.bias`));
  }

  private assign(variable: Variable, values: Float32Array): void {
    const tensor = tf.tensor(values.slice(), variable.shape);
    variable.assign(tensor);
    tensor.dispose();
  }

  private variable(name: string): Tensor {
    return this.variables.get(name)!;
  }

  private normalise(name: string, raw: Tensor4D, training: boolean): Tensor4D {
    const gamma = this.variable(`${name}.gamma`) as Tensor1D;
    const beta = this.variable(`${name}.beta`) as Tensor1D;
    const mean = this.moving.get(`${name}.movingMean`)!;
    const variance = this.moving.get(`${name}.movingVariance`)!;
    if (!training) {
      const normalised = tf.batchNorm(
        raw,
        tf.tensor1d(mean),
        tf.tensor1d(variance),
        beta,
        gamma,
        BATCH_NORM_EPSILON,
      );
      return tf.relu(normalised);
    }
    return batchNormRelu(raw, gamma, beta, BATCH_NORM_EPSILON, (batch) => {
      for (let i = 0; i < mean.length; i++) {
        mean[i]! += (1 - STATISTICS_MOMENTUM) * (batch.mean[i]! - mean[i]!);
        variance[i]! += (1 - STATISTICS_MOMENTUM) * (batch.variance[i]! - variance[i]!);
      }
    });
  }
}
