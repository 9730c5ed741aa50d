import { resolve } from 'node:path';
import { byCause, filesText } from '../io/causes';
import { BatchError } from '../batch/batchError';
import { BatchProgress } from '../batch/progress';
import { incomingFolder } from '../batch/outFolder';
import { PacsSource } from '../batch/pacsSource';
import { ReportFolder, ReportStore } from '../batch/reports';
import { withBatch } from '../batch/runBatch';
import type { BatchResult } from '../batch/runBatch';
import { readShard } from '../batch/shard';
import { makeTables } from '../batch/tables';
import type { Summary } from '../batch/tables';
import { TreeSource } from '../batch/treeSource';
import { readBatchOptions } from './batchOptions';
import type { BatchArguments } from './batchOptions';
import { BatchMeter, countsText } from './batchMeter';
import { EXIT } from './host';
import { clientOf } from './pacsOptions';
import type { CliHost } from './host';

/** No share of what there is, but all. */
export const WHOLE = { number: 1, count: 1 };

/**
 * `find-l3 batch INPUT... | --dicomweb URL [--query ATTRIBUTE=VALUE...] [--credentials FILE] --out DIR [--jobs N]
 * [--shard K/N | --shard auto] [--pictures] [--sr DIR | --stow] [--model DIR] [--modality CT|MR]`, or
 * `find-l3 batch --merge DIR`.
 *
 * @param args the arguments after `batch`.
 * @returns the exit status.
 */
export async function batch(args: readonly string[], host: CliHost): Promise<number> {
  const options = readBatchOptions(args, {
    stdout: (text) => host.stdout.write(text),
    stderr: (text) => host.stderr.write(text),
  });
  if (typeof options === 'number') return options;
  try {
    return 'merge' in options ? await merge(options.merge, host) : await run(options, host);
  } catch (error) {
    return ended('batch', error, host);
  }
}

/**
 * Tells why a command ended.
 *
 * @returns the exit status.
 * @throws what is no fault of arguments, disk, PACS or model.
 */
export function ended(command: string, error: unknown, host: CliHost): number {
  if (host.signal.aborted) {
    host.stderr.write(`find-l3 ${command}: interrupted; run the same command again to go on\n`);
    return EXIT.interrupted;
  }
  // A fault of the model or its folder is told by ModelError, in one line, too.
  if (!(error instanceof BatchError) && !(error instanceof Error && error.name === 'ModelError')) {
    throw error;
  }
  host.stderr.write(`find-l3 ${command}: ${error.message}\n`);
  return error instanceof BatchError && error.isUsage ? EXIT.usage : EXIT.unreadable;
}

async function run(options: BatchArguments, host: CliHost): Promise<number> {
  const { out, jobs, pictures, modality, sr } = options;
  const shard = options.shard === null ? WHOLE : readShard(options.shard, host.env);
  const client = options.pacs && clientOf(options.pacs, host);
  const source = client
    ? new PacsSource({
        client,
        conditions: options.pacs?.query ?? [],
        folder: incomingFolder(out, shard),
        shard,
      })
    : new TreeSource({ inputs: options.inputs, leaveOut: resolve(out), shard, modality });
  if (source instanceof TreeSource) await source.check();
  const progress = new BatchProgress();
  const meter = new BatchMeter(host.stderr, progress);
  let result: BatchResult;
  try {
    const setting = {
      ...{ out, jobs, shard, pictures, modality, progress },
      reports:
        sr !== null
          ? new ReportFolder(sr)
          : client && options.stow
            ? new ReportStore(client)
            : null,
      model: options.model ?? host.defaultModel,
      workerScript: host.workerScript,
      signal: host.signal,
    };
    result = await withBatch(setting, (batch) => batch.answer(source));
  } finally {
    meter.stop();
  }
  tellBeside(result, host);
  if (shard.count > 1) {
    const share = `shard ${shard.number} of ${shard.count}: ${countsText(progress.lines)}`;
    host.stdout.write(`${share}\nWhen all shards are done: find-l3 batch --merge ${out}\n`);
    return progress.lines.failed === 0 && isWhole(result) ? EXIT.ok : EXIT.unreadable;
  }
  tellTable(out, await makeTables(out), host);
  const isDone = isWhole(result) && result.empty.length === 0;
  return isDone && progress.lines.failed === 0 ? EXIT.ok : EXIT.unreadable;
}

function isWhole({ pictureFault, reportFault }: BatchResult): boolean {
  return pictureFault === null && reportFault === null;
}

async function merge(folder: string, host: CliHost): Promise<number> {
  const summary = await makeTables(folder);
  tellTable(folder, summary, host);
  const { missingShards } = summary;
  if (missingShards.length > 0) {
    host.stderr.write(`find-l3 batch: no journal yet of shard ${missingShards.join(', ')}\n`);
  }
  return summary.status.failed === 0 ? EXIT.ok : EXIT.unreadable;
}

export function tellTable(out: string, { status, series }: Summary, host: CliHost): void {
  const rows = `${series} ${series === 1 ? 'row' : 'rows'}`;
  host.stdout.write(`${out}/results.csv: ${rows}, ${countsText(status)}\n`);
  if (status.failed > 0) host.stdout.write(`What failed is listed in ${out}/summary.json\n`);
  host.stdout.write('Not for diagnostic use.\n');
}

export function tellBeside(result: BatchResult, host: CliHost): void {
  const { passedOver, empty, pictureFault, reportFault } = result;
  for (const sentence of empty) host.stderr.write(`find-l3 batch: ${sentence}\n`);
  if (pictureFault) host.stderr.write(`find-l3 batch: ${pictureFault}\n`);
  if (reportFault) host.stderr.write(`find-l3 batch: a report is not stored: ${reportFault}\n`);
  for (const { what, paths } of byCause(passedOver)) {
    host.stderr.write(`passed over ${filesText(paths)}: ${what}\n`);
  }
}
