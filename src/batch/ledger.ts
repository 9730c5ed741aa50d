import { existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ModelIdentity } from '../model/types';
import { RELEASE } from '../release/release';
import { readJournal } from './journal';
import { NewestLines, resumeKey, seriesOf } from './newestLines';
import type { Status } from './progress';
import type { JournalLine, KeptReport } from './types';

interface Mark {
  readonly status: Status;
  readonly fault: string | null;
  readonly picture: string | null;
  readonly report: KeptReport['state'] | null;
}

/** What a run makes beside lines; null where none are wanted. */
export interface Wanted {
  /** The folder that pictures are relative to. */
  readonly pictures: string | null;
  /** States of level reports that leave nothing to be done. */
  readonly reports: readonly KeptReport['state'][] | null;
}

/** What the journal of a run knows, so that nothing is done twice. */
export class Ledger {
  private readonly newest = new NewestLines<Mark>();
  /** Earlier failures of files without a UID, by series. */
  private readonly failures = new Map<string, JournalLine>();
  /** Those whose files were looked at again, and did not fail. */
  private readonly lookedAt = new Set<string>();

  /** @throws BatchError as `readJournal`. */
  static async read(path: string): Promise<Ledger> {
    const ledger = new Ledger();
    if (!existsSync(path)) return ledger;
    for await (const { line } of readJournal(path)) {
      ledger.take(line);
      ledger.failures.delete(seriesOf(line));
      if (line.withdrawn || line.status !== 'failed' || line.seriesInstanceUID !== null) continue;
      ledger.failures.set(seriesOf(line), line);
    }
    return ledger;
  }

  /**
   * The statuses of a series' lines where it needs no search; null where it was never answered, or its
   * files, the model or the program have changed, or it failed, or a picture or a report is missing.
   */
  async done(
    series: string,
    fingerprint: string,
    model: ModelIdentity,
    { pictures, reports }: Wanted,
  ): Promise<Status[] | null> {
    const known = this.newest.get(series);
    const key = resumeKey({
      fingerprint,
      modelSha256: model.sha256,
      manifestSha256: model.manifestSha256 ?? null,
      softwareVersion: RELEASE.version,
    });
    if (known?.key !== key) return null;
    for (const { status, picture, report } of known.kept) {
      if (status === 'failed') return null;
      if (reports && status === 'found' && (!report || !reports.includes(report))) return null;
      if (pictures === null || status === 'refused') continue;
      const there = picture !== null && (await exists(join(pictures, picture)));
      if (!there) return null;
    }
    return known.kept.map(({ status }) => status);
  }

  /** Whether the journal says the same already: a failure that stays is written once. */
  hasAlready([line, ...more]: readonly JournalLine[]): boolean {
    if (line.status !== 'failed' || more.length > 0) return false;
    const known = this.newest.get(seriesOf(line));
    if (known?.kept.length !== 1 || known.kept[0].status !== 'failed') return false;
    return known.key === NewestLines.keyOf(line) && known.kept[0].fault === faultOf(line);
  }

  /** Takes in a line of this run. */
  add(line: JournalLine): void {
    this.take(line);
    this.failures.delete(seriesOf(line));
  }

  /** Folders, or files named themselves, all of whose unreadable files are known by the end of the run. */
  walked(paths: readonly string[]): void {
    if (this.failures.size === 0) return;
    const all = new Set(paths);
    for (const [series, { path }] of this.failures) {
      if (all.has(path) || all.has(dirname(path))) this.lookedAt.add(series);
    }
  }

  /** At the end of a run: lines that withdraw the failures that do not hold any more. */
  outlived(): JournalLine[] {
    const answered_at = new Date().toISOString();
    return [...this.failures].flatMap(([series, line]) =>
      this.lookedAt.has(series) ? { ...line, answered_at, withdrawn: true } : [],
    );
  }

  private take(line: JournalLine): void {
    const { status, picture } = line;
    const report = line.report?.state ?? null;
    this.newest.add(line, { status, fault: faultOf(line), picture, report });
  }
}

function faultOf({ reason }: JournalLine): string | null {
  return reason?.message ?? null;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
