import { Option, type Command } from 'commander';
import { setUpTensorFlow, type Source } from './tensorflowLibrary';

export function register(program: Command): void {
  program
    .command('setup')
    .description(
      "get TensorFlow's native library and compile its connection to Node (once; repeating it does no harm)",
    )
    .addOption(
      new Option(
        '--from <source>',
        "vendor: TensorFlow.js's own download; pypi: the library out of TensorFlow's Python package; auto: vendor, and pypi where it cannot be reached",
      )
        .choices(['auto', 'vendor', 'pypi'])
        .default('auto'),
    )
    .option(
      '--gpu',
      'the variant for NVIDIA GPUs (Linux, x64; up to 3 GB of downloads); "train" then uses it by itself',
      false,
    )
    .option('--dry-run', 'name every wheel that PyPI would be asked for, and fetch none', false)
    .action((options: { from: Source; gpu: boolean; dryRun: boolean }) => setUpTensorFlow(options));
}
