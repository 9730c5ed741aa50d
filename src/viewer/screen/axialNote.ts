import type { DisplaySet } from '../host/ohif';
import type { AxialNote } from '../state';
import { labelOf } from '../study/target';
import type { Place, SliceAt, SliceFinder } from './sliceFinder';

/** An axial series of the study, and how it lies to a place. */
interface Candidate {
  readonly displaySet: DisplaySet;
  readonly at: SliceAt | null;
  readonly isShown: boolean;
}

/**
 * How the axial series of a study lie to a place in a series that is not axial.
 *
 * @param others the other images of the study
 * @param isShown whether a viewport shows an image now
 */
export function axialNoteOf(
  place: Place,
  others: readonly DisplaySet[],
  slices: SliceFinder,
  isShown: (imageId: string) => boolean,
): AxialNote {
  const axial = others.filter((displaySet) => slices.hasAxial(displaySet));
  if (axial.length === 0) return { kind: 'no-axial' };
  const inFrame = axial.filter((displaySet) => slices.isInFrame(displaySet, place));
  if (inFrame.length === 0) return { kind: 'other-frame' };
  const [best] = inFrame
    .map((displaySet): Candidate => {
      const at = slices.axialIn(displaySet, place);
      return { displaySet, at, isShown: at !== null && isShown(at.slice.imageId) };
    })
    .sort((a, b) => rank(a) - rank(b) || distance(a) - distance(b));
  const { number, description } = labelOf(best.displaySet);
  const series = { number, description };
  if (best.at === null || best.at.within === 'beyond') {
    return { kind: 'none-cuts', series, distanceMm: best.at?.distanceMm ?? null };
  }
  const { slice, number: sliceNumber, distanceMm, within } = best.at;
  return {
    kind: 'cut',
    series,
    displaySetInstanceUID: best.displaySet.displaySetInstanceUID,
    imageId: slice.imageId,
    sliceNumber,
    distanceMm,
    isGap: within === 'gap',
    isShown: best.isShown,
  };
}

/** What shows the point comes first, and of that what a viewport shows already. */
function rank({ at, isShown }: Candidate): number {
  if (at === null) return 4;
  if (at.within === 'beyond') return 3;
  if (isShown) return 0;
  return at.within === 'slice' ? 1 : 2;
}

function distance({ at }: Candidate): number {
  return at?.distanceMm ?? Infinity;
}
