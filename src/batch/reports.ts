import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dicomFile } from '../dicomweb/dicomFile';
import type { DicomwebClient } from '../dicomweb/dicomwebClient';
import { DicomwebError } from '../dicomweb/dicomwebError';
import { reportsOf } from '../dicomweb/search';
import { RELEASE } from '../release/release';
import { fromDicomJson } from '../sr/dicomJson';
import { levelReport } from '../sr/levelReport';
import { newestLevels, readLevelReport } from '../sr/readLevelReport';
import type { LevelToReport, ReadReport, StoredReport } from '../sr/types';
import { uidOf } from '../sr/uid';
import { BatchError, whyOf } from './batchError';
import { uuidFrom } from './reportContent';
import type { ReportContent } from './reportContent';
import type { KeptReport } from './types';

/** Where level reports go. */
export interface ReportKeeper {
  /**
   * @throws BatchError when the disk takes none, the signal's reason when it is aborted. What a PACS does not
   *   do is part of the answer.
   */
  keep(content: ReportContent, signal: AbortSignal): Promise<KeptReport>;
  /** States that leave nothing to be done for a series that needs no search. */
  readonly final: readonly KeptReport['state'][];
}

/** Points that are nearer than this are the same answer: other machines compute other last digits. */
const SAME_POINT_MM = 0.5;

/** Keeps reports as files, named by their SOP Instance UIDs. */
export class ReportFolder implements ReportKeeper {
  readonly final = ['written', 'not-possible'] as const;

  constructor(private readonly folder: string) {}

  async keep(content: ReportContent): Promise<KeptReport> {
    const { sopInstanceUID, file } = made(content, []);
    const path = join(this.folder, `${sopInstanceUID}.dcm`);
    const temporary = join(this.folder, `.${sopInstanceUID}.tmp`);
    try {
      await mkdir(this.folder, { recursive: true });
      await writeFile(temporary, file);
      await rename(temporary, path);
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw new BatchError(`${path}: the report cannot be written (${whyOf(cause)})`, false, {
        cause,
      });
    }
    return { state: 'written', sopInstanceUID, message: null };
  }
}

/**
 * Stores reports in a PACS: none into a study that has a person's report, and none that says again what the
 * same model's report there says. A report takes the place of machines' earlier ones of its series.
 */
export class ReportStore implements ReportKeeper {
  readonly final = ['stored', 'there-already', 'persons-report', 'not-possible'] as const;

  constructor(private readonly client: DicomwebClient) {}

  async keep(content: ReportContent, signal: AbortSignal): Promise<KeptReport> {
    const study = content.image.StudyInstanceUID as string;
    try {
      const reports = await this.reports(study, signal);
      const persons = reports.find(({ report }) => report.isPersons);
      if (persons) return { state: 'persons-report', sopInstanceUID: null, message: null };
      const machines = ofSeries(reports, content.level.seriesInstanceUID);
      const same = machines.find(({ levels }) =>
        levels.some((level) => isSame(level, content.level)),
      );
      if (same) {
        const { sopInstanceUID } = same.report;
        return { state: 'there-already', sopInstanceUID, message: null };
      }
      const { sopInstanceUID, file } = made(
        content,
        machines.map(({ report }) => report),
      );
      await this.client.store(study, file, signal);
      return { state: 'stored', sopInstanceUID, message: null };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DicomwebError)) throw error;
      const message = `${error.message}. ${error.advice}`;
      return { state: 'failed', sopInstanceUID: null, message };
    }
  }

  private async reports(study: string, signal: AbortSignal): Promise<ReadReport[]> {
    const datasets = await reportsOf(this.client, study, signal);
    return datasets.flatMap((json) => readLevelReport(fromDicomJson(json)) ?? []);
  }
}

/** Machines' reports of one series that still count, newest first. */
function ofSeries(reports: readonly ReadReport[], seriesInstanceUID: string): ReadReport[] {
  const { current } = newestLevels(reports);
  return current.flatMap(({ sopInstanceUID }) =>
    reports.filter(
      ({ report, levels }) =>
        report.sopInstanceUID === sopInstanceUID &&
        levels.every((level) => level.seriesInstanceUID === seriesInstanceUID),
    ),
  );
}

function isSame(stored: ReadReport['levels'][number], level: LevelToReport): boolean {
  const [a, b] = [stored.model, level.model];
  return (
    stored.level === level.level &&
    a?.sha256 === b?.sha256 &&
    a?.manifestSha256 === b?.manifestSha256 &&
    stored.slice?.sopInstanceUID === level.slice?.sopInstanceUID &&
    Math.hypot(...stored.pointLpsMm.map((mm, i) => mm - level.pointLpsMm[i])) < SAME_POINT_MM
  );
}

/** The report as a file (PS3.10); the same content gives the same UIDs, whoever makes it. */
function made(
  { level, image, modality, identity }: ReportContent,
  predecessors: readonly StoredReport[],
): { readonly sopInstanceUID: string; readonly file: Uint8Array } {
  let given = 0;
  // An answer that comes back after another one's is a report of its own.
  const before = predecessors.map(({ sopInstanceUID }) => sopInstanceUID);
  const report = levelReport({
    levels: [level],
    ...{ image, modality, predecessors },
    softwareVersion: RELEASE.version,
    observer: null,
    now: new Date(),
    newUid: () => uidOf(uuidFrom([identity, ...before, String(given++)])),
  });
  return { sopInstanceUID: report.SOPInstanceUID as string, file: dicomFile(report) };
}
