import {
  CONCEPTS,
  OTHER_PROCEDURE,
  OWN_SCHEME,
  OWN_SCHEME_NAME,
  PROCEDURES,
  VALUES,
} from './codes';
import { code, codeItem, container, imageReference, text, uidRef } from './content';
import { absenceItem, levelGroup, personItems } from './levelGroup';
import type { Dataset, LevelToReport, ReportedAbsence, ReportedSlice, StoredReport } from './types';
import { personNameText, textOf } from './values';

export const COMPREHENSIVE_3D_SR = '1.2.840.10008.5.1.4.1.1.88.34';
/** Coding Scheme Identification Sequence of a data set with our own codes. */
export const CODING_SCHEMES: readonly Dataset[] = [
  { CodingSchemeDesignator: OWN_SCHEME, CodingSchemeName: OWN_SCHEME_NAME },
];
/** Identifies the program as an observer (TID 1004). */
export const DEVICE_UID = '2.25.203389476331850285410914215246271870514';
const MANUFACTURER = 'Find L3';
/** High, so that reports come after the images in lists that are ordered by it. */
const SERIES_NUMBER = 7300;
const SERIES_DESCRIPTION = 'Find L3: vertebral levels';

/** Attributes of patient and study that a report shares with its images; there even when empty (type 2). */
const SHARED = [
  ...['PatientName', 'PatientID', 'PatientBirthDate', 'PatientSex', 'StudyInstanceUID'],
  ...['StudyDate', 'StudyTime', 'AccessionNumber', 'StudyID', 'ReferringPhysicianName'],
];
/** The same, where there is a value (type 3). */
const SHARED_WHERE_KNOWN = ['IssuerOfPatientID', 'StudyDescription'];
const PERSON_NAMES = new Set(['PatientName', 'ReferringPhysicianName']);
/** What all instances of a report's series have in common. */
export const SERIES_ATTRIBUTES = ['SeriesNumber', 'SeriesDescription', 'SeriesDate', 'SeriesTime'];

/** What a report is written from. */
export interface ReportSource {
  readonly levels: readonly LevelToReport[];
  /** That L3 is in none of the study's scans that were searched; not beside levels. */
  readonly absence?: ReportedAbsence | null;
  /** An image of the study: patient and study attributes are copied from it. */
  readonly image: Dataset;
  /** Of the images. */
  readonly modality: string;
  readonly softwareVersion: string;
  /** Who saves it, where the viewer knows it. */
  readonly observer: string | null;
  /** When it is written; the report says it in the local time of this computer. */
  readonly now: Date;
  /** Gives a UID that no one else has. */
  readonly newUid: () => string;
  /** The reports that this one takes the place of, newest first. */
  readonly predecessors: readonly StoredReport[];
}

/**
 * A Comprehensive 3D SR of levels of one study: an Imaging Measurement Report (PS3.16 TID 1500)
 * with one measurement group a level. Of the SR classes this is the smallest that holds both a
 * point on an image and a point in the patient.
 *
 * Without levels it withdraws those of its predecessors, or says that L3 is not in the scan: a document of another title, since an Imaging
 * Measurement Report has measurements, and viewers that find none in it fail.
 *
 * It joins the series of the newest of our own predecessors, with the next instance number.
 *
 * @returns dcmjs' naturalised form, which the viewer's data sources store
 * @throws Error with neither a level, an absence nor a predecessor, and with both a level and an absence
 */
export function levelReport(source: ReportSource): Dataset {
  const { levels, absence, image, newUid, now, predecessors, softwareVersion } = source;
  const isWithdrawal = levels.length === 0;
  if (isWithdrawal && !absence && predecessors.length === 0) {
    throw new Error('A report needs a level, an absence, or an earlier report to withdraw');
  }
  if (!isWithdrawal && absence) {
    throw new Error('A report that names levels cannot say that L3 is not in the scan');
  }
  const slices = distinctSlices(levels);
  const [date, time] = [dicomDate(now), dicomTime(now)];
  return {
    _meta: META,
    SpecificCharacterSet: 'ISO_IR 192',
    SOPClassUID: COMPREHENSIVE_3D_SR,
    SOPInstanceUID: newUid(),
    TimezoneOffsetFromUTC: timezoneOffset(now),
    InstanceCreationDate: date,
    InstanceCreationTime: time,
    CodingSchemeIdentificationSequence: CODING_SCHEMES,
    ...sharedAttributes(image),
    Modality: 'SR',
    ...seriesOf(source, date, time),
    ReferencedPerformedProcedureStepSequence: [],
    Manufacturer: MANUFACTURER,
    ManufacturerModelName: 'find-l3',
    DeviceSerialNumber: '0',
    SoftwareVersions: softwareVersion,
    ContentDate: date,
    ContentTime: time,
    CompletionFlag: 'COMPLETE',
    VerificationFlag: 'UNVERIFIED',
    ...(predecessors.length === 0
      ? {}
      : { PredecessorDocumentsSequence: references(predecessors) }),
    PerformedProcedureCodeSequence: [],
    ...(slices.length === 0
      ? {}
      : {
          CurrentRequestedProcedureEvidenceSequence: references(
            slices.map((slice) => ({ ...slice, studyInstanceUID: textOf(image.StudyInstanceUID) })),
          ),
        }),
    ValueType: 'CONTAINER',
    ConceptNameCodeSequence: [codeItem(isWithdrawal ? CONCEPTS.withdrawal : CONCEPTS.report)],
    ContinuityOfContent: 'SEPARATE',
    ...(isWithdrawal
      ? {}
      : { ContentTemplateSequence: [{ MappingResource: 'DCMR', TemplateIdentifier: '1500' }] }),
    ContentSequence: content(source, slices),
  };
}

const META = {
  FileMetaInformationVersion: { Value: [new Uint8Array([0, 1]).buffer], vr: 'OB' },
  TransferSyntaxUID: { Value: ['1.2.840.10008.1.2.1'], vr: 'UI' },
};

function content(source: ReportSource, slices: readonly ReportedSlice[]): Dataset[] {
  const images = slices.map((slice) => imageReference('CONTAINS', slice));
  return [
    code('HAS CONCEPT MOD', CONCEPTS.language, VALUES.english),
    ...(source.observer ? personItems(source.observer) : []),
    code('HAS OBS CONTEXT', CONCEPTS.observerType, VALUES.device),
    uidRef('HAS OBS CONTEXT', CONCEPTS.deviceObserverUid, DEVICE_UID),
    text('HAS OBS CONTEXT', CONCEPTS.deviceObserverName, 'find-l3'),
    text('HAS OBS CONTEXT', CONCEPTS.deviceObserverModel, `find-l3 ${source.softwareVersion}`),
    code(
      'HAS CONCEPT MOD',
      CONCEPTS.procedureReported,
      PROCEDURES[source.modality] ?? OTHER_PROCEDURE,
    ),
    ...(images.length === 0
      ? []
      : [container(CONCEPTS.imageLibrary, [container(CONCEPTS.imageLibraryGroup, images)])]),
    ...(source.levels.length > 0
      ? [container(CONCEPTS.measurements, source.levels.map(levelGroup))]
      : [code('CONTAINS', CONCEPTS.finding, VALUES.withdrawn)]),
    ...(source.absence ? [absenceItem(source.absence)] : []),
  ];
}

function sharedAttributes(image: Dataset): Dataset {
  const valueOf = (name: string) =>
    PERSON_NAMES.has(name) ? personNameText(image[name]) : textOf(image[name]);
  return Object.fromEntries([
    ...SHARED.map((name) => [name, valueOf(name)]),
    ...SHARED_WHERE_KNOWN.map((name) => [name, valueOf(name)]).filter(([, value]) => value !== ''),
  ]) as Dataset;
}

function seriesOf({ newUid, predecessors }: ReportSource, date: string, time: string): Dataset {
  const before = predecessors.find(({ isOurs }) => isOurs);
  if (before) {
    return {
      ...before.series,
      SeriesInstanceUID: before.seriesInstanceUID,
      InstanceNumber: String(before.instanceNumber + 1),
    };
  }
  return {
    SeriesInstanceUID: newUid(),
    SeriesNumber: String(SERIES_NUMBER),
    SeriesDescription: SERIES_DESCRIPTION,
    SeriesDate: date,
    SeriesTime: time,
    InstanceNumber: '1',
  };
}

function distinctSlices(levels: readonly LevelToReport[]): readonly ReportedSlice[] {
  const slices = levels.flatMap(({ slice }) => slice ?? []);
  const key = ({ sopInstanceUID, frameNumber }: ReportedSlice) =>
    `${sopInstanceUID} ${frameNumber ?? ''}`;
  return [...new Map(slices.map((slice) => [key(slice), slice])).values()];
}

interface InstanceReference {
  readonly studyInstanceUID: string;
  readonly seriesInstanceUID: string;
  readonly sopClassUID: string;
  readonly sopInstanceUID: string;
}

/** Hierarchical SOP Instance Reference (PS3.3 C.17.2.1). */
function references(instances: readonly InstanceReference[]): Dataset[] {
  return groups(instances, ({ studyInstanceUID }) => studyInstanceUID).map(([study, ofStudy]) => ({
    StudyInstanceUID: study,
    ReferencedSeriesSequence: groups(ofStudy, ({ seriesInstanceUID }) => seriesInstanceUID).map(
      ([series, ofSeries]) => ({
        SeriesInstanceUID: series,
        ReferencedSOPSequence: groups(ofSeries, ({ sopInstanceUID }) => sopInstanceUID).map(
          ([sopInstanceUID, [{ sopClassUID }]]) => ({
            ReferencedSOPClassUID: sopClassUID,
            ReferencedSOPInstanceUID: sopInstanceUID,
          }),
        ),
      }),
    ),
  }));
}

function groups<T>(items: readonly T[], key: (item: T) => string): [string, T[]][] {
  const all = new Map<string, T[]>();
  for (const one of items) {
    const group = all.get(key(one));
    if (group) group.push(one);
    else all.set(key(one), [one]);
  }
  return [...all];
}

function dicomDate(now: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
}

function dicomTime(now: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const milliseconds = String(now.getMilliseconds()).padStart(3, '0');
  return `${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}.${milliseconds}`;
}

/** `&ZZXX`: hours and minutes that local time is ahead of UTC. */
function timezoneOffset(now: Date): string {
  const ahead = -now.getTimezoneOffset();
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${ahead < 0 ? '-' : '+'}${two(Math.abs(ahead) / 60)}${two(Math.abs(ahead) % 60)}`;
}
