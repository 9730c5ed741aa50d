import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { plainName, version } from '../export/command';
import { DEFAULT_MODEL, noted, RUNS_FOLDER } from '../tools/paths';
import type { TrainingItem } from '../items/item';
import { readItems } from '../items/itemStore';
import { readSpineCurves } from '../synthesis/spineCurves';
import { synthesizeMany } from '../synthesis/synthesizeMany';
import { positive, share, whole } from '../tools/numbers';
import { print } from '../tools/print';
import { readOwnItems } from './ownItems';

const KEYPOINTS = 'vid_keypoints.csv.gz';
/** Seeds of the pictures that are rehearsed and judged by: never those of `synthesize`'s default. */
const REHEARSAL_SEED = 7001;
const BASE_SEED = 7002;

interface Arguments {
  readonly model: string;
  readonly data: readonly string[];
  readonly out: string;
  readonly modelVersion: string;
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly ownShare: number;
  readonly holdOutShare: number;
  readonly synthetic: number;
  readonly base: number;
  readonly rehearse?: readonly string[];
  readonly shapes: string;
  readonly workers: number;
  readonly runs: string;
  readonly force?: boolean;
}

/** Adds `retrain` to the training program. */
export function register(program: Command): void {
  program
    .command('retrain')
    .description('train a shipped package on with your own cases or corrections')
    .requiredOption('--data <paths...>', 'corrections of the viewer and items of "prepare"')
    .option('--model <dir>', 'package to start from', DEFAULT_MODEL)
    .requiredOption('--out <dir>', 'the new package, beside the old one')
    .requiredOption('--model-version <version>', 'version of the new package', version)
    .option('--steps <n>', 'steps of training', whole(1), 200)
    .option('--batch <n>', 'crops a step', whole(1), 8)
    .option('--learning-rate <x>', 'peak', positive, 4e-4)
    .option('--seed <n>', 'seed of the batches', whole(0), 1)
    .option('--own-share <share>', 'share of your own cases among the crops', share, 0.5)
    .option('--hold-out-share <share>', 'share of your persons to judge by', share, 0.25)
    .option('--synthetic <n>', 'synthetic pictures to rehearse', whole(0), 300)
    .option('--rehearse <items...>', 'items files to rehearse too')
    .option('--base <n>', 'synthetic pictures to judge by, always the same', whole(1), 80)
    .option('--shapes <dir>', `folder with ${KEYPOINTS}`, '../shared/data/shapes')
    .option('--workers <n>', 'threads that synthesise', whole(1), 2)
    .option('--runs <folder>', 'folder of the runs', noted(RUNS_FOLDER))
    .option('--force', 'write the package although it is worse')
    .action(async (given: Arguments) => {
      plainName(basename(given.out));
      const { items: own, rejected } = readOwnItems(given.data);
      for (const { file, reason } of rejected) print(`Left out: ${file}: ${reason}.`);
      const { checkTrainable, retrain } = await import('./retrain');
      await checkTrainable(given.model, given.out);
      const rehearsal = [
        ...(await synthetic(given, REHEARSAL_SEED, given.synthetic)),
        ...(given.rehearse ?? []).flatMap(readItems),
      ];
      const base = await synthetic(given, BASE_SEED, given.base);
      const { height, width } = (await import('../train/options')).DEFAULT_TRAINING;
      const report = await retrain({
        ...given,
        own,
        rehearsal,
        base,
        version: given.modelVersion,
        training: { ...given, height, width },
        force: given.force ?? false,
        command: commandLine(given),
      });
      if (report.written) {
        const warned = report.worse.length > 0 ? ', though it is worse (--force)' : '';
        print(`The new package is ${report.folder}${warned}. The old one is as it was.`);
        return;
      }
      throw new Error(
        `The new model is no replacement: ${report.worse.join('; ')}. It was not written to ${given.out}; it lies in ${report.folder}. More cases may help, or fewer --steps; --force writes it all the same.`,
      );
    });
}

async function synthetic(
  { shapes, workers }: Arguments,
  seed: number,
  count: number,
): Promise<TrainingItem[]> {
  if (count === 0) return [];
  const file = join(shapes, KEYPOINTS);
  const curves = existsSync(file) ? readSpineCurves(file) : null;
  print(`Painting ${count} synthetic spines (seed ${seed}).`);
  return synthesizeMany({ count, seed, curves, workers });
}

function commandLine({
  model,
  data,
  out,
  modelVersion,
  steps,
  batch,
  learningRate,
  seed,
}: Arguments): string {
  return [
    `npm run train -- retrain --model ${noted(model)} --data ${data.map(noted).join(' ')} --out ${noted(out)} --model-version ${modelVersion}`,
    `--steps ${steps} --batch ${batch} --learning-rate ${learningRate} --seed ${seed}`,
  ].join(' ');
}
