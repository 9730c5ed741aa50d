import { LEVEL_NAMES } from '../../src/levels/types';
import type { NetworkOptions } from '../network/plan';
import type { TrainingItem } from '../items/item';
import { CLASSIFIED_MAPS, OUTPUT_MAPS } from '../network/maps';
import { DEFAULT_MIX, DEFAULT_TRAINING, type TrainOptions } from '../train/options';
import { Random } from '../tools/random';

const HEIGHT = 176;
const WIDTH = 64;
const FIRST = LEVEL_NAMES.indexOf('T12');

/** A column of bright bars on grey, T12 to S1; each is longer front to back than the one above. */
export function madeUpItem(seed: number): TrainingItem {
  const random = Random.ofKeys(seed);
  const spacing = random.uniform(15, 19);
  const top = random.uniform(25, 40);
  const levels = LEVEL_NAMES.slice(FIRST).map((name, i) => ({
    name,
    row: top + i * spacing,
    column: 34 + random.uniform(-3, 3),
  }));
  const max = new Uint8Array(HEIGHT * WIDTH).fill(50);
  for (const [i, { row, column }] of levels.entries()) {
    const half = 3 + 2.5 * i;
    for (let r = Math.round(row - 5); r <= row + 5; r++) {
      for (let c = Math.round(column - half); c <= column + half; c++) max[r * WIDTH + c] = 200;
    }
  }
  return {
    id: `bars-${seed}`,
    person: `bars-${seed}`,
    set: 'made-up',
    modality: 'CT',
    kind: 'synthetic',
    height: HEIGHT,
    width: WIDTH,
    max,
    mean: max.map((value) => 0.8 * value),
    lateral: null,
    levels,
    labelledRows: null,
    lastRib: null,
  };
}

/** Four levels deep, some 10,000 parameters; sizes are multiples of 16. */
export const TINY_NETWORK: NetworkOptions = {
  channels: 3,
  maps: OUTPUT_MAPS,
  stem: 8,
  encoder: [8, 12, 16, 16],
  perSource: 4,
  classes: CLASSIFIED_MAPS,
  deepSupervision: true,
};

export const TINY_TRAINING: TrainOptions = {
  ...DEFAULT_TRAINING,
  network: TINY_NETWORK,
  lastRibWeight: 1,
  batch: 2,
  height: 96,
  width: 48,
  items: [],
  mix: DEFAULT_MIX,
  holdOut: [],
};
