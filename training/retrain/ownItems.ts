import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { classOf } from '../batches/itemMix';
import { faultsOf } from '../items/checkItem';
import type { TrainingItem } from '../items/item';
import { readItems } from '../items/itemStore';
import { itemOfCorrection, readCorrections } from '../prepare/sources/corrections';
import { filesBelow } from '../prepare/sources/files';

export interface OwnItems {
  readonly items: readonly TrainingItem[];
  readonly rejected: readonly { readonly file: string; readonly reason: string }[];
}

/**
 * A hospital's own cases: corrections that the viewer exported (`*.correction`) and items that
 * `prepare` made (`*.items`), from files or from anywhere below folders.
 *
 * @throws Error when there is nothing of the kind
 */
export function readOwnItems(paths: readonly string[]): OwnItems {
  const files = paths.flatMap((path) => {
    if (!existsSync(path)) throw new Error(`${path} does not exist.`);
    return statSync(path).isDirectory()
      ? filesBelow(path).filter((file) => /\.(correction|items)$/.test(file))
      : [path];
  });
  if (files.length === 0) {
    throw new Error(`${paths.join(', ')}: no *.correction and no *.items in there.`);
  }
  const items: TrainingItem[] = [];
  const rejected: { file: string; reason: string }[] = [];
  for (const file of files) {
    try {
      for (const item of itemsIn(file)) {
        const faults = faultsOf(item);
        if (faults.length === 0) items.push(item);
        else rejected.push({ file, reason: `${item.id}: ${faults.join('; ')}` });
      }
    } catch (error) {
      rejected.push({ file, reason: (error as Error).message });
    }
  }
  if (items.length === 0) {
    throw new Error(`None of the ${files.length} files can be used: ${rejected[0].reason}`);
  }
  return { items, rejected };
}

function itemsIn(file: string): TrainingItem[] {
  if (file.endsWith('.items')) return readItems(file);
  const id = basename(file).replace(/\.correction$/, '');
  return readCorrections(file).map((correction, i, all) =>
    itemOfCorrection(correction, all.length > 1 ? `${id}-${i + 1}` : id),
  );
}

/**
 * Keeps a share of the persons out of training, at least one; the same persons whatever else there
 * is, as far as their number allows.
 *
 * @throws Error when all items are of one person
 */
export function splitOwn(
  items: readonly TrainingItem[],
  share: number,
): { training: TrainingItem[]; heldOut: TrainingItem[] } {
  const persons = [...new Set(items.map(({ person }) => person))];
  if (persons.length < 2) {
    throw new Error(
      'All cases are of one person. Two or more are needed: one to learn from, one to judge by.',
    );
  }
  const rank = (person: string) => createHash('sha256').update(`retrain ${person}`).digest('hex');
  persons.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  const count = Math.min(persons.length - 1, Math.max(1, Math.round(share * persons.length)));
  const out = new Set(persons.slice(0, count));
  return {
    training: items.filter(({ person }) => !out.has(person)),
    heldOut: items.filter(({ person }) => out.has(person)),
  };
}

/** One view of each case: of the slabs that `prepare` cuts from a stack, the middle one. */
export function oneViewEach(items: readonly TrainingItem[]): TrainingItem[] {
  const cases = new Map<string, TrainingItem[]>();
  for (const item of items) {
    const key = `${item.set}/${item.id.replace(/-slab[+-]\d+w\d+$/, '')}`;
    cases.set(key, [...(cases.get(key) ?? []), item]);
  }
  return [...cases.values()].map((views) => views[views.length >> 1]);
}

/**
 * Weights by class, and by class and set for what is the hospital's own. Every person weighs the same, with one
 * picture or with twenty: one correction as much as a scan.
 */
export function mixOf(
  own: readonly TrainingItem[],
  old: readonly TrainingItem[],
  share: number,
): Record<string, number> {
  const mix: Record<string, number> = {};
  const add = (
    items: readonly TrainingItem[],
    selectorOf: (item: TrainingItem) => string,
    of: number,
  ) => {
    const selectors = new Map<string, Set<string>>();
    for (const item of items) {
      const of = selectors.get(item.person) ?? new Set<string>();
      selectors.set(item.person, of.add(selectorOf(item)));
    }
    for (const each of selectors.values()) {
      for (const selector of each) {
        mix[selector] = (mix[selector] ?? 0) + (100 * of) / selectors.size / each.size;
      }
    }
  };
  add(old, classOf, old.length > 0 ? 1 - share : 0);
  add(own, (item) => `${classOf(item)}/${item.set}`, share);
  return mix;
}
