import type { Absence } from '../../corrections/types';
import type { Vec3 } from '../../series/types';
import type { Message, TextKey } from '../../text/say';
import type { Statement } from '../state';

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
  /** That L3 is not in the scan was saved. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'restored'; readonly marks: readonly NamedMark[] }
  /** Somebody else's report counts, and is what the marks show. */
  | { readonly kind: 'theirs' }
  /** Nothing was saved: somebody else has saved meanwhile. */
  | { readonly kind: 'conflict' }
  /** What a person had not saved when they left the study is back. */
  | { readonly kind: 'unsaved-restored'; readonly marks: readonly NamedMark[] }
  | { readonly kind: 'corrected' }
  | { readonly kind: 'failed'; readonly error: unknown };

/** What somebody else has saved, by what a person decides. */
export interface OtherReport {
  readonly sopInstanceUID: string;
  /** Where the viewer knew it there. */
  readonly by: string | null;
  /** Milliseconds since 1970, UTC; null where the report does not say. */
  readonly atMs: number | null;
  /** None: it withdraws the level, or says that L3 is not in the scan. */
  readonly levels: readonly OtherLevel[];
  readonly absence: Absence | null;
}

export interface OtherLevel {
  readonly label: string;
  readonly pointLpsMm: Vec3;
  readonly frameOfReferenceUID: string | null;
  /** Of the series that it was marked in, where the viewer has that. */
  readonly displaySetInstanceUID: string | null;
}

/** Reports of one study that do not know of each other: a person says which counts. */
export interface ReportConflict {
  readonly studyInstanceUID: string;
  /** They were there on opening, or came to light when something was to be saved. */
  readonly seen: 'opening' | 'saving';
  /** The others, beside the marks of this viewer. */
  readonly reports: readonly OtherReport[];
}

/** What counts: the marks of this viewer, what the others have saved, or both. */
export type ConflictChoice = 'mine' | 'theirs' | 'both';

/** What the panel's part about keeping shows. */
export interface KeepState {
  readonly save: Possible;
  /** Export as CSV or JSON. */
  readonly table: Possible;
  /** Export as PNG. */
  readonly picture: Possible;
  /** Export of the axial slice at L3. */
  readonly axialPicture: Possible;
  readonly correction: Possible;
  /** Saving tells the PACS that a study has no level any more: all its marks were deleted. */
  readonly withdraws: boolean;
  readonly isSaving: boolean;
  /** What was done last, or failed, and then what to do. */
  readonly note: KeepNote | null;
  readonly conflict: ReportConflict | null;
  /** What counts in the PACS of an open study that has no level: a person's word that L3 is not in the scan. */
  readonly statement: Statement | null;
  /** Whether what is marked can be confirmed and saved. */
  readonly confirm: Possible;
  /** Annotation UIDs of marks that are saved as they are. */
  readonly saved: readonly string[];
  /** Annotation UIDs of marks that a person had a hand in and that are not saved as they are. */
  readonly unsaved: readonly string[];
  /** Something that a person did is not saved: such a mark, or that a saved one was deleted. */
  readonly isUnsaved: boolean;
  /** Studies with marks since the page was opened. */
  readonly visitStudies: number;
}

export const POSSIBLE: Possible = { possible: true };
export const no = (key: TextKey): Possible => ({ possible: false, why: { key } });

/** Nothing can be kept yet. */
export function unavailable(): KeepState {
  const loading: Possible = { possible: false, why: { key: 'target.loading' } };
  return {
    save: loading,
    table: loading,
    picture: loading,
    axialPicture: loading,
    correction: loading,
    withdraws: false,
    isSaving: false,
    note: null,
    conflict: null,
    statement: null,
    confirm: loading,
    saved: [],
    unsaved: [],
    isUnsaved: false,
    visitStudies: 0,
  };
}
