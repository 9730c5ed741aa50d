import { phrase, type Phrase } from '../reasons/phrases';
import { reason, type Reason, type ReasonCode } from '../reasons/reasons';
import { dot, length, normalOf, positionAlong, unit } from './geometry';
import { groupedBy, largest } from './groups';
import type { SourceImage } from './distinctImages';
import type { Slice, SliceDescription, Vec3 } from './types';

/** An image with its place in the patient. */
export interface PlacedImage extends SourceImage {
  readonly slice: Slice;
}

/** Why images are no slices of the stack that the others form, and how many. */
export interface SetAside {
  readonly why: Phrase;
  readonly count: number;
}

export interface UsableImages {
  readonly images: readonly PlacedImage[];
  readonly aside: readonly SetAside[];
  /** What would refuse the series if images set aside were taken for slices of it. */
  readonly fault: Reason | null;
}

/** Slices whose positions along the normal differ by less share one position, mm. */
export const SAME_POSITION_MM = 0.02;
/** Directions that differ by less are one orientation, degrees. */
const SAME_ORIENTATION_DEGREES = 1;
/** Images of quite another field of view are set aside up to this share. */
const FEW_SHARE = 0.1;
/** A field of view that is larger or smaller by this factor is quite another one. */
const OTHER_FIELD_FACTOR = 1.5;
const SECONDARY_CAPTURE = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.7(\.|$)/;
/** Which fault is told of, where images have several. */
const FAULTS: readonly ReasonCode[] = [
  'mixed-orientations',
  'unknown-orientation',
  'multi-frame',
  'unsupported-pixels',
  'localizer',
];
const DEGREES = 180 / Math.PI;

interface Odd {
  readonly why: Phrase;
  /** Null where images of this kind may be slices, but are none beside the others. */
  readonly fault: Reason | null;
}

/**
 * The images of a series that share one orientation and have all that a slice needs. A minority that
 * does not belong to them is set aside: localizers, secondary captures, colour, images without a place,
 * in another orientation or of another size.
 */
export function usableImages(all: readonly SourceImage[]): UsableImages | { refusal: Reason } {
  const odd: Odd[] = [];
  let images: readonly PlacedImage[] = all.flatMap(({ image, source }): PlacedImage[] => {
    const slice = toSlice(image);
    const fault = faultOf(image, slice);
    if (fault) odd.push(fault);
    return fault || 'code' in slice ? [] : [{ slice, image, source }];
  });
  const fault = worst(odd);
  if (fault && 2 * odd.length >= all.length) return { refusal: fault };
  const setAside = (others: readonly PlacedImage[], why: Odd) => {
    if (others.length === 0) return;
    odd.push(...others.map(() => why));
    images = images.filter((image) => !others.includes(image));
  };

  const captures = images.filter(({ image }) => SECONDARY_CAPTURE.test(image.sopClassUID ?? ''));
  if (2 * captures.length < images.length) {
    setAside(captures, { why: phrase('secondary-capture'), fault: null });
  }
  const orientations = byOrientation(images);
  const main = largest(orientations);
  const mixed = reason('mixed-orientations', { count: orientations.length });
  if (orientations.length > 1 && 2 * main.length <= images.length) return { refusal: mixed };
  const others = orientations.filter((group) => group !== main).flat();
  setAside(others, { why: phrase('other-orientation'), fault: mixed });
  setAside(ofOtherSize(images), { why: phrase('other-size'), fault: null });
  return { images, aside: counted(odd.map(({ why }) => why)), fault: worst(odd) };
}

/** Equal causes as one entry each, in the order of the first of them. */
function counted(causes: readonly Phrase[]): SetAside[] {
  return groupedBy(causes, (why) => JSON.stringify(why)).map((equal) => ({
    why: equal[0],
    count: equal.length,
  }));
}

function worst(odd: readonly Odd[]): Reason | null {
  const rank = (fault: Reason | null) => (fault ? FAULTS.indexOf(fault.code) : -1);
  return odd.reduce<Reason | null>((a, { fault }) => (rank(fault) > rank(a) ? fault : a), null);
}

function faultOf(image: SliceDescription, slice: Slice | Phrase): Odd | null {
  if (image.imageType?.some((value) => value.toUpperCase() === 'LOCALIZER')) {
    return { why: phrase('localizer'), fault: reason('localizer') };
  }
  const detail = pixelFault(image);
  if (detail) return { why: detail, fault: reason('unsupported-pixels', { detail }) };
  if ((image.numberOfFrames ?? 1) > 1 && !image.frameNumber) {
    const why = phrase('frame-position');
    return { why, fault: reason('multi-frame', { detail: why }) };
  }
  if (!('code' in slice)) return null;
  return { why: slice, fault: reason('unknown-orientation', { detail: slice }) };
}

function pixelFault(image: SliceDescription): Phrase | null {
  if (image.pixelFault) return image.pixelFault;
  if (image.hasModalityLut) return phrase('modality-lut');
  if ((image.samplesPerPixel ?? 1) !== 1) {
    return phrase('samples-per-pixel', { count: image.samplesPerPixel! });
  }
  const photometric = image.photometricInterpretation ?? 'MONOCHROME2';
  if (!photometric.startsWith('MONOCHROME')) {
    return phrase('photometric', { name: photometric });
  }
  if (image.bitsAllocated && ![8, 16, 32, 64].includes(image.bitsAllocated)) {
    return phrase('bits-allocated', { count: image.bitsAllocated });
  }
  if (!(image.rows > 0 && image.columns > 0)) {
    return phrase('image-size', { rows: image.rows, columns: image.columns });
  }
  return null;
}

/** The slice, or what is missing or wrong in its Image Plane Module. */
function toSlice(image: SliceDescription): Slice | Phrase {
  const numbers = (values: readonly number[] | null | undefined, count: number) =>
    values && values.length >= count && values.slice(0, count).every(Number.isFinite);
  if (!numbers(image.imageOrientationPatient, 6)) return phrase('no-orientation');
  if (!numbers(image.imagePositionPatient, 3)) return phrase('no-position');
  if (!numbers(image.pixelSpacing, 2) || !image.pixelSpacing!.every((v) => v > 0))
    return phrase('no-spacing');
  const iop = image.imageOrientationPatient!;
  const row: Vec3 = [iop[0], iop[1], iop[2]];
  const column: Vec3 = [iop[3], iop[4], iop[5]];
  const unitLength = Math.abs(length(row) - 1) < 0.05 && Math.abs(length(column) - 1) < 0.05;
  if (!unitLength || Math.abs(dot(unit(row), unit(column))) > 0.02) {
    return phrase('bad-orientation');
  }
  const [x, y, z] = image.imagePositionPatient!;
  return {
    sopInstanceUID: image.sopInstanceUID,
    frameNumber: image.frameNumber ?? null,
    position: [x, y, z],
    rowCosines: unit(row),
    columnCosines: unit(column),
    rowSpacing: image.pixelSpacing![0],
    columnSpacing: image.pixelSpacing![1],
    rows: image.rows,
    columns: image.columns,
  };
}

function byOrientation(images: readonly PlacedImage[]): PlacedImage[][] {
  const limit = Math.cos(SAME_ORIENTATION_DEGREES / DEGREES);
  const groups: PlacedImage[][] = [];
  for (const image of images) {
    const { rowCosines, columnCosines } = image.slice;
    const known = groups.find(
      ([{ slice }]) =>
        dot(slice.rowCosines, rowCosines) > limit &&
        dot(slice.columnCosines, columnCosines) > limit,
    );
    if (known) known.push(image);
    else groups.push([image]);
  }
  return groups;
}

/** A few images of quite another field of view, or of another matrix where the usual one has a slice too. */
function ofOtherSize(images: readonly PlacedImage[]): PlacedImage[] {
  const sizes = groupedBy(images, ({ slice: { rows, columns } }) => `${rows} x ${columns}`);
  if (sizes.length === 1) return [];
  const usual = largest(sizes);
  const others = images.filter((image) => !usual.includes(image));
  if (others.length > FEW_SHARE * images.length) return [];
  const field = ({ slice: { rows, rowSpacing, columns, columnSpacing } }: PlacedImage) =>
    Math.sqrt(rows * rowSpacing * columns * columnSpacing);
  const fields = usual.map(field).sort((a, b) => a - b);
  const usualField = fields[fields.length >> 1];
  const normal = normalOf(usual[0].slice);
  const at = ({ slice }: PlacedImage) => positionAlong(normal, slice);
  const taken = usual.map(at);
  return others.filter((image) => {
    const ratio = field(image) / usualField;
    if (ratio > OTHER_FIELD_FACTOR || ratio < 1 / OTHER_FIELD_FACTOR) return true;
    return taken.some((position) => Math.abs(position - at(image)) < SAME_POSITION_MM);
  });
}
