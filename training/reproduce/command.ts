import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { MODELS_FOLDER, noted, runFiles, TRAINING_FOLDER, WORK_FOLDER } from '../paths';
import { runName } from '../train/command';
import { print } from '../train/progress';

const RECIPE = join(TRAINING_FOLDER, 'recipes', 'l3-unet3plus.json');
const PACKAGE = 'l3-unet3plus';

interface Options {
  readonly recipe: string;
  readonly name: string;
}

/** One stage: the command line of this program that does it. */
export type Stage = readonly string[];

/**
 * What makes the shipped model from labelled scans, in order. A run that was stopped is gone on with; a
 * finished one is packed and evaluated again.
 *
 * @param state how far the run of that name is
 */
export function stagesOf(
  { recipe, name }: Options,
  state: 'none' | 'stopped' | 'finished',
): Stage[] {
  const models = join(WORK_FOLDER, 'models');
  const made = join(models, PACKAGE);
  const training: Stage[] = {
    none: [['setup'], ['prepare'], ['train', '--name', name, '--config', recipe]],
    stopped: [['train', '--name', name, '--resume']],
    finished: [],
  }[state];
  const shipped = join(MODELS_FOLDER, PACKAGE);
  return [
    ...training,
    ['export', '--name', name, '--model', PACKAGE, '--into', models, '--replace'],
    [
      ...['evaluate', '--model', made, '--compare', shipped],
      ...['--out', join(WORK_FOLDER, `evaluation-${name}`)],
    ],
  ];
}

/** Adds `reproduce` to the training program. */
export function register(program: Command): void {
  program
    .command('reproduce')
    .description('make the shipped model again, from scans to evaluation; repeat it to go on')
    .option('--recipe <json>', `options of train (default: ${noted(RECIPE)})`, RECIPE)
    .option('--name <run>', 'name of the run', runName, 'reproduced')
    .action(reproduce);
}

async function reproduce(options: Options): Promise<void> {
  for (const stage of stagesOf(options, await stateOf(options.name))) {
    print(`\n== npm run train -- ${stage.map(shown).join(' ')}`);
    const { status, error } = spawnSync(
      process.execPath,
      [...process.execArgv, join(TRAINING_FOLDER, 'cli.ts'), ...stage],
      { stdio: 'inherit' },
    );
    if (error) throw error;
    if (status !== 0) {
      throw new Error(
        `"${stage[0]!}" ended with status ${String(status)}. Mend what it says and repeat this command: it goes on from there.`,
      );
    }
    if (stage[0] === 'train' && (await stateOf(options.name)) !== 'finished') {
      throw new Error('Training was stopped. Repeat this command to go on.');
    }
  }
}

const shown = (word: string): string => (word.includes('/') ? noted(word) : word);

async function stateOf(name: string): Promise<'none' | 'stopped' | 'finished'> {
  const { checkpoint } = runFiles(name);
  if (!existsSync(checkpoint)) return 'none';
  const { readCheckpoint } = await import('../train/checkpoint');
  const { isOver } = await import('../train/validation');
  const { step, options, validation } = readCheckpoint(checkpoint);
  return step >= options.steps || isOver(validation, options.patience) ? 'finished' : 'stopped';
}
