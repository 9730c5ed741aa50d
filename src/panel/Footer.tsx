import React, { useEffect, useId, useRef } from 'react';
import { say, sayMessage } from '../text/say';
import { noteText } from '../viewer/keep/noteText';
import { answerOf, findingOf, type FindL3State } from '../viewer/state';
import { savedText, stateText } from './stateText';

/**
 * What never scrolls away: how L3 stands, and what confirms it. Enter confirms while the button has the
 * focus, and only an answer that was found and that is on screen.
 */
export function Footer(props: {
  readonly state: FindL3State;
  readonly run: (command: string, options?: Readonly<Record<string, unknown>>) => void;
}): React.ReactElement | null {
  const { state, run } = props;
  const { keep, marking, search } = state;
  const why = useId();
  const standing = useId();
  const button = useRef<HTMLButtonElement>(null);
  const answer = answerOf(state);
  const isFound = answer?.finding.status === 'found';
  const takesFocus = isFound && answer?.takesFocus === true;
  useEffect(() => {
    if (takesFocus) button.current?.focus({ preventScroll: true });
  }, [answer?.finding, takesFocus]);
  const isIdle = !answer && !marking.mark && !marking.absence && !keep.statement && !keep.note;
  // While a search runs its place is kept: the answer moves nothing.
  const isSearching = search.phase === 'running';
  if (isIdle && !isSearching && !keep.isUnsaved && !keep.conflict) return null;
  const { confirm } = keep;
  const press = (event: React.KeyboardEvent) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    const isSeen = isFound && state.shown?.isMark && findingOf(state) !== null;
    if (!event.repeat && isSeen && confirm.possible) run('confirmLevel');
  };
  const isBusy = keep.isSaving;
  const hasPacs = keep.save.possible || keep.save.why.key !== 'keep.noPacs';
  const label = keep.withdraws ? 'keep.saveNone' : hasPacs ? 'confirm.save' : 'confirm.only';
  const title = keep.withdraws ? say('keep.saveNoneTitle') : say('confirm.title');
  const saved = savedText(keep, marking);
  // Nothing is left to do.
  const isDone = saved?.kind === 'saved' && marking.mark?.review !== null;
  return (
    <div className="standing" data-cy="find-l3-footer">
      <p className="state" id={standing} role="status">
        <span data-cy="find-l3-state">{stateText(state)}</span>
        {saved && (
          <span className={`tag ${saved.kind}`} data-cy="find-l3-saved" data-kind={saved.kind}>
            {saved.text}
          </span>
        )}
      </p>
      <Note keep={keep} />
      <div className="row">
        <button
          ref={button}
          type="button"
          className={isDone ? 'main done' : 'main'}
          data-cy="find-l3-confirm"
          aria-disabled={!confirm.possible}
          aria-busy={isBusy}
          aria-describedby={confirm.possible ? standing : why}
          title={confirm.possible ? title : sayMessage(confirm.why)}
          onKeyDown={press}
          onClick={() => confirm.possible && run('confirmLevel')}
        >
          {say(isBusy ? 'keep.saving' : label)}
        </button>
        <button
          type="button"
          className="ghost"
          data-cy="find-l3-undo"
          title={say('undo.title')}
          disabled={search.phase === 'running' && !search.isQuiet}
          onClick={() => run('undo')}
        >
          {say('undo')}
        </button>
      </div>
      {!confirm.possible && (
        <span id={why} className="spoken">
          {sayMessage(confirm.why)}
        </span>
      )}
    </div>
  );
}

/** What was done last: to be read where something is wrong or nothing else tells it, else only heard. */
function Note({ keep }: Pick<FindL3State, 'keep'>): React.ReactElement {
  const note = keep.note && noteText(keep.note);
  const kind = keep.note?.kind ?? '';
  const isWrong = ['failed', 'unsaved-restored'].includes(kind);
  const hasNoOther = ['withdrawn', 'corrected'].includes(kind);
  return (
    <p
      className={isWrong ? 'notice' : hasNoOther ? 'quiet' : 'spoken'}
      aria-live="polite"
      data-cy="find-l3-keep-note"
      data-kind={keep.note?.kind}
    >
      {note && (
        <>
          {note.message} {note.detail && <span lang="en">{note.detail} </span>}
          {note.advice}
        </>
      )}
    </p>
  );
}
