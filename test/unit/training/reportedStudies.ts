import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { absenceOf, correctionOf } from '../../../src/viewer/keep/correctionOf';
import { answerSeries } from '../../../src/batch/answerSeries';
import { decodeCorrections } from '../../../src/corrections/correctionFile';
import type { Found } from '../../../src/finder/types';
import { checkInput } from '../../../src/io/checkInput';
import { openInput } from '../../../src/io/openInput';
import type { LoadedSeries } from '../../../src/io/types';
import { openModelPackage } from '../../../src/model/node';
import type { Vec3 } from '../../../src/series/types';
import { levelReport } from '../../../src/sr/levelReport';
import { readLevelReport } from '../../../src/sr/readLevelReport';
import type {
  Dataset,
  LevelToReport,
  ReportedAbsence,
  Review,
  StoredReport,
} from '../../../src/sr/types';
import type { LevelMark } from '../../../src/viewer/mark/types';
import type { TrainingItem } from '../../../training/items/item';
import { itemOfCorrection } from '../../../training/prepare/sources/corrections';
import { MODEL, putPhantom } from '../batch/tree';
import { fileOf } from '../sr/dicomFile';

export const SALT = 'a secret of the hospital';
const AT = '2026-11-22T13:04:05.678Z';

/** A phantom's study with what a reader's viewer knows of it. */
export interface Study {
  readonly folder: string;
  readonly seriesInstanceUID: string;
  /** Patient and study, as a report copies them. */
  readonly image: Dataset;
  readonly finding: Found;
  /** Where it was found, LPS mm. */
  readonly l3: Vec3;
}

let searched: Promise<Found> | null = null;
/** Phantoms of one seed have the same voxels: one search does for all. */
async function findingOf(loaded: LoadedSeries): Promise<Found> {
  searched ??= openModelPackage(MODEL).then(async (model) => {
    const answer = await answerSeries(loaded, model);
    await model.dispose();
    if (!('finding' in answer) || answer.finding.status !== 'found') throw new Error('not found');
    return answer.finding;
  });
  const check = checkInput(loaded);
  if (!check.ok) throw new Error(check.reason.message);
  return { ...(await searched), series: check.series };
}

/** Writes a phantom's series into a folder of its own, and searches it as the viewer does. */
export async function phantomStudy(root: string, patient: string): Promise<Study> {
  const folder = join(root, patient);
  const seriesInstanceUID = await putPhantom(folder, patient);
  for await (const loaded of openInput(folder)) {
    if (loaded.kind === 'failure') throw new Error(loaded.message);
    const finding = await findingOf(loaded);
    const image = {
      PatientID: patient,
      PatientName: `PHANTOM^${patient}`,
      StudyInstanceUID: loaded.description.studyInstanceUID,
    };
    return { folder, seriesInstanceUID, image, finding, l3: finding.l3.pointLpsMm };
  }
  throw new Error(`${folder} holds nothing`);
}

/** The same with a series of which the PACS has no image. */
export function withoutImages(study: Study, root: string, patient: string): Study {
  const uid = `1.2.826.0.1.3680043.8.498.${process.pid}.${++uids}`;
  const image = { PatientID: patient, StudyInstanceUID: `${uid}.1` };
  return { ...study, folder: join(root, patient), seriesInstanceUID: `${uid}.2`, image };
}

let marks = 0;
let uids = 0;
/** A level of L3 as a report keeps it; null: nobody has looked. */
export function levelAt(
  { seriesInstanceUID, finding }: Study,
  pointLpsMm: Vec3,
  review: Omit<Review, 'at'> | null,
): LevelToReport {
  const { frameOfReferenceUID } = finding.series;
  const { name, version, sha256 } = finding.model;
  return {
    annotationUID: `0a5f6f0e-44a0-4f5b-9c3d-${String(++marks).padStart(12, '0')}`,
    ...{ level: 'L3', label: 'L3', definition: 'mid-body', slice: null, plane: null },
    ...{ seriesInstanceUID, frameOfReferenceUID, pointLpsMm },
    ...{ foundPointLpsMm: finding.l3.pointLpsMm, probability: finding.l3.probability },
    ...{ countedFrom: finding.countedFrom, model: { name, version, sha256 } },
    algorithm: { name: 'find-l3', version: '0.4.0' },
    moved: review?.act === 'moved' ? { by: review.by, at: AT } : null,
    review: review && { ...review, at: AT },
  };
}

export const absenceBy = (
  { seriesInstanceUID }: Study,
  by: string,
): Omit<ReportedAbsence, 'reason'> & { readonly reason: 'ends-above-l3' } => ({
  ...{ reason: 'ends-above-l3', seriesInstanceUID, by, at: AT },
});

/** A report's file (PS3.10), and the report as a later one refers to it. */
export function reportFile(
  { image }: Pick<Study, 'image'>,
  levels: readonly LevelToReport[],
  more: { absence?: ReportedAbsence; predecessors?: readonly StoredReport[] } = {},
): { readonly file: Buffer; readonly report: StoredReport } {
  const dataset = levelReport({
    ...{ levels, image, modality: 'CT', softwareVersion: '0.4.0', observer: null },
    ...{ predecessors: [], ...more, now: new Date(2026, 10, 22, 14, 5, ++uids) },
    newUid: () => `1.2.826.0.1.3680043.8.498.${process.pid}.${++uids}`,
  });
  return {
    file: Buffer.from(fileOf(dataset)),
    report: readLevelReport(dataset)!.report,
  };
}

/** Puts a report beside the images of its study. */
export function keep(
  study: Study,
  levels: readonly LevelToReport[],
  more: Parameters<typeof reportFile>[2] = {},
): StoredReport {
  const { file, report } = reportFile(study, levels, more);
  mkdirSync(study.folder, { recursive: true });
  writeFileSync(join(study.folder, `report-${report.sopInstanceUID}.dcm`), file);
  return report;
}

/** The item of what the viewer exports of a mark, or of an absence. */
export function exportedItem(study: Study, id: string, pointLpsMm: Vec3 | null): TrainingItem {
  const { image, finding } = study;
  const mark = {
    pointLpsMm,
    definition: 'mid-body',
    studyInstanceUID: image.StudyInstanceUID,
  } as LevelMark;
  const bytes = pointLpsMm
    ? correctionOf(finding, mark, image, SALT)
    : absenceOf(finding, 'ends-above-l3', image, SALT);
  return itemOfCorrection(decodeCorrections(bytes)[0], id);
}
