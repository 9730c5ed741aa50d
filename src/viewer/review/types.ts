import type { ReviewItem } from './reviewList';

/** A list of studies that a person looks through. */
export interface ReviewState {
  readonly phase: 'none' | 'loading' | 'open' | 'failed';
  /** Why there is no list. */
  readonly error: unknown;
  readonly total: number;
  readonly done: number;
  /** 1-based place of the open study in the list; null where it is not in it. */
  readonly position: number | null;
  readonly current: ReviewItem | null;
  readonly isCurrentDone: boolean;
  /** Whether there is another one to look at. */
  readonly hasNext: boolean;
}

export const NO_REVIEW: ReviewState = {
  phase: 'none',
  error: null,
  total: 0,
  done: 0,
  position: null,
  current: null,
  isCurrentDone: false,
  hasNext: false,
};
