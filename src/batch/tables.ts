import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import Papa from 'papaparse';
import { RELEASE } from '../release/release';
import { BatchError, whyOf } from './batchError';
import { contactSheet, sheetEntry } from './contactSheet';
import type { SheetEntry } from './contactSheet';
import { JOURNAL_NAME, readJournal } from './journal';
import { NewestLines } from './newestLines';
import { journalsIn, NAMES } from './outFolder';
import type { Status } from './progress';
import type { JournalLine } from './types';
import { writeWhole } from './writeWhole';

/** What the tables say, in numbers. */
export interface Summary {
  readonly series: number;
  readonly status: Readonly<Record<Status, number>>;
  /** Journals of shards that are missing, as "3/8". */
  readonly missingShards: readonly string[];
}

interface Place {
  readonly journal: number;
  readonly offset: number;
  readonly length: number;
  /** What the rows are ordered by. */
  readonly path: string;
  readonly uid: string | null;
}

const NEWLINE = '\r\n';

/** The columns of results.csv, in their order. */
const COLUMNS: Readonly<Record<string, (line: JournalLine) => string | number | null>> = {
  studyInstanceUID: (line) => line.studyInstanceUID,
  seriesInstanceUID: (line) => line.seriesInstanceUID,
  seriesNumber: (line) => line.seriesNumber,
  seriesDescription: (line) => line.seriesDescription,
  modality: (line) => line.modality,
  part: (line) => line.part,
  slices: (line) => line.slices,
  slice_thickness_mm: (line) => line.slice_thickness_mm,
  status: (line) => line.status,
  reason: (line) => line.reason?.code ?? null,
  reason_message: (line) => line.reason?.message ?? null,
  z_mm: (line) => line.l3?.z_mm ?? null,
  slice_z_mm: (line) => line.l3?.slice_z_mm ?? null,
  slice_number: (line) => line.l3?.slice_number ?? null,
  sopInstanceUID: (line) => line.l3?.sopInstanceUID ?? null,
  frame_number: (line) => line.l3?.frame_number ?? null,
  probability: (line) => line.l3?.probability ?? null,
  sd_mm: (line) => line.l3?.sd_mm ?? null,
  counted_from: (line) => line.counted_from,
  warnings: (line) => line.warnings.map(({ code }) => code).join(' '),
  model: (line) => `${line.model.name} ${line.model.version}`,
  model_sha256: (line) => line.model.sha256,
  manifest_sha256: (line) => line.model.manifest_sha256,
  software_version: (line) => line.software.version,
  picture: (line) => line.picture,
  report: (line) => line.report?.state ?? null,
  report_sopInstanceUID: (line) => line.report?.sopInstanceUID ?? null,
  path: (line) => line.path,
};

/** Marks rows whose series was answered in more than one folder. */
const ELSEWHERE = 'answered_in_folders';

/**
 * Makes `results.csv`, `summary.json` and, where there are pictures, `contact-sheet.html` of all journals
 * in a folder. A series has the rows of its newest search, ordered by path.
 *
 * @throws BatchError when there is no journal, or one cannot be read, or a file cannot be written.
 */
export async function makeTables(folder: string): Promise<Summary> {
  const journals = await findJournals(folder);
  const newest = new NewestLines<Place>();
  for (const [journal, name] of journals.entries()) {
    for await (const { line, offset, length } of readJournal(join(folder, name))) {
      const { path, seriesInstanceUID: uid } = line;
      newest.add(line, { journal, offset, length, path, uid }, name);
    }
  }
  const places = [...newest.all()].flatMap(({ kept }) => kept);
  // By code units, the same wherever it runs; parts of a series in the order of their lines.
  places.sort((a, b) => (a.path === b.path ? a.offset - b.offset : a.path < b.path ? -1 : 1));
  const folders = new Map<string, Set<string>>();
  for (const { uid, path } of places) {
    if (uid === null) continue;
    const known = folders.get(uid);
    if (known) known.add(folderOf(path));
    else folders.set(uid, new Set([folderOf(path)]));
  }
  const tally = new Tally();
  const sheet: SheetEntry[] = [];
  const rows = async function* () {
    yield Papa.unparse([[...Object.keys(COLUMNS), ELSEWHERE]], { newline: NEWLINE }) + NEWLINE;
    for await (const line of readLines(folder, journals, places)) {
      tally.add(line);
      sheet.push(sheetEntry(line));
      const among = folders.get(line.seriesInstanceUID ?? '')?.size ?? 1;
      const cells = Object.values(COLUMNS).map((cell) => cell(line));
      yield Papa.unparse([[...cells, among]], { newline: NEWLINE }) + NEWLINE;
    }
  };
  await writeWhole(join(folder, NAMES.table), rows());
  const missingShards = missing(journals);
  const several = [...folders].filter(([, paths]) => paths.size > 1);
  const summary = {
    software: { name: RELEASE.name, version: RELEASE.version },
    journals,
    missing_shards: missingShards,
    ...tally.counts(),
    series_in_several_folders: several.map(([seriesInstanceUID, paths]) => ({
      seriesInstanceUID,
      folders: [...paths],
    })),
    failures: tally.failures,
  };
  await writeWhole(join(folder, NAMES.summary), [`${JSON.stringify(summary, null, 2)}\n`]);
  if (sheet.some(({ picture }) => picture !== null)) {
    await writeWhole(join(folder, NAMES.contactSheet), contactSheet(sheet));
  }
  return { series: places.length, status: tally.status, missingShards };
}

class Tally {
  readonly status: Record<Status, number> = { found: 0, undetermined: 0, refused: 0, failed: 0 };
  readonly failures: object[] = [];
  private readonly reasons = new Map<string, number>();
  private readonly warnings = new Map<string, number>();
  private readonly models = new Map<string, number>();
  private readonly reports = new Map<string, number>();

  add(line: JournalLine): void {
    const { status, reason, warnings, model, software, path, seriesInstanceUID, report } = line;
    this.status[status]++;
    if (report) count(this.reports, report.state);
    if (reason) count(this.reasons, reason.code);
    for (const code of new Set(warnings.map(({ code }) => code))) count(this.warnings, code);
    count(
      this.models,
      `${model.name} ${model.version} ${model.sha256}, program ${software.version}`,
    );
    if (status !== 'failed') return;
    const { message, advice } = reason ?? { message: '', advice: '' };
    this.failures.push({ path, seriesInstanceUID, message, advice });
  }

  counts() {
    const series = Object.values(this.status).reduce((sum, n) => sum + n, 0);
    return {
      series,
      status: this.status,
      reasons: sorted(this.reasons),
      warnings: sorted(this.warnings),
      answered_by: sorted(this.models),
      ...(this.reports.size > 0 && { reports: sorted(this.reports) }),
    };
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** Most frequent first. */
function sorted(counts: ReadonlyMap<string, number>): Record<string, number> {
  const byCount = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return Object.fromEntries(byCount);
}

async function findJournals(folder: string): Promise<string[]> {
  const isFolder = (await stat(folder).catch(() => null))?.isDirectory() ?? false;
  if (!isFolder) throw new BatchError(`${folder} is no folder: name one with journals`, true);
  const journals = await journalsIn(folder);
  if (journals.length > 0) return journals;
  throw new BatchError(`${folder} holds no journal of find-l3 batch (results*.jsonl)`, true);
}

async function* readLines(
  folder: string,
  journals: readonly string[],
  places: readonly Place[],
): AsyncGenerator<JournalLine, void, void> {
  const files = await Promise.all(journals.map((name) => open(join(folder, name), 'r')));
  try {
    for (const { journal, offset, length } of places) {
      const bytes = Buffer.alloc(length);
      await files[journal].read(bytes, 0, length, offset);
      yield JSON.parse(bytes.toString()) as JournalLine;
    }
  } catch (cause) {
    throw new BatchError(`${folder}: a journal cannot be read (${whyOf(cause)})`, false, { cause });
  } finally {
    await Promise.all(files.map((file) => file.close()));
  }
}

/** Shards that have no journal, of every number of shards that some have one of. */
function missing(journals: readonly string[]): string[] {
  const present = new Map<number, Set<number>>();
  for (const name of journals) {
    const [, , number, of] = JOURNAL_NAME.exec(name) ?? [];
    if (of === undefined) continue;
    const known = present.get(Number(of)) ?? new Set();
    present.set(Number(of), known.add(Number(number)));
  }
  return [...present].flatMap(([of, numbers]) =>
    Array.from({ length: of }, (_, i) => i + 1).flatMap((number) =>
      numbers.has(number) ? [] : `${number}/${of}`,
    ),
  );
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/'), path.lastIndexOf('\\')));
}
