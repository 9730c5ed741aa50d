import { phrase, type Phrase, type PhraseCode } from '../reasons/phrases';
import { normalOf, positionAlong } from './geometry';
import { groupedBy } from './groups';
import { FEW_SHARE, GAP_FACTOR, MIN_AXIAL_SLICES, median } from './stack';
import { SAME_POSITION_MM, type PlacedImage } from './usableImages';
import type { SliceDescription, Vec3 } from './types';

/** Images that may be one scan. */
export interface ImagePart {
  /** Empty where they are all there are. */
  readonly name: readonly Phrase[];
  readonly images: readonly PlacedImage[];
  /** They come from several acquisitions whose positions interleave. */
  readonly isInterleaved: boolean;
}

/** Steps that differ from the median by more than the usual are no fault up to this share. */
const FEW_ODD_STEPS = 0.02;
/** Acquisitions that reach so much further together than each alone continue each other. */
const CONTINUES_FACTOR = 1.2;
/** Measured positions, spacings and thicknesses are equal up to this share. */
const NEARLY = 1.05;

/** An attribute that tells scans apart. */
interface Criterion {
  readonly name: PhraseCode;
  readonly of: (image: SliceDescription) => string | number | null | undefined;
  /** Named by a number in the order of the values, which say nothing to a person. */
  readonly isNumbered?: boolean;
}

/** What differs between scans whatever their positions are. */
const NEVER_ONE_SCAN: readonly Criterion[] = [
  { name: 'part-patient', of: (image) => image.patientID, isNumbered: true },
  { name: 'part-study', of: (image) => image.studyInstanceUID, isNumbered: true },
  { name: 'part-frame', of: (image) => image.frameOfReferenceUID, isNumbered: true },
  { name: 'part-phase', of: (image) => image.temporalPositionIdentifier },
  { name: 'part-echo', of: (image) => image.echoNumber },
];

/** What may differ within a scan too, from slice to slice or from one stretch of it to the next. */
const WHERE_THEY_OVERLAP: readonly Criterion[] = [
  { name: 'part-acquisition', of: (image) => image.acquisitionNumber },
  { name: 'part-trigger-time', of: (image) => image.triggerTime },
  { name: 'part-echo-time', of: (image) => image.echoTime },
  { name: 'part-kernel', of: (image) => image.convolutionKernel },
  { name: 'part-image-type', of: (image) => image.imageType?.join('/').toUpperCase() },
  {
    name: 'part-matrix',
    of: ({ rows, columns, pixelSpacing }) =>
      `${rows} x ${columns} x ${(pixelSpacing?.[0] ?? 0).toFixed(2)} mm`,
  },
];

/**
 * Tells the scans apart that a series holds. Images of one study, patient, frame of reference, phase and
 * echo are several scans where they lie over each other: the same positions twice, or two stacks that
 * do not interleave to one. What runs on where another ends, or fills the gaps of another, is one scan.
 *
 * @param images of one orientation, at least one
 * @returns parts in the order of what names them, whatever the order of the images is
 */
export function partsOf(images: readonly PlacedImage[]): ImagePart[] {
  let parts: ImagePart[] = [{ name: [], images, isInterleaved: false }];
  for (const criterion of NEVER_ONE_SCAN) {
    parts = parts.flatMap((part) => split(part, groupsBy(part.images, criterion, true)));
  }
  for (const criterion of WHERE_THEY_OVERLAP) {
    parts = parts.flatMap((part) => splitIfApart(part, groupsBy(part.images, criterion, false)));
  }
  return parts.flatMap(splitByPasses);
}

interface Group {
  readonly name: Phrase;
  readonly images: readonly PlacedImage[];
}

function split(part: ImagePart, groups: readonly Group[]): ImagePart[] {
  if (groups.length < 2) return [part];
  return groups.map(({ name, images }) => ({ ...part, name: [...part.name, name], images }));
}

function splitIfApart(part: ImagePart, groups: readonly Group[]): ImagePart[] {
  const relation = relationOf(groups.map(({ images }) => images));
  if (relation === 'apart') return split(part, groups);
  return [relation === 'interleaved' ? { ...part, isInterleaved: true } : part];
}

/** @param isStrict whether images that do not state the attribute belong to those that do, if these agree */
function groupsBy(
  images: readonly PlacedImage[],
  { name, of, isNumbered }: Criterion,
  isStrict: boolean,
): Group[] {
  const valueOf = ({ image }: PlacedImage) => of(image) ?? null;
  const groups = groupedBy(images, (image) => JSON.stringify(valueOf(image)));
  const stated = groups.filter(([first]) => valueOf(first) !== null);
  if (isStrict && stated.length === 1) return [];
  // What is new with each image tells no scans apart.
  const isFew = images.length < MIN_AXIAL_SLICES || groups.length <= images.length / 2;
  if (!isFew && (isNumbered || !isStrict)) return [];
  const sorted = groups.sort(([a], [b]) => inOrder(valueOf(a), valueOf(b)));
  return sorted.map((group, i) => {
    const value = isNumbered ? i + 1 : (valueOf(group[0]) ?? '–');
    return { name: phrase(name, { value, count: sorted.length }), images: group };
  });
}

/** What is not stated comes last. */
function inOrder(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b ? -1 : 1;
}

/**
 * How groups of images of one orientation lie to each other: as one scan; as one whose acquisitions lie
 * over each other in part, or in turn; or as several scans.
 */
function relationOf(groups: readonly (readonly PlacedImage[])[]): 'one' | 'interleaved' | 'apart' {
  if (groups.length < 2) return 'one';
  const normal = normalOf(groups[0][0].slice);
  const courses = groups.map((images) => courseOf(images, normal));
  const all = courseOf(groups.flat(), normal);
  const stacks = courses.filter(isStack);
  const inStacks = stacks.reduce((sum, { count }) => sum + count, 0);
  if (2 * inStacks <= all.count || overlapShare(courses) <= FEW_SHARE) return 'one';
  if (all.doubled > FEW_SHARE * all.count) return 'apart';
  if (stacks.length < 2) return 'one';
  const longest = Math.max(...stacks.map(({ first, last }) => last - first));
  if (all.last - all.first >= CONTINUES_FACTOR * longest) return 'interleaved';
  return interleave(stacks, all) ? 'interleaved' : 'apart';
}

/** Images by their position along a normal. */
interface Course {
  readonly count: number;
  /** Ascending, mm. */
  readonly at: readonly number[];
  readonly first: number;
  readonly last: number;
  /** Between neighbouring positions, mm. */
  readonly steps: readonly number[];
  /** Median of the steps, mm. */
  readonly spacing: number;
  /** Images at positions that others hold already. */
  readonly doubled: number;
  readonly isAxial: boolean;
  /** Slice Thickness, mm. */
  readonly thickness: number | null;
}

function courseOf(images: readonly PlacedImage[], normal: Vec3): Course {
  const at = images.map(({ slice }) => positionAlong(normal, slice)).sort((a, b) => a - b);
  const steps = at.slice(1).map((position, i) => position - at[i]);
  const real = steps.filter((step) => step >= SAME_POSITION_MM);
  return {
    count: at.length,
    at,
    first: at[0],
    last: at[at.length - 1],
    steps: real,
    spacing: median(real),
    doubled: steps.length - real.length,
    isAxial: Math.abs(normal[2]) > Math.max(Math.abs(normal[0]), Math.abs(normal[1])),
    thickness: images[0].image.sliceThickness ?? null,
  };
}

/** Whether images could be a scan of their own, or several at the same positions. */
function isStack(course: Course): boolean {
  const { count, doubled, isAxial } = course;
  return count - doubled >= (isAxial ? MIN_AXIAL_SLICES : 1) && isEven(course, FEW_SHARE);
}

function isEven({ steps, spacing }: Course, share: number): boolean {
  const odd = steps.filter((step) => step > GAP_FACTOR * spacing || step < spacing / GAP_FACTOR);
  return odd.length <= share * steps.length;
}

/** Share of the images that lie between those of another group. */
function overlapShare(courses: readonly Course[]): number {
  let [over, count] = [0, 0];
  for (const { at } of courses) {
    for (const position of at) {
      const holders = courses.filter(
        ({ first, last }) =>
          position > first - SAME_POSITION_MM && position < last + SAME_POSITION_MM,
      );
      count++;
      if (holders.length > 1) over++;
    }
  }
  return over / count;
}

/** Whether stacks of wide gaps fill each other's gaps from end to end. */
function interleave(stacks: readonly Course[], all: Course): boolean {
  const spacings = stacks.map(({ spacing }) => spacing);
  const widest = Math.max(...spacings);
  const isAlone = stacks.some(({ spacing, thickness }) => spacing <= NEARLY * (thickness ?? 0));
  const ends = [stacks.map(({ first }) => first), stacks.map(({ last }) => last)];
  return (
    !isAlone &&
    widest <= NEARLY * Math.min(...spacings) &&
    ends.every((end) => Math.max(...end) - Math.min(...end) <= NEARLY * widest) &&
    isEven(all, FEW_ODD_STEPS)
  );
}

/** Scans that no attribute tells apart, by the order in which their images were made. */
function splitByPasses(part: ImagePart): ImagePart[] {
  const { images, isInterleaved } = part;
  const normal = normalOf(images[0].slice);
  const course = courseOf(images, normal);
  if (isInterleaved) return [part];
  if (course.doubled <= FEW_SHARE * course.count && isEven(course, FEW_ODD_STEPS)) return [part];
  const orders = ordersOf(images);
  const ways = [...orders.map((order) => passesOf(order, normal)), copiesOf(orders[0], normal)];
  for (const passes of ways) {
    if (relationOf(passes) === 'one') continue;
    const groups = passes.map((pass, i) => ({
      name: phrase('part-pass', { value: i + 1, count: passes.length }),
      images: pass,
    }));
    return splitIfApart(part, groups);
  }
  return [part];
}

/** The images in the order of their making, as far as attributes tell it, and in that of the host. */
function ordersOf(images: readonly PlacedImage[]): PlacedImage[][] {
  const number = ({ image }: PlacedImage) => image.instanceNumber ?? null;
  const time = ({ image }: PlacedImage) => image.acquisitionTime ?? null;
  const byNumber = [...images].sort((a, b) => inOrder(number(a), number(b)));
  const isStated = (of: (image: PlacedImage) => unknown) =>
    images.every((image) => of(image) !== null);
  return [
    ...(isStated(time) ? [[...byNumber].sort((a, b) => inOrder(time(a), time(b)))] : []),
    ...(isStated(number) ? [byNumber] : []),
    [...images],
  ];
}

/** Runs of images that go one way through the patient. */
function passesOf(ordered: readonly PlacedImage[], normal: Vec3): PlacedImage[][] {
  const passes: PlacedImage[][] = [];
  let [before, direction] = [0, 0];
  for (const image of ordered) {
    const at = positionAlong(normal, image.slice);
    const step = Math.abs(at - before) < SAME_POSITION_MM ? 0 : Math.sign(at - before);
    const pass = passes[passes.length - 1];
    if (!pass || step === 0 || (direction !== 0 && step !== direction)) {
      passes.push([image]);
      direction = 0;
    } else {
      pass.push(image);
      direction = step;
    }
    before = at;
  }
  return passes;
}

/**
 * The first images of all positions, the second ones, and so on; none where positions hold unequal
 * numbers of images.
 */
function copiesOf(ordered: readonly PlacedImage[], normal: Vec3): PlacedImage[][] {
  const places: { at: number; images: PlacedImage[] }[] = [];
  for (const image of ordered) {
    const at = positionAlong(normal, image.slice);
    const known = places.find((place) => Math.abs(place.at - at) < SAME_POSITION_MM);
    if (known) known.images.push(image);
    else places.push({ at, images: [image] });
  }
  const copies = median(places.map(({ images }) => images.length));
  const unequal = places.filter(({ images }) => images.length !== copies);
  if (copies < 2 || unequal.length > FEW_SHARE * places.length) return [];
  return Array.from({ length: copies }, (_, i) =>
    places.flatMap(({ images }) => images.slice(i, i === copies - 1 ? undefined : i + 1)),
  );
}
