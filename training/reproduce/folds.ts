import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { list, object, text } from '../../src/schema/schema';
import { readEvaluation, type EvaluatedCase } from '../evaluate/evaluation';
import { readJsonFile } from '../tools/jsonFile';
import { WORK_FOLDER } from '../tools/paths';
import { print } from '../tools/print';
import type { RunState, Stage } from './stages';

/** Persons and sets that one run leaves out, to be asked about them. */
export interface Fold {
  readonly name: string;
  readonly holdOut: readonly string[];
}

const FoldsSchema = v.pipe(
  list(
    object({ name: text(), holdOut: v.pipe(list(text()), v.minLength(1, 'must not be empty')) }),
  ),
  v.minLength(2, 'must be two folds or more'),
);

/** @throws Error naming the file and what is wrong, e.g. somebody who is left out twice */
export function readFolds(file: string): Fold[] {
  const folds = readJsonFile(file, FoldsSchema);
  const all = folds.flatMap(({ holdOut }) => holdOut);
  const names = folds.map(({ name }) => name);
  const twice = [...all, ...names].find((name, i, list) => list.indexOf(name) !== i);
  if (twice !== undefined) throw new Error(`${file}: ${twice} is named twice.`);
  return folds;
}

/** Where the evaluation of a fold goes. */
const evaluationOf = (name: string, fold: string): string =>
  join(WORK_FOLDER, `folds-${name}`, fold);

export interface FoldOptions {
  readonly name: string;
  readonly config: string;
  readonly steps: number;
  readonly cases: readonly string[];
  readonly split: string;
}

/** What trains a fold without its persons, packs it and asks it about them. */
export function stagesOfFold(
  { name: fold, holdOut }: Fold,
  { name, config, steps, cases, split }: FoldOptions,
  state: RunState,
): Stage[] {
  const run = `${name}-${fold}`;
  const models = join(WORK_FOLDER, 'models');
  const train: Stage[] =
    state === 'finished'
      ? []
      : state === 'stopped'
        ? [['train', '--name', run, '--resume']]
        : [
            [
              ...['train', '--name', run, '--config', config, '--steps', String(steps)],
              ...['--hold-out', ...holdOut],
            ],
          ];
  return [
    ...train,
    ['export', '--name', run, '--model', run, '--into', models, '--replace'],
    [
      ...['evaluate', '--model', join(models, run), '--cases', ...cases, '--split', split],
      ...['--of', ...holdOut, '--out', evaluationOf(name, fold)],
    ],
  ];
}

const VERDICTS = ['right', 'wrong-level', 'missed', 'abstained', 'false-answer', 'failed'] as const;

/** Everybody judged by the run that had left them out, set by set. */
export function foldTable(
  folds: readonly { readonly name: string; readonly outcomes: readonly EvaluatedCase[] }[],
): string {
  const row = (what: string, of: readonly EvaluatedCase[]) => {
    const counts = VERDICTS.map((name) => of.filter(({ verdict }) => verdict === name).length);
    return `| ${[what, of.length, ...counts].join(' | ')} |`;
  };
  const rows = folds.flatMap(({ name, outcomes }) =>
    [...new Set(outcomes.map(({ set }) => set))].map((set) =>
      row(
        `${name}: ${set}`,
        outcomes.filter((each) => each.set === set),
      ),
    ),
  );
  return [
    '# Folds',
    '',
    'Every case is answered by the run that had left its person or source out.',
    '',
    `| fold: set | cases | ${VERDICTS.join(' | ')} |`,
    `| --- |${' --- |'.repeat(VERDICTS.length + 1)}`,
    ...rows,
    row(
      '**all**',
      folds.flatMap(({ outcomes }) => outcomes),
    ),
    '',
  ].join('\n');
}

/** Writes `folds.md` from the evaluations of all folds. */
export function writeFolds(folds: readonly Fold[], name: string): void {
  const folder = join(WORK_FOLDER, `folds-${name}`);
  const table = foldTable(
    folds.map((fold) => ({
      name: fold.name,
      outcomes: readEvaluation(join(evaluationOf(name, fold.name), 'evaluation.json')).outcomes,
    })),
  );
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'folds.md'), table);
  print(table);
  print(`Written to ${join(folder, 'folds.md')}.`);
}
