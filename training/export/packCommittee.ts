import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { mapCount, type ModelManifest } from '../../src/model/manifest';
import { readModelPackage } from '../../src/model/node';
import type { ModelPackage } from '../../src/model/openLevelModel';
import { committeeOf } from './committeeModel';
import { checkEvaluation, UNSTATED_LICENCE, type Facts } from './facts';
import { ExportedNetwork, type Probe } from './exportedNetwork';
import { modelCard } from './modelCard';
import { knownInput, recordKnownAnswer } from './recordKnownAnswer';
import { probesOf } from './seededPicture';
import { MODEL_FILE, placeOf, writePackage, type Place } from './writePackage';

/** What float16 may cost in any value of any map, 0..1. */
const LARGEST_DIFFERENCE = 0.02;

export interface CommitteeOptions extends Place {
  /** Folders of the packages whose networks it is to hold, of one network each. */
  readonly members: readonly string[];
  readonly version: string;
  readonly facts: Facts;
  /** The command line, for the model card. */
  readonly command: string;
}

/**
 * Packs the networks of several packages as one, which asks them all, and writes it to `<into>/<name>/`,
 * complete or not at all. Every member is compared with its own package.
 *
 * @returns folder, and the largest difference of any value of any map
 * @throws Error where the packages do not go together, a member answers otherwise than its package, the
 *   committee is there already, or the facts' evaluation is of another model
 */
export async function packCommittee(
  options: CommitteeOptions,
): Promise<{ folder: string; parity: number; manifest: ModelManifest }> {
  const folder = placeOf(options);
  const packages: ModelPackage[] = [];
  for (const member of options.members) packages.push(await readModelPackage(member));
  checkMembers(packages.map(({ manifest }) => manifest));
  const { name, version, facts } = options;
  const { input, output, opset } = packages[0]!.manifest;
  const maps = mapCount(output);
  const model = committeeOf(
    packages.map(({ modelBytes }) => modelBytes),
    { stride: output.stride, maps },
    { name: 'find-l3', version },
  );
  const hash = bytesToHex(sha256(model));
  checkEvaluation(facts, hash);
  const members = packages.map(({ manifest }) => manifest);
  const unproven = {
    ...members[0]!,
    ...{ name, version, sha256: hash, file: MODEL_FILE, bytes: model.length, opset, input },
    output: { ...output, members: members.length },
    decision: facts.decision ?? members[0]!.decision,
    ...licenceOf(members, facts),
    trainingData: [...new Set(facts.trainingData ?? members.flatMap((each) => each.trainingData))],
    parameters: members.reduce((sum, { parameters }) => sum + parameters, 0),
    metrics: { ...facts.metrics },
    manifestSha256: undefined,
  };
  const asked = [knownInput(unproven), ...probesOf(input.channels.length)];
  const committee = await ExportedNetwork.open(model, input.channels.length);
  let manifest: ModelManifest;
  let largest: number;
  try {
    largest = await largestDifference(committee, packages, asked);
    if (!(largest <= LARGEST_DIFFERENCE)) {
      throw new Error(
        `A network of the committee differs from its own package by ${largest.toExponential(2)}; at most ${LARGEST_DIFFERENCE} is allowed. Nothing was written.`,
      );
    }
    manifest = { ...unproven, knownAnswer: await recordKnownAnswer(committee, unproven) };
  } finally {
    await committee.close();
  }
  const parity = { largest, pictures: asked.length, real: 0 };
  const known = { ...facts, trainingData: manifest.trainingData };
  const card = modelCard(manifest, known, { members, command: options.command }, parity);
  await writePackage(folder, { manifest, model, card });
  return { folder, parity: largest, manifest };
}

function checkMembers(members: readonly ModelManifest[]): void {
  const [first] = members;
  if (!first || members.length < 2) throw new Error('A committee needs two packages or more.');
  const shape = ({ opset, input, output }: ModelManifest) =>
    JSON.stringify([opset, input, output.name, output.levels, output.lastRib, output.stride]);
  members.forEach((each, i) => {
    const called = `${each.name} ${each.version}`;
    if (each.output.members > 1) {
      throw new Error(`${called} is a committee itself; give the packages of its members.`);
    }
    if (shape(each) !== shape(first)) {
      throw new Error(
        `${called} and ${first.name} ${first.version} have another input or output; only networks of the same picture and the same maps can answer together.`,
      );
    }
    if (members.findIndex((other) => other.sha256 === each.sha256) < i) {
      throw new Error(`${called} is given twice: a network has one voice.`);
    }
  });
}

/** The licence that is stated, or that of the members where they all have the same. */
function licenceOf(
  [first, ...others]: readonly ModelManifest[],
  facts: Facts,
): Pick<ModelManifest, 'spdx' | 'licence'> {
  const { spdx, licence } = facts;
  const isSame = others.every((each) => each.licence === first!.licence);
  return spdx === UNSTATED_LICENCE && isSame
    ? { spdx: first!.spdx, licence: first!.licence }
    : { spdx, licence };
}

async function largestDifference(
  committee: ExportedNetwork,
  packages: readonly ModelPackage[],
  probes: readonly Probe[],
): Promise<number> {
  const answers: Float32Array[] = [];
  for (const probe of probes) answers.push((await committee.answer(probe)).slice());
  let largest = 0;
  for (const [member, { modelBytes, manifest }] of packages.entries()) {
    const alone = await ExportedNetwork.open(modelBytes, manifest.input.channels.length);
    try {
      for (const [i, probe] of probes.entries()) {
        const expected = await alone.answer(probe);
        const own = answers[i]!.subarray(member * expected.length);
        expected.forEach((value, k) => {
          const difference = Math.abs(own[k]! - value);
          if (!(difference <= largest)) largest = difference;
        });
      }
    } finally {
      await alone.close();
    }
  }
  return largest;
}
