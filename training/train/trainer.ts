import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-node';
import { OUTPUT_MAPS, STRIDE } from '../network/maps';
import { Network } from '../network/network';
import { planNetwork } from '../network/plan';
import { initialWeights, type Weights } from '../network/weights';
import { tf } from '../network/tensorflow';
import {
  adamWStep,
  followAverage,
  gradientNorm,
  newAdamState,
  type AdamState,
} from '../network/adamW';
import type { Batch } from '../batches/batch';
import type { Checkpoint } from './checkpoint';
import { networkLoss, type Wanted } from './loss';
import type { TrainOptions } from './options';
import { oneCycle } from './schedule';
import {
  answersTo,
  placeErrors,
  shareFound,
  summed,
  type Answers,
  type JudgedCrop,
  type ValidationPoint,
} from './validation';

export interface StepReport {
  readonly step: number;
  readonly loss: number;
  readonly gradientNorm: number;
  readonly learningRate: number;
}

/** A run of training: feed it the batch of each step in order. */
export class Trainer {
  private readonly network: Network;
  private readonly weights: Weights;
  private readonly average: Weights;
  private readonly adam: AdamState;
  private readonly points: ValidationPoint[];
  private done: number;

  /**
   * Starts afresh, or goes on exactly from a checkpoint.
   *
   * @param earlier weights to start with in place of random ones
   */
  constructor(
    private readonly options: TrainOptions,
    checkpoint?: Checkpoint,
    earlier?: Weights,
  ) {
    const plan = planNetwork(options.network);
    for (const [name, size] of Object.entries({ height: options.height, width: options.width })) {
      if (size <= 0 || size % plan.multipleOf !== 0) {
        throw new Error(
          `The crop's ${name} must be a multiple of ${plan.multipleOf}, not ${size}.`,
        );
      }
    }
    const start = checkpoint?.weights ?? earlier ?? initialWeights(plan, options.seed);
    this.network = new Network(plan, start);
    this.weights = copy(start);
    this.average = copy(checkpoint?.average ?? start);
    this.adam = checkpoint
      ? {
          ...checkpoint.adam,
          first: copy(checkpoint.adam.first),
          second: copy(checkpoint.adam.second),
        }
      : newAdamState(this.network.trained);
    this.points = [...(checkpoint?.validation ?? [])];
    this.done = checkpoint?.step ?? 0;
  }

  /** Steps done. */
  get step(): number {
    return this.done;
  }

  /** Every validation so far. */
  get validation(): readonly ValidationPoint[] {
    return this.points;
  }

  /** @throws Error naming the batch's items when the loss is not finite; the weights stay as they were */
  train(batch: Batch): StepReport {
    const { steps, clip, weightDecay } = this.options;
    if (batch.step !== this.done + 1) {
      throw new Error(`Step ${this.done + 1} was given the batch of step ${batch.step}.`);
    }
    const before = tf.memory().numTensors;
    const { loss, gradients } = this.gradients(batch);
    const norm = gradientNorm(gradients);
    if (!Number.isFinite(loss) || !Number.isFinite(norm)) {
      this.network.setWeights(this.weights);
      throw new Error(
        `The loss at step ${batch.step} is ${loss} (length of the gradient ${norm}); the run stays at its last checkpoint. ` +
          `The batch was made of: ${batch.items.join(', ')}. Look at these items, or lower --learning-rate in a new run.`,
      );
    }
    const { learningRate, beta1 } = oneCycle(batch.step, steps, this.options.learningRate);
    const scale = norm > clip ? clip / norm : 1;
    adamWStep(this.weights, gradients, this.adam, { learningRate, beta1, weightDecay, scale });
    for (const name of gradients.keys()) {
      this.network.setVariable(name, this.weights.get(name)!);
    }
    for (const [name, values] of this.network.movingStatistics()) {
      this.weights.get(name)!.set(values);
    }
    this.done = batch.step;
    followAverage(this.average, this.weights, this.done);
    this.checkTensors(tf.memory().numTensors - before);
    return { step: this.done, loss, gradientNorm: norm, learningRate };
  }

  /**
   * Looks at crops that are not trained on, with the averaged weights.
   *
   * @returns loss, share found and answers, noted among `validation`, and each crop that shows L3
   */
  validate(batches: readonly Batch[]): { point: ValidationPoint; crops: JudgedCrop[] } {
    const { loss, crops, answers } = this.judge(batches);
    const point = { step: this.done, loss, found: shareFound(crops), answers };
    this.points.push(point);
    return { point, crops };
  }

  /** What the averaged weights make of crops. */
  judge(batches: readonly Batch[]): { loss: number; crops: JudgedCrop[]; answers: Answers } {
    const { network } = this;
    network.setWeights(this.average);
    let loss = 0;
    const crops: JudgedCrop[] = [];
    const counted = batches.map((batch) =>
      tf.tidy(() => {
        const { x, wanted } = this.tensorsOf(batch);
        const logits = network.forward(x, false);
        loss += networkLoss(logits, wanted).dataSync()[0]! / batches.length;
        const maps = tf.sigmoid(logits.maps).dataSync() as Float32Array;
        crops.push(...placeErrors(batch, maps, this.options));
        return answersTo(batch, network.answer(x).dataSync() as Float32Array, this.options);
      }),
    );
    network.setWeights(this.weights);
    return { loss, crops, answers: summed(counted) };
  }

  checkpoint(): Checkpoint {
    return {
      options: this.options,
      step: this.done,
      weights: copy(this.weights),
      average: copy(this.average),
      adam: { ...this.adam, first: copy(this.adam.first), second: copy(this.adam.second) },
      validation: [...this.points],
    };
  }

  dispose(): void {
    this.network.dispose();
  }

  private gradients(batch: Batch): { loss: number; gradients: Weights } {
    const gradients: Weights = new Map();
    let loss = NaN;
    tf.tidy(() => {
      const { x, wanted } = this.tensorsOf(batch);
      const { value, grads } = tf.variableGrads(
        () => networkLoss(this.network.forward(x, !this.options.frozenStatistics), wanted),
        [...this.network.trained.values()],
      );
      loss = value.dataSync()[0]!;
      for (const [name, variable] of this.network.trained) {
        gradients.set(name, grads[variable.name]!.dataSync() as Float32Array);
      }
    });
    return { loss, gradients };
  }

  private tensorsOf(made: Batch): { x: Tensor4D; wanted: Wanted } {
    const { batch, height, width, network } = this.options;
    const maps = [batch, height / STRIDE, width / STRIDE, OUTPUT_MAPS] as const;
    const perClass = (values: Float32Array): Tensor2D | null =>
      network.classes.length === 0
        ? null
        : tf.tensor2d(values, [batch, OUTPUT_MAPS]).gather([...network.classes], 1);
    return {
      x: tf.tensor4d(made.input, [batch, height, width, network.channels]),
      wanted: {
        target: tf.tensor4d(made.target, [...maps]),
        mask: tf.tensor4d(made.mask, [...maps]),
        inView: perClass(made.inView),
        inViewMask: perClass(made.inViewMask),
      },
    };
  }

  /** A step must leave nothing behind in TensorFlow: days of training would fill the memory. */
  private checkTensors(left: number): void {
    if (left <= 0) return;
    throw new Error(
      `Step ${this.done} left ${left} tensors behind in TensorFlow's memory: a fault in the program, not in the data. The run stays at its last checkpoint.`,
    );
  }
}

const copy = (weights: Weights): Weights =>
  new Map([...weights].map(([name, values]) => [name, values.slice()]));
