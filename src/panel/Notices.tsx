import React from 'react';
import type { Answered } from '../finder/types';
import { phrasesText } from '../reasons/phrases';
import type { Reason } from '../reasons/reasons';
import { say, sayPhrases, sayReason } from '../text/say';

/** A reason or warning, and what to do about it. */
export function ReasonNotice({ reason }: { reason: Reason }): React.ReactElement {
  const { message, advice } = sayReason(reason);
  return (
    <div className="notice" data-cy="find-l3-reason" data-code={reason.code}>
      <p>{message}</p>
      <p className="quiet">{advice}</p>
    </div>
  );
}

export function Warnings({ warnings }: { warnings: readonly Reason[] }): React.ReactElement {
  return (
    <>
      {warnings.map((warning) => (
        <ReasonNotice key={warning.code} reason={warning} />
      ))}
    </>
  );
}

/** The scans that the searched series holds beside the one that was searched. */
export function OtherParts({
  series: { otherParts },
  displaySetInstanceUID,
  run,
}: {
  readonly series: Answered['series'];
  readonly displaySetInstanceUID: string;
  readonly run: (command: string, options: Readonly<Record<string, unknown>>) => void;
}): React.ReactElement | null {
  if (otherParts.length === 0) return null;
  return (
    <>
      <h3>{say('parts.others')}</h3>
      <ul className="choices">
        {otherParts.map(({ name, sliceCount }, index) => (
          <li key={phrasesText(name)}>
            <button
              type="button"
              data-cy={`find-l3-part-${index}`}
              title={say('parts.search')}
              onClick={() =>
                run('findL3', { displaySetInstanceUID, part: phrasesText(name), readLarge: true })
              }
            >
              <span>{sayPhrases(name)}</span>
              <span className="quiet">{say('parts.slices', { count: sliceCount })}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
