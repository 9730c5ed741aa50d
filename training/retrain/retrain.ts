import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { readModelPackage } from '../../src/model/node';
import type { Facts } from '../export/facts';
import type { TrainingItem } from '../items/item';
import { runFiles } from '../tools/paths';
import { print } from '../tools/print';
import { completeLevels } from './completeLevels';
import { contradictionsIn, showContradictions, type Contradiction } from './contradictions';
import { judge, withModel, worseThanThere } from './judge';
import { learn, type Lesson } from './learn';
import { oneViewEach, splitOwn } from './ownItems';
import { factsOf, metricsOf, packLearned, putInPlace } from './pack';
import { readPackageWeights } from './packageWeights';
import { worseIn, type Scores } from './score';

export interface RetrainOptions {
  /** Folder of the package to start from. */
  readonly model: string;
  /** The hospital's own items. */
  readonly own: readonly TrainingItem[];
  /** Items of what the model can do already, mixed in so that it forgets nothing. */
  readonly rehearsal: readonly TrainingItem[];
  /** Other items of the kind, to see that it has not. */
  readonly base: readonly TrainingItem[];
  /** Folder of the new package; its last part is the model's name. */
  readonly out: string;
  readonly version: string;
  /** Folder of the runs. */
  readonly runs: string;
  /** Share of the own persons that are not trained on. */
  readonly holdOutShare: number;
  /** Share of the crops that come from own items, 0..1. */
  readonly ownShare: number;
  readonly training: Lesson['training'];
  /** Write the package although it is worse. */
  readonly force: boolean;
  /** The command line, for the model card. */
  readonly command: string;
}

export interface RetrainReport {
  readonly before: Scores;
  readonly after: Scores;
  /** Own cases that contradict a confident answer of the model as it was. */
  readonly contradictions: readonly Contradiction[];
  /** In what the new model is worse; it was written only when this is empty, or by force. */
  readonly worse: readonly string[];
  /** The new package, or where the refused one lies. */
  readonly folder: string;
  readonly written: boolean;
}

/**
 * Finds out before anything else whether a package can be trained on and the new one has a place.
 *
 * @throws Error saying what is wrong and what to do.
 */
export async function checkTrainable(model: string, out: string): Promise<void> {
  if (resolve(out) === resolve(model)) {
    throw new Error(`The new package must not take the place of ${model}: give another --out.`);
  }
  readPackageWeights((await readModelPackage(model)).modelBytes);
}

/**
 * Trains a shipped package on with a hospital's own cases and writes a new package beside it: looks at the
 * cases, learns, packs, judges.
 *
 * @throws Error when there is nothing to learn from or judge by, or the package cannot be trained;
 *   nothing is written then
 */
export async function retrain(options: RetrainOptions): Promise<RetrainReport> {
  const { model, out, version, runs, force } = options;
  await checkTrainable(model, out);
  const { manifest, modelBytes } = await readModelPackage(model);
  const name = basename(out);
  const run = `retrain-${name}-${version}`;
  const { folder: runFolder } = runFiles(run, runs);
  const members = readPackageWeights(modelBytes);
  const memberRuns = members.length === 1 ? [run] : members.map((_, i) => `${run}-${i + 1}`);
  for (const each of new Set([run, ...memberRuns])) {
    const { folder } = runFiles(each, runs);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }

  const { training, heldOut } = splitOwn(options.own, options.holdOutShare);
  const judged = { own: oneViewEach(heldOut), base: options.base };
  const counts = { pictures: training.length, persons: personsIn(training) };
  print(
    `Own cases: ${counts.pictures} pictures of ${counts.persons} persons to learn from, ${judged.own.length} cases of ${personsIn(heldOut)} persons to judge by.`,
  );
  const views = oneViewEach(options.own);
  const { own, contradictions } = await withModel(model, async (opened) => ({
    contradictions: await contradictionsIn(opened, views),
    own: await completeLevels(opened, training),
  }));
  showContradictions(runFolder, contradictions, views);
  const before = await judge(model, judged, 'Before');

  const { rehearsal, ownShare } = options;
  for (const [i, member] of members.entries()) {
    if (members.length > 1) print(`Network ${i + 1} of ${members.length} of the committee.`);
    await learn({
      ...{ run: memberRuns[i]!, runs, rehearsal, ownShare, own },
      ...{ ...member, channels: manifest.input.channels, training: options.training },
    });
  }

  const facts = factsOf(manifest, { ...counts, contradictions: contradictions.length });
  const pack = (of: Facts) =>
    packLearned(memberRuns, {
      ...{ runs, name, version, into: join(runFolder, 'package') },
      ...{ facts: of, command: options.command },
    });
  const { folder } = await pack(facts);
  const after = await judge(folder, judged, 'After');
  const worse = worseIn(after.scores, before.scores);
  if (existsSync(out)) worse.push(...(await worseThanThere(out, after.scores, judged)));
  await pack({ ...facts, metrics: metricsOf(before.scores, after.scores) });
  writeFileSync(
    join(runFolder, 'retrain.json'),
    `${JSON.stringify({ before, after, worse, contradictions }, null, 2)}\n`,
  );
  const written = worse.length === 0 || force;
  if (written) putInPlace(folder, out);
  return {
    ...{ before: before.scores, after: after.scores, contradictions, worse },
    ...{ folder: written ? out : folder, written },
  };
}

const personsIn = (items: readonly TrainingItem[]): number =>
  new Set(items.map(({ person }) => person)).size;
