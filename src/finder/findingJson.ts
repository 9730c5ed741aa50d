import type { CountedFrom } from '../levels/types';
import type { ModelIdentity } from '../model/types';
import { phrasesText } from '../reasons/phrases';
import type { Reason } from '../reasons/reasons';
import { RELEASE } from '../release/release';
import { planeHeightAt } from '../series/geometry';
import type { Series, SeriesDescription, Vec3 } from '../series/types';
import type { Finding, Found } from './types';

/** Of the lines; a later one only gains fields. */
export const SCHEMA = 2;

/** One line of `find-l3 --json`: one series or unreadable input, with the field names that others build on. */
export interface FindingJson {
  readonly schema: typeof SCHEMA;
  readonly software: { readonly name: string; readonly version: string };
  /** As the person named it. */
  readonly input: string;
  /** The series' first file, or what could not be read. */
  readonly path: string;
  readonly studyInstanceUID: string | null;
  /** Null where nothing could be read. */
  readonly seriesInstanceUID: string | null;
  readonly seriesNumber: number | null;
  readonly seriesDescription: string | null;
  readonly modality: string | null;
  /** Which part of the series was searched; null where it is whole. */
  readonly part: string | null;
  /** How many slices were searched, or would have been. */
  readonly slices: number;
  /** Slice Thickness (0018,0050); null where no header says it. */
  readonly slice_thickness_mm: number | null;
  /** `refused` was read and cannot be used; `failed` could not be read. */
  readonly status: Finding['status'] | 'failed';
  readonly reason: {
    /** A code of the closed list; `unreadable` where the status is `failed`. */
    readonly code: Reason['code'] | 'unreadable';
    readonly message: string;
    readonly advice: string;
  } | null;
  readonly warnings: readonly { readonly code: Reason['code']; readonly message: string }[];
  readonly counted_from: CountedFrom | null;
  readonly l3: {
    readonly z_mm: number;
    readonly point_lps_mm: Vec3;
    readonly sopInstanceUID: string | null;
    /** From 0 in the direction of the series' normal; null for sagittal input. */
    readonly slice_index: number | null;
    /** From 1, as OHIF counts: from the end of the series' normal (usually the head), frames by their number; null for sagittal input. */
    readonly slice_number: number | null;
    /** Height of the named slice where it passes below or above the level's point; null for sagittal input. */
    readonly slice_z_mm: number | null;
    readonly frame_number: number | null;
    readonly probability: number;
    readonly sd_mm: number;
  } | null;
  readonly levels: readonly {
    readonly name: string;
    readonly z_mm: number;
    readonly probability: number;
  }[];
  readonly alternatives: readonly {
    readonly z_mm: number;
    readonly probability: number;
    readonly why: string;
  }[];
  readonly model: {
    readonly name: string;
    readonly version: string;
    readonly sha256: string;
    readonly manifest_sha256: string | null;
  };
  readonly timing_ms: {
    readonly read: number;
    readonly project: number;
    readonly model: number;
    readonly decode: number;
  };
}

/** What a line says beside the finding. */
export interface ReportedInput {
  /** The file or folder as the person named it. */
  readonly input: string;
  /** The series' first file. */
  readonly path: string;
  readonly series: SeriesDescription;
  /** The model that is in use. */
  readonly model: ModelIdentity;
}

/**
 * A finding as the fixed JSON object of the command line: mm to the hundredth, probabilities to
 * four places, whole milliseconds (0 for what a refusal spared).
 */
export function findingToJson(
  { input, path, series, model }: ReportedInput,
  finding: Finding,
): FindingJson {
  const answered = finding.status === 'refused' ? null : finding;
  const timing = answered?.timing;
  return {
    ...head(input, path, series),
    ...(answered && searchedOf(answered.series, series)),
    slices: answered?.series.slices.length ?? series.slices.length,
    slice_thickness_mm: series.sliceThicknessMm ? mm(series.sliceThicknessMm) : null,
    status: finding.status,
    reason: finding.status === 'found' ? null : reasonToJson(finding.reason),
    warnings: finding.warnings.map(({ code, message }) => ({ code, message })),
    counted_from: finding.status === 'found' ? finding.countedFrom : null,
    l3: finding.status === 'found' ? l3ToJson(finding) : null,
    levels: (answered?.levels ?? []).map((level) => ({
      name: level.name,
      z_mm: mm(level.zMm),
      probability: probability(level.probability),
    })),
    alternatives: (answered?.alternatives ?? []).map((alternative) => ({
      z_mm: mm(alternative.zMm),
      probability: probability(alternative.probability),
      why: alternative.why,
    })),
    model: modelToJson(answered?.model ?? model),
    timing_ms: {
      read: Math.round(timing?.read ?? 0),
      project: Math.round(timing?.project ?? 0),
      model: Math.round(timing?.model ?? 0),
      decode: Math.round(timing?.decode ?? 0),
    },
  };
}

/**
 * What could not be read, as a line of the same schema.
 *
 * @param about the series as far as it is known, null where nothing is
 */
export function failureToJson(
  about: Omit<ReportedInput, 'series'> & { readonly series: SeriesDescription | null },
  failure: { readonly message: string; readonly advice: string },
): FindingJson {
  const { input, path, series, model } = about;
  return {
    ...head(input, path, series),
    slices: series?.slices.length ?? 0,
    slice_thickness_mm: series?.sliceThicknessMm ? mm(series.sliceThicknessMm) : null,
    status: 'failed',
    reason: { code: 'unreadable', message: failure.message, advice: failure.advice },
    warnings: [],
    counted_from: null,
    l3: null,
    levels: [],
    alternatives: [],
    model: modelToJson(model),
    timing_ms: { read: 0, project: 0, model: 0, decode: 0 },
  };
}

function head(input: string, path: string, series: SeriesDescription | null) {
  return {
    schema: SCHEMA,
    software: { name: RELEASE.name, version: RELEASE.version },
    input,
    path,
    studyInstanceUID: series?.studyInstanceUID ?? null,
    seriesInstanceUID: series?.uid ?? null,
    seriesNumber: series?.seriesNumber ?? null,
    seriesDescription: series?.seriesDescription ?? null,
    modality: series?.modality ?? null,
    part: null,
  } as const;
}

/** What is known of the part that was searched. */
function searchedOf(
  { part, sourceIndex }: Series,
  { slices, studyInstanceUID }: SeriesDescription,
) {
  return {
    studyInstanceUID: slices[sourceIndex[0]].studyInstanceUID ?? studyInstanceUID ?? null,
    part: part && phrasesText(part.name),
  };
}

function modelToJson({ name, version, sha256, manifestSha256 }: ModelIdentity) {
  return { name, version, sha256, manifest_sha256: manifestSha256 ?? null };
}

function reasonToJson({ code, message, advice }: Reason): FindingJson['reason'] {
  return { code, message, advice };
}

function l3ToJson({ l3, series }: Found): NonNullable<FindingJson['l3']> {
  const [x, y, z] = l3.pointLpsMm;
  const { sliceIndex: index } = l3;
  return {
    z_mm: mm(l3.zMm),
    point_lps_mm: [mm(x), mm(y), mm(z)],
    sopInstanceUID: l3.sopInstanceUID,
    slice_index: index,
    slice_number: index === null ? null : (l3.frameNumber ?? series.slices.length - index),
    slice_z_mm: index === null ? null : mm(planeHeightAt(series.slices[index], l3.pointLpsMm)),
    frame_number: l3.frameNumber,
    probability: probability(l3.probability),
    sd_mm: mm(l3.sdMm),
  };
}

function mm(value: number): number {
  return rounded(value, 100);
}

function probability(value: number): number {
  return rounded(value, 10_000);
}

function rounded(value: number, steps: number): number {
  return Math.round(value * steps) / steps + 0; // + 0 turns -0 into 0
}
