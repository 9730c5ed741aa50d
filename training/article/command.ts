import { Option, type Command } from 'commander';
import { readEvaluation } from '../evaluate/evaluation';
import { readCases } from '../items/cases';
import { readSplit } from '../items/splits';
import { whole } from '../tools/numbers';

/** Options of the preset; the article fixes everything else. */
interface Arguments {
  readonly name: string;
  readonly runs: string;
  readonly seed: number;
  readonly resume?: boolean;
  readonly cases: string;
  readonly split: string;
  readonly reduce: string;
  readonly epochs: number;
  readonly beside?: string;
}

const OWN = ['cases', 'split', 'reduce', 'epochs', 'beside'];
const SHARED = ['name', 'runs', 'seed', 'resume', 'backend', 'preset'];

export function addSeedOptions(command: Command): Command {
  return command
    .optionsGroup("With --preset seed (the article's system, to compare with):")
    .addOption(new Option('--preset <name>', 'train another system').choices(['seed']))
    .option('--cases <file>', 'index of MR volumes', '../shared/data/mr/index.json')
    .option('--split <file>', 'which case is for what', 'training/items/splits/shared.json')
    .addOption(
      new Option('--reduce <n>', 'pictures smaller than 768 x 512 by this factor')
        .choices(['1', '2', '4'])
        .default('4'),
    )
    .option('--epochs <n>', 'the article: 60', whole(1), 60)
    .option('--beside <file>', "evaluation.json of another model, for the table's last column");
}

/** @throws Error naming an option that goes only with, or only without, the preset */
export function checkPreset(command: Command): void {
  const isPreset = command.getOptionValue('preset') === 'seed';
  const given = command.options
    .map((option) => option.attributeName())
    .filter((key) => ['cli', 'config'].includes(command.getOptionValueSource(key) ?? ''));
  const wrong = given.filter((key) =>
    isPreset ? ![...OWN, ...SHARED, 'config'].includes(key) : OWN.includes(key),
  );
  if (wrong.length === 0) return;
  throw new Error(
    isPreset
      ? `The preset fixes what the article fixes: leave ${wrong.join(', ')} out.`
      : `${wrong.join(', ')}: only with --preset seed.`,
  );
}

export async function trainSeed(given: Arguments): Promise<void> {
  const { runSeed } = await import('./seedRun');
  await runSeed({
    ...{ name: given.name, runs: given.runs, resume: given.resume ?? false },
    options: {
      ...{ preset: 'seed', seed: given.seed, epochs: given.epochs },
      reduce: Number(given.reduce),
    },
    cases: readCases(given.cases),
    split: readSplit(given.split),
    beside: given.beside ? readEvaluation(given.beside).outcomes : [],
  });
}
