import { augment, OUTPUT_MAPS, STRIDE } from './augment';
import { drawItem, type ItemGroup } from './itemMix';
import type { TrainOptions } from './options';
import { Random } from './random';

/** What one step of training eats. */
export interface Batch {
  readonly step: number;
  /** batch x height x width x 3. */
  readonly input: Float32Array;
  /** batch x height / 2 x width / 2 x maps. */
  readonly target: Float32Array;
  readonly mask: Float32Array;
  /** Which items it was made of, to be named when something goes wrong. */
  readonly items: readonly string[];
}

export type BatchOptions = Pick<TrainOptions, 'seed' | 'batch' | 'height' | 'width'>;

/** The batch of a step: it depends on the options, the items and the step alone. */
export function makeBatch(
  groups: readonly ItemGroup[],
  { seed, batch, height, width }: BatchOptions,
  step: number,
): Batch {
  const inputSize = height * width * 3;
  const outputSize = (height / STRIDE) * (width / STRIDE) * OUTPUT_MAPS;
  const input = new Float32Array(batch * inputSize);
  const target = new Float32Array(batch * outputSize);
  const mask = new Float32Array(batch * outputSize);
  const items: string[] = [];
  for (let i = 0; i < batch; i++) {
    const random = new Random(seed, step, i);
    const item = drawItem(groups, random);
    items.push(`${item.set}/${item.id}`);
    augment(item, height, width, random, {
      input: input.subarray(i * inputSize, (i + 1) * inputSize),
      target: target.subarray(i * outputSize, (i + 1) * outputSize),
      mask: mask.subarray(i * outputSize, (i + 1) * outputSize),
    });
  }
  return { step, input, target, mask, items };
}

/** Where the trainer gets its batches. */
export interface BatchSource {
  /** @param step from 1 on; asked for in order */
  next(step: number): Promise<Batch>;
  close(): Promise<void>;
}
