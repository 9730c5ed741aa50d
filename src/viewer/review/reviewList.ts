import Papa from 'papaparse';
import * as v from 'valibot';

/** What a search brought of a study, as far as a review needs it. */
export interface ReviewItem {
  readonly studyInstanceUID: string;
  /** The series that was searched; null where a report in the PACS is to be looked at. */
  readonly seriesInstanceUID: string | null;
  readonly status: 'found' | 'undetermined' | 'refused';
  /** 0..1; null where nothing was found. */
  readonly probability: number | null;
  /** Code of the reason why nothing was found. */
  readonly reason: string | null;
}

/** A text that is no list of results, and why. */
export class NoReviewList extends Error {
  override readonly name = 'NoReviewList';

  constructor(readonly why: 'no-columns' | 'bad-line' | 'empty') {
    super(`no list of results: ${why}`);
  }
}

/** The fields of a line of results.jsonl or results.csv that are read. */
const LINE = v.object({
  studyInstanceUID: v.nullish(v.string()),
  seriesInstanceUID: v.nullish(v.string()),
  part: v.nullish(v.string()),
  status: v.picklist(['found', 'undetermined', 'refused', 'failed']),
  reason: v.nullish(v.union([v.string(), v.object({ code: v.string() })])),
  probability: v.nullish(v.union([v.string(), v.number()])),
  l3: v.nullish(v.object({ probability: v.number() })),
});
type Line = v.InferOutput<typeof LINE>;

const NEEDED = ['studyInstanceUID', 'seriesInstanceUID', 'status'];
/** The worse, the later: what is looked at of a study with several answers. */
const STATUSES = ['found', 'undetermined', 'refused'] as const;

/**
 * The studies of a batch's results.jsonl or results.csv, one item each, doubts first. A series that was
 * searched again counts by its last line; of a study with several series the surest answer is reviewed. What
 * could not be read, or names no study, is left out.
 *
 * @param text the whole file, UTF-8
 * @throws NoReviewList
 */
export function readReviewList(text: string): readonly ReviewItem[] {
  const lines = text
    .replace(/^\uFEFF/, '')
    .trimStart()
    .startsWith('{')
    ? jsonLines(text)
    : csvLines(text);
  const newest = new Map<string, Line>();
  for (const line of lines) {
    newest.set(`${line.seriesInstanceUID ?? ''} ${line.part ?? ''}`, line);
  }
  const items = new Map<string, ReviewItem>();
  for (const line of newest.values()) {
    const item = itemOf(line);
    if (!item) continue;
    const other = items.get(item.studyInstanceUID);
    if (!other || isSurer(item, other)) items.set(item.studyInstanceUID, item);
  }
  if (items.size === 0) throw new NoReviewList('empty');
  return doubtsFirst([...items.values()]);
}

/** Undetermined ones first, then by probability, the least sure before the surest; refused ones last. */
export function doubtsFirst(items: readonly ReviewItem[]): readonly ReviewItem[] {
  const rank = ({ status, probability }: ReviewItem) => {
    if (status === 'undetermined') return -1;
    return status === 'refused' ? 2 : (probability ?? 0);
  };
  return [...items].sort((a, b) => rank(a) - rank(b));
}

/**
 * The item to open after a study: the next one that is not done, from the start again at the end; null
 * where all others are done.
 */
export function nextItem(
  items: readonly ReviewItem[],
  done: ReadonlySet<string>,
  after: string | null,
): ReviewItem | null {
  const at = items.findIndex(({ studyInstanceUID }) => studyInstanceUID === after);
  const inTurn = [...items.slice(at + 1), ...items.slice(0, Math.max(0, at))];
  return inTurn.find(({ studyInstanceUID }) => !done.has(studyInstanceUID)) ?? null;
}

function jsonLines(text: string): Line[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.flatMap((line, i) => {
    try {
      return v.parse(LINE, JSON.parse(line));
    } catch {
      // A batch that is still running has not finished its last line.
      if (i === lines.length - 1 && i > 0) return [];
      throw new NoReviewList('bad-line');
    }
  });
}

function csvLines(text: string): Line[] {
  const { data, meta } = Papa.parse<Record<string, string>>(text, {
    header: true,
    skipEmptyLines: true,
    transform: (cell) => cell,
  });
  if (!NEEDED.every((name) => meta.fields?.includes(name))) throw new NoReviewList('no-columns');
  return data.map((row) => {
    const line = v.safeParse(LINE, row);
    if (!line.success) throw new NoReviewList('bad-line');
    return line.output;
  });
}

function itemOf({ studyInstanceUID, seriesInstanceUID, ...line }: Line): ReviewItem | null {
  if (!studyInstanceUID || !seriesInstanceUID || line.status === 'failed') return null;
  const said = line.l3?.probability ?? line.probability;
  const probability = said === null || said === undefined || said === '' ? null : Number(said);
  return {
    studyInstanceUID,
    seriesInstanceUID,
    status: line.status,
    probability: Number.isFinite(probability) ? probability : null,
    reason: (typeof line.reason === 'object' ? line.reason?.code : line.reason) || null,
  };
}

function isSurer(a: ReviewItem, b: ReviewItem): boolean {
  const [ofA, ofB] = [a, b].map(({ status }) => STATUSES.indexOf(status));
  return ofA !== ofB ? ofA < ofB : (a.probability ?? 0) > (b.probability ?? 0);
}
