import type { Dataset } from '../../sr/types';
import { textOf } from '../../sr/values';
import type { Message, TextKey } from '../../text/say';
import type { DataSource } from '../host/ohif';
import { Problem } from '../host/problem';
import { serverWords } from './serverWords';

/** A PACS that says nothing for so long is no longer waited for, ms. */
const ANSWERS_WITHIN_MS = 60_000;

const NO_PACS: Message = { key: 'keep.noPacs' };

/** No answer at all, or a server in between says that it got none. */
const UNREACHED = [0, 502, 504];

/**
 * What a refused or unanswered request means for the person, by HTTP status (0: no answer), with what
 * the server says itself.
 */
export function problemOf(status: number, cause: unknown): Problem {
  const values = { status };
  const detail = serverWords(cause) ?? undefined;
  const problem = (what: TextKey, advice: TextKey) =>
    new Problem({ key: what, values }, { key: advice }, { cause, detail });
  if (UNREACHED.includes(status)) return problem('pacs.unreached', 'pacs.unreachedAdvice');
  if (status === 401 || status === 403) return problem('pacs.login', 'pacs.loginAdvice');
  if (status === 507 || status === 413) return problem('pacs.full', 'pacs.fullAdvice');
  if ([404, 405, 501].includes(status)) return problem('pacs.noStow', 'pacs.noStowAdvice');
  if (status >= 500) return problem('pacs.failed', 'pacs.failedAdvice');
  return problem('pacs.refused', 'pacs.refusedAdvice');
}

/**
 * Stores a report through the viewer's own data source, and asks that whether the PACS has it now:
 * some answer "stored" to what they refused.
 *
 * @throws Problem saying what happened and what to do
 */
export async function storeReport(
  source: DataSource | undefined,
  dataset: Dataset,
  answersWithinMs = ANSWERS_WITHIN_MS,
): Promise<void> {
  const obstacle = storeObstacle(source);
  if (obstacle !== null || !source?.store?.dicom) {
    throw new Problem(obstacle ?? NO_PACS, { key: 'pacs.exportInstead' });
  }
  try {
    await within(source.store.dicom(dataset), answersWithinMs);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw problemOf(statusOf(error), error);
  }
  const study = textOf(dataset.StudyInstanceUID);
  source.deleteStudyMetadataPromise?.(study);
  if ((await isListed(source, study, dataset)) === false) {
    throw new Problem({ key: 'pacs.unlisted' }, { key: 'pacs.unlistedAdvice' });
  }
}

/** Why nothing can be stored with this data source, or null. */
export function storeObstacle(source: DataSource | undefined): Message | null {
  return source?.store?.dicom ? null : NO_PACS;
}

/** Null: it cannot be asked. */
async function isListed(
  source: DataSource,
  studyInstanceUID: string,
  dataset: Dataset,
): Promise<boolean | null> {
  const search = source.query?.series?.search;
  if (!search) return null;
  try {
    const list = await within(Promise.resolve(search(studyInstanceUID)), ANSWERS_WITHIN_MS);
    if (!Array.isArray(list)) return null;
    const uid = textOf(dataset.SeriesInstanceUID);
    const found = (list as Readonly<Record<string, unknown>>[]).find(
      ({ seriesInstanceUid }) => seriesInstanceUid === uid,
    );
    if (!found) return false;
    const count = Number(found.numSeriesInstances);
    return !(count > 0) || count >= Number(textOf(dataset.InstanceNumber));
  } catch {
    return null;
  }
}

export async function within<T>(answer: Promise<T>, ms = ANSWERS_WITHIN_MS): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Problem({ key: 'pacs.silent' }, { key: 'pacs.silentAdvice' }));
    }, ms);
  });
  try {
    return await Promise.race([answer, silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** dicomweb-client's errors carry the request or its status; 0 stands for no answer. */
export function statusOf(error: unknown): number {
  const { status, request, response } = (error ?? {}) as {
    status?: unknown;
    request?: { status?: unknown };
    response?: { status?: unknown };
  };
  return Number(status ?? request?.status ?? response?.status ?? 0) || 0;
}
