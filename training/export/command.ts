import { InvalidArgumentError, Option, type Command } from 'commander';
import { MODELS_FOLDER, noted } from '../tools/paths';
import { runName, runsOption } from '../train/command';
import { NO_FACTS, readFacts } from './facts';

export const plainName = (text: string): string => {
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(text)) {
    throw new InvalidArgumentError('Small letters, digits, dots and hyphens only.');
  }
  return text;
};

export const version = (text: string): string => {
  if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(text)) {
    throw new InvalidArgumentError('A version such as 0.1.0 is needed.');
  }
  return text;
};

interface Arguments {
  readonly name: string;
  readonly runs: string;
  readonly model: string;
  readonly modelVersion: string;
  readonly facts?: string;
  readonly into: string;
  readonly replace?: boolean;
}

/** What is to be said of a package that is written. */
function withPackage(command: Command): Command {
  return command
    .requiredOption('--model <name>', 'name of the package, a name of its own', plainName)
    .option('--model-version <version>', 'version of the package', version, '0.1.0')
    .option('--facts <file>', `JSON with ${Object.keys(NO_FACTS).join(', ')}, as far as known`)
    .addOption(
      new Option('--into <folder>', 'where the package goes').default(
        MODELS_FOLDER,
        noted(MODELS_FOLDER),
      ),
    )
    .option('--replace', 'put it in the place of a package of the same name');
}

/** Adds `export`, `committee` and `convert` to the training program. */
export function register(program: Command): void {
  withPackage(program.command('export'))
    .description("pack a run's averaged weights as an ONNX model package")
    .requiredOption(
      '--name <run>',
      'the run; it may still be training (its last checkpoint counts)',
      runName,
    )
    .addOption(runsOption())
    .action(async (given: Arguments) => {
      const facts = given.facts ? readFacts(given.facts) : NO_FACTS;
      const { packModel } = await import('./packModel');
      const { folder, parity, manifest } = await packModel({
        run: given.name,
        runs: given.runs,
        name: given.model,
        version: given.modelVersion,
        into: given.into,
        replace: given.replace ?? false,
        facts,
      });
      process.stdout.write(
        `Largest difference between TensorFlow.js and ONNX: ${parity.toExponential(2)}.\n` +
          `${folder}: ${(manifest.bytes / 1e6).toFixed(2)} MB, SHA-256 ${manifest.sha256}.\n`,
      );
    });
  withPackage(program.command('committee'))
    .description('pack the networks of several packages as one, which hears where they disagree')
    .requiredOption('--members <folders...>', 'packages of one network each')
    .action(async (given: Omit<Arguments, 'name' | 'runs'> & { members: readonly string[] }) => {
      const { packCommittee } = await import('./packCommittee');
      const { members, model, modelVersion, facts, into, replace = false } = given;
      const { folder, parity, manifest } = await packCommittee({
        ...{ members, name: model, version: modelVersion, into, replace },
        facts: facts ? readFacts(facts) : NO_FACTS,
        command: `npm run train -- committee --members ${members.map(noted).join(' ')} --model ${model} --model-version ${modelVersion}`,
      });
      process.stdout.write(
        `Largest difference between a member and its package: ${parity.toExponential(2)}.\n` +
          `${folder}: ${(manifest.bytes / 1e6).toFixed(2)} MB, SHA-256 ${manifest.sha256}.\n`,
      );
    });
  program
    .command('convert <folder>')
    .description('bring a model package of the former format to the present one, in place')
    .action(async (folder: string) => {
      const { convertPackage } = await import('./convert');
      const { format, name, version } = await convertPackage(folder);
      process.stdout.write(`${folder}: ${name} ${version} is of ${format} now.\n`);
    });
}
