import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { GREEN, contactSheet, type SheetPanel } from '../items/contactSheet';
import type { TrainingItem } from '../items/item';
import { writeItems } from '../items/itemStore';
import { proportion, whole } from '../tools/numbers';
import { readSpineCurves } from './spineCurves';
import { synthesizeMany } from './synthesizeMany';

const KEYPOINTS = 'vid_keypoints.csv.gz';
const SHEET_ITEMS = 40;

interface Options {
  readonly count: number;
  readonly seed: number;
  readonly out: string;
  readonly shapes: string;
  readonly workers: number;
  readonly variants: number;
  readonly negatives: number;
  readonly sheet?: string;
}

/** Adds `synthesize` to the training program. */
export function register(program: Command): void {
  program
    .command('synthesize')
    .description('make labelled synthetic projections (CT-like and MR-like) to train on')
    .option('--count <n>', 'how many', whole(1), 4000)
    .option('--seed <n>', 'the same seed gives the same pictures', whole(0), 1)
    .option('--out <file>', 'items file to write', 'training/work/items/synthetic.items')
    .option(
      '--shapes <dir>',
      `folder with ${KEYPOINTS} (real spine curves)`,
      '../shared/data/shapes',
    )
    .option(
      '--variants <share>',
      'numbering variants, 0..1; as many as half, so that the last rib cannot be told from the sacrum alone',
      proportion,
      0.5,
    )
    .option('--negatives <share>', 'pictures without a lumbar spine among them', proportion, 0)
    .option('--workers <n>', 'threads', whole(1), 2)
    .option('--sheet <png>', `also draw the first ${SHEET_ITEMS} with their levels`)
    .action(synthesize);
}

async function synthesize(options: Options): Promise<void> {
  const file = join(options.shapes, KEYPOINTS);
  const curves = readSpineCurves(file);
  console.error(
    curves
      ? `${curves.length} spine curves from ${file}.`
      : `No ${file}: spine curves are sampled from published distances between vertebrae.`,
  );
  const bar = new SingleBar({
    format: 'synthesising [{bar}] {value}/{total} {eta_formatted}',
    noTTYOutput: true,
    notTTYSchedule: 15000,
  });
  bar.start(options.count, 0);
  let items: TrainingItem[];
  try {
    items = await synthesizeMany({ ...options, curves, onProgress: (n) => bar.update(n) });
  } finally {
    bar.stop();
  }
  writeItems(options.out, items);
  console.error(`${items.length} items written to ${options.out}.`);
  if (options.sheet) {
    mkdirSync(dirname(options.sheet), { recursive: true });
    writeFileSync(options.sheet, contactSheet(items.slice(0, SHEET_ITEMS).map(panelOf)));
    console.error(`Contact sheet written to ${options.sheet}.`);
  }
}

function panelOf(item: TrainingItem, position: number): SheetPanel {
  return {
    title: `${item.id} ${item.modality}`,
    height: item.height,
    width: item.width,
    plane: position % 2 === 0 ? item.max : item.mean,
    marks: item.levels.map(({ name, row, column }) => ({
      row,
      column,
      label: name,
      colour: GREEN,
    })),
  };
}
