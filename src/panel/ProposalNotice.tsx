import React from 'react';
import { percent } from '../reasons/percent';
import { say } from '../text/say';
import type { MarkingState, Proposal } from '../viewer/state';
import { millimetres } from './text';

/** An answer that differs from a person's mark: by how much, and the choice between the two. */
export function ProposalNotice(props: {
  readonly marking: MarkingState;
  readonly run: (command: string) => void;
}): React.ReactElement | null {
  const { marking, run } = props;
  const { proposal, mark } = marking;
  if (!proposal) return null;
  const isLocked = mark?.isLocked ?? false;
  return (
    <div
      className="notice"
      data-cy="find-l3-proposal"
      data-z-mm={proposal.pointLpsMm[2]}
      data-difference-mm={proposal.differenceMm}
    >
      <p>
        {say('proposal.is')} ({percent(proposal.probability)})
      </p>
      {mark && <p className="quiet">{differenceText(proposal)}</p>}
      <div className="row">
        <button
          type="button"
          data-cy="find-l3-use-proposal"
          disabled={isLocked}
          title={say(isLocked ? 'mark.locked' : 'proposal.useTitle')}
          onClick={() => run('useProposal')}
        >
          {say('proposal.use')}
        </button>
        <button
          type="button"
          data-cy="find-l3-keep-mark"
          title={say('proposal.keepTitle')}
          onClick={() => run('keepMark')}
        >
          {say('proposal.keep')}
        </button>
      </div>
    </div>
  );
}

function differenceText({ differenceMm, vertebrae }: Proposal): string {
  const distance = millimetres(Math.abs(differenceMm));
  const height = say(differenceMm > 0 ? 'proposal.above' : 'proposal.below', { distance });
  const count = Math.abs(vertebrae);
  const key = vertebrae > 0 ? 'proposal.higher' : 'proposal.lower';
  const levels = count === 0 ? say('proposal.same') : say(key, { count });
  return `${height}${say('list.comma')}${levels}`;
}
