import { say } from '../../text/say';

/** Whether something can be done now, or why not. */
export type Possible =
  { readonly possible: true } | { readonly possible: false; readonly why: string };

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
  readonly note: {
    readonly kind: 'done' | 'failed';
    readonly message: string;
    readonly advice: string | null;
    /** What the program says, in English, for those who are asked for help. */
    readonly detail?: string;
    /** Marks that it is about, to go to. */
    readonly marks?: readonly { readonly annotationUID: string; readonly label: string }[];
  } | null;
  /** Studies with marks since the page was opened. */
  readonly visitStudies: number;
}

/** Nothing can be kept yet. */
export function unavailable(): KeepState {
  const loading: Possible = { possible: false, why: say('target.loading') };
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
