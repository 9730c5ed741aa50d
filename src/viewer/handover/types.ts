import type { Possible } from '../keep/types';
import type { LevelSlice } from './readersSlice';

/** Most slices above and below that are handed over. */
export const MOST_AROUND = 10;

export type HandOverNote =
  | { readonly kind: 'downloaded'; readonly count: number }
  | { readonly kind: 'copied' }
  /** The browser gives no clipboard to a page like this: a person copies the text. */
  | { readonly kind: 'no-clipboard'; readonly text: string }
  | { readonly kind: 'failed'; readonly error: unknown };

/** The slice at L3 as files, and by its name. */
export interface HandOverState {
  /** Of the series that the reader looks at; null where no axial slice shows the level. */
  readonly slice: LevelSlice | null;
  readonly possible: Possible;
  readonly isReading: boolean;
  readonly note: HandOverNote | null;
}
