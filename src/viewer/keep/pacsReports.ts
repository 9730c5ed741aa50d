import { fromDicomJson } from '../../sr/dicomJson';
import { readLevelReport } from '../../sr/readLevelReport';
import type { ReadReport } from '../../sr/types';
import { textOf } from '../../sr/values';
import type { ExtensionParams, WadoClient } from '../host/ohif';
import { problemOf, statusOf, within } from './storeReport';

type ListedSeries = Readonly<Record<string, unknown>>;

/** Asks the PACS what it has now of level reports; the viewer's own list is as old as its page. */
export class PacsReports {
  constructor(private readonly params: ExtensionParams) {}

  /**
   * Level reports of a study that the PACS has and nobody here has seen; none where it cannot be asked.
   *
   * @param isSeen by SOP Instance UID
   * @throws Problem where the login is not, or no longer, good for it
   */
  async unseen(
    studyInstanceUID: string,
    isSeen: (sopInstanceUID: string) => boolean,
  ): Promise<readonly ReadReport[]> {
    const source = this.params.extensionManager.getActiveDataSource?.()?.[0];
    const search = source?.query?.series?.search;
    const client = source?.retrieve?.getWadoDicomWebClient?.();
    if (!search || !client) return [];
    try {
      const list = await within(Promise.resolve(search(studyInstanceUID)));
      const reports = (Array.isArray(list) ? (list as ListedSeries[]) : []).filter(
        ({ modality }) => modality === 'SR',
      );
      const all = await Promise.all(
        reports.map(({ seriesInstanceUid }) =>
          this.instancesOf(client, studyInstanceUID, textOf(seriesInstanceUid)),
        ),
      );
      const found = all.flat().filter(({ report }) => !isSeen(report.sopInstanceUID));
      return found.sort((a, b) => b.report.writtenAtMs - a.report.writtenAtMs);
    } catch (error) {
      const status = statusOf(error);
      if (status === 401 || status === 403) throw problemOf(status, error);
      return [];
    }
  }

  private async instancesOf(
    client: WadoClient,
    studyInstanceUID: string,
    seriesInstanceUID: string,
  ): Promise<readonly ReadReport[]> {
    if (seriesInstanceUID === '') return [];
    const { userAuthenticationService } = this.params.servicesManager.services;
    client.headers = { ...userAuthenticationService?.getAuthorizationHeader?.() };
    const list = await within(
      client.retrieveSeriesMetadata({ studyInstanceUID, seriesInstanceUID }),
    );
    return (Array.isArray(list) ? (list as unknown[]) : []).flatMap(
      (json) => readLevelReport(fromDicomJson(json)) ?? [],
    );
  }
}
