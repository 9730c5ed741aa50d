import type { Message } from '../../text/say';

/** Whether something can be done now, or why not. */
export type Possible =
  { readonly possible: true } | { readonly possible: false; readonly why: Message };

/** A mark by what a person knows it by. */
export interface NamedMark {
  readonly annotationUID: string;
  readonly label: string;
}

/** What was done last with the marks, or what failed (`explain` says it). */
export type KeepNote =
  | { readonly kind: 'saved'; readonly count: number }
  | { readonly kind: 'withdrawn' }
  | { readonly kind: 'restored'; readonly marks: readonly NamedMark[] }
  | { readonly kind: 'corrected' }
  | { readonly kind: 'failed'; readonly error: unknown };

/** What the panel's part about keeping shows. */
export interface KeepState {
  readonly save: Possible;
  /** Export as CSV or JSON. */
  readonly table: Possible;
  /** Export as PNG. */
  readonly picture: Possible;
  readonly correction: Possible;
  /** Saving tells the PACS that a study has no level any more: all its marks were deleted. */
  readonly withdraws: boolean;
  readonly isSaving: boolean;
  /** What was done last, or failed, and then what to do. */
  readonly note: KeepNote | null;
  /** Studies with marks since the page was opened. */
  readonly visitStudies: number;
}

/** Nothing can be kept yet. */
export function unavailable(): KeepState {
  const loading: Possible = { possible: false, why: { key: 'target.loading' } };
  return {
    save: loading,
    table: loading,
    picture: loading,
    correction: loading,
    withdraws: false,
    isSaving: false,
    note: null,
    visitStudies: 0,
  };
}
