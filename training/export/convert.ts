import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FORMAT, parseManifest, type ModelManifest } from '../../src/model/manifest';
import { UNCALIBRATED } from '../../src/levels/decision';
import { UNSTATED_LICENCE } from './facts';
import { ExportedNetwork } from './exportedNetwork';
import { recordKnownAnswer } from './recordKnownAnswer';

const FORMER_FORMAT = 'find-l3-model/1';

/**
 * Brings the manifest of a package of the former format to the present one, in place. What the former
 * decoder held in its code is written into the manifest, so that the package answers as before, and
 * the known answer is recorded anew; the model file stays as it is.
 *
 * @param folder of the package
 * @throws Error where it is no package of the former format, naming what is wrong
 */
export async function convertPackage(folder: string): Promise<ModelManifest> {
  const path = join(folder, 'manifest.json');
  const former = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  if (former.format !== FORMER_FORMAT) {
    throw new Error(`${path}: only packages of ${FORMER_FORMAT} are brought to ${FORMAT}.`);
  }
  const decision = former.decision as Record<string, number>;
  const output = former.output as Record<string, unknown>;
  const json = {
    ...former,
    format: FORMAT,
    output: { ...output, lastRib: output.lastRib ?? false },
    decision: { ...UNCALIBRATED, minRibAnchor: decision.minAnchor, ...decision },
    spdx: former.spdx ?? UNSTATED_LICENCE,
    knownAnswer: { ...(former.knownAnswer as object), level: null },
  };
  const unproven = parseManifest(json, path);
  const model = readFileSync(join(folder, unproven.file));
  const exported = await ExportedNetwork.open(model, unproven.input.channels.length);
  let manifest: ModelManifest;
  try {
    manifest = { ...unproven, knownAnswer: await recordKnownAnswer(exported, unproven) };
  } finally {
    await exported.close();
  }
  const temporary = `${path}.part`;
  writeFileSync(temporary, `${JSON.stringify(manifest, null, 2)}\n`);
  renameSync(temporary, path);
  return manifest;
}
