import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { findL3 } from '../../src/finder/findL3';
import type { Finding } from '../../src/finder/types';
import { openModelPackage } from '../../src/model/node';
import type { LevelModel } from '../../src/model/types';
import { columnOfY, rowOfZ } from '../../src/projection/maps';
import { readCases, type Case } from '../prepare/cases';
import { GREEN, RED, contactSheet, type SheetMark } from '../prepare/contactSheet';
import { openCase } from '../prepare/openCase';
import { readSplit, type Role } from '../prepare/splits';
import { failure, judge, type Outcome } from './judge';
import { summariesOf } from './metrics';
import { csv, markdown } from './tables';

interface Options {
  readonly model: string;
  readonly cases: readonly string[];
  readonly split: string;
  readonly out: string;
  readonly only?: string;
}

const BLUE = [110, 160, 255] as const;

/** Adds `evaluate` to the training program. */
export function register(program: Command): void {
  program
    .command('evaluate')
    .description('run a packed model on raw scans with truth, as the command line would')
    .requiredOption('--model <dir>', 'model package (manifest.json and ONNX)')
    .option('--cases <json...>', 'lists of cases with truth', [
      '../shared/data/ct/cases.json',
      '../shared/data/mr/index.json',
    ])
    .option('--split <json>', 'which case was used for what', 'training/prepare/splits/shared.json')
    .option('--only <text>', 'only cases whose name contains this')
    .option('--out <dir>', 'folder for the report', 'training/work/evaluation')
    .action(evaluate);
}

async function evaluate(options: Options): Promise<void> {
  const split = readSplit(options.split);
  const cases = options.cases
    .flatMap(readCases)
    .filter(({ id }) => !options.only || id.includes(options.only));
  if (cases.length === 0) throw new Error(`No case's name contains "${options.only}".`);
  const model = await openModelPackage(options.model);
  const failures = join(options.out, 'failures');
  mkdirSync(failures, { recursive: true });
  const outcomes: Outcome[] = [];
  for (const [i, truth] of cases.entries()) {
    const { role } = split.roleOf(truth.id);
    const { outcome, finding } = await run(truth, role, model);
    outcomes.push(outcome);
    if (finding && isFailure(outcome)) drawFailure(truth, outcome, finding, failures);
    const error = outcome.errorMm === null ? '' : ` ${outcome.errorMm.toFixed(1)} mm`;
    const why = outcome.reason ? ` (${outcome.reason})` : '';
    console.error(`${i + 1}/${cases.length} ${truth.id}: ${outcome.verdict}${error}${why}`);
  }
  await model.dispose();
  const { name, version, sha256 } = model.manifest;
  const identity = { name, version, sha256 };
  const summaries = summariesOf(outcomes);
  const write = (file: string, text: string) => writeFileSync(join(options.out, file), text);
  write(
    'evaluation.json',
    `${JSON.stringify({ model: identity, summaries, outcomes }, null, 2)}\n`,
  );
  write('cases.csv', csv(outcomes));
  write('evaluation.md', markdown(identity, summaries, outcomes));
  console.error(`Report written to ${options.out}.`);
}

async function run(
  truth: Case,
  role: Role,
  model: LevelModel,
): Promise<{ outcome: Outcome; finding: Finding | null }> {
  try {
    const { series, source } = await openCase(truth);
    const finding = await findL3({ series, source, model });
    return { outcome: judge(truth, role, finding), finding };
  } catch (error) {
    return { outcome: failure(truth, role, (error as Error).message), finding: null };
  }
}

function isFailure({ verdict }: Outcome): boolean {
  return verdict !== 'right' && verdict !== 'abstained';
}

/** Truth in green, the model's levels in blue, its L3 in red. */
function drawFailure(truth: Case, outcome: Outcome, finding: Finding, folder: string): void {
  if (finding.status === 'refused') return;
  const { projection } = finding;
  const { height, width } = projection;
  const marks: SheetMark[] = truth.levels.map(({ name, zMm, yMm }) => ({
    row: rowOfZ(projection, zMm),
    column: yMm === null ? null : columnOfY(projection, yMm),
    label: name,
    colour: GREEN,
  }));
  if (truth.l3ZMm !== null && truth.levels.length === 0)
    marks.push({ row: rowOfZ(projection, truth.l3ZMm), column: null, label: 'L3', colour: GREEN });
  for (const { name, zMm } of finding.levels)
    marks.push({
      row: rowOfZ(projection, zMm),
      column: width - 8,
      label: '',
      colour: BLUE,
      note: name,
    });
  if (outcome.guessZMm !== null)
    marks.push({ row: rowOfZ(projection, outcome.guessZMm), column: null, label: '', colour: RED });
  const plane = Uint8Array.from(projection.data.subarray(0, height * width), (value) =>
    Math.round(255 * Math.min(1, value)),
  );
  const title = `${truth.id} ${outcome.verdict}`;
  writeFileSync(
    join(folder, `${truth.id}.png`),
    contactSheet([{ title, height, width, plane, marks }], 1, 3),
  );
}
