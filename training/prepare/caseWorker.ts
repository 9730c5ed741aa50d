import { CaseCache, RECIPE, type CaseRecord } from './caseCache';
import type { TrainingItem } from '../items/item';
import { givenData, serveJobs } from '../tools/serveJobs';
import { prepareCase } from './prepareCase';
import { SOURCES } from './sources/index';
import { PassingFault, SourceDown, type SourceCase, type SourceOptions } from './sources/source';

/** A case to be done. */
export interface CaseJob {
  readonly source: string;
  readonly entry: SourceCase;
  readonly fingerprint: string;
  readonly person: string;
  readonly yMm: Readonly<Record<string, number>>;
}

export interface WorkerSetup extends SourceOptions {
  readonly cache: string;
}

const { cache: folder, ...options } = givenData<WorkerSetup>();
const cache = new CaseCache(folder);

/** A fault of the case is in its record; anything else (a full disk, a PACS that is down) stops everything. */
serveJobs(done);

async function done({ source, entry, fingerprint, person, yMm }: CaseJob): Promise<CaseRecord> {
  let items: TrainingItem[] = [];
  let reasons: string[] = [];
  let isKept = true;
  try {
    const truth = await SOURCES[source].read(entry, options);
    items = await prepareCase(truth, { person, yMm, columnsFrom: options.columnsFrom });
  } catch (error) {
    if (error instanceof SourceDown) throw error;
    isKept = !(error instanceof PassingFault);
    reasons = [(error as Error).message];
  }
  const record: CaseRecord = {
    recipe: RECIPE,
    fingerprint,
    source,
    id: entry.id,
    set: entry.set,
    person: items[0]?.person ?? person,
    inputs: entry.inputs,
    group: items.length > 0 ? groupOf(items[0]) : null,
    items: items.length,
    levels: items[0]?.levels.map(({ name }) => name) ?? [],
    reasons,
  };
  if (isKept) cache.put(record, items);
  return record;
}

/** The items file a case belongs into: `mr`, `ct-labelled`, `ct-no-l3`, ... */
function groupOf({ modality, kind }: TrainingItem): string {
  const name = modality.toLowerCase();
  return modality === 'MR' && kind === 'labelled' ? name : `${name}-${kind}`;
}
