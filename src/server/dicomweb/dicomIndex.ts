import { createHash } from 'node:crypto';
import { opendir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DicomFileError, readHeader } from './dicomHeader';
import { toDicomJson, type DicomJsonDataset } from './dicomJson';
import { areDifferentPatients } from './patient';

/** Attributes of patient and study that searches match and answer (PS3.18 table 10.6.3-3). */
export const STUDY_ATTRIBUTES: ReadonlySet<string> = new Set([
  '00080005',
  '00080020',
  '00080030',
  '00080050',
  '00080090',
  '00080201',
  '00081030',
  '00100010',
  '00100020',
  '00100030',
  '00100040',
  '0020000D',
  '00200010',
]);
/** Attributes of the series (PS3.18 table 10.6.3-4). */
export const SERIES_ATTRIBUTES: ReadonlySet<string> = new Set([
  '00080005',
  '00080021',
  '00080031',
  '00080060',
  '00080201',
  '0008103E',
  '00180015',
  '0020000E',
  '00200011',
  '00400244',
  '00400245',
  '00400275',
]);
/** Attributes of the instance (PS3.18 table 10.6.3-5). */
export const INSTANCE_ATTRIBUTES: ReadonlySet<string> = new Set([
  '00080005',
  '00080016',
  '00080018',
  '00080201',
  '00200013',
  '00280008',
  '00280010',
  '00280011',
  '00280100',
]);
const ALL_ATTRIBUTES = new Set([...STUDY_ATTRIBUTES, ...SERIES_ATTRIBUTES, ...INSTANCE_ATTRIBUTES]);
const MEDIA_STORAGE_DIRECTORY = '1.2.840.10008.1.3.10';
const SCANS_AT_ONCE = 16;

export interface IndexedInstance {
  studyInstanceUID: string;
  seriesInstanceUID: string;
  sopInstanceUID: string;
  sopClassUID: string;
  transferSyntaxUID: string;
  path: string;
  attributes: DicomJsonDataset;
  /** Tells images apart that share a SOP Instance UID: where they lie, and their number. */
  place: string;
}
export interface IndexedSeries {
  seriesInstanceUID: string;
  study: IndexedStudy;
  attributes: DicomJsonDataset;
  instances: Map<string, IndexedInstance>;
}
export interface IndexedStudy {
  studyInstanceUID: string;
  attributes: DicomJsonDataset;
  series: Map<string, IndexedSeries>;
}

/** What a scan met that did not enter the index. */
export interface ScanReport {
  /** Instances added under their own UID. */
  added: number;
  /** Files whose instance was there already. */
  duplicates: number;
  /** Other images under a SOP Instance UID that is taken, added under UIDs of their own. */
  renamed: number;
  /** Files, counted above, of another patient than their study's first file. */
  otherPatients: number;
  /** Files that are not DICOM at all. */
  notDicom: number;
  /** DICOM files that cannot be used, with the reason, by path. */
  malformed: { path: string; reason: string }[];
}

/** The attributes of one instance, as found in its file's header. */
export interface ReadInstance extends IndexedInstance {
  studyAttributes: DicomJsonDataset;
  seriesAttributes: DicomJsonDataset;
}

/**
 * Reads what the index needs to know of one file.
 * @throws DicomFileError where the file is no usable instance
 */
export async function readInstanceAttributes(path: string): Promise<ReadInstance> {
  const header = await readHeader(path);
  const all = toDicomJson(header.dataSet, undefined, ALL_ATTRIBUTES);
  const sopClassUID = header.sopClassUID ?? text(all, '00080016') ?? '';
  if (sopClassUID === MEDIA_STORAGE_DIRECTORY) {
    throw new DicomFileError('not-dicom', 'is a DICOMDIR');
  }
  const uids = ['0020000D', '0020000E', '00080018'].map((tag) => text(all, tag));
  const [studyInstanceUID, seriesInstanceUID, sopInstanceUID] = uids;
  if (!studyInstanceUID || !seriesInstanceUID || !sopInstanceUID) {
    const names = ['StudyInstanceUID', 'SeriesInstanceUID', 'SOPInstanceUID'];
    throw new DicomFileError('malformed', `has no ${names[uids.findIndex((uid) => !uid)]}`);
  }
  return {
    studyInstanceUID,
    seriesInstanceUID,
    sopInstanceUID,
    sopClassUID,
    transferSyntaxUID: header.transferSyntaxUID,
    path,
    place: ['x00200032', 'x00200013'].map((tag) => header.dataSet.text(tag) ?? '').join(' '),
    attributes: pick(all, INSTANCE_ATTRIBUTES),
    studyAttributes: pick(all, STUDY_ATTRIBUTES),
    seriesAttributes: pick(all, SERIES_ATTRIBUTES),
  };
}

/** Every instance that the server knows, by study and series. The only way from a UID to a file. */
export class DicomIndex {
  readonly studies = new Map<string, IndexedStudy>();
  private readonly bySopInstanceUID = new Map<string, IndexedInstance[]>();

  /** @returns whether the instance is new; the first file of an instance stays */
  add({ studyAttributes, seriesAttributes, ...instance }: ReadInstance): boolean {
    const { studyInstanceUID, seriesInstanceUID, sopInstanceUID } = instance;
    let study = this.studies.get(studyInstanceUID);
    if (!study) {
      study = { studyInstanceUID, attributes: studyAttributes, series: new Map() };
      this.studies.set(studyInstanceUID, study);
    }
    let series = study.series.get(seriesInstanceUID);
    if (!series) {
      series = { seriesInstanceUID, study, attributes: seriesAttributes, instances: new Map() };
      study.series.set(seriesInstanceUID, series);
    }
    if (series.instances.has(sopInstanceUID)) return false;
    series.instances.set(sopInstanceUID, instance);
    this.bySopInstanceUID.set(sopInstanceUID, [
      ...this.withSopInstanceUID(sopInstanceUID),
      instance,
    ]);
    return true;
  }

  /** Than the study that is here under its Study Instance UID. */
  isOfAnotherPatient({ studyInstanceUID, studyAttributes }: ReadInstance): boolean {
    const study = this.studies.get(studyInstanceUID);
    return study !== undefined && areDifferentPatients(study.attributes, studyAttributes);
  }

  /** In whatever series; more than one only where folders hold the same UID twice. */
  withSopInstanceUID(sopInstanceUID: string): readonly IndexedInstance[] {
    return this.bySopInstanceUID.get(sopInstanceUID) ?? [];
  }

  /** @returns undefined where one of the three is not there */
  instance(study: string, series: string, sopInstanceUID: string): IndexedInstance | undefined {
    return this.studies.get(study)?.series.get(series)?.instances.get(sopInstanceUID);
  }

  /**
   * Adds every DICOM file of a folder, searched in depth, or a single file.
   * Files that cannot be used are counted, never fatal.
   * @throws the file system's error where `root` itself cannot be read
   */
  async addFolder(root: string): Promise<ScanReport> {
    const report: ScanReport = {
      ...{ added: 0, duplicates: 0, renamed: 0, otherPatients: 0, notDicom: 0 },
      malformed: [],
    };
    const paths = (await stat(root)).isDirectory() ? await filesBelow(root, report) : [root];
    const read: (ReadInstance | undefined)[] = new Array(paths.length);
    let next = 0;
    const work = async () => {
      while (next < paths.length) {
        const at = next++;
        read[at] = await readInstanceAttributes(paths[at]!).catch((failure: unknown) =>
          note(report, paths[at]!, failure),
        );
      }
    };
    await Promise.all(Array.from({ length: SCANS_AT_ONCE }, work));
    // Added in the order of the paths, so that the same folder always gives the same index.
    for (const instance of read) {
      if (!instance) continue;
      if (this.isOfAnotherPatient(instance)) report.otherPatients += 1;
      const known = this.instance(
        instance.studyInstanceUID,
        instance.seriesInstanceUID,
        instance.sopInstanceUID,
      );
      const other = known !== undefined && known.place !== instance.place;
      if (!this.add(other ? renamed(instance) : instance)) report.duplicates += 1;
      else if (other) report.renamed += 1;
      else report.added += 1;
    }
    report.malformed.sort((a, b) => (a.path < b.path ? -1 : 1));
    return report;
  }
}

/** The instance under a UID made of its own and its place (PS3.5 B.2), the same at every scan. */
function renamed(instance: ReadInstance): ReadInstance {
  const { sopInstanceUID: shared, place } = instance;
  const digest = createHash('sha256').update(`${shared} ${place}`).digest('hex').slice(0, 30);
  const sopInstanceUID = `2.25.${BigInt(`0x${digest}`)}`;
  const attributes = { ...instance.attributes, '00080018': { vr: 'UI', Value: [sopInstanceUID] } };
  return { ...instance, sopInstanceUID, attributes };
}

function note(report: ScanReport, path: string, failure: unknown): undefined {
  if (failure instanceof DicomFileError && failure.kind === 'not-dicom') report.notDicom += 1;
  else report.malformed.push({ path, reason: (failure as Error).message });
}

async function filesBelow(root: string, report: ScanReport): Promise<string[]> {
  const files: string[] = [];
  const visited = new Set<string>();
  const visit = async (folder: string): Promise<void> => {
    // A link may lead back to a folder above it.
    const real = await realpath(folder);
    if (visited.has(real)) return;
    visited.add(real);
    for await (const entry of await opendir(folder)) {
      const path = join(folder, entry.name);
      const kind = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
      if (kind?.isDirectory()) {
        await visit(path).catch((failure: unknown) => note(report, path, failure));
      } else if (kind?.isFile()) files.push(path);
    }
  };
  await visit(root);
  return files.sort();
}

function pick(dataset: DicomJsonDataset, tags: ReadonlySet<string>): DicomJsonDataset {
  return Object.fromEntries(Object.entries(dataset).filter(([tag]) => tags.has(tag)));
}

function text(dataset: DicomJsonDataset, tag: string): string | undefined {
  const value = dataset[tag]?.Value?.[0];
  return typeof value === 'string' ? value : undefined;
}
