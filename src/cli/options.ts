import { Command, CommanderError, Option } from 'commander';
import { RELEASE } from '../release/release';

export interface CliOptions {
  readonly paths: readonly string[];
  readonly json: boolean;
  /** Folder of the model package. */
  readonly model: string | null;
  /** Folder for pictures. */
  readonly out: string | null;
  readonly modality: 'CT' | 'MR' | null;
}

/**
 * Reads the command line.
 *
 * @returns the options, or the exit status when there is nothing more to do: 0 after `--help`,
 *   2 after wrong usage (which was said on `stderr`).
 */
export function readOptions(
  args: readonly string[],
  write: { stdout: (text: string) => void; stderr: (text: string) => void },
): CliOptions | 0 | 2 {
  const command = new Command('find-l3')
    .version(`${RELEASE.version} (commit ${RELEASE.commit})`, '--version')
    .description('Finds the middle of vertebra L3 in CT and MR series. Not for diagnostic use.')
    .argument(
      '<path...>',
      'a DICOM file, a folder (searched in depth, grouped by series) or a NIfTI file (.nii, .nii.gz)',
    )
    .option('--json', 'one JSON object a line, one line a series, on stdout', false)
    .option('--model <dir>', 'folder of a model package (manifest.json beside its model)')
    .option('--out <dir>', 'folder for one PNG a series: the projection with the levels on it')
    .addOption(
      new Option(
        '--modality <name>',
        'modality of files that do not state theirs (NIfTI, incomplete DICOM)',
      ).choices(['CT', 'MR']),
    )
    .addHelpText(
      'after',
      '\nMore commands: find-l3 batch --help (whole archives), find-l3 check --help (a deployed viewer).\n' +
        'Exit status: 0 every series was processed (undetermined and refused ones included),\n' +
        '1 an input could not be read, 2 wrong usage.',
    )
    .showHelpAfterError('find-l3 --help tells more.')
    .exitOverride()
    .configureOutput({ writeOut: write.stdout, writeErr: write.stderr });
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
  const values = command.opts<{
    json: boolean;
    model?: string;
    out?: string;
    modality?: 'CT' | 'MR';
  }>();
  return {
    paths: command.args,
    json: values.json,
    model: values.model ?? null,
    out: values.out ?? null,
    modality: values.modality ?? null,
  };
}
