import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import * as v from 'valibot';
import { list, object, text } from '../../src/schema/schema';
import { readJsonFile } from '../tools/jsonFile';
import { whole } from '../tools/numbers';
import { DEFAULT_MODEL, noted, TRAINING_FOLDER, WORK_FOLDER } from '../tools/paths';
import { runName } from '../train/command';
import { readFolds, stagesOfFold, writeFolds, type FoldOptions } from './folds';
import { runStages, stateOf, type RunState, type Stage } from './stages';

const PACKAGE = basename(DEFAULT_MODEL);
const RECIPE = join(TRAINING_FOLDER, 'recipes', PACKAGE);

interface Options {
  readonly recipe: string;
  readonly name: string;
}

interface Run {
  readonly name: string;
  /** Its file of options. */
  readonly config: string;
}

/** The runs of one network, each from the last one's weights. */
type Chain<Of = Run> = readonly Of[];

/**
 * What a recipe trains: a chain of runs, from its files of options in order of their names; or, where it
 * has a `members.json`, the chains of the recipes beside it that are named there, whose networks are
 * packed as a committee.
 *
 * @throws Error where the folder holds no recipe
 */
export function recipeChains({ recipe, name }: Options): Chain[] {
  const members = join(recipe, 'members.json');
  if (!existsSync(members)) return [chainOf({ recipe, name })];
  return readJsonFile(members, MembersSchema).map((member) =>
    chainOf({ recipe: join(recipe, '..', member), name: `${name}-${member}` }),
  );
}

const MembersSchema = v.pipe(list(text()), v.minLength(2, 'must be two recipes or more'));

function chainOf({ recipe, name }: Options): Chain {
  const files = existsSync(recipe)
    ? readdirSync(recipe).filter((file) => /^\d+\.json$/.test(file))
    : [];
  if (files.length === 0) throw new Error(`${recipe} is no folder with a recipe (1.json, 2.json).`);
  return files.sort().map((file, i) => ({ name: `${name}-${i + 1}`, config: join(recipe, file) }));
}

const DataSchema = object({ cases: list(text()), split: text() });

/** Lists and split of a recipe that has its own (`prepare.json`); null: what `prepare` takes by itself. */
function dataOf(recipe: string): RecipeData | null {
  const file = join(recipe, 'prepare.json');
  return existsSync(file) ? readJsonFile(file, DataSchema) : null;
}

export interface RecipeData {
  readonly cases: readonly string[];
  readonly split: string;
}

/**
 * What makes the shipped model from labelled scans, in order. A run that was stopped is gone on with; a
 * finished one is not trained again.
 */
export function stagesOf(
  chains: readonly Chain<Run & { readonly state: RunState }>[],
  given: RecipeData | null = null,
): Stage[] {
  const scans = given ? ['--cases', ...given.cases, '--split', given.split] : [];
  const isNew = chains.every(([first]) => first!.state === 'none');
  const models = join(WORK_FOLDER, 'models');
  const isCommittee = chains.length > 1;
  const exported = chains.map((chain) => {
    const run = chain.at(-1)!.name;
    return { run, model: isCommittee ? run : PACKAGE };
  });
  const members = exported.map(({ model }) => join(models, model));
  const committee: Stage = [
    ...['committee', '--members', ...members],
    ...['--model', PACKAGE, '--into', models, '--replace'],
  ];
  return [
    ...(isNew ? [['setup'], ['prepare', ...scans]] : []),
    ...chains.flatMap(trainingOf),
    ...exported.map(({ run, model }): Stage => {
      return ['export', '--name', run, '--model', model, '--into', models, '--replace'];
    }),
    ...(isCommittee ? [committee] : []),
    [
      ...['evaluate', '--model', join(models, PACKAGE), ...scans],
      ...['--compare', DEFAULT_MODEL],
      ...['--out', join(WORK_FOLDER, `evaluation-${exported.at(-1)!.run}`)],
    ],
  ];
}

function trainingOf(chain: Chain<Run & { readonly state: RunState }>): Stage[] {
  return chain.flatMap(({ name, config, state }, i): Stage[] => {
    if (state === 'finished') return [];
    if (state === 'stopped') return [['train', '--name', name, '--resume']];
    const from = i === 0 ? [] : ['--start-from', chain[i - 1]!.name];
    return [['train', '--name', name, ...from, '--config', config]];
  });
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
  program
    .command('folds')
    .description(
      'train without each group of persons or sources, ask about them, and put it in one table',
    )
    .requiredOption('--folds <file>', 'JSON list of {"name": "a", "holdOut": ["person", "set"]}')
    .requiredOption('--config <file>', 'options of train')
    .option('--name <run>', 'begin of the names of the runs', runName, 'fold')
    .option('--steps <n>', 'steps of each run', whole(1), 1500)
    .requiredOption('--cases <json...>', 'lists of cases')
    .requiredOption('--split <json>', 'which case was used for what')
    .action(runFolds);
}

async function reproduce(options: Options): Promise<void> {
  const chains = await Promise.all(
    recipeChains(options).map((chain) =>
      Promise.all(chain.map(async (run) => ({ ...run, state: await stateOf(run.name) }))),
    ),
  );
  await runStages(stagesOf(chains, dataOf(options.recipe)));
}

async function runFolds({
  folds: file,
  ...options
}: FoldOptions & { folds: string }): Promise<void> {
  const folds = readFolds(file);
  for (const fold of folds) {
    await runStages(stagesOfFold(fold, options, await stateOf(`${options.name}-${fold.name}`)));
  }
  writeFolds(folds, options.name);
}
