import { Random } from '../tools/random';
import { sizeOf, weightSpecs, type NetworkPlan } from './plan';

/** Weights by name (`weightSpecs`), values in the order of the shape, last index fastest. */
export type Weights = Map<string, Float32Array>;

/** Every map starts at a probability of 0.03: most of a picture is no vertebral centre. */
const HEAD_BIAS = -3.5;
/** The gate starts undecided: its maximum over the picture would else begin far from 0. */
const GATE_SD = 0.01;

/** He's normal initialisation (2015) of the kernels; the same seed gives the same weights. */
export function initialWeights(plan: NetworkPlan, seed: number): Weights {
  const weights: Weights = new Map();
  weightSpecs(plan).forEach(({ name, shape, role }, index) => {
    const values = new Float32Array(sizeOf(shape));
    if (role === 'kernel') {
      const random = Random.ofKeys(seed, index);
      const isGate = name === `${plan.gate?.name}.kernel`;
      const sd = isGate ? GATE_SD : Math.sqrt(2 / sizeOf(shape.slice(0, 3)));
      for (let i = 0; i < values.length; i++) values[i] = random.normal(0, sd);
    } else if (role === 'gamma' || role === 'movingVariance') values.fill(1);
    else if (role === 'bias') values.fill(name === `${plan.gate?.name}.bias` ? 0 : HEAD_BIAS);
    weights.set(name, values);
  });
  return weights;
}
