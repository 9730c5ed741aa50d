import type { Reason } from '../../reasons/reasons';
import { heightMm, type Contrast, type SeriesTraits } from './seriesTraits';

/** Less shows too little of the lumbar spine to count it: about four vertebrae, mm. */
const ENOUGH_HEIGHT_MM = 150;
/** Fewer may pass beside the vertebral bodies. */
const ENOUGH_SLICES = 5;
/** Heights that differ by less are alike, mm. */
const HEIGHT_STEP_MM = 40;

/** Why the active viewport's series is not the one that is used. */
export type Because =
  /** It is no CT or MR series, or the host cannot show it as images. */
  | { readonly code: 'no-images' }
  | { readonly code: 'refused'; readonly reason: Reason }
  /** MR: axial slices over less than the lumbar spine. */
  | { readonly code: 'too-short'; readonly heightMm: number }
  /** CT: sagittal reformats, where the study has the axial series. */
  | { readonly code: 'not-axial' };

/** How the series that is used was chosen. */
export type Choice =
  | { readonly rule: 'active'; readonly index: number }
  | {
      readonly rule: 'instead';
      readonly index: number;
      readonly because: Because;
      readonly plane: 'axial' | 'sagittal';
      readonly contrast: Contrast;
      readonly heightMm: number;
    };

/**
 * Chooses the series to search among those of a study. The active one is used when it is what one
 * searches: sagittal MR, axial CT, or axial MR over the lumbar spine. Otherwise the best of the
 * study is: MR sagittal before axial, CT axial before sagittal; then by coverage, T1 or T2 before
 * other weightings, originals before reformats, and the frame of reference of the active series.
 *
 * @param active index of the active viewport's series, or null when it is none of them
 * @returns null when there is nothing to choose from; the active one where no other is usable.
 */
export function chooseSeries(all: readonly SeriesTraits[], active: number | null): Choice | null {
  const own = active === null ? null : all[active];
  const because = own ? objection(own) : { code: 'no-images' as const };
  const keepActive: Choice | null = active === null ? null : { rule: 'active', index: active };
  if (because === null) return keepActive;
  let best = -1;
  all.forEach((traits, index) => {
    if (index === active || traits.refusal || (own && traits.modality !== own.modality)) return;
    if (best < 0 || compare(traits, all[best], all, own) < 0) best = index;
  });
  if (best < 0) return keepActive;
  const chosen = all[best];
  if (own && !own.refusal && !isBetterKind(chosen, own)) return keepActive;
  return {
    rule: 'instead',
    index: best,
    because,
    plane: chosen.plane!,
    contrast: chosen.contrast,
    heightMm: heightMm(chosen),
  };
}

/** Whether a series is worth searching unasked: readable, not of another part of the body, high enough. */
export function isSuitable(traits: SeriesTraits): boolean {
  return !traits.refusal && !traits.isElsewhere && heightMm(traits) >= ENOUGH_HEIGHT_MM;
}

function objection(traits: SeriesTraits): Because | null {
  if (traits.refusal) return { code: 'refused', reason: traits.refusal };
  if (traits.modality === 'MR') {
    const height = heightMm(traits);
    const isEnough = traits.plane === 'sagittal' || height >= ENOUGH_HEIGHT_MM;
    return isEnough ? null : { code: 'too-short', heightMm: height };
  }
  return traits.plane === 'axial' ? null : { code: 'not-axial' };
}

/** Whether a series is worth leaving one that can be searched, too. */
function isBetterKind(chosen: SeriesTraits, own: SeriesTraits): boolean {
  if (rankOfPlane(chosen) !== rankOfPlane(own)) return rankOfPlane(chosen) < rankOfPlane(own);
  return heightMm(chosen) >= ENOUGH_HEIGHT_MM && heightMm(own) < ENOUGH_HEIGHT_MM;
}

/** 0 for the plane that the modality is searched in. */
function rankOfPlane({ modality, plane }: SeriesTraits): number {
  return plane === (modality === 'MR' ? 'sagittal' : 'axial') ? 0 : 1;
}

const CONTRAST_RANK: Record<Contrast, number> = {
  T2: 0,
  T1: 0,
  unknown: 1,
  STIR: 1,
  PD: 1,
  other: 2,
};

/** Below 0 when `a` is the better one. */
function compare(
  a: SeriesTraits,
  b: SeriesTraits,
  all: readonly SeriesTraits[],
  active: SeriesTraits | null,
): number {
  const ranks = (traits: SeriesTraits): readonly number[] => [
    rankOfPlane(traits),
    heightMm(traits) >= ENOUGH_HEIGHT_MM ? 0 : 1,
    traits.isElsewhere || isUpperStation(traits, all) ? 1 : 0,
    traits.sliceCount >= ENOUGH_SLICES ? 0 : 1,
    CONTRAST_RANK[traits.contrast],
    traits.isDerived ? 1 : 0,
    active && isSameFrame(active, traits) ? 0 : 1,
    -Math.round(heightMm(traits) / HEIGHT_STEP_MM),
    traits.contrast === 'T2' ? 0 : 1,
  ];
  const [ofA, ofB] = [ranks(a), ranks(b)];
  const first = ofA.findIndex((rank, i) => rank !== ofB[i]);
  return first < 0 ? 0 : ofA[first] - ofB[first];
}

/** Of series without frame of reference nothing is known of how they lie to each other. */
function isSameFrame(a: SeriesTraits, b: SeriesTraits): boolean {
  return a.frameOfReferenceUID !== null && a.frameOfReferenceUID === b.frameOfReferenceUID;
}

/** Whether an MR study images the spine in stations, and the lumbar one is another. */
function isUpperStation(traits: SeriesTraits, all: readonly SeriesTraits[]): boolean {
  if (traits.modality !== 'MR' || traits.plane !== 'sagittal') return false;
  const [low, high] = traits.zRangeMm;
  return all.some((other) => {
    const isAlike =
      other.modality === 'MR' &&
      other.plane === 'sagittal' &&
      isSameFrame(other, traits) &&
      heightMm(other) >= ENOUGH_HEIGHT_MM;
    return isAlike && other.zRangeMm[0] < low && other.zRangeMm[1] < (low + high) / 2;
  });
}
