import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Credentials } from '../dicomweb/credentials';
import { dicomFile } from '../dicomweb/dicomFile';
import { DicomwebClient } from '../dicomweb/dicomwebClient';
import { DicomwebError } from '../dicomweb/dicomwebError';
import { reportsOf } from '../dicomweb/search';
import { RELEASE } from '../release/release';
import { fromDicomJson } from '../sr/dicomJson';
import { levelReport } from '../sr/levelReport';
import { readLevelReport } from '../sr/readLevelReport';
import type { LevelToReport, ReportedLevel } from '../sr/types';
import { uidOf } from '../sr/uid';
import type { Check } from './types';

const CT_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.2';
const PATIENT = 'FIND-L3-CHECK';
/** A PACS may list what it has stored a little later, ms. */
const LISTS_WITHIN_MS = [0, 1_000, 3_000];
/** Once more after a passing failure: whoever waits for this has asked for it. */
const ASKS_AGAIN_AFTER_MS = [1_000];

export interface RoundTrip {
  /** DICOMweb root, absolute, without a slash at its end. */
  readonly root: string;
  readonly credentials: Credentials;
  readonly signal: AbortSignal;
  /** When it is looked for what was stored, ms, from one look to the next. */
  readonly waitsMs?: readonly number[];
}

/**
 * Stores a level report of a made study into a PACS (STOW-RS), reads it back as the viewer does (QIDO-RS and
 * WADO-RS metadata), and deletes the study where the PACS does so over DICOMweb. No study of a patient is touched:
 * the UIDs are new, and what is deleted is asked for by them.
 *
 * @throws the signal's reason.
 */
export async function* roundTripChecks({
  root,
  credentials,
  signal,
  waitsMs = LISTS_WITHIN_MS,
}: RoundTrip): AsyncGenerator<Check> {
  const client = new DicomwebClient({ root, credentials, waitsMs: ASKS_AGAIN_AFTER_MS });
  const made = madeReport();
  let isStored = false;
  try {
    await client.store(made.study, made.file, signal);
    isStored = true;
    yield { id: 'store', status: 'ok', text: `${root} takes a level report`, advice: '' };
    yield await readBack(client, made, waitsMs, signal);
    yield await cleanedUp(client, made, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof DicomwebError)) throw error;
    const { message: text, advice } = error;
    yield { id: isStored ? 'read-back' : 'store', status: 'failed', text, advice };
    // What no answer came of may have been stored nevertheless.
    if (isStored || error.kind === 'unreached') yield left(made, 'may be');
  }
}

interface Made {
  readonly study: string;
  readonly level: LevelToReport;
  readonly file: Uint8Array;
}

function madeReport(): Made {
  const newUid = () => uidOf(randomUUID());
  const [study, series, image, frame] = [newUid(), newUid(), newUid(), newUid()];
  const level: LevelToReport = {
    annotationUID: randomUUID(),
    ...{ level: 'L3', label: 'L3', definition: 'mid-body' },
    ...{ seriesInstanceUID: series, frameOfReferenceUID: frame },
    slice: {
      ...{ sopInstanceUID: image, sopClassUID: CT_IMAGE_STORAGE },
      ...{ seriesInstanceUID: series, frameNumber: null },
    },
    plane: {
      ...{ sopInstanceUID: image, frameNumber: null, rows: 512, columns: 512 },
      ...{ position: [-200, -200, -50], rowCosines: [1, 0, 0], columnCosines: [0, 1, 0] },
      ...{ rowSpacing: 0.8, columnSpacing: 0.8 },
    },
    foundPointLpsMm: [4.5, 12.25, -50],
    pointLpsMm: [4.5, 12.25, -50],
    ...{ probability: 0.5, countedFrom: 'sacrum', model: null, moved: null, review: null },
    algorithm: { name: RELEASE.name, version: RELEASE.version },
  };
  const now = new Date();
  const date = now.toISOString().slice(0, 10).replaceAll('-', '');
  const report = levelReport({
    levels: [level],
    image: {
      ...{ PatientName: 'FIND-L3^CHECK', PatientID: PATIENT, StudyInstanceUID: study },
      ...{ StudyDate: date, StudyDescription: 'find-l3 check: may be deleted' },
    },
    ...{ modality: 'CT', softwareVersion: RELEASE.version, observer: null },
    ...{ now, newUid, predecessors: [] },
  });
  return { study, level, file: dicomFile(report) };
}

async function readBack(
  client: DicomwebClient,
  { study, level }: Made,
  waitsMs: readonly number[],
  signal: AbortSignal,
): Promise<Check> {
  const id = 'read-back';
  for (const wait of waitsMs) {
    await pause(wait, undefined, { signal });
    const listed = await reportsOf(client, study, signal);
    if (listed.length === 0) continue;
    const levels = listed.flatMap((json) => readLevelReport(fromDicomJson(json))?.levels ?? []);
    const [back] = levels;
    if (back && isSame(back, level)) {
      return { id, status: 'ok', text: 'the report comes back as it was stored', advice: '' };
    }
    return {
      ...{ id, status: 'failed' },
      text: back
        ? 'the level of the report comes back changed'
        : 'the PACS lists the report and gives no level in its metadata',
      advice: 'Saved levels cannot come back: let WADO-RS metadata hold the content of reports.',
    };
  }
  return {
    ...{ id, status: 'failed', text: 'the PACS says that it has stored, and lists no report' },
    advice: 'Look for a filter or a routing rule that drops structured reports; see its log.',
  };
}

function isSame(back: ReportedLevel, level: LevelToReport): boolean {
  return (
    back.annotationUID === level.annotationUID &&
    back.level === level.level &&
    back.seriesInstanceUID === level.seriesInstanceUID &&
    back.slice?.sopInstanceUID === level.slice?.sopInstanceUID &&
    back.review === null &&
    Math.hypot(...back.pointLpsMm.map((mm, i) => mm - level.pointLpsMm[i])) < 0.01
  );
}

async function cleanedUp(client: DicomwebClient, made: Made, signal: AbortSignal): Promise<Check> {
  const isGone =
    (await client.remove(made.study, signal)) &&
    (await reportsOf(client, made.study, signal)).length === 0;
  if (!isGone) return left(made, 'is');
  return { id: 'clean-up', status: 'ok', text: 'the made study is deleted again', advice: '' };
}

function left({ study }: Made, verb: 'is' | 'may be'): Check {
  return {
    ...{ id: 'clean-up', status: 'warning' },
    text: `the made study ${verb} still in the PACS: patient ${PATIENT}, study ${study}`,
    advice: 'Delete it there.',
  };
}
