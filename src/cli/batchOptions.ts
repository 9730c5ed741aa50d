import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';

export interface BatchArguments {
  readonly inputs: readonly string[];
  readonly out: string;
  readonly jobs: number;
  /** As given: K/N or auto. */
  readonly shard: string | null;
  readonly pictures: boolean;
  readonly modality: 'CT' | 'MR' | null;
  /** Folder of the model package. */
  readonly model: string | null;
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
  const command = new Command('find-l3 batch')
    .description(
      'Finds the middle of L3 in every series of large trees; run again, it goes on where it stopped. Not for diagnostic use.',
    )
    .argument('[input...]', 'DICOM or NIfTI files, and folders, searched in depth')
    .option('--out <dir>', 'folder for journal, table, summary and pictures')
    .option('--jobs <n>', 'worker processes, each with a share of the machine', jobs, 1)
    .option(
      '--shard <k/n>',
      'answer only the k-th of n shares; "auto" takes them from an array job of Slurm or Kubernetes',
    )
    .option('--pictures', 'draw every finding, and make a contact sheet of all', false)
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
    const values = command.opts<
      Omit<BatchArguments, 'inputs'> & { readonly out?: string; readonly merge?: string }
    >();
    if (values.merge !== undefined) {
      if (args.length > (args[0].includes('=') ? 1 : 2)) {
        command.error('error: --merge takes a folder and nothing beside it');
      }
      return { merge: values.merge };
    }
    if (command.args.length === 0) command.error("error: missing argument 'input'");
    if (values.out === undefined) command.error("error: required option '--out <dir>' not given");
    return {
      inputs: command.args,
      out: values.out,
      jobs: values.jobs,
      shard: values.shard ?? null,
      pictures: values.pictures,
      modality: values.modality ?? null,
      model: values.model ?? null,
    };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
}

function jobs(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= MOST_JOBS) return value;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST_JOBS}.`);
}
