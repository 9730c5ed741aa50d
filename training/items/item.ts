import type { LevelName } from '../../src/levels/types';

/**
 * One labelled projection, as the trainer eats it. Made by `prepare` from real scans (through the
 * projection of ../../src) and by `synthesize`.
 */
export interface TrainingItem {
  readonly id: string;
  /** Splits are by person: two scans of one person share it. */
  readonly person: string;
  /** Where it comes from: a data set's name; of synthetic ones `ribs`, `beside`, `synthetic` or `painted`. */
  readonly set: string;
  readonly modality: 'CT' | 'MR';
  /**
   * `labelled`: the listed levels are certain, rows outside `labelledRows` may hold unlabelled ones.
   * `synthetic`: every level in the picture is listed.
   * `no-l3`: L3 and everything below is certainly not in view; levels above are not labelled.
   * `below-l3`: L3 and everything above is certainly not in view; levels below are not labelled.
   * `no-spine`: no lumbar spine, nor any body from T9 down; every map is known and empty. Bodies of the neck count as none.
   */
  readonly kind: 'labelled' | 'synthetic' | 'no-l3' | 'below-l3' | 'no-spine';
  readonly height: number;
  readonly width: number;
  /** Planes of height x width, row-major, 0..255 standing for 0..1; the grid is 2 mm (row 0 head, column 0 front). */
  readonly max: Uint8Array;
  readonly mean: Uint8Array;
  /** The lateral band of the projection, as the planes above; null where the scan does not reach that far (single slices, MR). */
  readonly lateral: Uint8Array | null;
  /** Centres of vertebral bodies in (fractional) rows and columns; may lie outside the picture. */
  readonly levels: readonly {
    readonly name: LevelName;
    readonly row: number;
    readonly column: number;
  }[];
  /** Rows in which every level is labelled; null when that is all of them. */
  readonly labelledRows: { readonly from: number; readonly to: number } | null;
  /**
   * Centre of the body that bears the last rib, where the lateral band shows it; null when it is not known.
   * `levels` count from the sacrum (L5 lies above S1); where this is not T12, the two numberings disagree.
   */
  readonly lastRib: { readonly row: number; readonly column: number } | null;
}

/** Whether L3 is certainly not in view. */
export const isNegative = ({ kind }: Pick<TrainingItem, 'kind'>): boolean =>
  kind === 'no-l3' || kind === 'below-l3' || kind === 'no-spine';
