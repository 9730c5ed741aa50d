import { setTimeout as pause } from 'node:timers/promises';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { ArrivedSeries } from '../batch/arrivedSeries';
import { incomingFolder } from '../batch/outFolder';
import { PacsDown, PacsSource } from '../batch/pacsSource';
import { BatchProgress } from '../batch/progress';
import { ReportStore } from '../batch/reports';
import { withBatch } from '../batch/runBatch';
import type { OpenBatch } from '../batch/runBatch';
import { makeTables } from '../batch/tables';
import type { DicomwebClient } from '../dicomweb/dicomwebClient';
import type { Condition } from '../dicomweb/search';
import { ended, tellBeside, tellTable, WHOLE } from './batch';
import { countsText } from './batchMeter';
import { jobs } from './batchOptions';
import type { CliHost } from './host';
import { clientOf, withPacsOptions } from './pacsOptions';

interface WatchArguments {
  readonly dicomweb: string;
  readonly query: readonly Condition[];
  readonly credentials?: string;
  readonly out: string;
  /** Seconds between two looks. */
  readonly interval: number;
  /** How old a study may be. */
  readonly days: number;
  readonly jobs: number;
  readonly pictures: boolean;
  readonly model?: string;
}

/** Conditions that say themselves which studies are meant. */
const NAMES_STUDIES = ['StudyDate', '00080020', 'StudyInstanceUID', '0020000D'];

/**
 * `find-l3 watch --dicomweb URL --out DIR [--interval SECONDS] [--days N] [--query ATTRIBUTE=VALUE...]
 * [--credentials FILE] [--jobs N] [--pictures] [--model DIR]`: until it is interrupted.
 *
 * @param args the arguments after `watch`.
 * @returns the exit status.
 */
export async function watch(args: readonly string[], host: CliHost): Promise<number> {
  const options = readOptions(args, host);
  if (typeof options === 'number') return options;
  try {
    return await watchPacs(options, host);
  } catch (error) {
    if (!host.signal.aborted) return ended('watch', error, host);
    tellTable(options.out, await makeTables(options.out), host);
    return ended('watch', error, host);
  }
}

async function watchPacs(options: WatchArguments, host: CliHost): Promise<never> {
  const { out, pictures, model = host.defaultModel } = options;
  const client = clientOf({ ...options, credentials: options.credentials ?? null }, host);
  const progress = new BatchProgress();
  const setting = {
    ...{ out, jobs: options.jobs, shard: WHOLE, pictures, model, progress },
    modality: null,
    reports: new ReportStore(client),
    workerScript: host.workerScript,
    signal: host.signal,
  };
  return withBatch(setting, async (batch): Promise<never> => {
    const arrived = new ArrivedSeries();
    for (let outage = ''; ;) {
      outage = await look(batch, client, arrived, options, progress, outage, host);
      await pause(options.interval * 1000, undefined, { signal: host.signal });
    }
  });
}

/** Looks once. @returns why the PACS could not be looked at, '' where it could. */
async function look(
  batch: OpenBatch,
  client: DicomwebClient,
  arrived: ArrivedSeries,
  { query, days, out }: WatchArguments,
  progress: BatchProgress,
  outage: string,
  host: CliHost,
): Promise<string> {
  const folder = incomingFolder(out, WHOLE);
  const conditions = [...query, ...recent(query, days)];
  arrived.lookAgain();
  const before = progress.made;
  try {
    const source = new PacsSource({ client, conditions, shard: WHOLE, folder, choose: arrived });
    const result = await batch.answer(source);
    tellBeside({ ...result, empty: [], passedOver: [] }, host);
    if (outage !== '') host.stderr.write('find-l3 watch: the PACS answers again\n');
    return '';
  } catch (error) {
    if (!(error instanceof PacsDown)) throw error;
    // An outage is told of once.
    if (error.message !== outage) host.stderr.write(`find-l3 watch: ${error.message}\n`);
    return error.message;
  } finally {
    if (progress.made > before) {
      host.stdout.write(`${new Date().toISOString()} ${countsText(progress.lines)}\n`);
    }
  }
}

/** Studies of the last days, where the query does not say itself which. */
function recent(query: readonly Condition[], days: number): Condition[] {
  if (query.some(([name]) => NAMES_STUDIES.includes(name))) return [];
  const from = new Date();
  from.setDate(from.getDate() - days);
  const two = (value: number) => String(value).padStart(2, '0');
  return [['StudyDate', `${from.getFullYear()}${two(from.getMonth() + 1)}${two(from.getDate())}-`]];
}

function readOptions(args: readonly string[], host: CliHost): WatchArguments | 0 | 2 {
  const command = withPacsOptions(new Command('find-l3 watch'))
    .description(
      'Finds the middle of L3 in every CT and MR series that comes to a PACS, and stores level reports that nobody has looked at yet, none where a person has saved one. Not for diagnostic use.',
    )
    .option('--out <dir>', 'folder for journal, table and summary')
    .option(
      '--interval <seconds>',
      'between two looks; a series is answered when it has the same images at both',
      whole(1, 86_400),
      60,
    )
    .option(
      '--days <n>',
      'only studies of the last n days, unless --query names dates or a study',
      whole(0, 36_500),
      2,
    )
    .option('--jobs <n>', 'worker processes, each with a share of the machine', jobs, 1)
    .option('--pictures', 'draw every finding', false)
    .option('--model <dir>', 'folder of a model package (manifest.json beside its model)')
    .addHelpText('after', '\nIt runs until it is interrupted (Ctrl-C), and ends with 130 then.')
    .showHelpAfterError('find-l3 watch --help tells more.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => host.stderr.write(text),
    });
  try {
    command.parse(args, { from: 'user' });
    const values = command.opts<WatchArguments>();
    if (command.args.length > 0) command.error('error: watch takes no inputs, only a PACS');
    for (const name of ['dicomweb', 'out'] as const) {
      if (values[name] === undefined) command.error(`error: required option '--${name}' not given`);
    }
    return values;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
}

function whole(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (value >= from && value <= to) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`);
  };
}
