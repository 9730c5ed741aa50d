import { assembleSeries } from '../../series/assembleSeries';
import { pointOnSlice } from '../../series/geometry';
import type { Reason } from '../../reasons/reasons';
import type { Series, SeriesDescription } from '../../series/types';

/** Weighting of an MR series as its timing says; 'other' for diffusion, angiography and the like. */
export type Contrast = 'T1' | 'T2' | 'STIR' | 'PD' | 'other' | 'unknown';

/** What a series is worth for finding L3, from its geometry and standard attributes. */
export interface SeriesTraits {
  readonly modality: string;
  readonly frameOfReferenceUID: string | null;
  /** Why it cannot be searched at all, or null. */
  readonly refusal: Reason | null;
  /** null where it is refused. */
  readonly plane: Series['plane'] | null;
  /** Lowest and highest LPS z that its pixels reach, mm. */
  readonly zRangeMm: readonly [number, number];
  readonly sliceCount: number;
  /** 'unknown' for CT. */
  readonly contrast: Contrast;
  /** Whether the header says that it shows another part of the body than the lumbar spine. */
  readonly isElsewhere: boolean;
  /** Computed from other images (reformats, projections, maps), by Image Type. */
  readonly isDerived: boolean;
}

/** Values of one instance's attributes by keyword, as the host naturalised them. */
export type Attributes = Readonly<Record<string, unknown>>;

const ELSEWHERE_PART =
  /^(HEAD|BRAIN|SKULL|FACE|NECK|CSPINE|CTSPINE|TSPINE|CHEST|THORAX|HEART|BREAST|SHOULDER|CLAVICLE|HUMERUS|ARM|ELBOW|FOREARM|WRIST|HAND|FEMUR|THIGH|KNEE|LEG|ANKLE|FOOT)/;
const LUMBAR_NAME = /lumb|lws|abdom|whole|ganz|\b(l|ls|tl|ctl)[ -]?spine|腰|全脊/i;
const ELSEWHERE_NAME = /cerv|thorac|hws|bws|hals|\b[ct][ -]?spine|brain|\bhead|\bneck|颈|胸|头/i;

/** @param attributes of one instance of the series */
export function seriesTraits(description: SeriesDescription, attributes: Attributes): SeriesTraits {
  const check = assembleSeries(description);
  const imageType = texts(attributes.ImageType);
  return {
    modality: description.modality,
    frameOfReferenceUID: description.frameOfReferenceUID,
    refusal: check.ok ? null : check.reason,
    plane: check.ok ? check.series.plane : null,
    zRangeMm: check.ok ? zRange(check.series) : [0, 0],
    sliceCount: description.slices.length,
    contrast: description.modality === 'MR' ? contrastOf(attributes, imageType) : 'unknown',
    isElsewhere: isElsewhere(attributes),
    isDerived: imageType[0] === 'DERIVED',
  };
}

/** Height of a series, head to foot, mm. */
export function heightMm({ zRangeMm: [low, high] }: SeriesTraits): number {
  return high - low;
}

function zRange({ slices, spacingMm, plane }: Series): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const slice of slices) {
    for (const row of [-0.5, slice.rows - 0.5]) {
      for (const column of [-0.5, slice.columns - 0.5]) {
        const [, , z] = pointOnSlice(slice, row, column);
        if (z < low) low = z;
        if (z > high) high = z;
      }
    }
  }
  if (plane === 'sagittal') return [low, high];
  // A tilted plane reaches higher than its centre does; what counts is the stack's own extent.
  const centres = slices.map((s) => pointOnSlice(s, (s.rows - 1) / 2, (s.columns - 1) / 2)[2]);
  const half = spacingMm / 2;
  return [Math.min(...centres) - half, Math.max(...centres) + half];
}

/**
 * Weighting from Acquisition Contrast (enhanced MR), else from sequence and timing. The limits are
 * the usual ones of spin echo at 1.5 and 3 T: T1 short TR and TE, T2 long TE, STIR inversion at the
 * null of fat.
 */
function contrastOf(attributes: Attributes, imageType: readonly string[]): Contrast {
  const stated = texts(attributes.AcquisitionContrast)[0];
  if (stated === 'T1' || stated === 'T2' || stated === 'STIR') return stated;
  if (stated === 'PROTON_DENSITY') return 'PD';
  const sequence = texts(attributes.ScanningSequence);
  const isMap = imageType.some((v) => /^(ADC|DIFFUSION|TRACEW|FA|PERFUSION|FLOW|MIP)/.test(v));
  if (isMap || number(attributes.DiffusionBValue) !== null || sequence.includes('EP')) {
    return 'other';
  }
  const [te, tr, ti] = [
    number(attributes.EchoTime),
    number(attributes.RepetitionTime),
    number(attributes.InversionTime),
  ];
  if (sequence.includes('IR') && ti !== null && ti >= 80 && ti <= 300) return 'STIR';
  if (te === null || tr === null || sequence.includes('GR')) return 'unknown';
  if (te >= 60) return 'T2';
  if (te < 40) return tr < 1500 ? 'T1' : 'PD';
  return 'unknown';
}

/** Body Part Examined decides; descriptions only where it is empty or says no more than "spine". */
function isElsewhere(attributes: Attributes): boolean {
  const part = texts(attributes.BodyPartExamined)[0] ?? '';
  if (ELSEWHERE_PART.test(part)) return true;
  if (part !== '' && part !== 'SPINE') return false;
  const names = ['SeriesDescription', 'ProtocolName']
    .map((key) => attributes[key])
    .filter((value) => typeof value === 'string')
    .join(' ')
    .replaceAll('_', ' ');
  return ELSEWHERE_NAME.test(names) && !LUMBAR_NAME.test(names);
}

function texts(value: unknown): readonly string[] {
  const list = typeof value === 'string' ? value.split('\\') : Array.isArray(value) ? value : [];
  return list.filter((item) => typeof item === 'string').map((item) => item.trim().toUpperCase());
}

function number(value: unknown): number | null {
  const single: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof single !== 'number' && typeof single !== 'string') return null;
  const parsed = typeof single === 'string' ? Number.parseFloat(single) : single;
  return Number.isFinite(parsed) ? parsed : null;
}
