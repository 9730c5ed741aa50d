import { LEVEL_NAMES } from '../levels/types';
import type { ModelIdentity } from '../model/types';
import type { Vec3 } from '../series/types';
import {
  ABSENCE_CODES,
  ACT_CODES,
  CONCEPTS,
  COUNTED_FROM_CODES,
  DEFINITION_CODES,
  TRACKING_IDENTIFIER,
  VALUES,
  VERTEBRAE,
  type Code,
} from './codes';
import { MANIFEST_SHA256, MODEL_NAME, MODEL_SHA256, MODEL_VERSION } from './levelGroup';
import { COMPREHENSIVE_3D_SR, DEVICE_UID, SERIES_ATTRIBUTES } from './levelReport';
import { ACTS, COUNTED_FROM, DEFINITIONS } from './types';
import type {
  Dataset,
  ReadReport,
  ReportedAbsence,
  ReportedLevel,
  ReportedSlice,
  Review,
  StoredReport,
} from './types';
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
  return report && { report, levels, absence: null };
}

function withdrawalOf(dataset: Dataset): ReadReport | null {
  const isSaid = children(dataset, CONCEPTS.finding).some(({ ConceptCodeSequence }) =>
    isCode(ConceptCodeSequence, VALUES.withdrawn),
  );
  const report = isSaid ? storedReport(dataset) : null;
  return report && { report, levels: [], absence: absenceOf(dataset) };
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
    author: nameOf(children(dataset, CONCEPTS.personObserverName)[0]),
    predecessors: instancesIn(dataset.PredecessorDocumentsSequence),
    isPersons: !isMachines(dataset),
    isOurs,
    series: Object.fromEntries(
      SERIES_ATTRIBUTES.map((name) => [name, textOf(dataset[name])]).filter(([, v]) => v !== ''),
    ),
  };
}

/** Whether a report says of all its levels that nobody has looked at them; 0.3.0 stored only what a person saved. */
function isMachines(dataset: Dataset): boolean {
  const groups = children(dataset, CONCEPTS.measurements).flatMap((measurements) =>
    children(measurements, CONCEPTS.group),
  );
  return (
    groups.length > 0 &&
    groups.every((group) =>
      children(group, CONCEPTS.review).some(({ ConceptCodeSequence }) =>
        isCode(ConceptCodeSequence, VALUES.notLookedAt),
      ),
    )
  );
}

/**
 * The newest word on every level of the reports of one study: reports that another one took the
 * place of say nothing any more, and of the rest the newest that names a level is heard. A person's
 * report goes before every machine's, whatever the times: beside one, a machine's levels are not
 * heard, and a machine's report takes the place of other machines' alone. Of machines' reports the
 * newest that names a series' level is heard.
 *
 * @returns the levels, and the reports that still count, newest first
 */
export function newestLevels(reports: readonly ReadReport[]): {
  readonly levels: readonly ReportedLevel[];
  readonly current: readonly StoredReport[];
} {
  const persons = new Set(
    reports.flatMap(({ report }) => (report.isPersons ? [report.sopInstanceUID] : [])),
  );
  const replaced = new Set(
    reports.flatMap(({ report: { isPersons, predecessors } }) =>
      isPersons ? predecessors : predecessors.filter((uid) => !persons.has(uid)),
    ),
  );
  const current = reports
    .filter(({ report }) => !replaced.has(report.sopInstanceUID))
    .sort(
      ({ report: a }, { report: b }) =>
        Number(b.isPersons) - Number(a.isPersons) ||
        b.writtenAtMs - a.writtenAtMs ||
        b.instanceNumber - a.instanceNumber,
    );
  const isHeard = current.some(({ report }) => report.isPersons)
    ? ({ report }: ReadReport) => report.isPersons
    : () => true;
  const levels = new Map<string, ReportedLevel>();
  const places = new Set<string>();
  for (const { report, levels: own } of current.filter(isHeard)) {
    const placeOf = ({ seriesInstanceUID, level }: ReportedLevel) =>
      `${seriesInstanceUID} ${level}`;
    const fresh = own.filter((level) => report.isPersons || !places.has(placeOf(level)));
    for (const level of fresh) {
      places.add(placeOf(level));
      if (!levels.has(level.annotationUID)) levels.set(level.annotationUID, level);
    }
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
  const slice = sliceOf(
    children(group, CONCEPTS.height)[0],
    uid(CONCEPTS.imageSeries),
    final?.frameOfReferenceUID !== null,
  );
  const seriesInstanceUID = uid(CONCEPTS.series);
  const model = modelOf(texts(CONCEPTS.algorithmParameters));
  const [name] = texts(CONCEPTS.algorithmName);
  const [version] = texts(CONCEPTS.algorithmVersion);
  const certainty = percentOf(children(group, CONCEPTS.certainty)[0]);
  const moved = movedOf(group);
  const review = reviewOf(group, moved ?? null, foundItem !== undefined);
  if (!annotationUID || !level || !definition || !final || !seriesInstanceUID) return null;
  if (!name || !version || (foundItem && found?.frameOfReferenceUID !== final.frameOfReferenceUID))
    return null;
  if (slice === undefined || certainty === undefined || model === undefined) return null;
  if (moved === undefined || review === undefined) return null;
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
    review,
  };
}

function patientPointOf(
  item: Dataset | undefined,
): { readonly point: Vec3; readonly frameOfReferenceUID: string | null } | null {
  const scoord = itemsOf(item?.ContentSequence).find(({ ValueType }) => ValueType === 'SCOORD3D');
  if (item && !scoord) return coordinatesOf(item);
  const numbers = numbersOf(scoord?.GraphicData);
  const frameOfReferenceUID = textOf(scoord?.ReferencedFrameOfReferenceUID);
  if (numbers?.length !== 3 || frameOfReferenceUID === '') return null;
  // Coordinates are stored in single precision: -198.3 comes back as -198.3000030517578.
  const [x, y, z] = numbers.map((mm) => Math.round(mm * 1000) / 1000);
  return { point: [x, y, z], frameOfReferenceUID };
}

/** Of a series without a frame of reference. */
function coordinatesOf(
  item: Dataset,
): { readonly point: Vec3; readonly frameOfReferenceUID: null } | null {
  const [x, y, z] = [CONCEPTS.patientX, CONCEPTS.patientY, CONCEPTS.patientZ].map((name) => {
    const [measured] = itemsOf(children(item, name)[0]?.MeasuredValueSequence);
    return numberOf(measured?.NumericValue);
  });
  if (x === null || y === null || z === null) return null;
  return { point: [x, y, z], frameOfReferenceUID: null };
}

/** Null: it refers to no image; undefined: to one that is not what it should be. */
function sliceOf(
  item: Dataset | undefined,
  seriesInstanceUID: string,
  hasFrame: boolean,
): ReportedSlice | null | undefined {
  const where = itemsOf(item?.ContentSequence)[0];
  if (where?.ValueType === 'SCOORD3D' || (!where && !hasFrame)) return null;
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
  const manifestSha256 = valueOf(MANIFEST_SHA256);
  const known = manifestSha256 ? { manifestSha256 } : {};
  return name && version && sha256 ? { name, version, sha256, ...known } : undefined;
}

function movedOf(group: Dataset): ReportedLevel['moved'] | undefined {
  const item = children(group, CONCEPTS.movedAt)[0];
  if (!item) return null;
  const at = isoOf(item);
  if (at === null) return undefined;
  return { by: nameOf(children(group, CONCEPTS.personObserverName)[0]), at };
}

/**
 * Null: nobody has looked; undefined: it says something odd. A level of 0.3.0, which says nothing of
 * it, was looked at by whoever moved or placed it.
 */
function reviewOf(
  group: Dataset,
  moved: ReportedLevel['moved'],
  wasFound: boolean,
): Review | null | undefined {
  const item = children(group, CONCEPTS.review)[0];
  if (!item) return moved && { act: wasFound ? 'moved' : 'placed', ...moved };
  if (isCode(item.ConceptCodeSequence, VALUES.notLookedAt)) return null;
  if (!isCode(item.ConceptCodeSequence, VALUES.confirmed)) return undefined;
  const done = children(item, CONCEPTS.act)[0]?.ConceptCodeSequence;
  const act = ACTS.find((one) => isCode(done, ACT_CODES[one]));
  const reader = readerOf(item);
  return act && reader ? { act, ...reader } : undefined;
}

function absenceOf(dataset: Dataset): ReportedAbsence | null {
  const item = children(dataset, CONCEPTS.absence)[0];
  if (!item) return null;
  const reason = (['ends-above-l3', 'begins-below-l3'] as const).find((one) =>
    isCode(item.ConceptCodeSequence, ABSENCE_CODES[one]),
  );
  const seriesInstanceUID = textOf(children(item, CONCEPTS.series)[0]?.UID);
  const reader = readerOf(item);
  return reason && reader && seriesInstanceUID !== ''
    ? { reason, seriesInstanceUID, ...reader }
    : null;
}

function readerOf(item: Dataset): { readonly by: string | null; readonly at: string } | null {
  const [time] = children(item, CONCEPTS.reviewedAt);
  const at = time ? isoOf(time) : null;
  return at === null ? null : { by: nameOf(children(item, CONCEPTS.reader)[0]), at };
}

function nameOf(item: Dataset | undefined): string | null {
  return personNameText(item?.PersonName) || null;
}

/** ISO 8601 from a DATETIME item in UTC; null where it is no time. */
function isoOf(item: Dataset): string | null {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d{1,6})?$/.exec(textOf(item.DateTime));
  if (!match) return null;
  const [, year, month, day, hour, minute, second, fraction = ''] = match;
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}Z`);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
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
