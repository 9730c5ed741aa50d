import { reason, type Reason } from '../reasons/reasons';
import { groupedBy } from './groups';
import type { SeriesDescription, SliceDescription } from './types';

/** An image as the host describes it: `description.slices[source]`. */
export interface SourceImage {
  readonly image: SliceDescription;
  readonly source: number;
}

/**
 * The images of a series without copies of the same object. A SOP Instance UID that images of different
 * places carry names none of them: it is left out, and a warning says so. What an image does not state
 * of its series is the description's.
 */
export function distinctImages({
  slices,
  frameOfReferenceUID,
  studyInstanceUID,
}: SeriesDescription): {
  readonly images: readonly SourceImage[];
  readonly warnings: readonly Reason[];
} {
  const place = ({ imagePositionPatient }: SliceDescription) => imagePositionPatient?.join() ?? '';
  const single = slices.filter(({ sopInstanceUID, frameNumber }) => sopInstanceUID && !frameNumber);
  const shared = new Set(
    groupedBy(single, ({ sopInstanceUID }) => sopInstanceUID!)
      .filter((images) => images.some((image) => place(image) !== place(images[0])))
      .map(([{ sopInstanceUID }]) => sopInstanceUID),
  );
  const seen = new Set<string>();
  const images: SourceImage[] = [];
  let count = 0;
  for (const [source, image] of slices.entries()) {
    const isNameless = shared.has(image.sopInstanceUID);
    const sopInstanceUID = isNameless ? null : image.sopInstanceUID;
    const key = `${sopInstanceUID} ${image.frameNumber} ${place(image)}`;
    if (isNameless) count++;
    if (sopInstanceUID !== null && seen.has(key)) continue;
    seen.add(key);
    const own = {
      frameOfReferenceUID: image.frameOfReferenceUID ?? frameOfReferenceUID,
      studyInstanceUID: image.studyInstanceUID ?? studyInstanceUID,
    };
    images.push({ source, image: { ...image, ...own, sopInstanceUID } });
  }
  const values = { count, of: slices.length };
  return { images, warnings: count > 0 ? [reason('instance-uid-not-unique', values)] : [] };
}
