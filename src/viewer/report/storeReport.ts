import type { Dataset } from '../../sr/types';
import { textOf } from '../../sr/values';
import type { DataSource } from '../ohif';
import { Problem } from '../problem';

/** A PACS that says nothing for so long is no longer waited for, ms. */
const ANSWERS_WITHIN_MS = 60_000;

const STAYS = 'Your mark stays in the viewer.';

/** No answer at all, or a server in between says that it got none. */
const UNREACHED = [0, 502, 504];

/** What a refused or unanswered request means for the person, by HTTP status (0: no answer). */
function problemOf(status: number): { readonly message: string; readonly advice: string } {
  if (UNREACHED.includes(status)) {
    return {
      message: 'The PACS cannot be reached.',
      advice: `${STAYS} Save again once it is back; leave this study open until then.`,
    };
  }
  if (status === 401 || status === 403) {
    return {
      message: 'You may not store in this PACS, or your login has expired.',
      advice: `${STAYS} Log in again in another tab and save again, or ask the PACS administrator.`,
    };
  }
  if (status === 507 || status === 413) {
    return {
      message: 'The PACS has no room left.',
      advice: `${STAYS} Tell the PACS administrator, and save again when there is room.`,
    };
  }
  if (status === 404 || status === 405 || status === 501) {
    return {
      message: 'This PACS takes no reports from the viewer (it has no STOW-RS).',
      advice: `${STAYS} Export it as a file instead, or ask the PACS administrator.`,
    };
  }
  if (status >= 500) {
    return {
      message: `The PACS failed to store the report (HTTP ${status}).`,
      advice: `${STAYS} Save again in a minute; if it stays, tell the PACS administrator.`,
    };
  }
  return {
    message: `The PACS refused the report (HTTP ${status}).`,
    advice: `${STAYS} Tell the PACS administrator, or export it as a file.`,
  };
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
    throw new Problem(obstacle ?? '', 'Export the level as a file instead.');
  }
  try {
    await within(source.store.dicom(dataset), answersWithinMs);
  } catch (error) {
    if (error instanceof Problem) throw error;
    const { message, advice } = problemOf(statusOf(error));
    throw new Problem(message, advice, { cause: error });
  }
  const study = textOf(dataset.StudyInstanceUID);
  source.deleteStudyMetadataPromise?.(study);
  if ((await isListed(source, study, dataset)) === false) {
    throw new Problem(
      'The PACS took the report but does not list it: it may be full, or may refuse reports.',
      `${STAYS} Save again; if it stays, tell the PACS administrator.`,
    );
  }
}

/** Why nothing can be stored with this data source, or null. */
export function storeObstacle(source: DataSource | undefined): string | null {
  return source?.store?.dicom ? null : 'These images do not come from a PACS that stores reports.';
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

async function within<T>(answer: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = 'The PACS has not answered yet.';
      const advice = `${STAYS} It may still store it: look into the study list before you save again.`;
      reject(new Problem(message, advice));
    }, ms);
  });
  try {
    return await Promise.race([answer, silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** dicomweb-client's errors carry the request or its status; 0 stands for no answer. */
function statusOf(error: unknown): number {
  const { status, request, response } = (error ?? {}) as {
    status?: unknown;
    request?: { status?: unknown };
    response?: { status?: unknown };
  };
  return Number(status ?? request?.status ?? response?.status ?? 0) || 0;
}
