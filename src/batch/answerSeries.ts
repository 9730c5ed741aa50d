import { findL3 } from '../finder/findL3';
import { failureToJson, findingToJson } from '../finder/findingJson';
import type { FindingJson } from '../finder/findingJson';
import type { Finding } from '../finder/types';
import { checkInput } from '../io/checkInput';
import { InputError } from '../io/types';
import type { InputFailure, LoadedSeries } from '../io/types';
import type { LevelModel, ModelIdentity } from '../model/types';
import type { Progress } from '../projection/types';

/** What came of a series: a finding, or what stopped this series alone. */
export type SeriesAnswer = { readonly finding: Finding } | { readonly failure: InputFailure };

/**
 * Checks a series read from files and searches it.
 *
 * @throws the signal's reason when it is aborted, and nothing else.
 */
export async function answerSeries(
  loaded: LoadedSeries,
  model: LevelModel,
  options: {
    readonly signal?: AbortSignal;
    readonly onProgress?: (progress: Progress) => void;
  } = {},
): Promise<SeriesAnswer> {
  const check = checkInput(loaded);
  if (!check.ok) {
    const { reason, warnings } = check;
    return { finding: { status: 'refused', reason, warnings } };
  }
  try {
    const source = loaded.openVoxels(check.series);
    return { finding: await findL3({ series: check.series, source, model, ...options }) };
  } catch (error) {
    options.signal?.throwIfAborted();
    const path = loaded.firstFile;
    const about = { kind: 'failure', input: loaded.input, path, paths: [path] } as const;
    if (error instanceof InputError) {
      return { failure: { ...about, message: error.message, advice: error.advice } };
    }
    const why = error instanceof Error ? error.message : String(error);
    const message = `${loaded.path}: the search failed (${why})`;
    return { failure: { ...about, message, advice: 'Report it with the version of find-l3.' } };
  }
}

/** The result line of a series. */
export function lineOfSeries(
  loaded: LoadedSeries,
  model: LevelModel,
  answer: SeriesAnswer,
): FindingJson {
  const { input, firstFile, description: series } = loaded;
  const about = { input, series, model: model.manifest };
  return 'finding' in answer
    ? findingToJson({ ...about, path: firstFile }, answer.finding)
    : failureToJson({ ...about, path: answer.failure.path }, answer.failure);
}

/** The result line of files that could not be read. */
export function lineOfFailure(failure: InputFailure, model: ModelIdentity): FindingJson {
  const { input, path } = failure;
  return failureToJson({ input, path, series: null, model }, failure);
}
