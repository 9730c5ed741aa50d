import type { FindingJson } from '../finder/findingJson';

export type Status = FindingJson['status'];

/** How far a batch has got. */
export class BatchProgress {
  /** Lines by status, those of earlier runs included where their series was met again. */
  readonly lines: Record<Status, number> = { found: 0, undetermined: 0, refused: 0, failed: 0 };
  /** Lines that this run has made. */
  made = 0;
  filesDone = 0;
  filesCounted = 0;
  /** Whether `filesCounted` is all there is. */
  isCounted = false;
  private filesSearched = 0;
  private searchingSince: number | null = null;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Lines of this run a minute; null before the first. */
  get perMinute(): number | null {
    const ms = this.searchingMs();
    return this.made === 0 || ms === 0 ? null : (this.made / ms) * 60_000;
  }

  /** How long it will take at the rate so far, ms; null where that is not known yet. */
  get remainingMs(): number | null {
    if (!this.isCounted || this.filesSearched === 0) return null;
    const left = Math.max(0, this.filesCounted - this.filesDone);
    return (left / this.filesSearched) * this.searchingMs();
  }

  /** A line was made. */
  answered(status: Status): void {
    this.lines[status]++;
    this.made++;
  }

  /** Lines of an earlier run hold. */
  known(statuses: readonly Status[]): void {
    for (const status of statuses) this.lines[status]++;
  }

  /** A search begins. */
  searching(): void {
    this.searchingSince ??= this.now();
  }

  /** A series of so many files was searched. */
  searched(files: number): void {
    this.filesSearched += files;
    this.filesDone += files;
  }

  /** So many files need no search. */
  passed(files: number): void {
    this.filesDone += files;
  }

  counted(files: number): void {
    this.filesCounted += files;
  }

  countedAll(): void {
    this.isCounted = true;
  }

  private searchingMs(): number {
    return this.searchingSince === null ? 0 : this.now() - this.searchingSince;
  }
}
