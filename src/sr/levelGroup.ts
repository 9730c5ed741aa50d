import { pixelOnSlice } from '../series/geometry';
import type { Slice, Vec3 } from '../series/types';
import {
  ABSENCE_CODES,
  ACT_CODES,
  CONCEPTS,
  COUNTED_FROM_CODES,
  DEFINITION_CODES,
  TRACKING_IDENTIFIER,
  VALUES,
  VERTEBRAE,
} from './codes';
import {
  code,
  container,
  dateTime,
  imagePoint,
  numeric,
  patientPoint,
  personName,
  text,
  uidRef,
} from './content';
import type { Dataset, LevelToReport, ReportedAbsence, Review } from './types';
import { uidOf } from './uid';

/** What begins the algorithm parameter that holds the model's SHA-256. */
export const MODEL_NAME = 'model=';
export const MODEL_VERSION = 'model version=';
export const MODEL_SHA256 = 'model SHA-256=';
export const MANIFEST_SHA256 = 'model manifest SHA-256=';

/**
 * A level as a measurement group (TID 1501), with the algorithm's identification (TID 4019).
 *
 * A viewer that knows cornerstone's tracking identifiers reads a probe on the axial image: it takes
 * the coordinates of the first NUM item, so that one refers to the image, and the two points in
 * patient space are given by CODE items.
 */
export function levelGroup(level: LevelToReport): Dataset {
  const { slice, plane, pointLpsMm, foundPointLpsMm, frameOfReferenceUID, moved } = level;
  const final = patientPoint(pointLpsMm, frameOfReferenceUID);
  const where = slice && plane ? imagePoint(columnRow(plane, pointLpsMm), slice) : final;
  const isAsFound = foundPointLpsMm !== null && moved === null;
  return container(CONCEPTS.group, [
    text('HAS OBS CONTEXT', CONCEPTS.trackingIdentifier, TRACKING_IDENTIFIER),
    uidRef('HAS OBS CONTEXT', CONCEPTS.trackingUid, uidOf(level.annotationUID)),
    ...(moved ? moveItems(moved) : []),
    ...algorithmItems(level),
    code('CONTAINS', CONCEPTS.finding, VALUES.vertebralLevel),
    code('CONTAINS', CONCEPTS.findingSite, VERTEBRAE[level.level]),
    text('CONTAINS', CONCEPTS.comment, level.label === '' ? level.level : level.label),
    numeric(CONCEPTS.height, pointLpsMm[2], VALUES.millimetre, [where]),
    ...(level.probability === null
      ? []
      : [numeric(CONCEPTS.certainty, 100 * level.probability, VALUES.percent)]),
    code('CONTAINS', CONCEPTS.finalPosition, isAsFound ? VALUES.byAlgorithm : VALUES.byPerson, [
      final,
    ]),
    ...(foundPointLpsMm
      ? [
          code('CONTAINS', CONCEPTS.foundPosition, VALUES.byAlgorithm, [
            patientPoint(foundPointLpsMm, frameOfReferenceUID),
          ]),
        ]
      : []),
    code('CONTAINS', CONCEPTS.definition, DEFINITION_CODES[level.definition]),
    ...(level.countedFrom
      ? [code('CONTAINS', CONCEPTS.countedFrom, COUNTED_FROM_CODES[level.countedFrom])]
      : []),
    reviewItem(level.review),
    uidRef('CONTAINS', CONCEPTS.series, level.seriesInstanceUID),
    ...(slice ? [uidRef('CONTAINS', CONCEPTS.imageSeries, slice.seriesInstanceUID)] : []),
  ]);
}

/** From the upper left corner of the image's first pixel, whose middle is (0.5, 0.5) (PS3.3 C.18.6.1.2). */
function columnRow(plane: Slice, lpsMm: Vec3): [number, number] {
  const [row, column] = pixelOnSlice(plane, lpsMm);
  return [column + 0.5, row + 0.5];
}

function algorithmItems({ algorithm, model }: LevelToReport): Dataset[] {
  const parameter = (value: string) => text('HAS CONCEPT MOD', CONCEPTS.algorithmParameters, value);
  return [
    text('HAS CONCEPT MOD', CONCEPTS.algorithmName, algorithm.name),
    text('HAS CONCEPT MOD', CONCEPTS.algorithmVersion, algorithm.version),
    ...(model
      ? [
          parameter(`${MODEL_NAME}${model.name}`),
          parameter(`${MODEL_VERSION}${model.version}`),
          parameter(`${MODEL_SHA256}${model.sha256}`),
          ...(model.manifestSha256 ? [parameter(`${MANIFEST_SHA256}${model.manifestSha256}`)] : []),
        ]
      : []),
  ];
}

function moveItems({ by, at }: { by: string | null; at: string }): Dataset[] {
  return [
    ...(by ? personItems(by) : []),
    dateTime('HAS OBS CONTEXT', CONCEPTS.movedAt, dicomDateTime(at)),
  ];
}

/** Whether a person has looked, who, when, and what that person did. */
function reviewItem(review: Review | null): Dataset {
  if (!review) return code('CONTAINS', CONCEPTS.review, VALUES.notLookedAt);
  return code('CONTAINS', CONCEPTS.review, VALUES.confirmed, [
    code('HAS PROPERTIES', CONCEPTS.act, ACT_CODES[review.act]),
    ...readerItems(review),
  ]);
}

/** That a person says that L3 is not in a scan, and in which. */
export function absenceItem(absence: ReportedAbsence): Dataset {
  return code('CONTAINS', CONCEPTS.absence, ABSENCE_CODES[absence.reason], [
    ...readerItems(absence),
    uidRef('HAS PROPERTIES', CONCEPTS.series, absence.seriesInstanceUID),
  ]);
}

function readerItems({ by, at }: { by: string | null; at: string }): Dataset[] {
  return [
    ...(by ? [personName('HAS PROPERTIES', CONCEPTS.reader, personNameValue(by))] : []),
    dateTime('HAS PROPERTIES', CONCEPTS.reviewedAt, dicomDateTime(at)),
  ];
}

/** A person as the observer (TID 1002, 1003). */
export function personItems(name: string): Dataset[] {
  return [
    code('HAS OBS CONTEXT', CONCEPTS.observerType, VALUES.person),
    personName('HAS OBS CONTEXT', CONCEPTS.personObserverName, personNameValue(name)),
  ];
}

/** VR PN: without the delimiters of values, groups and components, at most 64 characters. */
function personNameValue(name: string): string {
  const plain = name
    .replace(/[\\^=]|\p{Cc}/gu, ' ')
    .replace(/ +/g, ' ')
    .trim();
  return [...plain].slice(0, 64).join('') || 'Unknown';
}

/**
 * VR DT from ISO 8601, in UTC as the concept's meaning says. Without the offset +0000, which dcmtk
 * 3.6 takes for an error, and with all six digits.
 */
function dicomDateTime(iso: string): string {
  return `${new Date(iso).toISOString().replace(/[-:TZ]/g, '')}000`;
}
