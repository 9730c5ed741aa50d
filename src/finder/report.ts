import type { ModelIdentity } from '../model/types';
import type { Reason } from '../reasons/reasons';
import type { Vec3 } from '../series/types';
import type { Finding } from './types';

/** One line of `find-l3 --json`: one series, with the field names that others build on. */
export interface FindingJson {
  readonly input: string;
  readonly seriesInstanceUID: string;
  readonly modality: string;
  readonly status: Finding['status'];
  readonly reason: Omit<Reason, 'values'> | null;
  readonly l3: {
    readonly z_mm: number;
    readonly point_lps_mm: Vec3;
    readonly sopInstanceUID: string | null;
    /** From 0 in the direction of the series' normal; null for sagittal input. */
    readonly slice_index: number | null;
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
  readonly model: ModelIdentity;
  readonly timing_ms: {
    readonly read: number;
    readonly project: number;
    readonly model: number;
    readonly decode: number;
  };
}

/**
 * A finding as the fixed JSON object of the command line: mm to the hundredth, probabilities to
 * four places, whole milliseconds (0 for what a refusal spared).
 *
 * @param about the file or folder as the person named it, the series, and the model that is in use
 */
export function findingToJson(
  about: {
    readonly input: string;
    readonly seriesInstanceUID: string;
    readonly modality: string;
    readonly model: ModelIdentity;
  },
  finding: Finding,
): FindingJson {
  const answered = finding.status === 'refused' ? null : finding;
  const { name, version, sha256 } = answered?.model ?? about.model;
  const timing = answered?.timing;
  return {
    input: about.input,
    seriesInstanceUID: about.seriesInstanceUID,
    modality: about.modality,
    status: finding.status,
    reason: finding.status === 'found' ? null : reasonToJson(finding.reason),
    l3: finding.status === 'found' ? l3ToJson(finding.l3) : null,
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
    model: { name, version, sha256 },
    timing_ms: {
      read: Math.round(timing?.read ?? 0),
      project: Math.round(timing?.project ?? 0),
      model: Math.round(timing?.model ?? 0),
      decode: Math.round(timing?.decode ?? 0),
    },
  };
}

function reasonToJson({ code, message, advice }: Reason): FindingJson['reason'] {
  return { code, message, advice };
}

function l3ToJson(l3: Extract<Finding, { status: 'found' }>['l3']): FindingJson['l3'] {
  const [x, y, z] = l3.pointLpsMm;
  return {
    z_mm: mm(l3.zMm),
    point_lps_mm: [mm(x), mm(y), mm(z)],
    sopInstanceUID: l3.sopInstanceUID,
    slice_index: l3.sliceIndex,
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
