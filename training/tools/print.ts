export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Prints what is no result: how far something is, what was left out. */
export function printAside(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** @param seconds e.g. 5400 gives "1 h 30 min" */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
