/** Files that cannot be used for one and the same cause. */
export interface Cause {
  /** What is wrong, as the first of the files has it. */
  readonly what: string;
  readonly advice: string;
  readonly paths: readonly string[];
}

/** One cause for all files whose fault differs in its numbers only, in the order of the first of each. */
export function byCause(
  faults: Iterable<{ readonly path: string; readonly what: string; readonly advice: string }>,
): Cause[] {
  const causes = new Map<string, { what: string; advice: string; paths: string[] }>();
  for (const { path, what, advice } of faults) {
    const key = `${what} ${advice}`.replace(/\d+/g, '0');
    const known = causes.get(key);
    if (known) known.paths.push(path);
    else causes.set(key, { what, advice, paths: [path] });
  }
  return [...causes.values()];
}

/** The files of a cause, by the first of them and the number of the others. */
export function filesText([first, ...others]: readonly string[]): string {
  if (others.length === 0) return first;
  return `${first} and ${others.length} ${others.length === 1 ? 'other file' : 'other files'}`;
}
