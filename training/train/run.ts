import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { networkCost, planNetwork } from '../network/plan';
import { nativeBackend } from '../tensorflow';
import { located, runFiles, RUNS_FOLDER } from '../paths';
import type { GroupSummary } from './batchWorker';
import { readCheckpoint, writeCheckpoint } from './checkpoint';
import type { TrainOptions } from './options';
import { Trainer, type StepReport } from './trainer';
import { WorkerBatches } from './workerBatches';

const REPORT_EVERY = 10;
const LOG_HEADER = 'step,loss,gradient_norm,learning_rate,seconds\n';

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
 * Trains a run, from its beginning or from its checkpoint, until its last step, `stopAfter` or
 * Ctrl-C; each leaves a checkpoint.
 */
export async function runTraining(run: Run): Promise<void> {
  const files = runFiles(run.name, run.runs);
  if (run.options && existsSync(files.checkpoint)) {
    throw new Error(
      `There is a run "${run.name}" already. Go on with it (--resume), or choose another --name.`,
    );
  }
  const checkpoint = run.options ? undefined : readCheckpoint(files.checkpoint);
  const options = run.options ?? checkpoint!.options;
  const items = options.items.map(located);
  for (const file of items) {
    if (!existsSync(file)) throw new Error(`The item file ${file} does not exist.`);
  }
  const trainer = new Trainer(options, checkpoint);
  if (trainer.step >= options.steps) {
    throw new Error(`The run "${run.name}" has done all of its ${options.steps} steps.`);
  }
  const cost = networkCost(planNetwork(options.network), options.height, options.width);
  print(
    `Network: ${cost.parameters} parameters, ${(cost.multiplyAdds / 1e9).toFixed(3)} G multiply-adds for ${options.height} x ${options.width}.`,
  );
  const { binding, isUsingGpuDevice } = nativeBackend();
  print(
    `Computing with TensorFlow ${binding.TF_Version} on the ${isUsingGpuDevice ? 'GPU' : 'CPU'}.`,
  );
  const { batches, groups } = await WorkerBatches.open({ ...options, files: items }, options.steps);
  const stop = listenForStop();
  try {
    mkdirSync(files.folder, { recursive: true });
    if (run.options) writeFileSync(files.options, `${JSON.stringify(options, null, 2)}\n`);
    writeFileSync(files.log, run.options ? LOG_HEADER : logUntil(files.log, trainer.step));
    writeFileSync(files.data, `${JSON.stringify(groups, null, 2)}\n`);
    reportGroups(groups, options);
    const last = Math.min(options.steps, run.stopAfter);
    const save = () => writeCheckpoint(files.checkpoint, trainer.checkpoint());
    const progress = new ProgressLine(options.steps, trainer.step);
    print(`Training steps ${trainer.step + 1} to ${last} of ${options.steps}.`);
    while (trainer.step < last && !stop.asked) {
      const started = performance.now();
      const report = trainer.train(await batches.next(trainer.step + 1));
      const seconds = (performance.now() - started) / 1000;
      appendFileSync(files.log, logLine(report, seconds));
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
  const elsewhere = run.runs === RUNS_FOLDER ? '' : ` --runs ${run.runs}`;
  const size = (statSync(files.checkpoint).size / 1e6).toFixed(1);
  print(`Step ${trainer.step} of ${options.steps}: checkpoint ${files.checkpoint} (${size} MB).`);
  print(
    trainer.step < options.steps
      ? `Go on with: npm run train -- train --name ${run.name}${elsewhere} --resume`
      : `Pack the model with: npm run train -- export --name ${run.name}${elsewhere}`,
  );
}

function reportGroups(groups: readonly GroupSummary[], { mix }: TrainOptions): void {
  for (const { selector, weight, persons, items } of groups) {
    print(`Items: ${selector} ${items} of ${persons} persons, weight ${weight}.`);
  }
  for (const selector of Object.keys(mix)) {
    if (!groups.some((group) => group.selector === selector)) {
      print(`Items: ${selector} none; the other classes take its share.`);
    }
  }
}

const logLine = ({ step, loss, gradientNorm, learningRate }: StepReport, seconds: number): string =>
  `${step},${loss.toFixed(6)},${gradientNorm.toFixed(4)},${learningRate.toExponential(4)},${seconds.toFixed(3)}\n`;

/** The log without the steps that a killed run did after its last checkpoint: they are done again. */
function logUntil(log: string, step: number): string {
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [];
  const kept = lines.filter((line) => /^\d+,.*\d$/.test(line) && parseInt(line, 10) <= step);
  return LOG_HEADER + kept.map((line) => `${line}\n`).join('');
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
