import dcmjs from 'dcmjs';
import { levelReport, type ReportSource } from '../../src/sr/levelReport';
import { readLevelReport } from '../../src/sr/readLevelReport';
import type { Dataset, ReadReport } from '../../src/sr/types';
import type { LevelMark } from '../../src/viewer/mark/types';
import { source } from '../unit/sr/levels';
import { axialDescription } from './fixtures';
import { host } from './start';

const STUDY = '1.2.7';

/** A PACS that several viewers store their reports in, behind the host's data source. */
export class FakePacs {
  readonly stored: Dataset[] = [];
  /** Answers every request with this HTTP status, until it is null again. */
  status: number | null = null;
  /** The next report is stored, but no answer comes back. */
  losesAnswer = false;

  constructor() {
    Object.assign(host.extensionManager, { getActiveDataSource: () => [this.source()] });
  }

  /** What its reports say, oldest first. */
  get reports(): readonly ReadReport[] {
    return this.stored.map((dataset) => readLevelReport(dataset)!);
  }

  /** A colleague at another viewer (or the same person in another tab) saves; no levels: withdraws. */
  saveElsewhere(levels: readonly LevelMark[], change: Partial<ReportSource> = {}): string {
    const uid = `1.2.7.55.${this.stored.length + 1}`;
    this.stored.push(
      levelReport(
        source({
          levels: levels.map((mark) => ({
            ...mark,
            slice: null,
            plane: null,
            review: mark.review!,
          })),
          image: { ...source().image, StudyInstanceUID: STUDY },
          observer: 'Dr. Other',
          newUid: () => uid,
          predecessors: this.reports.map(({ report }) => report),
          ...change,
        }),
      ),
    );
    return uid;
  }

  /** The host lists what is stored, as it does when a study is opened. */
  list(): void {
    host.addDisplaySet('ds-sr', axialDescription('1.2.7.56'), {
      Modality: 'SR',
      imageIds: [],
      instances: this.stored,
    });
    host.broadcast('displaySetService', 'DISPLAY_SETS_CHANGED');
  }

  private distinct(attribute: string, study?: string): readonly unknown[] {
    const of = this.stored.filter((one) => !study || one.StudyInstanceUID === study);
    return [...new Set(of.map((one) => one[attribute]))];
  }

  private source() {
    const answer = <T>(what: () => T) =>
      this.status === null
        ? Promise.resolve().then(what)
        : Promise.reject(Object.assign(new Error('refused'), { status: this.status }));
    const { DicomMetaDictionary } = dcmjs.data;
    return {
      store: {
        dicom: (dataset: Dataset) =>
          answer(() => {
            this.stored.push(dataset);
            if (!this.losesAnswer) return;
            this.losesAnswer = false;
            throw Object.assign(new Error('no answer'), { status: 504 });
          }),
      },
      query: {
        studies: {
          search: () =>
            answer(() =>
              this.distinct('StudyInstanceUID').map((uid) => ({ studyInstanceUid: uid })),
            ),
        },
        series: {
          search: (study: string) =>
            answer(() =>
              this.distinct('SeriesInstanceUID', study).map((uid) => ({
                modality: 'SR',
                seriesInstanceUid: uid,
              })),
            ),
        },
      },
      retrieve: {
        getWadoDicomWebClient: () => ({
          retrieveSeriesMetadata: ({ seriesInstanceUID }: { seriesInstanceUID: string }) =>
            answer(() =>
              this.stored
                .filter(({ SeriesInstanceUID }) => SeriesInstanceUID === seriesInstanceUID)
                .map((dataset) =>
                  JSON.parse(JSON.stringify(DicomMetaDictionary.denaturalizeDataset(dataset))),
                ),
            ),
        }),
      },
    };
  }
}

/** A level that somebody else has placed in the study of these tests, at a height, LPS mm. */
export function othersMark(zMm: number, change: Partial<LevelMark> = {}): LevelMark {
  const moved = { by: 'Dr. Other', at: '2026-11-22T13:04:05.000Z' };
  return {
    annotationUID: '0000000a-0000-4000-8000-000000000001',
    level: 'L3',
    label: 'L3',
    definition: 'mid-body',
    studyInstanceUID: STUDY,
    seriesInstanceUID: '1.2.3.1',
    displaySetInstanceUID: 'ds-1',
    frameOfReferenceUID: '1.2.3.9',
    slice: null,
    foundPointLpsMm: null,
    pointLpsMm: [4, 10, zMm],
    probability: null,
    countedFrom: null,
    model: null,
    algorithm: { name: 'find-l3', version: '0.4.0' },
    moved,
    review: { act: 'placed', ...moved },
    ...change,
  };
}
