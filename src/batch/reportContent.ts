import { createHash } from 'node:crypto';
import { decodedText } from '../dicom/instance';
import type { DataSet } from '../dicom/dataSet';
import type { Found } from '../finder/types';
import { readDicomHeader } from '../io/dicom/dicomFile';
import type { LoadedSeries } from '../io/types';
import { RELEASE } from '../release/release';
import type { Dataset, LevelToReport, ReportedSlice } from '../sr/types';

/** All that a level report is made of before it is known what the study holds. Plain data. */
export interface ReportContent {
  readonly level: LevelToReport;
  /** Attributes of patient and study. */
  readonly image: Dataset;
  readonly modality: string;
  /** A UUID that this answer of this model for this series always has. */
  readonly identity: string;
}

/** Patient and study attributes that a report shares with its images, and where they stand. */
const SHARED: Readonly<Record<string, string>> = {
  PatientName: 'x00100010',
  PatientID: 'x00100020',
  IssuerOfPatientID: 'x00100021',
  PatientBirthDate: 'x00100030',
  PatientSex: 'x00100040',
  StudyInstanceUID: 'x0020000d',
  StudyDate: 'x00080020',
  StudyTime: 'x00080030',
  AccessionNumber: 'x00080050',
  StudyID: 'x00200010',
  ReferringPhysicianName: 'x00080090',
  StudyDescription: 'x00081030',
};

/**
 * The content of the level report of a finding, marked as not yet looked at.
 *
 * @returns null where no report can refer to it: NIfTI, or images without the UIDs that it takes.
 * @throws InputError when the series' first file cannot be read.
 */
export async function reportContent(
  loaded: LoadedSeries,
  finding: Found,
): Promise<ReportContent | null> {
  const header = await readDicomHeader(loaded.firstFile);
  const image = header && sharedAttributes(header.dataSet);
  if (!image?.StudyInstanceUID) return null;
  const { series, l3, model, countedFrom } = finding;
  const { uid: seriesInstanceUID, frameOfReferenceUID, modality } = series;
  const index =
    l3.sliceIndex ??
    series.slices.findIndex(
      ({ sopInstanceUID, frameNumber }) =>
        sopInstanceUID === l3.sopInstanceUID && frameNumber === l3.frameNumber,
    );
  // A level lies on an axial image; where nothing else says which patient space is meant, on its own.
  const isOnImage = series.plane === 'axial' || frameOfReferenceUID === null;
  const slice = isOnImage ? sliceAt(loaded, finding, index) : null;
  if (isOnImage && slice === null) return null;
  const identity = uuidFrom([
    ...[seriesInstanceUID, model.sha256, model.manifestSha256 ?? ''],
    ...l3.pointLpsMm.map((mm) => mm.toFixed(2)),
  ]);
  const level: LevelToReport = {
    annotationUID: uuidFrom([identity, 'L3']),
    ...{ level: 'L3', label: 'L3', definition: 'mid-body' },
    ...{ seriesInstanceUID, frameOfReferenceUID, slice, countedFrom },
    foundPointLpsMm: l3.pointLpsMm,
    pointLpsMm: l3.pointLpsMm,
    probability: l3.probability,
    model: {
      name: model.name,
      version: model.version,
      sha256: model.sha256,
      ...(model.manifestSha256 && { manifestSha256: model.manifestSha256 }),
    },
    algorithm: { name: RELEASE.name, version: RELEASE.version },
    moved: null,
    review: null,
    plane: slice ? series.slices[index] : null,
  };
  return { level, image, modality, identity };
}

function sliceAt(
  { description }: LoadedSeries,
  { series }: Found,
  index: number,
): ReportedSlice | null {
  const { sopInstanceUID, frameNumber } = series.slices[index];
  const sopClassUID = description.slices[series.sourceIndex[index]].sopClassUID;
  if (!sopInstanceUID || !sopClassUID) return null;
  return { sopInstanceUID, sopClassUID, seriesInstanceUID: series.uid, frameNumber };
}

function sharedAttributes(dataSet: DataSet): Dataset {
  return Object.fromEntries(
    Object.entries(SHARED).map(([keyword, tag]) => [keyword, decodedText(dataSet, tag) ?? '']),
  );
}

/** A UUID of its own kind (RFC 9562, version 8) from texts; the same texts give the same one. */
export function uuidFrom(texts: readonly string[]): string {
  const hex = createHash('sha256').update(texts.join('\n')).digest('hex');
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-8$3-a$4-$5');
}
