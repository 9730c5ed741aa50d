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

/** What an active object that is no CT or MR series belongs to: a segmentation, contours, a report, PET. */
export interface Belonging {
  /** Index of the series that it was made from; null where it names none of them. */
  readonly index: number | null;
  readonly frameOfReferenceUID: string | null;
}

/**
 * Chooses the series to search among those of a study. The active one is used when it is what one
 * searches: sagittal MR, axial CT, or axial MR over the lumbar spine. Otherwise the best of the
 * study is: MR sagittal before axial, CT axial before sagittal; then by coverage, T1 or T2 before
 * other weightings, originals before reformats, and the frame of reference of the active series. An
 * object that was made from a series is taken for that one.
 *
 * @param active index of the active viewport's series, or null when it is none of them
 * @param belonging of what is active when it is none of them
 * @returns null when there is nothing to choose from; the active one where no other is usable.
 */
export function chooseSeries(
  all: readonly SeriesTraits[],
  active: number | null,
  belonging: Belonging = { index: null, frameOfReferenceUID: null },
): Choice | null {
  if (active === null) return chooseForObject(all, belonging);
  const keepActive: Choice = { rule: 'active', index: active };
  const own = all[active];
  const because = objection(own);
  if (because === null) return keepActive;
  const isOther = (traits: SeriesTraits) => traits !== own && traits.modality === own.modality;
  const best = bestOf(all, own.frameOfReferenceUID, isOther);
  if (best === null || (!own.refusal && !isBetterKind(all[best], own))) return keepActive;
  return substitute(all, best, because);
}

function chooseForObject(
  all: readonly SeriesTraits[],
  { index, frameOfReferenceUID }: Belonging,
): Choice | null {
  const like = index === null ? null : chooseSeries(all, index);
  const chosen =
    like && !all[like.index].refusal ? like.index : bestOf(all, frameOfReferenceUID, () => true);
  return chosen === null ? null : substitute(all, chosen, { code: 'no-images' });
}

function substitute(all: readonly SeriesTraits[], index: number, because: Because): Choice {
  const traits = all[index];
  const { plane, contrast } = traits;
  return { rule: 'instead', index, because, plane: plane!, contrast, heightMm: heightMm(traits) };
}

/** Index of the best that can be searched of those that may be taken, or null. */
function bestOf(
  all: readonly SeriesTraits[],
  frameOfReferenceUID: string | null,
  mayBe: (traits: SeriesTraits) => boolean,
): number | null {
  let best: number | null = null;
  all.forEach((traits, index) => {
    if (traits.refusal || !mayBe(traits)) return;
    if (best === null || compare(traits, all[best], all, frameOfReferenceUID) < 0) best = index;
  });
  return best;
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
  frameOfReferenceUID: string | null,
): number {
  const ranks = (traits: SeriesTraits): readonly number[] => [
    rankOfPlane(traits),
    heightMm(traits) >= ENOUGH_HEIGHT_MM ? 0 : 1,
    traits.isElsewhere || isUpperStation(traits, all) ? 1 : 0,
    traits.sliceCount >= ENOUGH_SLICES ? 0 : 1,
    CONTRAST_RANK[traits.contrast],
    traits.isDerived ? 1 : 0,
    frameOfReferenceUID !== null && traits.frameOfReferenceUID === frameOfReferenceUID ? 0 : 1,
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
