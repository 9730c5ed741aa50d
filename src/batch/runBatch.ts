import { join, resolve } from 'node:path';
import { lineOfFailure } from './answerSeries';
import { failureToJson } from '../finder/findingJson';
import type { Fault } from '../io/causes';
import { Lock, LockError } from '../lock/lock';
import { readModelPackage } from '../model/node';
import type { ModelIdentity } from '../model/types';
import { BatchError, whyOf } from './batchError';
import { Journal, journalName } from './journal';
import { Ledger } from './ledger';
import { seriesId } from './newestLines';
import { NAMES, openOutFolder, openPictures } from './outFolder';
import type { BatchProgress, Status } from './progress';
import { readAhead } from './readAhead';
import type { ReportKeeper } from './reports';
import type { Shard } from './shard';
import type { Brought, Listed, ListedFailure, ListedSeries, SeriesSource } from './source';
import type { JournalLine, KeptReport } from './types';
import type { SearchedLine } from './workerMessages';
import { WorkerPool } from './workerPool';

export interface BatchOptions {
  readonly out: string;
  /** Worker processes. */
  readonly jobs: number;
  readonly shard: Shard;
  readonly pictures: boolean;
  /** Null: no level reports are made. */
  readonly reports: ReportKeeper | null;
  readonly modality: 'CT' | 'MR' | null;
  /** Folder of the model package. */
  readonly model: string;
  /** The program of a worker process. */
  readonly workerScript: string;
  readonly signal: AbortSignal;
  readonly progress: BatchProgress;
}

export interface BatchResult {
  /** Files that are no images. */
  readonly passedOver: readonly Fault[];
  /** What there was nothing in, a sentence each. */
  readonly empty: readonly string[];
  /** Why pictures could not be written, null where all were. */
  readonly pictureFault: string | null;
  /** Why a level report could not be stored, null where all were. */
  readonly reportFault: string | null;
}

/** A journal that is written to, with workers that answer for it. */
export interface OpenBatch {
  /**
   * Answers every series of a source that the journal has not yet, and adds a line for each. What failed
   * before is tried again.
   *
   * @throws BatchError for what stops the whole, the signal's reason when it is aborted. What was answered
   *   until then is in the journal in both cases.
   */
  answer(source: SeriesSource): Promise<BatchResult>;
}

/** How many files that are no images are remembered to be told of. */
const MOST_PASSED_OVER = 10_000;

/**
 * Opens the journal in `out` and lets `act` answer series into it.
 *
 * @throws BatchError where it cannot be opened, or another run is writing to it; what `act` throws.
 */
export async function withBatch<T>(
  options: BatchOptions,
  act: (batch: OpenBatch) => Promise<T>,
): Promise<T> {
  const { shard, signal } = options;
  const out = resolve(options.out);
  const { manifest } = await readModelPackage(options.model);
  await openOutFolder(out);
  const name = journalName(shard);
  const lock = await lockJournal(join(out, name));
  try {
    const ledger = await Ledger.read(join(out, name));
    const journal = await Journal.open(join(out, name));
    const mark = name.replace('.jsonl', '');
    const pictures = options.pictures ? { folder: await openPictures(out, mark), mark } : null;
    const { modality } = options;
    const [model, reports] = [resolve(options.model), options.reports !== null];
    const open = { kind: 'open', model, modality, pictures, reports } as const;
    const pool = new WorkerPool({ script: options.workerScript, jobs: options.jobs, open });
    const stop = new AbortController();
    lock.onLost = (error) => stop.abort(stopOf(error));
    const onAbort = () => stop.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    stop.signal.addEventListener('abort', () => void pool.close(), { once: true });
    if (signal.aborted) onAbort();
    try {
      return await act({
        answer: (source) =>
          new Run(options, out, manifest, source, ledger, journal, pool, stop.signal).all(),
      });
    } catch (error) {
      stop.signal.throwIfAborted();
      throw error;
    } finally {
      stop.abort();
      signal.removeEventListener('abort', onAbort);
      await pool.close();
      await journal.close();
    }
  } finally {
    await lock.release();
  }
}

/** @throws BatchError when another run writes to the journal, or its lock cannot be written. */
async function lockJournal(path: string): Promise<Lock> {
  const orElse = 'wait for it, or name another --out folder';
  try {
    return await Lock.take(`${path}.lock`, path, orElse);
  } catch (error) {
    throw error instanceof LockError
      ? stopOf(error)
      : new BatchError(`${path} cannot be written (${whyOf(error)})`, false, { cause: error });
  }
}

const stopOf = (cause: LockError): BatchError => new BatchError(cause.message, false, { cause });

class Run {
  private readonly passedOver: Fault[] = [];
  private readonly searches = new Set<Promise<void>>();
  private pictureFault: string | null = null;
  private reportFault: string | null = null;
  /** Aborted by the first fault that ends this run. */
  private readonly halt = new AbortController();
  private readonly signal: AbortSignal;

  constructor(
    private readonly options: BatchOptions,
    private readonly out: string,
    private readonly model: ModelIdentity,
    private readonly source: SeriesSource,
    private readonly ledger: Ledger,
    private readonly journal: Journal,
    private readonly pool: WorkerPool,
    /** Of the whole batch. */
    private readonly stop: AbortSignal,
  ) {
    this.signal = AbortSignal.any([stop, this.halt.signal]);
  }

  async all(): Promise<BatchResult> {
    const { signal, source } = this;
    void this.count().catch(() => undefined);
    try {
      for await (const listed of readAhead(source.list(signal))) await this.listed(listed);
      while (this.searches.size > 0) await Promise.race(this.searches);
      signal.throwIfAborted();
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      this.halt.abort();
      while (this.searches.size > 0) await Promise.race(this.searches);
    }
    for (const line of this.ledger.outlived()) await this.journal.append([line]);
    const { passedOver, pictureFault, reportFault } = this;
    return { passedOver, empty: source.empty, pictureFault, reportFault };
  }

  private async listed({ series, failures, passedOver, folders, files }: Listed): Promise<void> {
    this.passOver(passedOver);
    this.ledger.walked(folders);
    for (const failed of failures) await this.unreadable(failed);
    let begun = 0;
    for (const found of series) {
      this.signal.throwIfAborted();
      if (await this.series(found)) begun += found.files;
    }
    this.options.progress.passed(files - begun);
  }

  private passOver(faults: readonly Fault[]): void {
    this.passedOver.push(...faults.slice(0, MOST_PASSED_OVER - this.passedOver.length));
  }

  /** @returns whether a search of the series has begun. */
  private async series(found: ListedSeries): Promise<boolean> {
    const { pictures, reports, jobs, progress } = this.options;
    const series = seriesId(found.about.uid, found.path);
    const wanted = { pictures: pictures ? this.out : null, reports: reports?.final ?? null };
    const done = await this.ledger.done(series, found.fingerprint, this.model, wanted);
    if (done) {
      progress.known(done);
      found.settled?.(done);
      return false;
    }
    // One more than there are workers, so that its files come while those search.
    while (this.searches.size > jobs) await Promise.race(this.searches);
    this.signal.throwIfAborted();
    progress.searching();
    this.track(this.search(found, series));
    return true;
  }

  private async search(found: ListedSeries, series: string): Promise<void> {
    const brought = await found.bring(this.signal);
    try {
      this.passOver(brought.passedOver);
      const failed: Status[] = [];
      for (const one of brought.failures) failed.push(...(await this.unreadable(one)));
      const lines = brought.paths.length > 0 ? await this.answered(found, brought, series) : [];
      found.settled?.([...failed, ...lines]);
      this.options.progress.searched(found.files);
    } finally {
      await brought.release();
    }
  }

  private async answered(
    found: ListedSeries,
    { paths, told }: Brought,
    series: string,
  ): Promise<Status[]> {
    const pictureMark = series.replace(/[^a-zA-Z0-9]/g, '').slice(0, 8);
    const { outcome } = await this.pool.begin({ input: found.input, paths, pictureMark });
    const searched = await outcome;
    this.stop.throwIfAborted();
    if ('crashed' in searched) {
      return this.write([crashLine(found, searched.crashed, this.model)], found);
    }
    this.pictureFault ??= searched.pictureFault;
    const lines = searched.lines.map((one) => ({ ...one, line: told(one.line) }));
    return this.write(lines, found);
  }

  private async unreadable({ failure, about, ...rest }: ListedFailure): Promise<Status[]> {
    const { input, path } = failure;
    const line = about
      ? failureToJson({ input, path, series: about, model: this.model }, failure)
      : lineOfFailure(failure, this.model);
    return this.write([{ line, picture: null, report: null }], rest);
  }

  /** Keeps a search in mind; what stops it stops the whole run. */
  private track(search: Promise<void>): void {
    const tracked = search
      .catch((error: unknown) => this.halt.abort(this.signal.reason ?? error))
      .finally(() => this.searches.delete(tracked));
    this.searches.add(tracked);
  }

  /** @returns what came of each line; one whose report could not be stored has failed. */
  private async write(
    lines: readonly SearchedLine[],
    { files, fingerprint }: { readonly files: number; readonly fingerprint: string },
  ): Promise<Status[]> {
    const reports: (KeptReport | null)[] = [];
    for (const one of lines) reports.push(await this.keepReport(one));
    const answered_at = new Date().toISOString();
    const full = lines.map(({ line, picture }, i): JournalLine => ({
      ...line,
      answered_at,
      files,
      fingerprint,
      lines: lines.length,
      picture: picture === null ? null : `${NAMES.pictures}/${picture}`,
      ...(this.options.reports && { report: reports[i] }),
    }));
    if (!this.ledger.hasAlready(full)) await this.journal.append(full);
    for (const line of full) {
      this.ledger.add(line);
      this.options.progress.answered(line.status);
    }
    return full.map(({ status, report }) => (report?.state === 'failed' ? 'failed' : status));
  }

  private async keepReport({ line, report }: SearchedLine): Promise<KeptReport | null> {
    const { reports } = this.options;
    if (!reports || line.status !== 'found') return null;
    if (!report) return { state: 'not-possible', sopInstanceUID: null, message: null };
    const kept = await reports.keep(report, this.stop);
    if (kept.state === 'failed') this.reportFault ??= kept.message;
    return kept;
  }

  /** Counts in the background what there is to do, for the time that remains. */
  private async count(): Promise<void> {
    const { progress } = this.options;
    if (!this.source.count) return;
    for await (const files of this.source.count(this.signal)) progress.counted(files);
    if (!this.signal.aborted) progress.countedAll();
  }
}

function crashLine(found: ListedSeries, how: string, model: ModelIdentity): SearchedLine {
  const { input, path, about } = found;
  const failure = {
    message: `${path}: the worker process ended twice in this series (${how})`,
    advice: 'Check that there is enough memory for so many jobs, and run again.',
  };
  const line = failureToJson({ input, path, series: about, model }, failure);
  const isNifti = about.uid === path;
  return {
    line: isNifti ? { ...line, seriesInstanceUID: null } : line,
    picture: null,
    report: null,
  };
}
