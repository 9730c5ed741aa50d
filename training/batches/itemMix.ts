import type { TrainingItem } from '../items/item';
import type { Random } from '../tools/random';

/** Items drawn with one weight: first a person by chance, then one of the person's items. */
export interface ItemGroup {
  readonly selector: string;
  readonly weight: number;
  readonly persons: readonly (readonly TrainingItem[])[];
}

/** Classes of a mix: spines made, labelled scans, scans that end above L3 or begin below it, and no lumbar spine at all. */
export const CLASSES = ['synthetic', 'mr', 'ct', 'no-l3', 'no-spine'] as const;

/** Which of the classes an item is of. */
export function classOf(item: TrainingItem): string {
  if (item.kind === 'below-l3') return 'no-l3';
  return item.kind === 'labelled' ? item.modality.toLowerCase() : item.kind;
}

/**
 * Sorts items into groups by a mix such as `{ synthetic: 62, mr: 20, 'mr/chu': 6 }`: a selector is a
 * class, or a class and a set; the more specific one takes the item. Items of no selector are left
 * out, selectors without items too.
 *
 * @param holdOut persons or sets to leave out
 * @throws Error when a name to hold out does not occur, or nothing is left
 */
export function groupItems(
  items: readonly TrainingItem[],
  mix: Readonly<Record<string, number>>,
  holdOut: readonly string[],
): ItemGroup[] {
  for (const name of holdOut) {
    if (!items.some(({ person, set }) => person === name || set === name)) {
      throw new Error(`Nothing to hold out: no item is of a person or set named "${name}".`);
    }
  }
  const groups = sortItems(items, mix, new Set(holdOut));
  if (groups.length === 0) {
    throw new Error(`No item is of the mix ${Object.keys(mix).join(', ')}: nothing to train on.`);
  }
  return groups;
}

/** Adds items to groups by the same mix; the groups given stay as they are. */
export function withItems(
  groups: readonly ItemGroup[],
  items: readonly TrainingItem[],
  mix: Readonly<Record<string, number>>,
): ItemGroup[] {
  const added = sortItems(items, mix, new Set());
  const own = new Set(groups.map(({ selector }) => selector));
  return [
    ...groups.map((group) => {
      const more = added.find(({ selector }) => selector === group.selector);
      return more ? { ...group, persons: [...group.persons, ...more.persons] } : group;
    }),
    ...added.filter(({ selector }) => !own.has(selector)),
  ];
}

function sortItems(
  items: readonly TrainingItem[],
  mix: Readonly<Record<string, number>>,
  withheld: ReadonlySet<string>,
): ItemGroup[] {
  const groups = new Map<string, Map<string, TrainingItem[]>>();
  for (const item of items) {
    if (withheld.has(item.person) || withheld.has(item.set)) continue;
    const specific = `${classOf(item)}/${item.set}`;
    const selector = specific in mix ? specific : classOf(item);
    if (!((mix[selector] ?? 0) > 0)) continue;
    const persons = groups.get(selector) ?? new Map<string, TrainingItem[]>();
    groups.set(selector, persons);
    const key = `${item.set}/${item.person}`;
    const own = persons.get(key);
    if (own) own.push(item);
    else persons.set(key, [item]);
  }
  return [...groups].map(([selector, persons]) => ({
    selector,
    weight: mix[selector]!,
    persons: [...persons.values()],
  }));
}

export function drawItem(groups: readonly ItemGroup[], random: Random): TrainingItem {
  const total = groups.reduce((sum, { weight }) => sum + weight, 0);
  let left = random.next() * total;
  let chosen = groups[groups.length - 1]!;
  for (const group of groups) {
    left -= group.weight;
    if (left < 0) {
      chosen = group;
      break;
    }
  }
  const person = chosen.persons[random.below(chosen.persons.length)]!;
  return person[random.below(person.length)]!;
}
