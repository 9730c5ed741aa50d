import type { DicomJson, DicomwebClient } from './dicomwebClient';

/** A condition of a search: an attribute's keyword or tag, and its value as QIDO-RS writes it. */
export type Condition = readonly [attribute: string, value: string];

/** A series as a PACS lists it. */
export interface PacsSeries {
  readonly studyInstanceUID: string;
  readonly seriesInstanceUID: string;
  readonly modality: string;
  readonly seriesNumber: number | null;
  readonly seriesDescription: string | null;
  /** Number of Series Related Instances; null where the PACS does not say. */
  readonly instances: number | null;
}

/** How many are asked for at a time; a PACS may give fewer. */
const PAGE = { studies: 100, series: 100, instances: 1000 };
const UID = /^[0-9]+(\.[0-9]+)*$/;
const STUDY = '0020000D';
const SERIES = '0020000E';
const INSTANCE = '00080018';
/** Attributes of a series that a search can ask for. */
const OF_SERIES = [
  ...['Modality', 'SeriesInstanceUID', 'SeriesNumber', 'SeriesDescription', 'BodyPartExamined'],
  ...['ProtocolName', 'Manufacturer', 'ManufacturerModelName', 'StationName', 'SeriesDate'],
  ...['PerformedProcedureStepStartDate', 'PerformedProcedureStepStartTime'],
  ...['00080060', '0020000E', '00200011', '0008103E', '00180015', '00181030'],
];
/** Whether a condition is one of series; all others are of studies. */
export const isOfSeries = ([attribute]: Condition): boolean => OF_SERIES.includes(attribute);

/** Of SOP classes that hold no image: raw data, waveforms, presentation states, reports, documents, plans. */
const NO_IMAGE = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.(66|9|11|88|104|481)(\.|$)/;

/** UIDs of the studies that meet the conditions, as they are found. */
export async function* studiesOf(
  client: DicomwebClient,
  conditions: readonly Condition[],
  signal: AbortSignal,
): AsyncGenerator<string, void, void> {
  const own = conditions.filter((condition) => !isOfSeries(condition));
  const named = own.find(([name]) => name === 'StudyInstanceUID' || name === STUDY);
  // Asked for by name, whatever else the PACS would list.
  if (named) yield* named[1].split(/[\\,]/).filter((uid) => UID.test(uid));
  else {
    for await (const { uid } of paged(client, 'studies', PAGE.studies, own, STUDY, signal))
      yield uid;
  }
}

/** The CT and MR series of a study that meet the conditions. */
export async function seriesOf(
  client: DicomwebClient,
  studyInstanceUID: string,
  conditions: readonly Condition[],
  signal: AbortSignal,
): Promise<PacsSeries[]> {
  const own = conditions.filter(isOfSeries);
  const path = `studies/${studyInstanceUID}/series`;
  const found: PacsSeries[] = [];
  for await (const { uid, item } of paged(client, path, PAGE.series, own, SERIES, signal)) {
    const named = own.find(([name]) => name === 'SeriesInstanceUID' || name === SERIES);
    // Some servers know no conditions on series.
    if (named && !named[1].split(/[\\,]/).includes(uid)) continue;
    const modality = textOf(item, '00080060');
    const asked = own.find(([name]) => name === 'Modality' || name === '00080060')?.[1];
    if (!['CT', 'MR'].includes(modality) || (asked && !asked.split(/[\\,]/).includes(modality)))
      continue;
    found.push({
      studyInstanceUID,
      seriesInstanceUID: uid,
      modality,
      seriesNumber: numberOf(item, '00200011'),
      seriesDescription: textOf(item, '0008103E') || null,
      instances: numberOf(item, '00201209'),
    });
  }
  return found;
}

/** SOP Instance UIDs of the images of a series, in order. */
export async function imagesOf(
  client: DicomwebClient,
  {
    studyInstanceUID,
    seriesInstanceUID,
  }: Pick<PacsSeries, 'studyInstanceUID' | 'seriesInstanceUID'>,
  signal: AbortSignal,
): Promise<string[]> {
  const path = `studies/${studyInstanceUID}/series/${seriesInstanceUID}/instances`;
  const uids: string[] = [];
  for await (const { uid, item } of paged(client, path, PAGE.instances, [], INSTANCE, signal)) {
    if (!NO_IMAGE.test(textOf(item, '00080016'))) uids.push(uid);
  }
  return uids.sort();
}

/** Data sets of the structured reports of a study. */
export async function reportsOf(
  client: DicomwebClient,
  studyInstanceUID: string,
  signal: AbortSignal,
): Promise<DicomJson[]> {
  const path = `studies/${studyInstanceUID}/series`;
  const reports: DicomJson[] = [];
  const modality = [['Modality', 'SR']] as const;
  for await (const { uid, item } of paged(client, path, PAGE.series, modality, SERIES, signal)) {
    if (textOf(item, '00080060') !== 'SR') continue;
    reports.push(...(await client.json(`${path}/${uid}/metadata`, [], signal)));
  }
  return reports;
}

/**
 * All that a search finds, page by page, each once. A page may be shorter than asked for, or longer where a
 * PACS knows no pages; what comes in while they are turned may be found or not.
 */
async function* paged(
  client: DicomwebClient,
  path: string,
  limit: number,
  conditions: readonly Condition[],
  uidTag: string,
  signal: AbortSignal,
): AsyncGenerator<{ readonly uid: string; readonly item: DicomJson }, void, void> {
  const seen = new Set<string>();
  for (let offset = 0; ;) {
    const page = [...conditions, ['limit', String(limit)], ['offset', String(offset)]] as const;
    const items = await client.json(path, page, signal);
    const fresh = items
      .map((item) => ({ uid: textOf(item, uidTag), item }))
      .filter(({ uid }) => UID.test(uid) && !seen.has(uid));
    for (const { uid } of fresh) seen.add(uid);
    yield* fresh;
    if (fresh.length === 0) return;
    offset += items.length;
  }
}

function textOf(item: DicomJson, tag: string): string {
  const value = item[tag]?.Value?.[0];
  return typeof value === 'string' ? value.trim() : '';
}

function numberOf(item: DicomJson, tag: string): number | null {
  const value = item[tag]?.Value?.[0];
  const number = typeof value === 'number' || typeof value === 'string' ? Number(value) : NaN;
  return Number.isFinite(number) ? number : null;
}
