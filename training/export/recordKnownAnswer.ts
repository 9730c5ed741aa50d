import { evidenceOf, networkInput, type Stack } from '../../src/model/evidence';
import { knownAnswerOf, type KnownAnswer } from '../../src/model/knownAnswer';
import { knownProjection } from '../../src/model/knownSeries';
import type { ModelManifest } from '../../src/model/manifest';
import type { ExportedNetwork } from './exportedNetwork';

/** Other runtimes (WebGPU) may differ from wasm by this much in any map. */
const TOLERANCE = 0.01;
const SEED = 3;

type Unproven = Omit<ModelManifest, 'knownAnswer'>;

/** The projection of the known series, as the network is given it. */
export function knownInput(manifest: Pick<Unproven, 'name' | 'input'>): Stack {
  return networkInput(knownProjection(manifest.input, SEED), manifest);
}

/** What the exported model makes of the known series, for its manifest. */
export async function recordKnownAnswer(
  exported: ExportedNetwork,
  manifest: Unproven,
): Promise<KnownAnswer> {
  const projection = knownProjection(manifest.input, SEED);
  const input = networkInput(projection, manifest);
  const { stride } = manifest.output;
  const maps = {
    data: await exported.answer(input),
    height: input.height / stride,
    width: input.width / stride,
  };
  const evidence = evidenceOf(maps, projection, manifest);
  return knownAnswerOf(manifest, evidence, projection, { seed: SEED, tolerance: TOLERANCE });
}
