import { stat } from 'node:fs/promises';
import { BatchError, whyOf } from './batchError';
import { fingerprintOf } from './fingerprint';
import type { Shard } from './shard';
import type { Brought, Listed, ListedSeries, SeriesSource } from './source';
import type { FoundSeries } from './types';
import { apart } from './units';
import { filesFor, walk } from './walk';
import type { Walked } from './walk';

export interface TreeOptions {
  /** Files and folders as the person named them. */
  readonly inputs: readonly string[];
  /** A folder that is not entered, absolute. */
  readonly leaveOut: string;
  readonly shard: Shard;
  readonly modality: 'CT' | 'MR' | null;
}

/** The series in files and folders. */
export class TreeSource implements SeriesSource {
  readonly empty: string[] = [];

  constructor(private readonly options: TreeOptions) {}

  /** @throws BatchError for an input that does not exist or cannot be read. */
  async check(): Promise<void> {
    for (const input of this.options.inputs) {
      await stat(input).catch((cause: NodeJS.ErrnoException) => {
        const why = cause.code === 'ENOENT' ? 'does not exist' : `cannot be read (${whyOf(cause)})`;
        throw new BatchError(`${input}: ${why}. Check the path.`, true, { cause });
      });
    }
  }

  async *list(signal: AbortSignal): AsyncGenerator<Listed, void, void> {
    const { inputs, leaveOut, shard } = this.options;
    for (const { input, path } of apart(inputs)) {
      let found = false;
      for await (const walked of walk(input, path, { shard, leaveOut, signal })) {
        found ||= walked.series.length > 0 || walked.failures.length > 0;
        yield this.listed(walked);
      }
      // A shard may well get nothing of an input.
      if (!found && shard.count === 1) {
        this.empty.push(`${input} holds no DICOM or NIfTI image`);
      }
    }
  }

  async *count(signal: AbortSignal): AsyncGenerator<number, void, void> {
    const { inputs, leaveOut, shard } = this.options;
    for (const { path } of apart(inputs)) yield* filesFor(path, { shard, leaveOut, signal });
  }

  private listed({ series, failures, ...rest }: Walked): Listed {
    return {
      ...rest,
      series: series.map((found) => this.series(found)),
      failures: failures.map(({ failure, files }) => ({
        failure,
        about: null,
        fingerprint: fingerprintOf(files, this.options.modality),
        files: files.length,
      })),
    };
  }

  private series({ input, files, beside, about }: FoundSeries): ListedSeries {
    const all = [...files, ...beside];
    const brought: Brought = {
      paths: files.map(({ path }) => path),
      failures: [],
      passedOver: [],
      told: (line) => line,
      release: async () => undefined,
    };
    return {
      ...{ input, about },
      path: files[0].path,
      fingerprint: fingerprintOf(all, this.options.modality),
      files: all.length,
      bring: async () => brought,
    };
  }
}
