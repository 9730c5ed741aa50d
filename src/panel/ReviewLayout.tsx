import React from 'react';
import { say, sayMessage } from '../text/say';
import type { LayoutState } from '../viewer/layout/types';

/** Opens the layout Review L3, or leaves it; nothing where there is nothing to review. */
export function ReviewLayout(props: {
  readonly layout: LayoutState;
  readonly run: (command: string) => void;
}): React.ReactElement | null {
  const { offer, isOpen } = props.layout;
  if (!isOpen && !offer) return null;
  const isPossible = isOpen || offer?.possible === true;
  const title = say(isOpen ? 'layout.leaveTitle' : 'layout.title');
  return (
    <button
      type="button"
      className="link"
      data-cy="find-l3-review-layout"
      disabled={!isPossible}
      title={offer && !offer.possible && !isOpen ? sayMessage(offer.why) : title}
      onClick={() => props.run('toggleReviewLayout')}
    >
      {say(isOpen ? 'layout.leave' : 'layout.review')}
    </button>
  );
}
