import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { LEVEL_NAMES, type LevelName } from '../../src/levels/types';
import type { ChannelName } from '../../src/projection/types';
import { CLASSIFIED_MAPS, OUTPUT_MAPS } from '../network/maps';
import { DEFAULT_NETWORK } from '../network/plan';
import { ITEMS_FOLDER, noted, RUNS_FOLDER, SPINE_CURVES } from '../tools/paths';
import { BACKEND_CHOICES, chooseBackend, type BackendChoice } from '../tools/backends';
import { applyConfig } from './config';
import { positive, proportion, share, whole } from '../tools/numbers';
import { addSeedOptions, checkPreset, trainSeed } from '../article/command';
import { CHANNEL_NAMES, DEFAULT_MIX, DEFAULT_TRAINING, type TrainOptions } from './options';
import { CLASSES } from '../batches/itemMix';
import { DEFAULT_STREAM } from '../batches/syntheticStream';

interface Arguments {
  readonly name: string;
  readonly runs: string;
  readonly resume?: boolean;
  readonly items?: string[];
  readonly mix: Record<string, number>;
  readonly synthesize?: number;
  readonly fresh: number;
  readonly variants: number;
  readonly negatives: number;
  readonly spineCurves: string;
  readonly holdOut: string[];
  readonly startFrom?: string;
  readonly seed: number;
  readonly steps: number;
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly learningRate: number;
  readonly channels: readonly ChannelName[];
  readonly deepSupervision: boolean;
  readonly classification: boolean;
  readonly levelsOnly?: readonly LevelName[];
  readonly lastRibWeight: number;
  readonly validation: number;
  readonly validateEvery: number;
  readonly patience: number;
  readonly backend: BackendChoice;
  readonly config?: string;
  readonly preset?: string;
  readonly checkpointEvery: number;
  readonly stopAfter?: number;
}

/** A run's name becomes a folder's. */
export const runName = (text: string): string => {
  if (!/^[\w][\w.-]*$/.test(text)) {
    throw new InvalidArgumentError('Letters, digits, dots, hyphens and underscores only.');
  }
  return text;
};

export const runsOption = (): Option =>
  new Option('--runs <folder>', 'folder of the runs, a folder each').default(
    RUNS_FOLDER,
    noted(RUNS_FOLDER),
  );

const FORM = new RegExp(`^(${CLASSES.join('|')})(/[^=]+)?=(\\d+(?:\\.\\d+)?)$`);

function parseMix(text: string): Record<string, number> {
  const mix: Record<string, number> = {};
  for (const part of text.split(',')) {
    const match = FORM.exec(part.trim());
    if (!match) {
      throw new InvalidArgumentError(
        `"${part}" is not of the form CLASS=WEIGHT or CLASS/SET=WEIGHT, with CLASS one of ${CLASSES.join(', ')}.`,
      );
    }
    mix[match[1]! + (match[2] ?? '')] = Number(match[3]);
  }
  return mix;
}

const listOf =
  <T extends string>(known: readonly T[]) =>
  (text: string): T[] => {
    const names = text.split(',').map((part) => part.trim());
    const chosen = names.map((name) => known.find((each) => each === name));
    const wrong = names.find((_, i) => chosen[i] === undefined || chosen.indexOf(chosen[i]) !== i);
    if (wrong !== undefined) {
      throw new InvalidArgumentError(`"${wrong}" is not one of ${known.join(', ')}, each once.`);
    }
    return chosen as T[];
  };

function allItems(): string[] {
  let names: string[] = [];
  try {
    names = readdirSync(ITEMS_FOLDER).filter((name) => name.endsWith('.items'));
  } catch {
    // No folder: no items.
  }
  return names.sort().map((name) => join(ITEMS_FOLDER, name));
}

function needed(items: string[]): string[] {
  if (items.length === 0) {
    throw new Error(
      `There are no items in ${ITEMS_FOLDER}. Make some with "synthesize" and "prepare", or have spines made while training (--synthesize 4000).`,
    );
  }
  return items;
}

export function register(program: Command): void {
  const mixText = Object.entries(DEFAULT_MIX).map(([name, weight]) => `${name}=${weight}`);
  const train = program
    .command('train')
    .description('train the network; stop with Ctrl-C, go on with --resume')
    .requiredOption('--name <run>', 'name of the run', runName)
    .addOption(runsOption())
    .option('--resume', 'go on exactly where the run stopped (its own options are used)')
    .option('--items <files...>', 'item files (default: every one in training/work/items)')
    .addOption(
      new Option('--mix <weights>', 'share of each class, CLASS[/SET]=WEIGHT,...')
        .argParser(parseMix)
        .default({ ...DEFAULT_MIX }, mixText.join(',')),
    )
    .option('--synthesize <pool>', 'draw from so many spines made while training, too', whole(1))
    .option('--fresh <n>', 'spines of the pool replaced a step', positive, DEFAULT_STREAM.fresh)
    .option('--variants <share>', 'numbering variants', proportion, DEFAULT_STREAM.variants)
    .option(
      '--negatives <share>',
      'of them that are no lumbar spines (class no-spine)',
      proportion,
      0,
    )
    .addOption(
      new Option('--spine-curves <file>', 'table of real ones for these spines').default(
        SPINE_CURVES,
        noted(SPINE_CURVES),
      ),
    )
    .addOption(
      new Option('--hold-out <names...>', 'persons or sets not to train on').default([], 'none'),
    )
    .option('--start-from <run>', 'begin with the averaged weights of another run', runName)
    .option('--seed <integer>', 'seed of weights and batches', whole(0), DEFAULT_TRAINING.seed)
    .option('--steps <n>', 'steps of the whole run', whole(1), DEFAULT_TRAINING.steps)
    .option('--batch <n>', 'crops a step', whole(1), DEFAULT_TRAINING.batch)
    .option('--height <px>', 'crop height, 2 mm px, n x 32', whole(32), DEFAULT_TRAINING.height)
    .option('--width <px>', 'crop width, 2 mm px, n x 32', whole(32), DEFAULT_TRAINING.width)
    .option('--learning-rate <x>', 'peak', positive, DEFAULT_TRAINING.learningRate)
    .addOption(
      new Option('--channels <names>', `input planes, of ${CHANNEL_NAMES.join(', ')}`)
        .argParser(listOf(CHANNEL_NAMES))
        .default(DEFAULT_TRAINING.channels, DEFAULT_TRAINING.channels.join(',')),
    )
    .option('--no-deep-supervision', 'teach the last decoder level alone')
    .option('--no-classification', 'without the module that judges what is in view')
    .option('--levels-only <names>', 'teach these levels and the body alone', listOf(LEVEL_NAMES))
    .option(
      '--last-rib-weight <x>',
      'of its map in the loss, against 1 for any other',
      positive,
      DEFAULT_TRAINING.lastRibWeight,
    )
    .option('--validation <share>', 'persons kept for it', share, DEFAULT_TRAINING.validation)
    .option('--validate-every <n>', 'steps', whole(1), DEFAULT_TRAINING.validateEvery)
    .option(
      '--patience <n>',
      'end with the best weights after so many validations without improvement; 0: never',
      whole(0),
      DEFAULT_TRAINING.patience,
    )
    .addOption(
      new Option('--backend <name>', 'what computes; auto: the first of them that is there')
        .choices(BACKEND_CHOICES)
        .default('auto'),
    )
    .option('--config <file>', 'JSON of options, {"steps": 3000, ...}; the command line goes first')
    .option('--checkpoint-every <n>', 'steps between checkpoints', whole(1), 100)
    .option('--stop-after <step>', 'stop (with a checkpoint) after this step', whole(1));
  addSeedOptions(train).action(async (_: Arguments, command: Command) => {
    const { config, resume } = command.opts<Arguments>();
    if (config && resume) {
      throw new Error('--resume goes on with the options of the run: leave --config out.');
    }
    if (config) applyConfig(command, config);
    const given = command.opts<Arguments>();
    if (given.patience > 0 && !(given.validation > 0)) {
      throw new Error('--patience needs persons to validate with: give --validation, e.g. 0.1.');
    }
    checkPreset(command);
    chooseBackend(given.backend);
    if (given.preset) return trainSeed(command.opts());
    const { runTraining } = await import('./run');
    const options: TrainOptions | null = given.resume
      ? null
      : {
          network: {
            ...DEFAULT_NETWORK,
            channels: given.channels.length,
            maps: OUTPUT_MAPS,
            classes: given.classification ? CLASSIFIED_MAPS : [],
            deepSupervision: given.deepSupervision,
          },
          channels: given.channels,
          levelsOnly: given.levelsOnly ?? null,
          lastRibWeight: given.lastRibWeight,
          seed: given.seed,
          steps: given.steps,
          batch: given.batch,
          height: given.height,
          width: given.width,
          learningRate: given.learningRate,
          weightDecay: DEFAULT_TRAINING.weightDecay,
          clip: DEFAULT_TRAINING.clip,
          frozenStatistics: false,
          items: (given.items ?? (given.synthesize ? allItems() : needed(allItems()))).map(noted),
          mix: given.mix,
          synthesis: given.synthesize
            ? {
                ...{ pool: given.synthesize, fresh: given.fresh, variants: given.variants },
                // A run without them notes what runs of before noted.
                ...(given.negatives > 0 ? { negatives: given.negatives } : {}),
                curves: noted(given.spineCurves),
              }
            : null,
          holdOut: given.holdOut,
          startFrom: given.startFrom ?? null,
          validation: given.validation,
          validateEvery: given.validateEvery,
          patience: given.patience,
        };
    await runTraining({
      name: given.name,
      runs: given.runs,
      options,
      checkpointEvery: given.checkpointEvery,
      stopAfter: given.stopAfter ?? Infinity,
    });
  });
}
