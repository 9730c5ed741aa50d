import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { decodeHighest } from '../../src/levels/decodeHighest';
import { decodeLevels, type Decode } from '../../src/levels/decodeLevels';
import { openModelPackage } from '../../src/model/node';
import type { LevelModel, ModelIdentity } from '../../src/model/types';
import type { Series } from '../../src/series/types';
import { readCases, type Case } from '../items/cases';
import { readItems } from '../items/itemStore';
import { openCase } from '../items/openCase';
import { readSplit, type Role } from '../items/splits';
import { positive } from '../tools/numbers';
import { compareOutcomes, comparisonCsv, comparisonMarkdown } from './compare';
import { cutSeries, cutsOf } from './cuts';
import type { Outcome } from './judge';
import { splitsOf, summariesOf } from './metrics';
import { caseIdOf, runCase, runItem, type Run } from './runs';
import { scalesOf, scaleSeries, scaleTable } from './scales';
import { confidenceOf, csv, markdown } from './tables';

const CASES = ['../shared/data/ct/cases.json', '../shared/data/mr/index.json'];
const DECODINGS: Readonly<Record<string, Decode>> = { chain: decodeLevels, argmax: decodeHighest };

interface Options {
  readonly model: string;
  readonly compare?: string;
  readonly cases?: readonly string[];
  readonly items?: readonly string[];
  readonly split: string;
  readonly out: string;
  readonly only?: string;
  readonly of?: readonly string[];
  readonly cuts?: boolean;
  readonly scales?: readonly number[];
  readonly decoding: string;
}

/** Adds `evaluate` to the training program. */
export function register(program: Command): void {
  program
    .command('evaluate')
    .description('run a packed model on scans or items with truth, as the command line would')
    .requiredOption('--model <dir>', 'model package (manifest.json and ONNX)')
    .option('--compare <dir>', 'another package, on the same cases')
    .option('--cases <json...>', `lists of cases with truth (${CASES.join(' ')})`)
    .option('--items <file...>', 'prepared items instead, by their stored planes')
    .option('--split <json>', 'which case was used for what', 'training/items/splits/shared.json')
    .option('--only <text>', 'only cases whose name contains this')
    .option('--of <names...>', 'only cases of these persons or sets')
    .option(
      '--cuts',
      'the axial scans again, cut off above the sacrum, below the ribs, at both, or above L3',
    )
    .option(
      '--scales <list>',
      'the scans again in other sizes, e.g. 0.7,0.8,0.9,1.1,1.25,1.4',
      (text) => text.split(',').map(positive),
    )
    .addOption(
      new Option('--decoding <way>', 'by the chain of levels, or the row of the highest response')
        .choices(Object.keys(DECODINGS))
        .default('chain'),
    )
    .option('--out <dir>', 'folder for the report', 'training/work/evaluation')
    .action(evaluate);
}

/** One case that can be asked of any model. */
interface Task {
  readonly id: string;
  readonly run: (model: LevelModel) => Promise<Run>;
}

async function evaluate(options: Options): Promise<void> {
  const tasks = await tasksOf(options);
  const failures = join(options.out, 'failures');
  const own = await runAll(tasks, options.model, failures);
  const { model, outcomes } = own;
  const summaries = summariesOf(outcomes);
  const splits = splitsOf(outcomes);
  const confidence = confidenceOf(outcomes);
  const write = (file: string, text: string) => writeFileSync(join(options.out, file), text);
  const { decoding } = options;
  const report = { model, decoding, summaries, splits, confidence, outcomes };
  write('evaluation.json', `${JSON.stringify(report, null, 2)}\n`);
  write('cases.csv', csv(outcomes));
  write('evaluation.md', markdown(model, summaries, splits, outcomes));
  if (options.scales) {
    const table = scaleTable(outcomes, options.scales);
    write('scales.md', table);
    console.error(table);
  }
  if (options.compare) {
    const other = await runAll(tasks, options.compare, null);
    const comparison = compareOutcomes(own, other);
    write('comparison.json', `${JSON.stringify(comparison, null, 2)}\n`);
    write('comparison.csv', comparisonCsv(comparison));
    write('comparison.md', comparisonMarkdown(comparison));
    for (const { what, both, firstOnly, secondOnly, neither } of comparison.counts)
      console.error(
        `${what}: both ${both}, only ${model.version} ${firstOnly}, ` +
          `only ${other.model.version} ${secondOnly}, neither ${neither}`,
      );
  }
  console.error(`Report written to ${options.out}.`);
}

async function tasksOf(options: Options): Promise<Task[]> {
  const split = readSplit(options.split);
  const decode = DECODINGS[options.decoding]!;
  const isMeant = ({ id, set, person }: { id: string; set: string; person?: string | null }) =>
    (!options.only || id.includes(options.only)) &&
    (!options.of || options.of.some((name) => [set, person ?? split.personOf(id)].includes(name)));
  const cutTasksOf = async (truth: Case, role: Role): Promise<Task[]> => {
    if (truth.modality !== 'CT' || truth.l3ZMm === null) return [];
    const { series } = await openCase(truth);
    return cutsOf(truth, series).map((cut) => ({
      id: cut.truth.id,
      run: (model) => runCase(cut.truth, role, model, decode, (whole) => cutSeries(whole, cut)),
    }));
  };
  const lists = options.cases ?? (options.items ? [] : CASES);
  const truths = lists.flatMap(readCases).filter(isMeant);
  const cases: Task[] = [];
  for (const truth of truths) {
    const { role } = split.roleOf(truth.id);
    const { scales } = options;
    if (scales) {
      for (const scaled of scalesOf(truth, scales)) {
        const id = scaled.truth.id;
        const part = (whole: Series) => scaleSeries(whole, scaled);
        cases.push({ id, run: (model) => runCase(scaled.truth, role, model, decode, part) });
      }
    } else if (options.cuts) cases.push(...(await cutTasksOf(truth, role)));
    else cases.push({ id: truth.id, run: (model) => runCase(truth, role, model, decode) });
  }
  const items = (options.items ?? [])
    .flatMap(readItems)
    .filter(isMeant)
    .map((item): Task => {
      const { role } = split.roleOf(caseIdOf(item));
      return { id: item.id, run: (model) => runItem(item, role, model, decode) };
    });
  const tasks = [...cases, ...items];
  if (tasks.length === 0) {
    throw new Error(
      options.cuts
        ? 'No axial CT with a known L3 is among the cases: nothing to cut.'
        : 'No case is left: look at --only and --of.',
    );
  }
  return tasks;
}

/** @param pictures folder for pictures of what went wrong; null: none */
async function runAll(
  tasks: readonly Task[],
  folder: string,
  pictures: string | null,
): Promise<{ model: ModelIdentity; outcomes: Outcome[] }> {
  const model = await openModelPackage(folder);
  if (pictures) mkdirSync(pictures, { recursive: true });
  const outcomes: Outcome[] = [];
  try {
    for (const [i, { id, run }] of tasks.entries()) {
      const { outcome, picture } = await run(model);
      outcomes.push(outcome);
      if (pictures && picture && isFailure(outcome))
        writeFileSync(join(pictures, `${id}.png`), picture());
      const error = outcome.errorMm === null ? '' : ` ${outcome.errorMm.toFixed(1)} mm`;
      const why = outcome.reason ? ` (${outcome.reason})` : '';
      console.error(`${i + 1}/${tasks.length} ${id}: ${outcome.verdict}${error}${why}`);
    }
  } finally {
    await model.dispose();
  }
  const { name, version, sha256 } = model.manifest;
  return { model: { name, version, sha256 }, outcomes };
}

function isFailure({ verdict }: Outcome): boolean {
  return verdict !== 'right' && verdict !== 'abstained';
}
