import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { lineOfFailure } from './answerSeries';
import { failureToJson } from '../finder/findingJson';
import type { FindingJson } from '../finder/findingJson';
import type { Fault } from '../io/causes';
import { readModelPackage } from '../model/node';
import type { ModelIdentity } from '../model/types';
import { BatchError, whyOf } from './batchError';
import { fingerprintOf } from './fingerprint';
import { Journal, journalName } from './journal';
import { Ledger } from './ledger';
import { Lock } from './lock';
import { seriesId } from './newestLines';
import { NAMES, openOutFolder, openPictures } from './outFolder';
import { BatchProgress } from './progress';
import { readAhead } from './readAhead';
import type { Shard } from './shard';
import type { FailedFiles, FileStamp, FoundSeries, JournalLine } from './types';
import { apart } from './units';
import { filesFor, walk } from './walk';
import type { Walked } from './walk';
import { WorkerPool } from './workerPool';

export interface BatchOptions {
  /** Files and folders as the person named them. */
  readonly inputs: readonly string[];
  readonly out: string;
  /** Worker processes. */
  readonly jobs: number;
  readonly shard: Shard;
  readonly pictures: boolean;
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
  /** Inputs, as the person named them, in which nothing was found. */
  readonly empty: readonly string[];
  /** Why pictures could not be written, null where all were. */
  readonly pictureFault: string | null;
}

/** How many files that are no images are remembered to be told of. */
const MOST_PASSED_OVER = 10_000;

/**
 * Answers every series of the inputs that the journal in `out` has not yet, and adds a line for each. What
 * failed before is tried again.
 *
 * @throws BatchError for what stops the whole, the signal's reason when it is aborted. What was answered
 *   until then is in the journal in both cases.
 */
export async function runBatch(options: BatchOptions): Promise<BatchResult> {
  const { inputs, shard, signal } = options;
  const out = resolve(options.out);
  for (const input of inputs) {
    await stat(input).catch((cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'ENOENT' ? 'does not exist' : `cannot be read (${whyOf(cause)})`;
      throw new BatchError(`${input}: ${why}. Check the path.`, true, { cause });
    });
  }
  const { manifest } = await readModelPackage(options.model);
  await openOutFolder(out);
  const name = journalName(shard);
  const lock = await Lock.take(join(out, `${name}.lock`), join(out, name));
  try {
    const ledger = await Ledger.read(join(out, name));
    const journal = await Journal.open(join(out, name));
    const mark = name.replace('.jsonl', '');
    const pictures = options.pictures ? { folder: await openPictures(out, mark), mark } : null;
    const { modality } = options;
    const open = { kind: 'open', model: resolve(options.model), modality, pictures } as const;
    const pool = new WorkerPool({ script: options.workerScript, jobs: options.jobs, open });
    const stop = new AbortController();
    lock.onLost = (error) => stop.abort(error);
    const onAbort = () => stop.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    stop.signal.addEventListener('abort', () => void pool.close(), { once: true });
    if (signal.aborted) onAbort();
    try {
      return await new Run(options, out, manifest, ledger, journal, pool, stop).all();
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

class Run {
  private readonly passedOver: Fault[] = [];
  private readonly searches = new Set<Promise<void>>();
  private pictureFault: string | null = null;

  constructor(
    private readonly options: BatchOptions,
    private readonly out: string,
    private readonly model: ModelIdentity,
    private readonly ledger: Ledger,
    private readonly journal: Journal,
    private readonly pool: WorkerPool,
    private readonly stop: AbortController,
  ) {}

  async all(): Promise<BatchResult> {
    const { signal } = this.stop;
    const walking = { shard: this.options.shard, leaveOut: this.out, signal };
    const inputs = apart(this.options.inputs);
    void this.count(
      inputs.map(({ path }) => path),
      walking,
    ).catch(() => undefined);
    const empty: string[] = [];
    for (const { input, path } of inputs) {
      let found = false;
      for await (const walked of readAhead(walk(input, path, walking))) {
        found ||= walked.series.length > 0 || walked.failures.length > 0;
        await this.unit(walked);
      }
      // A shard may well get nothing of an input.
      if (!found && this.options.shard.count === 1) empty.push(input);
    }
    while (this.searches.size > 0) await Promise.race(this.searches);
    signal.throwIfAborted();
    for (const line of this.ledger.outlived()) await this.journal.append([line]);
    return { passedOver: this.passedOver, empty, pictureFault: this.pictureFault };
  }

  private async unit({ series, failures, passedOver, folders, files }: Walked): Promise<void> {
    const { signal } = this.stop;
    const room = MOST_PASSED_OVER - this.passedOver.length;
    this.passedOver.push(...passedOver.slice(0, room));
    this.ledger.walked(folders);
    for (const failed of failures) await this.unreadable(failed);
    let begun = 0;
    for (const found of series) {
      signal.throwIfAborted();
      if (await this.series(found)) begun += found.files.length;
    }
    this.options.progress.passed(files - begun);
  }

  /** @returns whether a search of the series has begun. */
  private async series(found: FoundSeries): Promise<boolean> {
    const { signal } = this.stop;
    const [first] = found.files;
    const series = seriesId(found.about.uid, first.path);
    const fingerprint = fingerprintOf(found.files, this.options.modality);
    const done = await this.ledger.done(series, fingerprint, this.model, this.picturesFolder());
    if (done) {
      this.options.progress.known(done);
      return false;
    }
    const { outcome } = await this.pool.begin({
      input: found.input,
      paths: found.files.map(({ path }) => path),
      pictureMark: series.replace(/[^a-zA-Z0-9]/g, '').slice(0, 8),
    });
    signal.throwIfAborted();
    this.options.progress.searching();
    this.track(
      outcome.then(async (searched) => {
        signal.throwIfAborted();
        if ('crashed' in searched) {
          await this.write(
            [crashLine(found, searched.crashed, this.model)],
            found.files,
            fingerprint,
          );
        } else {
          this.pictureFault ??= searched.pictureFault;
          await this.write(searched.lines, found.files, fingerprint);
        }
        this.options.progress.searched(found.files.length);
      }),
    );
    return true;
  }

  private async unreadable({ failure, files }: FailedFiles): Promise<void> {
    const line = lineOfFailure(failure, this.model);
    await this.write([{ line, picture: null }], files, fingerprintOf(files, this.options.modality));
  }

  /** Keeps a search in mind; what stops it stops the whole run. */
  private track(search: Promise<void>): void {
    const tracked = search
      .catch((error: unknown) => this.stop.abort(this.stop.signal.reason ?? error))
      .finally(() => this.searches.delete(tracked));
    this.searches.add(tracked);
  }

  private async write(
    lines: readonly { readonly line: FindingJson; readonly picture: string | null }[],
    files: readonly FileStamp[],
    fingerprint: string,
  ): Promise<void> {
    const answered_at = new Date().toISOString();
    const full = lines.map(({ line, picture }): JournalLine => ({
      ...line,
      answered_at,
      files: files.length,
      fingerprint,
      lines: lines.length,
      picture: picture === null ? null : `${NAMES.pictures}/${picture}`,
    }));
    if (!this.ledger.hasAlready(full)) await this.journal.append(full);
    for (const line of full) {
      this.ledger.add(line);
      this.options.progress.answered(line.status);
    }
  }

  private picturesFolder(): string | null {
    return this.options.pictures ? this.out : null;
  }

  /** Counts in the background what there is to do, for the time that remains. */
  private async count(paths: readonly string[], walking: Parameters<typeof filesFor>[1]) {
    const { progress } = this.options;
    for (const path of paths) {
      for await (const files of filesFor(path, walking)) progress.counted(files);
    }
    if (!walking.signal?.aborted) progress.countedAll();
  }
}

function crashLine(found: FoundSeries, how: string, model: ModelIdentity) {
  const { input, files, about } = found;
  const failure = {
    message: `${files[0].path}: the worker process ended twice in this series (${how})`,
    advice: 'Check that there is enough memory for so many jobs, and run again.',
  };
  const line = failureToJson({ input, path: files[0].path, series: about, model }, failure);
  const isNifti = about.uid === files[0].path;
  return { line: isNifti ? { ...line, seriesInstanceUID: null } : line, picture: null };
}
