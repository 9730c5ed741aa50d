import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { readModelPackage } from '../../src/model/node';
import { readSpineCurves } from '../synthesis/spineCurves';
import { percent } from '../evaluate/tables';
import { whole } from '../tools/numbers';
import { calibrateMany } from './calibrateMany';
import { recommend } from './recommend';
import { markdown, type Calibration } from './report';
import { statisticsOf } from './statistics';

const KEYPOINTS = 'vid_keypoints.csv.gz';

interface Options {
  readonly model: string;
  readonly count: number;
  readonly seed: number;
  readonly threads: number;
  readonly shapes: string;
  readonly out: string;
}

/** Adds `calibrate` to the training program. */
export function register(program: Command): void {
  program
    .command('calibrate')
    .description(
      'measure a packed model’s probabilities on fresh synthetic spines; recommend thresholds',
    )
    .requiredOption('--model <dir>', 'model package (manifest.json and ONNX)')
    .option('--count <n>', 'how many spines', whole(1), 2000)
    .option('--seed <n>', 'a seed that no model was trained on', whole(0), 777)
    .option('--threads <n>', 'worker threads', whole(1), availableParallelism())
    .option(
      '--shapes <dir>',
      `folder with ${KEYPOINTS} (real spine curves)`,
      '../shared/data/shapes',
    )
    .option('--out <dir>', 'folder for the report', 'training/work/calibration')
    .action(calibrate);
}

async function calibrate(options: Options): Promise<void> {
  const { count, seed } = options;
  const { manifest } = await readModelPackage(options.model);
  const file = join(options.shapes, KEYPOINTS);
  const curves = readSpineCurves(file);
  console.error(
    curves
      ? `${curves.length} spine curves from ${file}.`
      : `No ${file}: spine curves are sampled from published distances between vertebrae.`,
  );
  const bar = new SingleBar({
    format: 'calibrating [{bar}] {value}/{total} {eta_formatted}',
    noTTYOutput: true,
    notTTYSchedule: 15000,
  });
  bar.start(count, 0);
  let samples;
  try {
    samples = await calibrateMany({ ...options, curves, onProgress: (n) => bar.update(n) });
  } finally {
    bar.stop();
  }
  // Found on the even samples, counted on the odd ones.
  const found = recommend(
    samples.filter((_, i) => i % 2 === 0),
    manifest.decision,
  );
  const { name, version, sha256 } = manifest;
  const calibration: Calibration = {
    model: { name, version, sha256 },
    seed,
    count,
    realCurves: curves !== null,
    shipped: statisticsOf(samples, manifest.decision),
    recommended: statisticsOf(
      samples.filter((_, i) => i % 2 === 1),
      found,
    ),
  };
  mkdirSync(options.out, { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(options.out, name), text);
  write('calibration.json', `${JSON.stringify(calibration, null, 2)}\n`);
  write('calibration.md', markdown(calibration));
  const { precisionAt90, coverage } = calibration.shipped;
  console.error(
    `Right at 0.9 and above: ${percent(precisionAt90.share, 1)}; countable ones answered: ` +
      `${percent(coverage.share, 1)}. Recommended: ${JSON.stringify(found)}. ` +
      `Report written to ${options.out}.`,
  );
}
