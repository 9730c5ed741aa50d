import { existsSync, statSync } from 'node:fs';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { UNCALIBRATED } from '../../src/levels/decision';
import { LEVEL_NAMES } from '../../src/levels/types';
import type { ChannelName } from '../../src/projection/types';
import type { KnownAnswer } from '../../src/model/knownAnswer';
import { FORMAT, type ModelManifest } from '../../src/model/manifest';
import { BATCH_NORM_EPSILON, Network } from '../network/network';
import { networkCost, planNetwork, type NetworkPlan } from '../network/plan';
import { located, runFiles } from '../tools/paths';
import { startTensorFlow } from '../network/tensorflow';
import { readItems } from '../items/itemStore';
import { GRID_MM, WINDOWS } from '../items/toItem';
import { readCheckpoint } from '../train/checkpoint';
import type { TrainOptions } from '../train/options';
import { checkEvaluation, type Facts } from './facts';
import { modelCard } from './modelCard';
import { INPUT_NAME, OPSET, OUTPUT_NAME, toOnnx } from './onnxModel';
import { ExportedNetwork, type Probe } from './exportedNetwork';
import { largestDifference, probeOfItem } from './parity';
import { provenanceOf } from './provenance';
import { knownInput, recordKnownAnswer } from './recordKnownAnswer';
import { probesOf } from './seededPicture';
import { MODEL_FILE, placeOf, writePackage, type Place } from './writePackage';

/** TensorFlow.js and the exported model may differ by this much in any value. */
const LARGEST_DIFFERENCE = 1e-5;
/** Scans on which the exported model is compared, and how many of one file. */
const SCANS = 8;
const SCANS_A_FILE = 3;

export interface PackOptions extends Place {
  /** Run whose averaged weights are packed. */
  readonly run: string;
  /** Folder of the runs. */
  readonly runs: string;
  readonly version: string;
  readonly facts: Facts;
  /** The command line that trained and packed it, when it was not `train` and `export`. */
  readonly command?: string;
}

/**
 * Exports a run's averaged weights, checks the exported model against TensorFlow.js, and writes the
 * package `<into>/<name>/`, complete or not at all.
 *
 * @returns folder and largest difference
 * @throws Error when the two differ too much, the package is there already, or the facts' evaluation
 *   is of another model
 */
export async function packModel(
  options: PackOptions,
): Promise<{ folder: string; parity: number; manifest: ModelManifest }> {
  const folder = placeOf(options);
  const files = runFiles(options.run, options.runs);
  const checkpoint = readCheckpoint(files.checkpoint);
  const plan = planNetwork(checkpoint.options.network);
  const model = toOnnx(plan, checkpoint.average, BATCH_NORM_EPSILON, {
    name: 'find-l3',
    version: options.version,
  });
  const hash = bytesToHex(sha256(model));
  checkEvaluation(options.facts, hash);
  const own = provenanceOf(options.run, checkpoint.options, checkpoint.step, files.data);
  const { command } = options;
  const provenance = command === undefined ? own : { ...own, command, packsToo: true };
  const { channels } = checkpoint.options;
  const unproven = manifestOf(options, plan, channels, model, provenance.sets);
  await startTensorFlow();
  const network = new Network(plan, checkpoint.average);
  const exported = await ExportedNetwork.open(model, plan.options.channels);
  const scans = scanProbes(checkpoint.options, plan);
  const asked = [knownInput(unproven), ...probesOf(plan.options.channels), ...scans];
  let largest: number;
  let knownAnswer: KnownAnswer;
  try {
    largest = await largestDifference(network, exported, asked);
    if (!(largest <= LARGEST_DIFFERENCE)) {
      throw new Error(
        `The exported model differs from TensorFlow.js by ${largest.toExponential(2)}; at most ${LARGEST_DIFFERENCE} is allowed. Nothing was written.`,
      );
    }
    knownAnswer = await recordKnownAnswer(exported, unproven);
  } finally {
    await exported.close();
    network.dispose();
  }
  const manifest: ModelManifest = { ...unproven, knownAnswer };
  const parity = { largest, pictures: asked.length, real: scans.length };
  const card = modelCard(manifest, options.facts, provenance, parity);
  await writePackage(folder, { manifest, model, card });
  return { folder, parity: largest, manifest };
}

/** Projections of scans that the run was trained on, a few of each file that is there. */
function scanProbes({ items, channels }: TrainOptions, plan: NetworkPlan): Probe[] {
  const files = items.map(located).filter((file) => existsSync(file));
  // Files of synthetic items are the largest, and most often not needed then.
  files.sort((a, b) => statSync(a).size - statSync(b).size);
  const probes: Probe[] = [];
  for (const file of files) {
    if (probes.length >= SCANS) break;
    const scans = readItems(file).filter(({ kind }) => kind !== 'synthetic');
    const step = Math.max(1, Math.ceil(scans.length / SCANS_A_FILE));
    for (let i = 0; i < scans.length; i += step) {
      probes.push(probeOfItem(scans[i]!, channels, plan.multipleOf));
    }
  }
  return probes.slice(0, SCANS);
}

function manifestOf(
  { name, version, facts }: PackOptions,
  plan: NetworkPlan,
  channels: readonly ChannelName[],
  model: Uint8Array,
  sets: readonly string[],
): Omit<ModelManifest, 'knownAnswer'> {
  return {
    format: FORMAT,
    name,
    version,
    sha256: bytesToHex(sha256(model)),
    file: MODEL_FILE,
    bytes: model.length,
    opset: OPSET,
    input: {
      name: INPUT_NAME,
      channels: [...channels],
      mmPerPixel: GRID_MM,
      multipleOf: plan.multipleOf,
      windows: { CT: WINDOWS.CT, MR: WINDOWS.MR },
    },
    output: {
      name: OUTPUT_NAME,
      levels: [...LEVEL_NAMES],
      lastRib: true,
      members: 1,
      stride: plan.stride,
    },
    decision: facts.decision ?? UNCALIBRATED,
    spdx: facts.spdx,
    licence: facts.licence,
    trainingData: [...(facts.trainingData ?? sets)],
    parameters: networkCost(plan, plan.multipleOf, plan.multipleOf).parameters,
    metrics: { ...facts.metrics },
  };
}
