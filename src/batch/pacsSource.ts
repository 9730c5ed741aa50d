import { createHash } from 'node:crypto';
import { mkdir, rm, rmdir } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import type { DicomwebClient } from '../dicomweb/dicomwebClient';
import { DicomwebError } from '../dicomweb/dicomwebError';
import { retrieveSeries } from '../dicomweb/retrieve';
import { imagesOf, seriesOf, studiesOf } from '../dicomweb/search';
import type { Condition, PacsSeries } from '../dicomweb/search';
import type { FindingJson } from '../finder/findingJson';
import type { Fault } from '../io/causes';
import type { InputFailure } from '../io/types';
import type { SeriesDescription } from '../series/types';
import { BatchError, whyOf } from './batchError';
import { fallsTo } from './shard';
import type { Shard } from './shard';
import type { Brought, Listed, ListedFailure, ListedSeries, SeriesSource } from './source';
import { walk } from './walk';

export interface PacsOptions {
  readonly client: DicomwebClient;
  readonly conditions: readonly Condition[];
  readonly shard: Shard;
  /** Files of series that are being searched lie here, and nothing else. */
  readonly folder: string;
  /** Which series to take, and when; all of them unless told. */
  readonly choose?: SeriesChoice;
}

/** Chooses among what a PACS lists. */
export interface SeriesChoice {
  /** Before the images of a series are listed. */
  mayBeNew(series: PacsSeries): boolean;
  /** @returns what is told of its outcome; null to leave it for now. */
  take(series: PacsSeries, fingerprint: string): NonNullable<ListedSeries['settled']> | null;
}

const WHOLE = { number: 1, count: 1 };

/** What stopped a run is the PACS, not this machine: another time it may go on. */
export class PacsDown extends BatchError {}

/** The CT and MR series of a PACS that meet conditions. */
export class PacsSource implements SeriesSource {
  readonly count = null;
  readonly empty: string[] = [];
  private brought = 0;

  constructor(private readonly options: PacsOptions) {}

  async *list(signal: AbortSignal): AsyncGenerator<Listed, void, void> {
    const { client, conditions, shard } = this.options;
    let found = false;
    await this.clear();
    try {
      for await (const study of studiesOf(client, conditions, signal)) {
        if (!fallsTo(shard, study)) continue;
        for (const series of await seriesOf(client, study, conditions, signal)) {
          found = true;
          const listed = await this.listed(series, signal);
          if (listed) yield listed;
        }
      }
    } catch (error) {
      throw stopping(error);
    }
    if (!found && shard.count === 1) {
      this.empty.push(`${client.root} lists no CT or MR series for this query`);
    }
  }

  /** Takes away what a killed run left, which are patients' images. */
  async clear(): Promise<void> {
    await rm(this.options.folder, { recursive: true, force: true }).catch((error: unknown) => {
      throw this.diskError(error);
    });
  }

  private async listed(series: PacsSeries, signal: AbortSignal): Promise<Listed | null> {
    const { client, choose } = this.options;
    if (choose && !choose.mayBeNew(series)) return null;
    const images = await imagesOf(client, series, signal);
    const path = addressOf(client, series);
    const none = { folders: [], series: [], failures: [], passedOver: [], files: images.length };
    if (images.length === 0) {
      return { ...none, passedOver: [{ path, what: 'DICOM without an image', advice: '' }] };
    }
    const fingerprint = createHash('sha256').update(images.join('\n')).digest('hex');
    const settled = choose?.take(series, fingerprint);
    if (settled === null) return null;
    const about: SeriesDescription = {
      uid: series.seriesInstanceUID,
      modality: series.modality,
      frameOfReferenceUID: null,
      slices: [],
      studyInstanceUID: series.studyInstanceUID,
      seriesNumber: series.seriesNumber,
      seriesDescription: series.seriesDescription,
    };
    const listed: ListedSeries = {
      ...{ input: client.root, path, about, fingerprint },
      files: images.length,
      bring: (stop) => this.bring(series, about, images, fingerprint, stop),
      ...(settled && { settled }),
    };
    return { ...none, folders: [`${path}/instances`], series: [listed] };
  }

  private async bring(
    series: PacsSeries,
    about: SeriesDescription,
    images: readonly string[],
    fingerprint: string,
    signal: AbortSignal,
  ): Promise<Brought> {
    const { client } = this.options;
    const folder = join(this.options.folder, String(this.brought++));
    const input = client.root;
    const path = addressOf(client, series);
    const brought = {
      told: (line: FindingJson) => toldOf(line, input, path, folder),
      release: async () => {
        await rm(folder, { recursive: true, force: true });
        // The last one takes their place with it.
        await rmdir(this.options.folder).catch(() => undefined);
      },
    };
    try {
      await mkdir(folder, { recursive: true });
      await retrieveSeries(client, series, images, folder, signal);
      const { paths, ...rest } = await lookThrough(
        folder,
        input,
        path,
        about.uid,
        fingerprint,
        signal,
      );
      return { ...brought, ...rest, paths };
    } catch (error) {
      await brought.release();
      signal.throwIfAborted();
      if (!(error instanceof DicomwebError)) throw this.diskError(error);
      if (error.kind === 'login') throw stopping(error);
      if (error.kind === 'unreached') await this.checkThere(signal);
      const failure = failureAt(input, path, error.message, error.advice);
      const failed = { failure, about, fingerprint, files: images.length };
      return { ...brought, paths: [], failures: [failed], passedOver: [] };
    }
  }

  /** One series may be lost; a PACS that answers nothing any more ends the run. */
  private async checkThere(signal: AbortSignal): Promise<void> {
    await this.options.client.json('studies', [['limit', '1']], signal).catch((error: unknown) => {
      throw stopping(error);
    });
  }

  private diskError(cause: unknown): unknown {
    if ((cause as NodeJS.ErrnoException).syscall === undefined) return cause;
    const message = `${this.options.folder} cannot be written (${whyOf(cause)}). Make room and run the same command again`;
    return new BatchError(message, false, { cause });
  }
}

/** Looks at the files as the walk through a tree does. */
async function lookThrough(
  folder: string,
  input: string,
  path: string,
  uid: string,
  fingerprint: string,
  signal: AbortSignal,
): Promise<Pick<Brought, 'paths' | 'failures' | 'passedOver'>> {
  const paths: string[] = [];
  const failures: ListedFailure[] = [];
  const passedOver: Fault[] = [];
  const failed = (failure: InputFailure, files: number) =>
    failures.push({ failure, about: null, fingerprint, files });
  for await (const walked of walk(input, folder, { shard: WHOLE, signal })) {
    for (const { about, files } of walked.series) {
      if (about.uid === uid) paths.push(...files.map((file) => file.path));
      else {
        const image = addressOfImage(path, files[0].path);
        const message = `${image}: belongs to another series, ${about.uid}`;
        failed(failureAt(input, image, message, 'Look at the series in the PACS.'), files.length);
      }
    }
    for (const { failure, files } of walked.failures) {
      const message = withAddresses(failure.message, folder, path);
      failed(
        failureAt(input, addressOfImage(path, failure.path), message, failure.advice),
        files.length,
      );
    }
    passedOver.push(
      ...walked.passedOver.map((fault) => ({ ...fault, path: addressOfImage(path, fault.path) })),
    );
  }
  return { paths, failures, passedOver };
}

function failureAt(input: string, path: string, message: string, advice: string): InputFailure {
  return { kind: 'failure', input, path, paths: [path], message, advice };
}

function toldOf(line: FindingJson, input: string, path: string, folder: string): FindingJson {
  const { reason } = line;
  const told = reason && { ...reason, message: withAddresses(reason.message, folder, path) };
  return { ...line, input, path, reason: told };
}

function addressOf({ root }: DicomwebClient, series: PacsSeries): string {
  return `${root}/studies/${series.studyInstanceUID}/series/${series.seriesInstanceUID}`;
}

function addressOfImage(path: string, file: string): string {
  return `${path}/instances/${basename(file, '.dcm')}`;
}

/** A text that names files of a folder as one that names where they come from. */
function withAddresses(text: string, folder: string, path: string): string {
  return text
    .replaceAll(`${folder}${sep}`, `${path}/instances/`)
    .replaceAll(folder, path)
    .replace(/(\/instances\/[\d.]+)\.dcm/g, '$1');
}

function stopping(error: unknown): unknown {
  if (!(error instanceof DicomwebError)) return error;
  return new PacsDown(`${error.message}. ${error.advice}`, false, { cause: error });
}
