import { isCorrected, type FindL3State } from '../state';
import { no, POSSIBLE, type KeepState, type Possible } from './types';

/** What decides whether a person can confirm now. */
export interface Confirmable {
  readonly state: Pick<FindL3State, 'search' | 'marking'>;
  readonly keep: Pick<
    KeepState,
    'isSaving' | 'conflict' | 'withdraws' | 'unsaved' | 'saved' | 'save'
  >;
  /** The user of the viewer, where it knows one. */
  readonly user: string | null;
}

/**
 * Whether a person can confirm and save what is marked, or why not. Where nothing can be stored,
 * confirming alone is possible, for the exports.
 */
export function canConfirm({ state, keep, user }: Confirmable): Possible {
  const { search, marking } = state;
  const { mark, absence, proposal } = marking;
  if (search.phase === 'running' && !search.isQuiet) return no('search.running');
  if (keep.isSaving) return no('keep.saving');
  if (keep.conflict) return no('conflict.first');
  if (proposal) return no('confirm.decideFirst');
  if (absence || !mark) {
    const isThere = keep.withdraws || isCorrected(marking);
    return isThere || keep.save.possible ? keep.save : no('keep.markOrSay');
  }
  const { review, isFromReport, annotationUID } = mark;
  const isOwn = review !== null && (!isFromReport || (user !== null && review.by === user));
  const isSaved = keep.saved.includes(annotationUID);
  if (isOwn && isSaved) return no('keep.nothingNew');
  if (keep.save.possible || isSaved || !isOwn) return POSSIBLE;
  return keep.save;
}
