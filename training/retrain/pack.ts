import { cpSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { ModelManifest } from '../../src/model/types';
import { NO_FACTS, type Facts } from '../export/facts';
import { packCommittee } from '../export/packCommittee';
import { packModel, type PackOptions } from '../export/packModel';
import type { Scores } from './score';

/** What the new package says of itself beside the scores. */
export function factsOf(
  from: ModelManifest,
  {
    pictures,
    persons,
    contradictions,
  }: { pictures: number; persons: number; contradictions: number },
): Facts {
  const { name, version, sha256, spdx, licence, trainingData, decision } = from;
  return {
    ...NO_FACTS,
    spdx,
    licence,
    trainingData: [...trainingData, `own cases: ${pictures} pictures of ${persons} persons`],
    decision,
    notes: [
      `Retrained from ${name} ${version} (SHA-256 \`${sha256}\`), batch normalisation frozen`,
      'The thresholds are those of the model it was retrained from',
      `${contradictions} of the own cases contradict a confident answer of that model`,
    ],
  };
}

/**
 * Packs what was learned: a run as a package, several as a committee of theirs.
 *
 * @param memberRuns a run for each network
 * @param into folder that gets the package's folder
 */
export async function packLearned(
  memberRuns: readonly string[],
  pack: Pick<PackOptions, 'runs' | 'name' | 'version' | 'into' | 'facts'> & { command: string },
): Promise<{ folder: string }> {
  const { into, name, facts } = pack;
  const [only, ...others] = memberRuns;
  if (others.length === 0) return packModel({ ...pack, run: only!, replace: true });
  const members: string[] = [];
  for (const [i, run] of memberRuns.entries()) {
    const member = { name: `${name}-${i + 1}`, into: join(into, '..', 'members'), replace: true };
    members.push((await packModel({ ...pack, ...member, run })).folder);
  }
  return packCommittee({ ...pack, members, facts, replace: true });
}

/** Scores before and after, for the card. */
export function metricsOf(before: Scores, after: Scores): Record<string, number> {
  const of = (when: string, { own, base }: Scores) => ({
    [`own held-out cases, right ${when}`]: own.right,
    [`own held-out cases, wrong ${when}`]: own.wrong,
    [`base set, right ${when}`]: base.right,
    [`base set, wrong ${when}`]: base.wrong,
  });
  return {
    'own held-out cases': after.own.cases,
    'base set, cases': after.base.cases,
    ...of('before', before),
    ...of('after', after),
  };
}

/** Copies beside the goal and renames: a package there is whole at any time. */
export function putInPlace(folder: string, out: string): void {
  const temporary = `${out}.part`;
  try {
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(dirname(resolve(out)), { recursive: true });
    cpSync(folder, temporary, { recursive: true });
    rmSync(out, { recursive: true, force: true });
    renameSync(temporary, out);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw new Error(`The package could not be put to ${out}; it lies in ${folder}.`, {
      cause: error,
    });
  }
}
