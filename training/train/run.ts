import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { networkCost, planNetwork } from '../network/plan';
import { located, runFiles, RUNS_FOLDER, type RunFiles } from '../tools/paths';
import { computedOn, startTensorFlow } from '../network/tensorflow';
import type { Batch } from '../batches/batch';
import type { OpenedItems } from '../batches/batchWorker';
import { readCheckpoint, writeCheckpoint } from './checkpoint';
import type { TrainOptions } from './options';
import { asOwner } from '../tools/ownRun';
import { print } from '../tools/print';
import { ProgressLine } from './progress';
import { writeReport } from './report';
import { spinesUntil } from '../batches/syntheticStream';
import { Trainer, type StepReport } from './trainer';
import { bestOf, isOver, type JudgedCrop } from './validation';
import { WorkerBatches } from '../batches/workerBatches';

const LOG_HEADER = 'step,loss,gradient_norm,learning_rate,seconds,waited\n';

export interface Run {
  readonly name: string;
  /** Folder of the runs. */
  readonly runs: string;
  /** Null: go on with the run of that name. */
  readonly options: TrainOptions | null;
  readonly checkpointEvery: number;
  readonly stopAfter: number;
}

/**
 * Trains a run, from its beginning or from its checkpoint, until its last step, `stopAfter`, Ctrl-C or
 * the end of its patience; each leaves a checkpoint and a report.
 *
 * @throws Error saying what is wrong and what the run stands at, e.g. when the disk is full
 */
export async function runTraining(run: Run): Promise<void> {
  const files = runFiles(run.name, run.runs);
  refuseAnother(run, files);
  const { items } = run.options ?? readCheckpoint(files.checkpoint).options;
  for (const file of items.map(located)) {
    if (!existsSync(file)) throw new Error(`The item file ${file} does not exist.`);
  }
  await asOwner(files.folder, run.name, () => trainAsOwner(run, files));
}

function refuseAnother({ name, options }: Run, { checkpoint }: RunFiles): void {
  if (!options || !existsSync(checkpoint)) return;
  throw new Error(
    `There is a run "${name}" already. Go on with it (--resume), or choose another --name.`,
  );
}

async function trainAsOwner(run: Run, files: RunFiles): Promise<void> {
  refuseAnother(run, files);
  const checkpoint = run.options ? undefined : readCheckpoint(files.checkpoint);
  const options = run.options ?? checkpoint!.options;
  const items = options.items.map(located);
  const synthesis = options.synthesis && {
    ...options.synthesis,
    curves: located(options.synthesis.curves),
  };
  await startTensorFlow();
  const earlier =
    options.startFrom && !checkpoint
      ? readCheckpoint(runFiles(options.startFrom, run.runs).checkpoint).average
      : undefined;
  const trainer = new Trainer(options, checkpoint, earlier);
  if (trainer.step >= options.steps) {
    throw new Error(`The run "${run.name}" has done all of its ${options.steps} steps.`);
  }
  if (isOver(trainer.validation, options.patience)) {
    throw new Error(
      `The run "${run.name}" ended early, at its best validation (step ${trainer.step}).`,
    );
  }
  print(`Computing on ${computedOn()}.`);
  printOptions(options);
  if (synthesis) {
    const first = Math.min(synthesis.pool, spinesUntil(synthesis, trainer.step));
    print(`Making ${first} synthetic spines first; the others are made on the way.`);
  }
  const opened = await WorkerBatches.open({ ...options, synthesis, files: items }, options.steps);
  const stop = listenForStop();
  let crops: readonly JudgedCrop[];
  let ended: string;
  try {
    if (options.validation > 0 && opened.validation.length === 0) {
      throw new Error(
        `A share of ${options.validation} of the persons is none at all: give a larger --validation.`,
      );
    }
    if (run.options) writeFileSync(files.options, `${JSON.stringify(options, null, 2)}\n`);
    writeFileSync(files.log, run.options ? LOG_HEADER : logUntil(files.log, trainer.step));
    writeFileSync(files.data, `${JSON.stringify(opened.groups, null, 2)}\n`);
    reportGroups(opened, options);
    ({ crops, ended } = await trainSteps(run, files, trainer, options, opened, stop));
  } catch (error) {
    throw explained(error as NodeJS.ErrnoException, run.name);
  } finally {
    stop.release();
    await opened.batches.close();
    trainer.dispose();
  }
  const { groups } = opened;
  const { step, validation } = readCheckpoint(files.checkpoint);
  writeReport(files, {
    ...{ name: run.name, options, step, ended, computedOn: computedOn() },
    ...{ groups, validation, crops },
  });
  const elsewhere = run.runs === RUNS_FOLDER ? '' : ` --runs ${run.runs}`;
  const size = (statSync(files.checkpoint).size / 1e6).toFixed(1);
  print(ended);
  print(`Step ${step} of ${options.steps}: checkpoint ${files.checkpoint} (${size} MB).`);
  print(`Report: ${files.report}`);
  print(
    step < options.steps && !isOver(validation, options.patience)
      ? `Go on with: npm run train -- train --name ${run.name}${elsewhere} --resume`
      : `Pack the model with: npm run train -- export --name ${run.name}${elsewhere}`,
  );
}

async function trainSteps(
  run: Run,
  files: RunFiles,
  trainer: Trainer,
  options: TrainOptions,
  { batches, validation }: OpenedItems & { batches: WorkerBatches },
  stop: { readonly asked: boolean },
): Promise<{ crops: readonly JudgedCrop[]; ended: string }> {
  const last = Math.min(options.steps, run.stopAfter);
  const save = () => writeCheckpoint(files.checkpoint, trainer.checkpoint());
  const progress = new ProgressLine(options.steps, trainer.step);
  let crops: readonly JudgedCrop[] = [];
  let latest: Batch | null = null;
  print(`Training steps ${trainer.step + 1} to ${last} of ${options.steps}.`);
  while (trainer.step < last && !stop.asked) {
    const started = performance.now();
    const batch = await batches.next(trainer.step + 1);
    latest = batch;
    const waited = (performance.now() - started) / 1000;
    const report = trainer.train(batch);
    const seconds = (performance.now() - started) / 1000;
    appendFileSync(files.log, logLine(report, seconds, waited));
    progress.add(report, seconds);
    const { step } = report;
    if (validation.length > 0 && (step % options.validateEvery === 0 || step === options.steps)) {
      const { point, crops: judged } = trainer.validate(validation);
      crops = judged;
      const { right, wrong, abstained } = point.answers!;
      print(
        `validation after step ${step}: loss ${point.loss.toFixed(4)}, ${right} right, ${wrong} wrong, ${abstained} abstained`,
      );
      if (bestOf(trainer.validation) === point) writeCheckpoint(files.best, trainer.checkpoint());
      if (isOver(trainer.validation, options.patience)) {
        const best = readCheckpoint(files.best);
        writeCheckpoint(files.checkpoint, { ...best, validation: trainer.validation });
        const ended = `Ended early after step ${step}: no validation of the last ${options.patience} was better than that of step ${best.step}, whose weights are kept.`;
        return { crops, ended };
      }
    }
    if (step % run.checkpointEvery === 0) save();
    // Signals are delivered between steps.
    await new Promise((resolve) => setImmediate(resolve));
  }
  save();
  // Without persons for it, what was trained on last is looked at.
  if (validation.length === 0 && latest) ({ crops } = trainer.judge([latest]));
  if (trainer.step >= options.steps) return { crops, ended: 'All steps are done.' };
  return { crops, ended: stop.asked ? 'Stopped by a signal.' : 'Stopped where it was asked to.' };
}

/** A full disk in words; other errors as they are. */
function explained(error: NodeJS.ErrnoException, name: string): Error {
  const { code } = (error.cause as NodeJS.ErrnoException | undefined) ?? error;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new Error(
    `The disk is full. Nothing is lost but the steps since the last checkpoint: make room, then go on with --name ${name} --resume.`,
    { cause: error },
  );
}

function printOptions(options: TrainOptions): void {
  const { parameters, multiplyAdds } = networkCost(
    planNetwork(options.network),
    options.height,
    options.width,
  );
  print(
    `Network: ${parameters} parameters, ${(multiplyAdds / 1e9).toFixed(3)} G multiply-adds for ${options.height} x ${options.width}.`,
  );
  print('Options:');
  for (const [name, value] of Object.entries(options)) {
    print(`  ${name.padEnd(14)} ${typeof value === 'object' ? JSON.stringify(value) : value}`);
  }
}

function reportGroups({ groups, validationPersons }: OpenedItems, { mix }: TrainOptions): void {
  for (const { selector, weight, persons, items } of groups) {
    print(`Items: ${selector} ${items} of ${persons} persons, weight ${weight}.`);
  }
  for (const selector of Object.keys(mix)) {
    if (!groups.some((group) => group.selector === selector)) {
      print(`Items: ${selector} none; the other classes take its share.`);
    }
  }
  if (validationPersons > 0) print(`Kept for validation: ${validationPersons} persons.`);
}

/** @param waited seconds of the step that went by until its batch was there */
const logLine = (
  { step, loss, gradientNorm, learningRate }: StepReport,
  seconds: number,
  waited: number,
): string =>
  `${step},${loss.toFixed(6)},${gradientNorm.toFixed(4)},${learningRate.toExponential(4)},${seconds.toFixed(3)},${waited.toFixed(3)}\n`;

/** The log without the steps that a killed run did after its last checkpoint: they are done again. */
function logUntil(log: string, step: number): string {
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [];
  const kept = lines.filter((line) => /^\d+,.*\d$/.test(line) && parseInt(line, 10) <= step);
  return LOG_HEADER + kept.map((line) => `${line}\n`).join('');
}

function listenForStop(): { readonly asked: boolean; release(): void } {
  const state = {
    asked: false,
    release: () => {
      process.off('SIGINT', ask);
      process.off('SIGTERM', ask);
    },
  };
  const ask = () => {
    if (!state.asked) print('Stopping after this step.');
    state.asked = true;
  };
  process.on('SIGINT', ask);
  process.on('SIGTERM', ask);
  return state;
}
