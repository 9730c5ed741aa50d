import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import type { JournalLine } from './types';

/** What is kept of the newest search of a series; `kept` holds something for each of its lines. */
export interface Newest<Kept> {
  readonly key: string;
  readonly answeredAt: string;
  readonly journal: string;
  readonly lines: number;
  readonly kept: Kept[];
}

/** The series of journals, each with the lines of its newest search; a search cut short does not count. */
export class NewestLines<Kept> {
  private readonly bySeries = new Map<string, Newest<Kept>>();

  /** The resume key of a line. */
  static keyOf({ fingerprint, model, software }: JournalLine): string {
    return resumeKey({
      fingerprint,
      modelSha256: model.sha256,
      manifestSha256: model.manifest_sha256,
      softwareVersion: software.version,
    });
  }

  /**
   * Takes a line in, in the order of its journal; between journals the later answer is the newer one.
   *
   * @param journal its name.
   */
  add(line: JournalLine, kept: Kept, journal = ''): void {
    const series = seriesOf(line);
    const known = this.bySeries.get(series);
    if (known && known.journal !== journal && line.answered_at < known.answeredAt) return;
    if (line.withdrawn) {
      this.bySeries.delete(series);
      return;
    }
    const key = NewestLines.keyOf(line);
    const goesOn =
      known?.key === key && known.journal === journal && known.kept.length < known.lines;
    if (goesOn) known.kept.push(kept);
    else {
      const { answered_at: answeredAt, lines } = line;
      this.bySeries.set(series, { key, answeredAt, journal, lines, kept: [kept] });
    }
  }

  get(series: string): Newest<Kept> | undefined {
    const found = this.bySeries.get(series);
    return found && found.kept.length === found.lines ? found : undefined;
  }

  *all(): Generator<Newest<Kept>, void, void> {
    for (const found of this.bySeries.values()) if (found.kept.length === found.lines) yield found;
  }
}

/** What names a series: its UID and folder; its file where there is no UID (NIfTI, unreadable files). */
export function seriesId(uid: string | null, firstFile: string): string {
  const name = uid === null || uid === firstFile ? firstFile : `${uid}\n${dirname(firstFile)}`;
  return short(name);
}

export function seriesOf(line: JournalLine): string {
  return seriesId(line.seriesInstanceUID, line.path);
}

/** What an answer rests on: another one is worth another search. */
export function resumeKey(about: {
  readonly fingerprint: string;
  readonly modelSha256: string;
  readonly manifestSha256: string | null;
  readonly softwareVersion: string;
}): string {
  const { fingerprint, modelSha256, manifestSha256, softwareVersion } = about;
  return short([fingerprint, modelSha256, manifestSha256 ?? '', softwareVersion].join('\n'));
}

function short(text: string): string {
  return createHash('sha256').update(text).digest('base64').slice(0, 20);
}
