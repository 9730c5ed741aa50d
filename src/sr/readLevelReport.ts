import { LEVEL_NAMES } from '../levels/types';
import type { ModelIdentity } from '../model/types';
import type { Vec3 } from '../series/types';
import {
  CONCEPTS,
  COUNTED_FROM_CODES,
  DEFINITION_CODES,
  TRACKING_IDENTIFIER,
  VALUES,
  VERTEBRAE,
  type Code,
} from './codes';
import { MODEL_NAME, MODEL_SHA256, MODEL_VERSION } from './levelGroup';
import { COMPREHENSIVE_3D_SR, DEVICE_UID, SERIES_ATTRIBUTES } from './levelReport';
import { COUNTED_FROM, DEFINITIONS } from './types';
import type { Dataset, ReadReport, ReportedLevel, ReportedSlice, StoredReport } from './types';
import { uuidOf } from './uid';
import { itemsOf, numberOf, numbersOf, personNameText, textOf } from './values';

/**
 * The levels of a structured report that Find L3 wrote, or that the viewer wrote with levels of Find
 * L3 in it.
 *
 * Strict: a group that is not ours, or from which anything is missing or odd, is left out; a report
 * without any level of ours gives null, unless it withdraws the levels of earlier ones.
 *
 * @param dataset naturalised, as the viewer's display sets hold it
 */
export function readLevelReport(dataset: Dataset): ReadReport | null {
  if (isCode(dataset.ConceptNameCodeSequence, CONCEPTS.withdrawal)) return withdrawalOf(dataset);
  if (!isCode(dataset.ConceptNameCodeSequence, CONCEPTS.report)) return null;
  const groups = children(dataset, CONCEPTS.measurements).flatMap((measurements) =>
    children(measurements, CONCEPTS.group),
  );
  const levels = groups.flatMap((group) => levelOf(group) ?? []);
  const report = levels.length > 0 ? storedReport(dataset) : null;
  return report && { report, levels };
}

function withdrawalOf(dataset: Dataset): ReadReport | null {
  const isSaid = children(dataset, CONCEPTS.finding).some(({ ConceptCodeSequence }) =>
    isCode(ConceptCodeSequence, VALUES.withdrawn),
  );
  const report = isSaid ? storedReport(dataset) : null;
  return report && { report, levels: [] };
}

/** What a later report refers to; null for a data set without the identifiers it needs. */
export function storedReport(dataset: Dataset): StoredReport | null {
  const [sopInstanceUID, sopClassUID] = [dataset.SOPInstanceUID, dataset.SOPClassUID].map(textOf);
  const [study, series] = [dataset.StudyInstanceUID, dataset.SeriesInstanceUID].map(textOf);
  if ([sopInstanceUID, sopClassUID, study, series].includes('')) return null;
  const isOurs =
    sopClassUID === COMPREHENSIVE_3D_SR &&
    children(dataset, CONCEPTS.deviceObserverUid).some(({ UID }) => textOf(UID) === DEVICE_UID);
  return {
    sopInstanceUID,
    sopClassUID,
    studyInstanceUID: study,
    seriesInstanceUID: series,
    instanceNumber: numberOf(dataset.InstanceNumber) ?? 1,
    writtenAtMs: writtenAtMs(dataset),
    predecessors: instancesIn(dataset.PredecessorDocumentsSequence),
    isOurs,
    series: Object.fromEntries(
      SERIES_ATTRIBUTES.map((name) => [name, textOf(dataset[name])]).filter(([, v]) => v !== ''),
    ),
  };
}

/**
 * The newest word on every level of the reports of one study: reports that another one took the
 * place of say nothing any more, and of the rest the newest that names a level is heard.
 *
 * @returns the levels, and the reports that still count, newest first
 */
export function newestLevels(reports: readonly ReadReport[]): {
  readonly levels: readonly ReportedLevel[];
  readonly current: readonly StoredReport[];
} {
  const replaced = new Set(reports.flatMap(({ report }) => report.predecessors));
  const current = reports
    .filter(({ report }) => !replaced.has(report.sopInstanceUID))
    .sort(
      ({ report: a }, { report: b }) =>
        b.writtenAtMs - a.writtenAtMs || b.instanceNumber - a.instanceNumber,
    );
  const levels = new Map<string, ReportedLevel>();
  for (const level of current.flatMap((one) => one.levels)) {
    if (!levels.has(level.annotationUID)) levels.set(level.annotationUID, level);
  }
  return { levels: [...levels.values()], current: current.map(({ report }) => report) };
}

/**
 * The viewer's own reports are in UTC without saying so (dcmjs); ours are in local time and say by how
 * much that is ahead.
 */
function writtenAtMs(dataset: Dataset): number {
  const date = /^(\d{4})(\d\d)(\d\d)$/.exec(textOf(dataset.ContentDate));
  const time = /^(\d\d)(\d\d)(\d\d)(\.\d{1,6})?/.exec(textOf(dataset.ContentTime).padEnd(6, '0'));
  const offset = /^([+-])(\d\d)(\d\d)$/.exec(textOf(dataset.TimezoneOffsetFromUTC));
  if (!date || !time) return 0;
  const [year, month, day] = date.slice(1).map(Number);
  const [hour, minute, second] = time.slice(1, 4).map(Number);
  const ahead = offset ? Number(offset[2]) * 60 + Number(offset[3]) : 0;
  const local = Date.UTC(year, month - 1, day, hour, minute, second, Number(time[4] ?? 0) * 1000);
  return local - (offset?.[1] === '-' ? -ahead : ahead) * 60_000;
}

function levelOf(group: Dataset): ReportedLevel | null {
  const texts = (name: Code) => children(group, name).map(({ TextValue }) => textOf(TextValue));
  const uid = (name: Code) => textOf(children(group, name)[0]?.UID);
  const coded = (name: Code) => children(group, name)[0]?.ConceptCodeSequence;
  if (texts(CONCEPTS.trackingIdentifier)[0] !== TRACKING_IDENTIFIER) return null;
  const annotationUID = uuidOf(uid(CONCEPTS.trackingUid));
  const level = LEVEL_NAMES.find((name) =>
    children(group, CONCEPTS.findingSite).some(({ ConceptCodeSequence }) =>
      isCode(ConceptCodeSequence, VERTEBRAE[name]),
    ),
  );
  const definition = DEFINITIONS.find((one) =>
    isCode(coded(CONCEPTS.definition), DEFINITION_CODES[one]),
  );
  const countedFrom = COUNTED_FROM.find((one) =>
    isCode(coded(CONCEPTS.countedFrom), COUNTED_FROM_CODES[one]),
  );
  const final = patientPointOf(children(group, CONCEPTS.finalPosition)[0]);
  const foundItem = children(group, CONCEPTS.foundPosition)[0];
  const found = patientPointOf(foundItem);
  const slice = sliceOf(children(group, CONCEPTS.height)[0], uid(CONCEPTS.imageSeries));
  const seriesInstanceUID = uid(CONCEPTS.series);
  const model = modelOf(texts(CONCEPTS.algorithmParameters));
  const [name] = texts(CONCEPTS.algorithmName);
  const [version] = texts(CONCEPTS.algorithmVersion);
  const certainty = percentOf(children(group, CONCEPTS.certainty)[0]);
  const moved = movedOf(group);
  if (!annotationUID || !level || !definition || !final || !seriesInstanceUID) return null;
  if (!name || !version || (foundItem && found?.frameOfReferenceUID !== final.frameOfReferenceUID))
    return null;
  if (slice === undefined || certainty === undefined || model === undefined || moved === undefined)
    return null;
  return {
    annotationUID,
    level,
    label: texts(CONCEPTS.comment)[0] || level,
    definition,
    seriesInstanceUID,
    frameOfReferenceUID: final.frameOfReferenceUID,
    slice,
    foundPointLpsMm: found?.point ?? null,
    pointLpsMm: final.point,
    probability: certainty,
    countedFrom: countedFrom ?? null,
    model,
    algorithm: { name, version },
    moved,
  };
}

function patientPointOf(
  item: Dataset | undefined,
): { readonly point: Vec3; readonly frameOfReferenceUID: string } | null {
  const scoord = itemsOf(item?.ContentSequence).find(({ ValueType }) => ValueType === 'SCOORD3D');
  const numbers = numbersOf(scoord?.GraphicData);
  const frameOfReferenceUID = textOf(scoord?.ReferencedFrameOfReferenceUID);
  if (numbers?.length !== 3 || frameOfReferenceUID === '') return null;
  // Coordinates are stored in single precision: -198.3 comes back as -198.3000030517578.
  const [x, y, z] = numbers.map((mm) => Math.round(mm * 1000) / 1000);
  return { point: [x, y, z], frameOfReferenceUID };
}

/** Null: it refers to no image; undefined: to one that is not what it should be. */
function sliceOf(
  item: Dataset | undefined,
  seriesInstanceUID: string,
): ReportedSlice | null | undefined {
  const where = itemsOf(item?.ContentSequence)[0];
  if (where?.ValueType === 'SCOORD3D') return null;
  const image = itemsOf(where?.ContentSequence).find(({ ValueType }) => ValueType === 'IMAGE');
  const [reference] = itemsOf(image?.ReferencedSOPSequence);
  const sopInstanceUID = textOf(reference?.ReferencedSOPInstanceUID);
  const sopClassUID = textOf(reference?.ReferencedSOPClassUID);
  if ([sopInstanceUID, sopClassUID, seriesInstanceUID].includes('')) return undefined;
  const frameNumber = numberOf(reference?.ReferencedFrameNumber);
  return { sopInstanceUID, sopClassUID, seriesInstanceUID, frameNumber };
}

function percentOf(item: Dataset | undefined): number | null | undefined {
  if (!item) return null;
  const [measured] = itemsOf(item.MeasuredValueSequence);
  const value = numberOf(measured?.NumericValue);
  return value !== null && value >= 0 && value <= 100 ? value / 100 : undefined;
}

function modelOf(parameters: readonly string[]): ModelIdentity | null | undefined {
  const valueOf = (key: string) =>
    parameters.find((text) => text.startsWith(key))?.slice(key.length);
  const [name, version, sha256] = [MODEL_NAME, MODEL_VERSION, MODEL_SHA256].map(valueOf);
  if (name === undefined && version === undefined && sha256 === undefined) return null;
  return name && version && sha256 ? { name, version, sha256 } : undefined;
}

function movedOf(group: Dataset): ReportedLevel['moved'] | undefined {
  const item = children(group, CONCEPTS.movedAt)[0];
  if (!item) return null;
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d{1,6})?$/.exec(textOf(item.DateTime));
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction = ''] = match;
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}Z`);
  if (Number.isNaN(time.getTime())) return undefined;
  const by = personNameText(children(group, CONCEPTS.personObserverName)[0]?.PersonName);
  return { by: by === '' ? null : by, at: time.toISOString() };
}

/** SOP Instance UIDs of a Hierarchical SOP Instance Reference (PS3.3 C.17.2.1). */
function instancesIn(studies: unknown): string[] {
  return itemsOf(studies)
    .flatMap(({ ReferencedSeriesSequence }) => itemsOf(ReferencedSeriesSequence))
    .flatMap(({ ReferencedSOPSequence }) => itemsOf(ReferencedSOPSequence))
    .map(({ ReferencedSOPInstanceUID }) => textOf(ReferencedSOPInstanceUID));
}

function children(item: Dataset, name: Code): readonly Dataset[] {
  return itemsOf(item.ContentSequence).filter(({ ConceptNameCodeSequence }) =>
    isCode(ConceptNameCodeSequence, name),
  );
}

function isCode(sequence: unknown, { value, scheme }: Code): boolean {
  const [item] = itemsOf(sequence);
  return textOf(item?.CodeValue) === value && textOf(item?.CodingSchemeDesignator) === scheme;
}
