import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { DEFAULT_MODEL, noted, runFiles, TRAINING_FOLDER, WORK_FOLDER } from '../tools/paths';
import { runName } from '../train/command';
import { print } from '../tools/print';
import { runSubcommand } from '../tools/subcommand';

const PACKAGE = basename(DEFAULT_MODEL);
const RECIPE = join(TRAINING_FOLDER, 'recipes', PACKAGE);

interface Options {
  readonly recipe: string;
  readonly name: string;
}

/** One command line of this program. */
export type Stage = readonly string[];

/** How far a run is. */
export type RunState = 'none' | 'stopped' | 'finished';

/** The runs of a recipe, each from the last one's weights: its files of options, in order of their names. */
export function recipeRuns({ recipe, name }: Options): { name: string; config: string }[] {
  const files = existsSync(recipe)
    ? readdirSync(recipe).filter((file) => file.endsWith('.json'))
    : [];
  if (files.length === 0) throw new Error(`${recipe} is no folder with a recipe (1.json, 2.json).`);
  return files.sort().map((file, i) => ({ name: `${name}-${i + 1}`, config: join(recipe, file) }));
}

/**
 * What makes the shipped model from labelled scans, in order. A run that was stopped is gone on with; a
 * finished one is not trained again.
 */
export function stagesOf(
  runs: readonly { readonly name: string; readonly config: string; readonly state: RunState }[],
): Stage[] {
  const training = runs.flatMap(({ name, config, state }, i): Stage[] => {
    if (state === 'finished') return [];
    if (state === 'stopped') return [['train', '--name', name, '--resume']];
    const from = i === 0 ? [] : ['--start-from', runs[i - 1]!.name];
    return [['train', '--name', name, ...from, '--config', config]];
  });
  const data: Stage[] = runs[0]!.state === 'none' ? [['setup'], ['prepare']] : [];
  const last = runs.at(-1)!.name;
  const models = join(WORK_FOLDER, 'models');
  return [
    ...data,
    ...training,
    ['export', '--name', last, '--model', PACKAGE, '--into', models, '--replace'],
    [
      ...['evaluate', '--model', join(models, PACKAGE)],
      ...['--compare', DEFAULT_MODEL],
      ...['--out', join(WORK_FOLDER, `evaluation-${last}`)],
    ],
  ];
}

/** Adds `reproduce` to the training program. */
export function register(program: Command): void {
  program
    .command('reproduce')
    .description('make the shipped model again, from scans to evaluation; repeat it to go on')
    .option(
      '--recipe <folder>',
      `options of train, a file for each run (default: ${noted(RECIPE)})`,
      RECIPE,
    )
    .option('--name <run>', 'name of the runs', runName, 'reproduced')
    .action(reproduce);
}

async function reproduce(options: Options): Promise<void> {
  const runs = await Promise.all(
    recipeRuns(options).map(async (run) => ({ ...run, state: await stateOf(run.name) })),
  );
  for (const stage of stagesOf(runs)) {
    print(`\n== npm run train -- ${stage.map(shown).join(' ')}`);
    const status = await runSubcommand(stage);
    if (status !== 0) {
      throw new Error(
        `"${stage[0]!}" ended with status ${status}. Mend what it says and repeat this command: it goes on from there.`,
      );
    }
    if (stage[0] === 'train' && (await stateOf(stage[2]!)) !== 'finished') {
      throw new Error('Training was stopped. Repeat this command to go on.');
    }
  }
}

const shown = (word: string): string => (word.includes('/') ? noted(word) : word);

async function stateOf(name: string): Promise<RunState> {
  const { checkpoint } = runFiles(name);
  if (!existsSync(checkpoint)) return 'none';
  const { readCheckpoint } = await import('../train/checkpoint');
  const { isOver } = await import('../train/validation');
  const { step, options, validation } = readCheckpoint(checkpoint);
  return step >= options.steps || isOver(validation, options.patience) ? 'finished' : 'stopped';
}
