import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { withPacsOptions } from './pacsOptions';
import type { PacsArguments } from './pacsOptions';

export interface BatchArguments {
  /** None where series come from a PACS. */
  readonly inputs: readonly string[];
  readonly pacs: PacsArguments | null;
  readonly out: string;
  readonly jobs: number;
  /** As given: K/N or auto. */
  readonly shard: string | null;
  readonly pictures: boolean;
  /** Folder for level reports. */
  readonly sr: string | null;
  /** Whether level reports are stored in the PACS. */
  readonly stow: boolean;
  readonly modality: 'CT' | 'MR' | null;
  /** Folder of the model package. */
  readonly model: string | null;
}

/** As commander has it. */
interface Values {
  readonly out?: string;
  readonly jobs: number;
  readonly shard?: string;
  readonly pictures: boolean;
  readonly sr?: string;
  readonly stow: boolean;
  readonly dicomweb?: string;
  readonly query: PacsArguments['query'];
  readonly credentials?: string;
  readonly modality?: 'CT' | 'MR';
  readonly model?: string;
  readonly merge?: string;
}

const MOST_JOBS = 1024;

/**
 * Reads the command line behind `batch`.
 *
 * @returns what to answer; or the folder whose journals are to be merged; or the exit status when there is
 *   nothing more to do: 0 after `--help`, 2 after wrong usage (which was said on `stderr`).
 */
export function readBatchOptions(
  args: readonly string[],
  write: { stdout: (text: string) => void; stderr: (text: string) => void },
): BatchArguments | { readonly merge: string } | 0 | 2 {
  const command = withPacsOptions(new Command('find-l3 batch'))
    .description(
      'Finds the middle of L3 in every series of large trees or of a PACS; run again, it goes on where it stopped. Not for diagnostic use.',
    )
    .argument('[input...]', 'DICOM or NIfTI files, and folders, searched in depth')
    .option('--out <dir>', 'folder for journal, table, summary and pictures')
    .option('--jobs <n>', 'worker processes, each with a share of the machine', jobs, 1)
    .option(
      '--shard <k/n>',
      'answer only the k-th of n shares; "auto" takes them from an array job of Slurm or Kubernetes',
    )
    .option('--pictures', 'draw every finding, and make a contact sheet of all', false)
    .option('--sr <dir>', 'write a level report (DICOM SR) of every L3 that is found')
    .option(
      '--stow',
      'store a level report of every L3 that is found in the PACS, none where a person has saved one',
      false,
    )
    .option('--model <dir>', 'folder of a model package (manifest.json beside its model)')
    .addOption(
      new Option(
        '--modality <name>',
        'modality of files that do not state theirs (NIfTI, incomplete DICOM)',
      ).choices(['CT', 'MR']),
    )
    .option(
      '--merge <dir>',
      'make table and summary of all journals in the folder, and nothing else',
    )
    .addHelpText(
      'after',
      '\nExit status: 0 every series was processed (undetermined and refused ones included), 1 some failed,\n' +
        '2 wrong usage, 130 interrupted.',
    )
    .showHelpAfterError('find-l3 batch --help tells more.')
    .exitOverride()
    .configureOutput({ writeOut: write.stdout, writeErr: write.stderr });
  try {
    command.parse(args, { from: 'user' });
    const values = command.opts<Values>();
    if (values.merge !== undefined) {
      if (args.length > (args[0].includes('=') ? 1 : 2)) {
        command.error('error: --merge takes a folder and nothing beside it');
      }
      return { merge: values.merge };
    }
    const fault = faultOf(values, command.args);
    if (fault !== null) command.error(`error: ${fault}`);
    const { out = '', shard = null, sr = null, modality = null, model = null } = values;
    const { jobs, pictures, stow } = values;
    return {
      inputs: command.args,
      pacs: pacsOf(values),
      out,
      jobs,
      shard,
      pictures,
      sr,
      stow,
      modality,
      model,
    };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
}

/** What is missing or does not go together. */
function faultOf(values: Values, inputs: readonly string[]): string | null {
  const { dicomweb, query, credentials, out, sr, stow } = values;
  if (dicomweb !== undefined && inputs.length > 0) return 'give inputs or --dicomweb, not both';
  if (dicomweb === undefined) {
    const without = [
      ...(query.length > 0 ? ['--query'] : []),
      ...(credentials !== undefined ? ['--credentials'] : []),
      ...(stow ? ['--stow'] : []),
    ];
    if (without.length > 0) return `${without[0]} needs --dicomweb <url>`;
    if (inputs.length === 0) return "missing argument 'input'";
  }
  if (sr !== undefined && stow) return 'give --sr or --stow, not both';
  return out === undefined ? "required option '--out <dir>' not given" : null;
}

/** The PACS that was named, or null. */
function pacsOf({
  dicomweb,
  query,
  credentials = null,
}: Pick<Values, 'dicomweb' | 'query'> & {
  readonly credentials?: string | null;
}): PacsArguments | null {
  return dicomweb === undefined ? null : { dicomweb, query, credentials };
}

export function jobs(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= MOST_JOBS) return value;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST_JOBS}.`);
}
