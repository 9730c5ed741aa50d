import { cpSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { ModelManifest } from '../../src/model/types';
import { NO_FACTS, type Facts } from '../export/facts';
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
