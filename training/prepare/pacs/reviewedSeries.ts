import { createHmac } from 'node:crypto';
import { refuseFace } from '../../../src/corrections/face';
import { personKey, type PersonKey } from '../../../src/corrections/personKey';
import type { DicomJson, DicomwebClient } from '../../../src/dicomweb/dicomwebClient';
import { DicomwebError } from '../../../src/dicomweb/dicomwebError';
import {
  imagesOf,
  isOfSeries,
  reportsOf,
  seriesOf,
  studiesOf,
  type Condition,
} from '../../../src/dicomweb/search';
import { fromDicomJson } from '../../../src/sr/dicomJson';
import { readLevelReport } from '../../../src/sr/readLevelReport';
import { personsWords, type Conflict, type PersonsWord, type StudyWords } from './personsWord';

/** A series of which a person says where L3 lies, or that it is not in view. Plain data. */
export interface ReviewedSeries {
  /** The same for every series whenever it is asked for, under one salt; says nothing of it. */
  readonly id: string;
  readonly person: PersonKey | null;
  readonly studyInstanceUID: string;
  readonly seriesInstanceUID: string;
  /** Readers' names, where they are known. */
  readonly by: readonly string[];
  readonly use:
    | { readonly word: PersonsWord; readonly images: readonly string[] }
    /** Why it cannot be used, in words that name neither patient nor series. */
    | { readonly leftOut: string };
}

/** What a PACS holds of persons' words. */
export interface Reviewed {
  readonly series: readonly ReviewedSeries[];
  /** Studies with a level report. */
  readonly studies: number;
  readonly unreviewed: number;
  readonly withdrawn: number;
}

const MODALITIES_IN_STUDY = ['ModalitiesInStudy', '00080061'];
const WITH_REPORTS: Condition = ['ModalitiesInStudy', 'SR'];
/** Tags of an image's header that are needed, by keyword. */
const TAGS: Readonly<Record<string, string>> = {
  PatientID: '00100020',
  IssuerOfPatientID: '00100021',
  BodyPartExamined: '00180015',
  SeriesDescription: '0008103E',
  StudyDescription: '00081030',
  ProtocolName: '00181030',
};

/**
 * Asks a PACS for its level reports and what persons say in them; reads no pixels.
 *
 * @param conditions of studies and series, as QIDO-RS has them
 * @param salt of the pseudonyms: the viewer's
 * @throws DicomwebError where the PACS cannot be asked; the signal's reason
 */
export async function reviewedSeries(
  client: DicomwebClient,
  conditions: readonly Condition[],
  salt: string,
  signal: AbortSignal,
): Promise<Reviewed> {
  const series: ReviewedSeries[] = [];
  let [studies, unreviewed, withdrawn] = [0, 0, 0];
  const ofStudies = conditions.filter((condition) => !isOfSeries(condition));
  const ofSeries = conditions.filter(isOfSeries);
  const isModalityAsked = ofStudies.some(([name]) => MODALITIES_IN_STUDY.includes(name));
  const wanted: Condition[] = isModalityAsked ? ofStudies : [...ofStudies, WITH_REPORTS];
  for await (const study of studiesOf(client, wanted, signal)) {
    const datasets = await reportsOf(client, study, signal);
    const reports = datasets.flatMap((json) => readLevelReport(fromDicomJson(json)) ?? []);
    if (reports.length === 0) continue;
    studies++;
    const said: StudyWords = personsWords(reports);
    unreviewed += said.unreviewed;
    withdrawn += said.withdrawn;
    const asked =
      ofSeries.length > 0
        ? (await seriesOf(client, study, ofSeries, signal)).map((one) => one.seriesInstanceUID)
        : null;
    for (const word of [...said.words, ...said.conflicts]) {
      if (asked && !asked.includes(word.seriesInstanceUID)) continue;
      series.push(await lookUp(client, study, word, salt, signal));
    }
  }
  return { series, studies, unreviewed, withdrawn };
}

async function lookUp(
  client: DicomwebClient,
  studyInstanceUID: string,
  said: PersonsWord | Conflict,
  salt: string,
  signal: AbortSignal,
): Promise<ReviewedSeries> {
  const { seriesInstanceUID } = said;
  const by = typeof said.by === 'string' ? [said.by] : (said.by ?? []);
  const id = `pacs-${createHmac('sha256', salt).update(`series ${seriesInstanceUID}`).digest('hex').slice(0, 16)}`;
  const about = { id, studyInstanceUID, seriesInstanceUID, by };
  const images = await whereThere(imagesOf(client, about, signal));
  if (images.length === 0) {
    const leftOut = 'the PACS has its level report, and no image of the series any more';
    return { ...about, person: null, use: { leftOut } };
  }
  const path = `studies/${studyInstanceUID}/series/${seriesInstanceUID}/instances/${images[0]}`;
  const [header] = await whereThere(client.json(`${path}/metadata`, [], signal));
  if (!header) {
    const leftOut = 'the PACS lists its images and does not give their headers';
    return { ...about, person: null, use: { leftOut } };
  }
  const textOf = (keyword: string) => text(header, TAGS[keyword]!);
  const patientId = textOf('PatientID') || studyInstanceUID;
  const person = personKey({ patientId, issuer: textOf('IssuerOfPatientID'), salt });
  if ('why' in said) return { ...about, person, use: { leftOut: said.why } };
  try {
    if (said.absence) refuseFace(textOf);
  } catch (error) {
    return { ...about, person, use: { leftOut: (error as Error).message } };
  }
  return { ...about, person, use: { word: said, images } };
}

/** What a PACS lists; nothing where it says that there is no such thing. */
async function whereThere<T>(asked: Promise<readonly T[]>): Promise<readonly T[]> {
  return asked.catch((error: unknown) => {
    if (error instanceof DicomwebError && [404, 410].includes(error.status ?? 0)) return [];
    throw error;
  });
}

function text(header: DicomJson, tag: string): string {
  const value = header[tag]?.Value?.[0];
  return typeof value === 'string' ? value.trim() : '';
}
