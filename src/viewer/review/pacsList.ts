import { newestLevels } from '../../sr/readLevelReport';
import type { ReadReport } from '../../sr/types';
import type { ExtensionParams } from '../host/ohif';
import { PacsReports } from '../keep/pacsReports';
import type { ReviewItem } from './reviewList';

/** Studies of which a PACS is asked at a time, and all in all. */
const PAGE = 100;
const MOST = 2000;
const CONCURRENCY = 4;

/** What a PACS says of its studies' levels. */
export interface PacsLevels {
  /** Studies with levels that nobody has looked at. */
  readonly toReview: readonly ReviewItem[];
  /** Study Instance UIDs in which a person stands for a level, or for that there is none. */
  readonly done: ReadonlySet<string>;
}

/**
 * Asks the PACS for the level reports of its studies (QIDO-RS: studies with an SR).
 *
 * @param only these studies; all of the PACS where nothing is said
 * @param signal ends it between requests
 * @returns null where the data source cannot be searched
 * @throws Problem where the login is not, or no longer, good for it
 */
export async function pacsLevels(
  params: ExtensionParams,
  signal: AbortSignal,
  only?: ReadonlySet<string>,
): Promise<PacsLevels | null> {
  const search = params.extensionManager.getActiveDataSource?.()?.[0]?.query?.studies?.search;
  if (!search) return null;
  const reports = new PacsReports(params);
  const studies = new Set<string>();
  for (let offset = 0; offset < MOST; offset += PAGE) {
    signal.throwIfAborted();
    const page = await search({ modalitiesInStudy: 'SR', limit: PAGE, offset });
    const before = studies.size;
    for (const { studyInstanceUid } of Array.isArray(page) ? (page as ListedStudy[]) : []) {
      if (typeof studyInstanceUid === 'string') studies.add(studyInstanceUid);
    }
    // Some give the same page whatever is asked for.
    if (studies.size - before < PAGE) break;
  }
  const wanted = [...studies].filter((study) => only?.has(study) ?? true);
  const toReview: ReviewItem[] = [];
  const done = new Set<string>();
  for (let at = 0; at < wanted.length; at += CONCURRENCY) {
    signal.throwIfAborted();
    const some = wanted.slice(at, at + CONCURRENCY);
    const read = await Promise.all(some.map((study) => reports.unseen(study, () => false)));
    read.forEach((all, i) => {
      const item = itemOf(some[i], all);
      if (item === 'done') done.add(some[i]);
      else if (item) toReview.push(item);
    });
  }
  return { toReview, done };
}

interface ListedStudy {
  readonly studyInstanceUid?: unknown;
}

/** Null: no level is reported. */
function itemOf(study: string, reports: readonly ReadReport[]): ReviewItem | 'done' | null {
  const { levels, current } = newestLevels(reports);
  if (current.some(({ isPersons }) => isPersons)) return 'done';
  const l3 = levels.find(({ level }) => level === 'L3');
  if (!l3) return null;
  return {
    studyInstanceUID: study,
    seriesInstanceUID: null,
    status: 'found',
    probability: l3.probability,
    reason: null,
  };
}
