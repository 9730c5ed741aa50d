import { within } from '../limits/most';
import { implausible } from '../limits/size';
import { phrase, phrasesText, type Phrase } from '../reasons/phrases';
import { reason, type Reason } from '../reasons/reasons';
import { distinctImages } from './distinctImages';
import { otherBodyPart } from './otherBodyPart';
import { partsOf, type ImagePart } from './parts';
import { implausibleSlices } from './plausibleSize';
import { assembleStack, type Stack } from './stack';
import type { Series, SeriesCheck, SeriesDescription, SeriesPart } from './types';
import { usableImages, type SetAside } from './usableImages';

/** Heights that differ by less are alike, mm. */
const HEIGHT_STEP_MM = 20;
/** So many parts are named in one warning. */
const NAMED_PARTS = 6;
/** So much of a header's text is shown, characters. */
const LONGEST_TEXT = 64;

/**
 * Checks what a host knows about a series and orders its slices by their position along the common
 * normal. Orientation, direction (head or feet first, prone or supine) and spacing come from Image
 * Position and Image Orientation (Patient) alone. A minority of images that are no slices is set aside.
 * Of a series that holds several scans (`partsOf`) the highest one is taken, of equally high ones that
 * with the most slices; the order of the images changes nothing.
 *
 * Refuses (`ok: false`) with one Reason; what is merely noteworthy is among the warnings.
 *
 * @param partName the English name of the part to take instead (`phrasesText`); without such a part it
 *   is as if none was named
 */
export function assembleSeries(description: SeriesDescription, partName?: string): SeriesCheck {
  const { modality } = description;
  const refuse = (reason: Reason, warnings: readonly Reason[] = []): SeriesCheck => ({
    ok: false,
    reason,
    warnings,
  });
  if (!modality) return refuse(reason('modality-missing'));
  if (modality !== 'CT' && modality !== 'MR')
    return refuse(reason('unsupported-modality', { modality }));
  if (description.slices.length === 0) {
    return refuse(reason('too-few-slices', { count: 0, extentMm: 0 }));
  }
  const count = description.slices.length;
  if (!within('slices', count)) return refuse(implausible(phrase('size-count', { count })));
  const { images, warnings } = distinctImages(description);
  const usable = usableImages(images);
  if ('refusal' in usable) return refuse(usable.refusal, warnings);
  const size = implausibleSlices(usable.images.map(({ slice }) => slice));
  if (size) return refuse(size, warnings);
  const parts = partsOf(usable.images);
  const checked = parts.map((part) => ({ part, stack: assembleStack(part.images) }));
  const readable = checked.filter((each): each is ReadablePart => !('refusal' in each.stack));
  if (readable.length === 0) {
    const { stack } = checked.reduce((a, b) => (isLarger(b.part, a.part) ? b : a));
    const found = (stack as { refusal: Reason }).refusal;
    // Where little is left without them, the odd images are what is wrong.
    if (usable.fault && found.code === 'too-few-slices') return refuse(usable.fault, warnings);
    return refuse(found, [...asideWarning(usable.aside, images.length), ...warnings]);
  }
  const named = readable.find(({ part }) => phrasesText(part.name) === partName);
  const searched = named ?? readable.reduce((a, b) => (isBetter(b.stack, a.stack) ? b : a));
  const { plane, slices, sourceIndex, normal, spacingMm, tiltDegrees } = searched.stack;
  const { image } = images.find(({ source }) => source === sourceIndex[0])!;
  const series: Series = {
    uid: description.uid,
    modality,
    frameOfReferenceUID: image.frameOfReferenceUID ?? null,
    plane,
    slices,
    sourceIndex,
    normal,
    spacingMm,
    tiltDegrees,
    part: parts.length > 1 ? asPart(searched) : null,
    otherParts: readable.filter((each) => each !== searched).map(asPart),
    warnings: [
      ...partsWarning(searched.part, parts),
      ...asideWarning([...usable.aside, ...searched.stack.aside], images.length),
      ...(searched.part.isInterleaved ? [reason('interleaved-acquisitions')] : []),
      ...searched.stack.warnings,
      ...otherPartWarning(description),
      ...warnings,
    ],
  };
  return { ok: true, series };
}

interface ReadablePart {
  readonly part: ImagePart;
  readonly stack: Stack;
}

function asPart({ part, stack }: ReadablePart): SeriesPart {
  return { name: part.name, sliceCount: stack.slices.length };
}

function isBetter(a: Stack, b: Stack): boolean {
  const [high, low] = [a, b].map(({ heightMm }) => Math.round(heightMm / HEIGHT_STEP_MM));
  return high === low ? a.slices.length > b.slices.length : high > low;
}

function isLarger(a: ImagePart, b: ImagePart): boolean {
  return a.images.length > b.images.length;
}

function partsWarning(searched: ImagePart, all: readonly ImagePart[]): Reason[] {
  if (all.length === 1) return [];
  const others = all.filter((part) => part !== searched);
  const named = others
    .slice(0, NAMED_PARTS)
    .map(({ name, images }) => phrase('part', { name, count: images.length }));
  const more = others.length - named.length;
  const values = {
    count: all.length,
    searched: searched.name,
    others: more > 0 ? [...named, phrase('more-parts', { count: more })] : named,
  };
  return [reason('several-parts', values)];
}

function otherPartWarning(description: SeriesDescription): Reason[] {
  const text = otherBodyPart(description);
  return text === null ? [] : [reason('other-body-part', { text: text.slice(0, LONGEST_TEXT) })];
}

function asideWarning(aside: readonly SetAside[], of: number): Reason[] {
  if (aside.length === 0) return [];
  const why = aside.map(({ why, count }): Phrase => phrase('set-aside', { why, count }));
  const count = aside.reduce((sum, each) => sum + each.count, 0);
  return [reason('images-set-aside', { count, of, why })];
}
