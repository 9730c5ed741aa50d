import { InputError } from './types';
import type { InputFailure } from './types';

/** What keeps one file or folder from being used. */
export interface Fault {
  readonly path: string;
  readonly what: string;
  readonly advice: string;
}

const ASK_FOR_HELP = 'Export the file again; if that does not help, report it.';

/** Files that cannot be used for one and the same cause. */
export interface Cause {
  /** What is wrong, as the first of the files has it. */
  readonly what: string;
  readonly advice: string;
  readonly paths: readonly string[];
}

/** One cause for all files whose fault differs in its numbers only, in the order of the first of each. */
export function byCause(faults: Iterable<Fault>): Cause[] {
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

/** What keeps a file from being read. @throws what is no fault of the file: an abort. */
export function faultOf(path: string, error: unknown): Fault {
  if (error instanceof Error && error.name === 'AbortError') throw error;
  if (error instanceof InputError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return { path, what: `cannot be read (${why})`, advice: ASK_FOR_HELP };
}

/** The failure of an input's files that share a cause. */
export function failureOf(input: string, { what, advice, paths }: Cause): InputFailure {
  const message = `${filesText(paths)}: ${what}`;
  return { kind: 'failure', input, path: paths[0], paths, message, advice };
}
