/** What shares a key, in the order of the first of each. */
export function groupedBy<T>(items: readonly T[], key: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const known = groups.get(key(item));
    if (known) known.push(item);
    else groups.set(key(item), [item]);
  }
  return [...groups.values()];
}

/** The largest group; of equally large ones the first. */
export function largest<T>(groups: readonly T[][]): T[] {
  return groups.reduce((a, b) => (b.length > a.length ? b : a));
}
