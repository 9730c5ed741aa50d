import type { Tensor4D } from '@tensorflow/tfjs-node';
import type { ExportedNetwork, Probe } from './exportedNetwork';
import type { Network } from '../network/network';
import type { ChannelName } from '../../src/projection/types';
import type { TrainingItem } from '../items/item';
import { tf } from '../network/tensorflow';

/** An item as the network is given it, black around it up to multiples of `multipleOf`. */
export function probeOfItem(
  item: TrainingItem,
  channels: readonly ChannelName[],
  multipleOf: number,
): Probe {
  const upTo = (size: number) => Math.ceil(size / multipleOf) * multipleOf;
  const [height, width] = [upTo(item.height), upTo(item.width)];
  const data = new Float32Array(channels.length * height * width);
  channels.forEach((channel, k) => {
    for (let row = 0; row < item.height; row++) {
      for (let column = 0; column < item.width; column++) {
        const i = row * item.width + column;
        const value =
          channel === 'mix' ? (item.max[i]! + item.mean[i]!) / 2 : (item[channel]?.[i] ?? 0);
        data[(k * height + row) * width + column] = value / 255;
      }
    }
  });
  return { data, height, width };
}

/** What the network answers in TensorFlow.js: maps x (height / stride) x (width / stride). */
export function answerOfNetwork(network: Network, { data, height, width }: Probe): Float32Array {
  return tf.tidy(() => {
    const { channels } = network.plan.options;
    const x = tf.tensor4d(data, [1, channels, height, width]).transpose([0, 2, 3, 1]);
    const maps = network.answer(x as Tensor4D).transpose([0, 3, 1, 2]);
    return maps.dataSync() as Float32Array;
  });
}

/** Largest difference of any value of any map between TensorFlow.js and the exported model. */
export async function largestDifference(
  network: Network,
  exported: ExportedNetwork,
  probes: readonly Probe[],
): Promise<number> {
  let largest = 0;
  for (const probe of probes) {
    const expected = answerOfNetwork(network, probe);
    const actual = await exported.answer(probe);
    if (actual.length !== expected.length) {
      throw new Error(
        `The exported model answers ${actual.length} values for ${probe.height} x ${probe.width}, TensorFlow.js ${expected.length}.`,
      );
    }
    for (let i = 0; i < actual.length; i++) {
      const difference = Math.abs(actual[i]! - expected[i]!);
      if (!(difference <= largest)) largest = difference;
    }
  }
  return largest;
}
