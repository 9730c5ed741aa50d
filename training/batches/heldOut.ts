import { createHash } from 'node:crypto';
import { makeBatch, type Batch } from './batch';
import type { ItemGroup } from './itemMix';
import type { BatchOptions } from './options';

/** Crops that every validation looks at, the same each time. */
const CROPS = 64;

/** Keeps a share of the persons of every group out of training; whoever is kept out is so in all groups. */
export function splitPersons(
  groups: readonly ItemGroup[],
  share: number,
  seed: number,
): { training: ItemGroup[]; validation: ItemGroup[] } {
  const keyOf = (items: ItemGroup['persons'][number]) => items[0]!.person;
  const rank = (person: string) => createHash('sha256').update(`${seed}/${person}`).digest('hex');
  const chosen = new Set<string>();
  for (const { persons } of groups) {
    const ranked = [...new Set(persons.map(keyOf))].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
    for (const person of ranked.slice(0, Math.round(share * ranked.length))) chosen.add(person);
  }
  const those = (kept: boolean) =>
    groups
      .map((group) => ({
        ...group,
        persons: group.persons.filter((items) => chosen.has(keyOf(items)) === kept),
      }))
      .filter(({ persons }) => persons.length > 0);
  return { training: those(false), validation: those(true) };
}

/** The crops of a run's validations; they depend on the options and the items alone. */
export function validationBatches(groups: readonly ItemGroup[], options: BatchOptions): Batch[] {
  if (groups.length === 0) return [];
  const count = Math.ceil(CROPS / options.batch);
  // Steps of training count from 1.
  return Array.from({ length: count }, (_, i) => makeBatch(groups, options, -i));
}
