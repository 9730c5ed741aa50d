import { planNetwork, DEFAULT_NETWORK } from '../network/plan';
import { CLASSIFIED_MAPS, OUTPUT_MAPS } from '../network/maps';
import { computedOn, startTensorFlow } from '../network/tensorflow';
import type { Batch } from '../batches/batch';
import { DEFAULT_TRAINING, type TrainOptions } from './options';
import { Random } from '../tools/random';
import { Trainer } from './trainer';

/**
 * A program of its own, so that every backend starts afresh: times a few steps of training on random
 * pictures and writes one line of JSON. Steps to warm up and to time are its arguments.
 */
const [warmUp, timed] = process.argv.slice(2).map(Number) as [number, number];
const options: TrainOptions = {
  ...DEFAULT_TRAINING,
  network: {
    ...{ ...DEFAULT_NETWORK, channels: DEFAULT_TRAINING.channels.length, maps: OUTPUT_MAPS },
    ...{ classes: CLASSIFIED_MAPS, deepSupervision: true },
  },
  ...{ items: [], mix: {}, holdOut: [] },
};

function randomBatch(step: number): Batch {
  const { batch, height, width, network } = options;
  const random = Random.ofKeys(step);
  const made = (size: number, value: () => number) =>
    Float32Array.from({ length: batch * size }, value);
  const pixels = (height * width) / planNetwork(network).stride ** 2;
  return {
    step,
    input: made(height * width * network.channels, () => random.next()),
    target: made(pixels * network.maps, () => (random.chance(0.01) ? 1 : 0)),
    mask: made(pixels * network.maps, () => 1),
    inView: made(network.maps, () => +random.chance(0.5)),
    inViewMask: made(network.maps, () => 1),
    items: ['random'],
  };
}

await startTensorFlow();
const trainer = new Trainer(options);
const seconds: number[] = [];
for (let step = 1; step <= warmUp + timed; step++) {
  const batch = randomBatch(step);
  const started = performance.now();
  trainer.train(batch);
  if (step > warmUp) seconds.push((performance.now() - started) / 1000);
}
trainer.dispose();
seconds.sort((a, b) => a - b);
process.stdout.write(
  `${JSON.stringify({
    computedOn: computedOn(),
    secondsPerStep: seconds[Math.floor(seconds.length / 2)],
    plan: planNetwork(options.network),
    ...{ batch: options.batch, height: options.height, width: options.width },
  })}\n`,
);
