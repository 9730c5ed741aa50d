import { appendFileSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { networkCost, planNetwork } from '../network/plan';
import { checkpointFile, dataFile, runFolder } from '../paths';
import { readCheckpoint, writeCheckpoint } from './checkpoint';
import type { TrainOptions } from './options';
import { Trainer, type StepReport } from './trainer';
import { WorkerBatches } from './workerBatches';

const REPORT_EVERY = 10;

export interface Run {
  readonly name: string;
  /** Null: go on with the run of that name. */
  readonly options: TrainOptions | null;
  readonly checkpointEvery: number;
  readonly stopAfter: number;
}

/**
 * Trains a run, from its beginning or from its checkpoint, until its last step, `stopAfter` or
 * Ctrl-C; each leaves a checkpoint.
 */
export async function runTraining(run: Run): Promise<void> {
  const folder = runFolder(run.name);
  const file = checkpointFile(run.name);
  if (run.options && existsSync(file)) {
    throw new Error(
      `There is a run "${run.name}" already. Go on with it (--resume), or choose another --name.`,
    );
  }
  const checkpoint = run.options ? undefined : readCheckpoint(file);
  const options = run.options ?? checkpoint!.options;
  for (const items of options.items) {
    if (!existsSync(items)) throw new Error(`The item file ${items} does not exist.`);
  }
  const trainer = new Trainer(options, checkpoint);
  if (trainer.step >= options.steps) {
    throw new Error(`The run "${run.name}" has done all of its ${options.steps} steps.`);
  }
  mkdirSync(folder, { recursive: true });
  const log = join(folder, 'log.csv');
  if (run.options) {
    writeFileSync(join(folder, 'options.json'), `${JSON.stringify(options, null, 2)}\n`);
    writeFileSync(log, 'step,loss,gradient_norm,learning_rate,seconds\n');
  }
  const cost = networkCost(planNetwork(options.network), options.height, options.width);
  print(
    `Network: ${cost.parameters} parameters, ${(cost.multiplyAdds / 1e9).toFixed(3)} G multiply-adds for ${options.height} x ${options.width}.`,
  );
  const { batches, groups } = await WorkerBatches.open(
    { ...options, files: options.items },
    options.steps,
  );
  writeFileSync(dataFile(run.name), `${JSON.stringify(groups, null, 2)}\n`);
  for (const { selector, weight, persons, items } of groups) {
    print(`Items: ${selector} ${items} of ${persons} persons, weight ${weight}.`);
  }
  for (const selector of Object.keys(options.mix)) {
    if (!groups.some((group) => group.selector === selector)) {
      print(`Items: ${selector} none; the other classes take its share.`);
    }
  }
  const stop = listenForStop();
  const save = () => writeCheckpoint(file, trainer.checkpoint());
  const last = Math.min(options.steps, run.stopAfter);
  const progress = new ProgressLine(options.steps, trainer.step);
  try {
    print(`Training steps ${trainer.step + 1} to ${last} of ${options.steps}.`);
    while (trainer.step < last && !stop.asked) {
      const started = performance.now();
      const report = trainer.train(await batches.next(trainer.step + 1));
      const seconds = (performance.now() - started) / 1000;
      appendFileSync(
        log,
        `${report.step},${report.loss.toFixed(6)},${report.gradientNorm.toFixed(4)},${report.learningRate.toExponential(4)},${seconds.toFixed(3)}\n`,
      );
      progress.add(report, seconds);
      if (report.step % run.checkpointEvery === 0) save();
      // Signals are delivered between steps.
      await new Promise((resolve) => setImmediate(resolve));
    }
    save();
  } finally {
    stop.release();
    await batches.close();
    trainer.dispose();
  }
  const size = (statSync(file).size / 1e6).toFixed(1);
  print(`Step ${trainer.step} of ${options.steps}: checkpoint ${file} (${size} MB).`);
  print(
    trainer.step < options.steps
      ? `Go on with: npm run train -- train --name ${run.name} --resume`
      : `Pack the model with: npm run train -- export --name ${run.name}`,
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

class ProgressLine {
  private losses: number[] = [];
  private seconds: number[] = [];

  constructor(
    private readonly steps: number,
    private readonly first: number,
  ) {}

  add({ step, loss }: StepReport, seconds: number): void {
    this.losses.push(loss);
    this.seconds.push(seconds);
    if ((step - this.first) % REPORT_EVERY !== 0 && step !== this.steps) return;
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const pace = mean(this.seconds);
    const minutes = ((this.steps - step) * pace) / 60;
    print(
      `step ${step}/${this.steps}  loss ${mean(this.losses).toFixed(4)}  ${pace.toFixed(2)} s/step  ${minutes.toFixed(0)} min left`,
    );
    this.losses = [];
    this.seconds = [];
  }
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
