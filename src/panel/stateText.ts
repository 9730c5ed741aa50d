import { language, say } from '../text/say';
import type { KeepState } from '../viewer/keep/types';
import type { FindL3State, MarkingState, MarkState } from '../viewer/state';

/** How L3 stands: what a person has made of it, who and when; or that nobody has looked yet. */
export function stateText({ marking, keep }: Pick<FindL3State, 'marking' | 'keep'>): string {
  const { mark, absence, statement, proposal } = marking;
  if (proposal) return say('state.proposed');
  const word = statement ?? (mark ? null : keep.statement);
  if (word) return byText(say('state.absent'), word);
  if (absence) return say('state.absent');
  if (!mark) return say('state.none');
  const { review } = mark;
  if (!review) return say(unreviewed(mark));
  return byText(say(`state.${review.act}`), review);
}

/** "Confirmed: Dr. A, 29 Nov 2026", of today the time; as far as that is known. */
export function byText(what: string, { by, at }: { by: string | null; at: string }): string {
  const when = new Date(at);
  const isToday = when.toDateString() === new Date().toDateString();
  const options = isToday ? ({ timeStyle: 'short' } as const) : ({ dateStyle: 'medium' } as const);
  const time = when.toLocaleString(language.get(), options);
  return by === null
    ? say('state.at', { what, time })
    : say('state.by', { what, reader: by, time });
}

function unreviewed({ by, isFromReport }: MarkState) {
  if (isFromReport) return by === 'person' ? ('state.moved' as const) : ('state.reported' as const);
  return by === 'person' ? ('state.moved' as const) : ('state.found' as const);
}

/** Whether what is marked is in the PACS as it is; null where there is nothing to save. */
export function savedText(
  { isSaving, isUnsaved, saved, statement }: KeepState,
  { mark, absence }: MarkingState,
): { readonly kind: 'saved' | 'unsaved' | 'saving'; readonly text: string } | null {
  if (isSaving) return { kind: 'saving', text: say('state.saving') };
  if (mark && saved.includes(mark.annotationUID))
    return { kind: 'saved', text: say('state.saved') };
  const isWordSaved = statement !== null && (absence === null || statement.reason === absence);
  if (!mark && isWordSaved && !isUnsaved) return { kind: 'saved', text: say('state.saved') };
  if (mark || absence || isUnsaved) return { kind: 'unsaved', text: say('state.unsaved') };
  return null;
}
