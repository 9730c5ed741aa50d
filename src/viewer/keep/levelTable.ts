import Papa from 'papaparse';
import { RELEASE } from '../../release/release';
import type { LevelMark } from '../mark/types';
import type { Proposal, SeriesName, Statement } from '../state';

/** The image that a level lies on, as far as the viewer knows it. */
export interface ExportedImage {
  /** Instance Number (0020,0013). */
  readonly instanceNumber: number | null;
  /** From 1, as the viewer counts; frames by their number. */
  readonly sliceNumber: number | null;
  /** LPS z of the image where it passes below or above the level's point, mm. */
  readonly sliceZMm: number | null;
  /** Slice Thickness (0018,0050), mm. */
  readonly thicknessMm: number | null;
}

/** What the search says beside the level; null where this viewer has not searched. */
export interface ExportedSearch {
  readonly part: string | null;
  readonly sdMm: number | null;
  /** Codes of the warnings. */
  readonly warnings: readonly string[];
}

/** What an administrator may allow to be told of the patient. */
export interface ExportedPatient {
  readonly patientID: string | null;
  readonly accessionNumber: string | null;
}

export interface ExportedSeries extends SeriesName {
  readonly modality: string;
  readonly slices: number | null;
}

interface Exported {
  readonly series: ExportedSeries;
  readonly patient: ExportedPatient;
}

/** A mark as exports tell it, with the series that it was searched in. */
export interface ExportedLevel extends Exported {
  readonly mark: LevelMark;
  readonly image: ExportedImage;
  readonly search: ExportedSearch | null;
  /** An answer beside the mark, between which a person has not decided. */
  readonly proposal: Proposal | null;
}

/** A person's word that L3 is not in a scan. */
export interface ExportedAbsence extends Exported {
  readonly statement: Statement;
}

export type ExportedEntry = ExportedLevel | ExportedAbsence;

/** How a level stands. */
export type LevelState =
  'found' | 'proposed' | 'moved' | 'renumbered' | 'placed' | 'confirmed' | 'not in scan';

type Row = Readonly<Record<string, string | number | null>>;

/** The name of the form, in the JSON. */
const FORMAT = 'find-l3-levels/2';

/** The columns in their order: those of results.csv of `find-l3 batch` by its names, then ours. */
const COLUMNS = [
  ...['studyInstanceUID', 'seriesInstanceUID', 'seriesNumber', 'seriesDescription', 'modality'],
  ...['part', 'slices', 'slice_thickness_mm', 'z_mm', 'slice_z_mm', 'slice_number'],
  ...['sopInstanceUID', 'frame_number', 'probability', 'sd_mm', 'counted_from', 'warnings'],
  ...['model', 'model_sha256', 'manifest_sha256', 'software_version'],
  ...['level', 'label', 'definition', 'state', 'absence', 'reader', 'read_at', 'moved_by'],
  ...['moved_at', 'x_mm', 'y_mm', 'found_x_mm', 'found_y_mm', 'found_z_mm', 'instance_number'],
  ...['image_seriesInstanceUID', 'frameOfReferenceUID', 'exported_by_version'],
];
const PATIENT_COLUMNS = ['patient_id', 'accession_number'];

/**
 * Levels as CSV (RFC 4180): one line each, UTF-8, with a byte order mark for spreadsheets. A text
 * that a spreadsheet would take for a formula is led by an apostrophe: descriptions come from the
 * headers of whoever sent the images.
 *
 * @param withPatient whether patient number and accession number are columns
 */
export function levelsCsv(entries: readonly ExportedEntry[], withPatient: boolean): string {
  const table = Papa.unparse(
    { fields: columns(withPatient), data: rows(entries, withPatient) as unknown[] },
    { escapeFormulae: true, newline: '\r\n' },
  );
  return `\uFEFF${table}\r\n`;
}

/**
 * The same as JSON.
 *
 * @param now of the export
 */
export function levelsJson(
  entries: readonly ExportedEntry[],
  withPatient: boolean,
  now: Date,
): string {
  const software = { name: RELEASE.name, version: RELEASE.version };
  const levels = rows(entries, withPatient);
  const content = { format: FORMAT, software, exported_at: now.toISOString(), levels };
  return `${JSON.stringify(content, null, 2)}\n`;
}

function columns(withPatient: boolean): string[] {
  return withPatient ? [...COLUMNS, ...PATIENT_COLUMNS] : COLUMNS;
}

function rows(entries: readonly ExportedEntry[], withPatient: boolean): Row[] {
  const names = columns(withPatient);
  return entries.flatMap(rowsOf).map((row) => {
    return Object.fromEntries(names.map((name) => [name, row[name] ?? null]));
  });
}

function rowsOf(entry: ExportedEntry): Row[] {
  if ('statement' in entry) return [absenceRow(entry)];
  const row = levelRow(entry);
  return entry.proposal ? [row, proposedRow(row, entry.proposal)] : [row];
}

function levelRow({ mark, series, image, search, patient }: ExportedLevel): Row {
  const { slice, foundPointLpsMm: found, pointLpsMm: point, model, algorithm } = mark;
  const { moved, review } = mark;
  return {
    ...seriesCells(series, patient),
    studyInstanceUID: mark.studyInstanceUID,
    seriesInstanceUID: mark.seriesInstanceUID,
    part: search?.part ?? null,
    slice_thickness_mm: mm(image.thicknessMm),
    z_mm: mm(point[2]),
    slice_z_mm: mm(image.sliceZMm),
    slice_number: image.sliceNumber,
    sopInstanceUID: slice?.sopInstanceUID ?? null,
    frame_number: slice?.frameNumber ?? null,
    probability: probability(mark.probability),
    sd_mm: mm(search?.sdMm),
    counted_from: mark.countedFrom,
    warnings: search ? search.warnings.join(' ') : null,
    model: model && `${model.name} ${model.version}`,
    model_sha256: model?.sha256 ?? null,
    manifest_sha256: model?.manifestSha256 ?? null,
    software_version: algorithm.version,
    level: mark.level,
    label: mark.label,
    definition: mark.definition,
    state: stateOf(mark),
    reader: review?.by ?? moved?.by ?? null,
    read_at: review?.at ?? null,
    moved_by: moved?.by ?? null,
    moved_at: moved?.at ?? null,
    x_mm: mm(point[0]),
    y_mm: mm(point[1]),
    found_x_mm: mm(found?.[0]),
    found_y_mm: mm(found?.[1]),
    found_z_mm: mm(found?.[2]),
    instance_number: image.instanceNumber,
    image_seriesInstanceUID: slice?.seriesInstanceUID ?? null,
    frameOfReferenceUID: mark.frameOfReferenceUID,
  };
}

/** The answer beside a person's mark; nobody has looked at it, and no image was looked up for it. */
function proposedRow(row: Row, { pointLpsMm: [x, y, z], probability: share }: Proposal): Row {
  const empty = ['slice_z_mm', 'slice_number', 'sopInstanceUID', 'frame_number', 'reader'];
  const nobody = ['read_at', 'moved_by', 'moved_at', 'instance_number', 'image_seriesInstanceUID'];
  return {
    ...row,
    ...Object.fromEntries([...empty, ...nobody].map((name) => [name, null])),
    ...{ x_mm: mm(x), y_mm: mm(y), z_mm: mm(z) },
    ...{ found_x_mm: mm(x), found_y_mm: mm(y), found_z_mm: mm(z) },
    probability: probability(share),
    state: 'proposed',
  };
}

function absenceRow({ statement, series, patient }: ExportedAbsence): Row {
  return {
    ...seriesCells(series, patient),
    studyInstanceUID: statement.studyInstanceUID,
    seriesInstanceUID: statement.seriesInstanceUID,
    level: 'L3',
    state: 'not in scan',
    absence: statement.reason,
    reader: statement.by,
    read_at: statement.at,
  };
}

function seriesCells(series: ExportedSeries, patient: ExportedPatient): Row {
  return {
    // A number, as in results.csv, where it is one.
    seriesNumber: /^\d+$/.test(series.number) ? Number(series.number) : series.number || null,
    seriesDescription: series.description,
    modality: series.modality,
    slices: series.slices,
    exported_by_version: RELEASE.version,
    patient_id: patient.patientID,
    accession_number: patient.accessionNumber,
  };
}

/** A mark that a person has moved counts as moved even where a report of before does not say who looked. */
function stateOf({ review, moved, foundPointLpsMm }: LevelMark): LevelState {
  if (review) return review.act;
  if (!moved) return 'found';
  return foundPointLpsMm ? 'moved' : 'placed';
}

function mm(value: number | null | undefined): number | null {
  return value === undefined || value === null ? null : Math.round(value * 100) / 100 + 0;
}

function probability(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1e4) / 1e4;
}
