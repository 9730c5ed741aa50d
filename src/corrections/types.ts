import type { LevelName } from '../levels/types';
import type { IntensityWindow } from '../projection/types';

/** A key that links the items of one person and says nothing about them; only `personKey` makes one. */
export type PersonKey = string & { readonly kind: 'PersonKey' };

/**
 * Why a person says that L3 is not in view: the scan ends above it (a chest), or begins below it (a
 * pelvis). Which of the two it is matters: of the first nothing is known about the levels above, of the
 * second nothing about those below.
 */
export type Absence = 'ends-above-l3' | 'begins-below-l3';

/** What a person did with the answer. */
export type CorrectionAction =
  /** Left L3 where it was found. */
  | 'confirmed'
  /** Moved it within the same vertebra. */
  | 'moved'
  /** Chose another of the found bodies: the numbering was wrong. */
  | 'renumbered'
  /** Placed it where no body was found. */
  | 'placed'
  /** Said that it is not in view. */
  | Absence;

/** Centre of a vertebral body in fractional rows and columns of the cropped picture; may lie outside. */
export interface CorrectionPlace {
  readonly name: LevelName;
  readonly row: number;
  readonly column: number;
}

/**
 * One corrected or confirmed search, de-identified: a crop of the projection from T9 to S1 (or of its
 * end towards L3, where L3 is not in view), the levels in its own rows and columns, and the model that was asked. There is no place for a name, an
 * identifier of a hospital, a date, a UID, a device, a table position or free text, and every text
 * has a closed form.
 */
export interface Correction {
  /** Pseudonym: training and evaluation are split by person. */
  readonly person: PersonKey;
  readonly modality: 'CT' | 'MR';
  /** Size of a pixel in both directions. */
  readonly mmPerPixel: number;
  readonly height: number;
  readonly width: number;
  /** How values became 0..1. */
  readonly window: IntensityWindow;
  /** Planes of height x width, row-major, 0..255 standing for 0..1; row 0 towards the head, column 0 in front. */
  readonly max: Uint8Array;
  readonly mean: Uint8Array;
  /** Null where the scan does not reach that far, or the model does not look at it. */
  readonly lateral: Uint8Array | null;
  readonly model: { readonly name: string; readonly version: string; readonly sha256: string };
  readonly found: {
    /** Whether the model named L3; otherwise `levels` are those that it would have named. */
    readonly outcome: 'found' | 'undetermined';
    /** Head to foot, with the model's probability that the body is the named level. */
    readonly levels: readonly (CorrectionPlace & { readonly probability: number })[];
  };
  readonly final: {
    readonly action: CorrectionAction;
    /**
     * Neighbouring levels, head to foot, L3 among them; L3 alone where it was placed by hand, none
     * where it is not in view.
     */
    readonly levels: readonly CorrectionPlace[];
  };
}
