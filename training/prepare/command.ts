import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { readCases, type Case } from './cases';
import { faultsOf } from './checkItem';
import { GREEN, contactSheet, type SheetPanel } from './contactSheet';
import type { TrainingItem } from './item';
import { writeItems } from './itemStore';
import { openCase, projectView, viewsOf } from './openCase';
import { readSplit, sharedPersons, type Split } from './splits';
import { labelledItem, negativeItem } from './toItem';

interface Options {
  readonly cases: readonly string[];
  readonly split: string;
  readonly out: string;
  readonly sheets?: string;
}

interface Rejected {
  readonly case: string;
  readonly reasons: readonly string[];
}

/** Adds `prepare` to the training program. */
export function register(program: Command): void {
  program
    .command('prepare')
    .description('make training items from labelled scans, by the split')
    .option('--cases <json...>', 'lists of cases with truth', [
      '../shared/data/mr/index.json',
      '../shared/data/ct/cases.json',
    ])
    .option(
      '--split <json>',
      'which case may be used for what',
      'training/prepare/splits/shared.json',
    )
    .option('--out <dir>', 'folder for the items files', 'training/work/items')
    .option('--sheets <dir>', 'also draw every case with its levels (PNG)')
    .action(prepare);
}

async function prepare(options: Options): Promise<void> {
  const split = readSplit(options.split);
  const cases = options.cases.flatMap(readCases);
  const leaks = sharedPersons(
    split,
    cases.map(({ id }) => id),
  );
  if (leaks.length > 0) throw new Error(`${options.split} leaks persons: ${leaks.join('; ')}.`);
  const groups = new Map<string, { items: TrainingItem[]; panels: SheetPanel[] }>();
  const rejected: Rejected[] = [];
  const training = cases.filter(({ id }) => split.roleOf(id).role === 'train');
  console.error(`${training.length} of ${cases.length} cases are for training.`);
  for (const [i, truth] of training.entries()) {
    try {
      const items = await itemsOf(truth, split);
      const faults = [...new Set(items.flatMap(faultsOf))];
      if (faults.length > 0) {
        rejected.push({ case: truth.id, reasons: faults });
        continue;
      }
      const group = groups.get(groupOf(items[0])) ?? { items: [], panels: [] };
      group.items.push(...items);
      group.panels.push(panelOf(items[Math.floor(items.length / 2)]));
      groups.set(groupOf(items[0]), group);
    } catch (error) {
      rejected.push({ case: truth.id, reasons: [(error as Error).message] });
    }
    console.error(`${i + 1}/${training.length} ${truth.id}`);
  }
  mkdirSync(options.out, { recursive: true });
  for (const [name, { items, panels }] of groups) {
    const file = join(options.out, `${name}.items`);
    writeItems(file, items);
    console.error(`${items.length} items of ${panels.length} cases written to ${file}.`);
    if (options.sheets) {
      mkdirSync(options.sheets, { recursive: true });
      writeFileSync(join(options.sheets, `${name}.png`), contactSheet(panels, 8, 1));
    }
  }
  writeFileSync(join(options.out, 'rejected.json'), `${JSON.stringify(rejected, null, 2)}\n`);
  for (const { case: id, reasons } of rejected)
    console.error(`Left out: ${id}: ${reasons.join('; ')}.`);
}

async function itemsOf(truth: Case, split: Split): Promise<TrainingItem[]> {
  const open = await openCase(truth);
  const items: TrainingItem[] = [];
  for (const view of viewsOf(open.series)) {
    const projection = await projectView(open, view);
    const person = split.personOf(truth.id);
    items.push(
      truth.l3ZMm === null
        ? negativeItem(truth, projection, view.name, person)
        : labelledItem(truth, projection, view.name, person, split.levelsYMm[truth.id] ?? {}),
    );
  }
  return items;
}

/** The items file a case belongs into: `mr`, `ct-labelled`, `ct-no-l3`, ... */
function groupOf({ modality, kind }: TrainingItem): string {
  const name = modality.toLowerCase();
  return modality === 'MR' && kind === 'labelled' ? name : `${name}-${kind}`;
}

function panelOf(item: TrainingItem): SheetPanel {
  return {
    title: item.id,
    height: item.height,
    width: item.width,
    plane: item.mean,
    marks: item.levels.map(({ name, row, column }) => ({
      row,
      column,
      label: name,
      colour: GREEN,
    })),
  };
}
