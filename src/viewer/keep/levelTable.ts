import Papa from 'papaparse';
import type { LevelMark } from '../mark/types';
import type { SeriesName } from '../state';

/** A mark as exports tell it, with the series that it was searched in. */
export interface ExportedLevel {
  readonly mark: LevelMark;
  readonly series: SeriesName & { readonly modality: string };
}

type Row = Readonly<Record<string, string | number | null>>;

/** The name of the form, in the JSON. */
export const FORMAT = 'find-l3-levels/1';

/**
 * Levels as CSV (RFC 4180): one line each, UTF-8, with a byte order mark for spreadsheets. A text
 * that a spreadsheet would take for a formula is led by an apostrophe: descriptions come from the
 * headers of whoever sent the images.
 */
export function levelsCsv(levels: readonly ExportedLevel[]): string {
  const rows = levels.map(rowOf);
  const table = Papa.unparse(
    { fields: COLUMNS, data: rows as unknown[] },
    {
      escapeFormulae: true,
      newline: '\r\n',
    },
  );
  return `\uFEFF${table}\r\n`;
}

/** @param now of the export */
export function levelsJson(levels: readonly ExportedLevel[], now: Date): string {
  const content = { format: FORMAT, exported_at: now.toISOString(), levels: levels.map(rowOf) };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** Neither names nor patient IDs; UIDs, so that a level can be found again. */
function rowOf({ mark, series }: ExportedLevel): Row {
  const {
    slice,
    foundPointLpsMm: found,
    pointLpsMm: point,
    model,
    algorithm,
    moved,
    review,
  } = mark;
  return {
    study_instance_uid: mark.studyInstanceUID,
    series_instance_uid: mark.seriesInstanceUID,
    series_number: series.number,
    series_description: series.description,
    modality: series.modality,
    level: mark.level,
    label: mark.label,
    definition: mark.definition,
    frame_of_reference_uid: mark.frameOfReferenceUID,
    x_mm: mm(point[0]),
    y_mm: mm(point[1]),
    z_mm: mm(point[2]),
    image_series_instance_uid: slice?.seriesInstanceUID ?? null,
    sop_instance_uid: slice?.sopInstanceUID ?? null,
    frame_number: slice?.frameNumber ?? null,
    found_x_mm: mm(found?.[0]),
    found_y_mm: mm(found?.[1]),
    found_z_mm: mm(found?.[2]),
    probability: mark.probability === null ? null : Math.round(mark.probability * 1e4) / 1e4,
    counted_from: mark.countedFrom,
    algorithm: algorithm.name,
    algorithm_version: algorithm.version,
    model: model?.name ?? null,
    model_version: model?.version ?? null,
    model_sha256: model?.sha256 ?? null,
    moved_by: moved?.by ?? null,
    moved_at: moved?.at ?? null,
    review_state: review ? 'confirmed' : 'not looked at',
    review_act: review?.act ?? null,
    reviewed_by: review?.by ?? null,
    reviewed_at: review?.at ?? null,
  };
}

const COLUMNS = [
  ...['study_instance_uid', 'series_instance_uid', 'series_number', 'series_description'],
  ...['modality', 'level', 'label', 'definition', 'frame_of_reference_uid'],
  ...['x_mm', 'y_mm', 'z_mm', 'image_series_instance_uid', 'sop_instance_uid', 'frame_number'],
  ...['found_x_mm', 'found_y_mm', 'found_z_mm', 'probability', 'counted_from', 'algorithm'],
  ...['algorithm_version', 'model', 'model_version', 'model_sha256', 'moved_by', 'moved_at'],
  ...['review_state', 'review_act', 'reviewed_by', 'reviewed_at'],
];

function mm(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * 100) / 100 + 0;
}
