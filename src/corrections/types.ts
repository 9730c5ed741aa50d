import type { Header } from './header';

export type { Absence } from './header';
export type { PersonKey } from './personKey';

/**
 * One corrected or confirmed search, de-identified: a crop of the projection from T9 to S1 (or of its
 * end towards L3, where L3 is not in view), the levels in its own rows and columns, and the model that
 * was asked. There is no place for a name, an identifier of a hospital, a date, a UID, a device, a
 * table position or free text, and every text has a closed form.
 *
 * `mmPerPixel` is the size of a pixel in both directions, `window` how values became 0..1. `found` has
 * the levels that the model named, or would have named where its outcome is undetermined, head to
 * foot, with its probability that the body is the named level; `final` what the person made of them:
 * neighbouring levels, head to foot, L3 among them, L3 alone where it was placed by hand, none where
 * it is not in view.
 */
export interface Correction extends Omit<Header, 'format' | 'planes'> {
  /** Planes of height x width, row-major, 0..255 standing for 0..1; row 0 towards the head, column 0 in front. */
  readonly max: Uint8Array;
  readonly mean: Uint8Array;
  /** Null where the scan does not reach that far, or the model does not look at it. */
  readonly lateral: Uint8Array | null;
}

/** What a person did with the answer, or why L3 is not in view. */
export type CorrectionAction = Correction['final']['action'];

/** Centre of a vertebral body in fractional rows and columns of the cropped picture; may lie outside. */
export type CorrectionPlace = Correction['final']['levels'][number];
