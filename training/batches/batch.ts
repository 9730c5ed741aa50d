import { OUTPUT_MAPS, STRIDE } from '../network/maps';
import { augment } from './augment';
import { drawItem, type ItemGroup } from './itemMix';
import type { BatchOptions } from './options';
import { Random } from '../tools/random';

/** What one step of training eats. */
export interface Batch {
  readonly step: number;
  /** batch x height x width x channels. */
  readonly input: Float32Array;
  /** batch x height / 2 x width / 2 x maps. */
  readonly target: Float32Array;
  readonly mask: Float32Array;
  /** batch x maps. */
  readonly inView: Float32Array;
  readonly inViewMask: Float32Array;
  /** Which items it was made of, to be named when something goes wrong. */
  readonly items: readonly string[];
}

/** The batch of a step: it depends on the options, the items and the step alone. */
export function makeBatch(
  groups: readonly ItemGroup[],
  options: BatchOptions,
  step: number,
): Batch {
  const { seed, batch, height, width, channels } = options;
  const maps = (height / STRIDE) * (width / STRIDE) * OUTPUT_MAPS;
  const sizes = {
    input: height * width * channels.length,
    target: maps,
    mask: maps,
    inView: OUTPUT_MAPS,
    inViewMask: OUTPUT_MAPS,
  };
  const arrays = eachOf(sizes, (size) => new Float32Array(batch * size));
  const items: string[] = [];
  for (let i = 0; i < batch; i++) {
    const random = Random.ofKeys(seed, step, i);
    const item = drawItem(groups, random);
    items.push(`${item.set}/${item.id}`);
    const example = eachOf(sizes, (size, name) => arrays[name].subarray(i * size, (i + 1) * size));
    augment(item, options, random, example);
  }
  return { step, ...arrays, items };
}

const eachOf = <Name extends string>(
  sizes: Readonly<Record<Name, number>>,
  make: (size: number, name: Name) => Float32Array,
): Record<Name, Float32Array> =>
  Object.fromEntries(
    Object.entries<number>(sizes).map(([name, size]) => [name, make(size, name as Name)]),
  ) as Record<Name, Float32Array>;

/** Where the trainer gets its batches. */
export interface BatchSource {
  /** @param step from 1 on; asked for in order */
  next(step: number): Promise<Batch>;
  close(): Promise<void>;
}
