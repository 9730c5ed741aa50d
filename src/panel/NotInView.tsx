import React, { useState } from 'react';
import type { Absence } from '../corrections/types';
import { say } from '../text/say';

const ABSENCES: readonly Absence[] = ['ends-above-l3', 'begins-below-l3'];

/** A person's word that L3 is not in the scan, and why: the answer was wrong, or there was none. */
export function NotInView(props: {
  readonly absence: Absence | null;
  readonly isLocked: boolean;
  readonly run: (command: string, options?: Readonly<Record<string, unknown>>) => void;
}): React.ReactElement {
  const { absence, isLocked, run } = props;
  const [isOpen, setOpen] = useState(false);
  if (absence) {
    return (
      <div className="row" data-cy="find-l3-absence">
        <button type="button" data-cy="find-l3-absence-back" onClick={() => run('setL3Absent')}>
          {say('absent.back')}
        </button>
      </div>
    );
  }
  const state = (of: Absence) => () => {
    setOpen(false);
    run('setL3Absent', { absence: of });
  };
  return (
    <div className="row" role="group" aria-label={say('absent.is')}>
      <button
        type="button"
        aria-expanded={isOpen}
        data-cy="find-l3-not-in-view"
        disabled={isLocked}
        title={isLocked ? say('mark.locked') : say('absent.title')}
        onClick={() => setOpen(!isOpen)}
      >
        {say('absent.is')}
      </button>
      {isOpen &&
        ABSENCES.map((of) => (
          <button key={of} type="button" data-cy={`find-l3-${of}`} onClick={state(of)}>
            {say(`absent.choose.${of}`)}
          </button>
        ))}
    </div>
  );
}
