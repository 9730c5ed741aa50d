import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { ModelManifest } from '../../src/model/manifest';
import { noted, SPINE_CURVES } from '../tools/paths';
import type { GroupSummary } from '../batches/batchWorker';
import { DEFAULT_TRAINING, type TrainOptions } from '../train/options';
import { DEFAULT_STREAM, spinesUntil } from '../batches/syntheticStream';

/** Where a model comes from, as far as the run itself knows. */
export interface Provenance {
  readonly run: string;
  readonly seed: number;
  readonly steps: number;
  readonly plannedSteps: number;
  /** The command line that starts the same run again. */
  readonly command: string;
  /** Whether that command line packs the model too. */
  readonly packsToo: boolean;
  /** Names of the sets. */
  readonly sets: readonly string[];
  /** Of those made while training, only the ones that were there at its beginning. */
  readonly groups: readonly GroupSummary[];
  /** Synthetic spines made while training. */
  readonly spinesMade: number;
}

/** Where a committee comes from. */
export interface CommitteeOrigin {
  /** The packages whose networks it holds. */
  readonly members: readonly Pick<ModelManifest, 'name' | 'version' | 'sha256'>[];
  /** The command line that packed it. */
  readonly command: string;
}

/**
 * @param dataFile what the run noted about its items; it may be missing
 */
export function provenanceOf(
  run: string,
  options: TrainOptions,
  steps: number,
  dataFile: string,
): Provenance {
  const groups = existsSync(dataFile)
    ? (JSON.parse(readFileSync(dataFile, 'utf8')) as GroupSummary[])
    : [];
  return {
    run,
    seed: options.seed,
    steps,
    plannedSteps: options.steps,
    command: commandLine(run, options),
    packsToo: false,
    sets: [...new Set(groups.flatMap(({ sets }) => sets))].sort(),
    groups,
    spinesMade: options.synthesis ? spinesUntil(options.synthesis, steps) : 0,
  };
}

function commandLine(run: string, options: TrainOptions): string {
  const { network, channels, levelsOnly, lastRibWeight } = options;
  const { seed, steps, batch, height, width, learningRate } = options;
  const items = options.items.map((path) => (isAbsolute(path) ? noted(path) : path));
  const mix = Object.entries(options.mix).map(([selector, weight]) => `${selector}=${weight}`);
  return [
    `npm run train -- train --name ${run} --seed ${seed} --steps ${steps}`,
    ...(batch === DEFAULT_TRAINING.batch ? [] : [`--batch ${batch}`]),
    ...(height === DEFAULT_TRAINING.height ? [] : [`--height ${height}`]),
    ...(width === DEFAULT_TRAINING.width ? [] : [`--width ${width}`]),
    ...(learningRate === DEFAULT_TRAINING.learningRate ? [] : [`--learning-rate ${learningRate}`]),
    ...(channels.join() === DEFAULT_TRAINING.channels.join()
      ? []
      : [`--channels ${channels.join(',')}`]),
    ...(network.deepSupervision ? [] : ['--no-deep-supervision']),
    ...(network.classes.length > 0 ? [] : ['--no-classification']),
    ...(levelsOnly === null ? [] : [`--levels-only ${levelsOnly.join(',')}`]),
    ...(lastRibWeight === DEFAULT_TRAINING.lastRibWeight
      ? []
      : [`--last-rib-weight ${lastRibWeight}`]),
    `--mix ${mix.join(',')}`,
    ...(options.validation === 0 ? [] : [`--validation ${options.validation}`]),
    ...(options.patience === 0
      ? []
      : [`--validate-every ${options.validateEvery} --patience ${options.patience}`]),
    ...(options.startFrom ? [`--start-from ${options.startFrom}`] : []),
    ...(options.holdOut.length === 0 ? [] : [`--hold-out ${options.holdOut.join(' ')}`]),
    ...streamOptions(options.synthesis),
    ...(items.length > 0 ? [`--items ${items.join(' ')}`] : []),
  ].join(' ');
}

function streamOptions(synthesis: TrainOptions['synthesis']): string[] {
  if (!synthesis) return [];
  const { pool, fresh, variants, curves } = synthesis;
  const line = [`--synthesize ${pool} --fresh ${fresh}`];
  if (variants !== DEFAULT_STREAM.variants) line.push(`--variants ${variants}`);
  if (curves !== noted(SPINE_CURVES)) line.push(`--spine-curves ${curves}`);
  return line;
}
