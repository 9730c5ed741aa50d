import React from 'react';
import type { Answered } from '../finder/types';
import { LEVEL_NAMES } from '../levels/types';
import { say } from '../text/say';
import type { MarkingState, Shown } from '../viewer/state';

/** What is on screen, and the one action that makes it L3. */
export function ThisSlice(props: {
  readonly shown: Shown | null;
  readonly marking: MarkingState;
  /** Null: nothing was found to name it by. */
  readonly finding: Answered | null;
  readonly run: (command: string, options?: Readonly<Record<string, unknown>>) => void;
}): React.ReactElement {
  const { shown, marking, run } = props;
  const why = obstacle(shown, marking);
  return (
    <div className="shown">
      <span className="quiet" data-cy="find-l3-shown">
        {shownText(props)}
      </span>
      {marking.mark && shown?.isMark === false && (
        <button
          type="button"
          className="link"
          data-cy="find-l3-show-mark"
          onClick={() => run('showLevelMark', { annotationUID: marking.mark?.annotationUID })}
        >
          {say('keep.show', { label: marking.mark.label })}
        </button>
      )}
      <button
        type="button"
        data-cy="find-l3-this-slice"
        disabled={why !== null}
        title={why ?? say('mark.thisSliceTitle')}
        onClick={() => run('setLevelFromCurrentSlice')}
      >
        {say('mark.thisSlice')}
      </button>
    </div>
  );
}

function obstacle(shown: Shown | null, { mark }: MarkingState): string | null {
  if (!shown) return say('picture.notShown');
  if (mark?.isLocked) return say('mark.locked');
  if (shown.isMark) return say('mark.isThisSlice');
  const isThere = shown.slice !== null || shown.level !== null || shown.alternative !== null;
  return isThere ? null : say('mark.openAxial');
}

function shownText({ shown, marking: { mark }, finding }: Parameters<typeof ThisSlice>[0]): string {
  if (!shown) return say('picture.notShown');
  const what = (text: string) => say('picture.shown', { what: text });
  if (shown.isMark && mark) return what(mark.label);
  if (shown.level && finding?.status === 'found') {
    const name = LEVEL_NAMES[LEVEL_NAMES.indexOf(shown.level) + (mark?.shift ?? 0)];
    const isTakenAway = name === 'L3' && mark !== null;
    if (name && !isTakenAway) return what(name);
  }
  return shown.slice ? what(say('answer.sliceInText', shown.slice)) : say('picture.hint');
}
