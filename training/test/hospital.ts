import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeCorrection } from '../../src/corrections/correctionFile';
import { makeCorrection } from '../../src/corrections/makeCorrection';
import { personKey } from '../../src/corrections/personKey';
import { decodeLevels } from '../../src/levels/decodeLevels';
import { UNCALIBRATED } from '../../src/levels/decision';
import { openModelPackage } from '../../src/model/node';
import { patientPointOf } from '../../src/projection/maps';
import { projectionOfItem } from '../evaluate/itemCase';
import { NO_FACTS } from '../export/facts';
import { packModel } from '../export/packModel';
import type { TrainingItem } from '../items/item';
import { writeItems } from '../items/itemStore';
import { readOwnItems } from '../retrain/ownItems';
import type { RetrainOptions } from '../retrain/retrain';
import type { TrainOptions } from '../train/options';
import { runTraining } from '../train/run';
import { madeUpItem, TINY_TRAINING } from './madeUp';

const SALT = 'the salt of a hospital in a test';
const CROP = { height: 160, width: 64 };
const bright = Array.from({ length: 80 }, (_, i) => madeUpItem(100 + i));

/** What the shipped model was trained on, and what it is not to forget. */
export const rehearsal = bright.slice(0, 64);
export const base = bright.slice(64);
/** Those who are corrected, and those whom nobody has seen. */
export const personsA = Array.from({ length: 24 }, (_, i) =>
  withSecondSegment(madeUpItem(300 + i)),
);
export const personsB = Array.from({ length: 8 }, (_, i) => withSecondSegment(madeUpItem(500 + i)));

export const keyOf = (patientId: string) => personKey({ patientId, salt: SALT });

/** A hospital whose scans the model gets wrong. */
export interface Hospital {
  /** The model's package. */
  readonly shipped: string;
  /** The folder of what people there corrected. */
  readonly corrections: string;
  /** How it trains the model on. */
  options(): RetrainOptions;
}

/** Trains the model that is shipped, and corrects what it finds in persons A, all within `folder`. */
export async function openHospital(folder: string): Promise<Hospital> {
  const shipped = await ship(folder);
  const corrections = join(folder, 'corrections');
  await correct(shipped, personsA, corrections);
  return {
    shipped,
    corrections,
    options: () => ({
      model: shipped,
      own: readOwnItems([corrections]).items,
      rehearsal,
      base,
      out: join(folder, 'models', 'ours'),
      version: '1.0.1',
      runs: join(folder, 'runs'),
      holdOutShare: 0.25,
      ownShare: 0.5,
      training: { seed: 1, steps: 240, batch: 6, ...CROP, learningRate: 6e-3 },
      force: false,
      command: 'npm run train -- retrain ...',
    }),
  };
}

/** Another population: the sacrum shows one segment more, which looks like one more vertebra. */
function withSecondSegment(item: TrainingItem): TrainingItem {
  const { width, levels } = item;
  const [l5, s1] = levels.slice(-2);
  const row = Math.round(2 * s1.row - l5.row);
  const max = item.max.slice();
  for (let r = row - 5; r <= row + 5; r++) max.fill(200, r * width + 9, r * width + 60);
  return {
    ...item,
    id: `other-${item.id}`,
    person: `other-${item.person}`,
    max,
    mean: max.map((value) => 0.8 * value),
  };
}

/** A model for bright spines, as the project would ship it. */
async function ship(folder: string): Promise<string> {
  const runs = join(folder, 'runs');
  const items = join(folder, 'bright.items');
  writeItems(items, rehearsal);
  const trained: TrainOptions = {
    ...{ ...TINY_TRAINING, ...CROP, items: [items], channels: ['max', 'mean', 'mix'] },
    ...{ batch: 3, steps: 320, learningRate: 1e-2 },
  };
  await runTraining({
    ...{ name: 'bright', runs, options: trained },
    ...{ checkpointEvery: 1000, stopAfter: Infinity },
  });
  // It always answers: what is not right is a wrong level.
  const decision = {
    ...UNCALIBRATED,
    minInView: 0.1,
    minProbability: 0,
    minAnchor: 0.01,
    minRibAnchor: 1,
  };
  const packed = await packModel({
    ...{ run: 'bright', runs, name: 'bright', version: '1.0.0', into: join(folder, 'models') },
    ...{ replace: false, facts: { ...NO_FACTS, decision } },
  });
  return packed.folder;
}

/** What the viewer does: search, let the person put L3 where it is, export. */
async function correct(
  shipped: string,
  items: readonly TrainingItem[],
  into: string,
): Promise<void> {
  const model = await openModelPackage(shipped);
  const { manifest } = model;
  mkdirSync(into, { recursive: true });
  for (const [i, item] of items.entries()) {
    const projection = projectionOfItem(item, manifest.input.channels);
    const { levels, conclusion } = decodeLevels(await model.run(projection), manifest.decision);
    const l3 = item.levels.find(({ name }) => name === 'L3')!;
    const correction = makeCorrection({
      projection,
      modality: 'CT',
      window: manifest.input.windows.CT,
      model: manifest,
      person: keyOf(item.person),
      outcome: conclusion.found ? 'found' : 'undetermined',
      found: levels.map(({ name, row, column, probability }) => ({
        name,
        probability,
        pointLpsMm: patientPointOf(projection, row, column),
      })),
      l3PointLpsMm: patientPointOf(projection, l3.row, l3.column),
    });
    writeFileSync(join(into, `${i}.correction`), encodeCorrection(correction));
  }
  await model.dispose();
}
