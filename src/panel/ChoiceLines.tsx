import React from 'react';
import type { AxialNote, SeriesLabel } from '../viewer/state';
import { say } from '../text/say';
import { axialText, substitutionText } from './choiceText';

/** Says why another series than the active one is used; nothing where the active one is. */
export function SubstitutionLine({ series }: { series: SeriesLabel }): React.ReactElement | null {
  if (!series.instead) return null;
  return (
    <p className="quiet" data-cy="find-l3-instead">
      {substitutionText(series.instead)}
    </p>
  );
}

/** Says where the axial series cut what is shown of a sagittal answer, and brings that slice up. */
export function AxialLine({
  note,
  run,
}: {
  readonly note: AxialNote | null | undefined;
  readonly run: (command: string) => void;
}): React.ReactElement | null {
  if (!note) return null;
  const canShow = note.kind === 'cut' && !note.isShown;
  return (
    <div className="shown" data-cy="find-l3-axial" data-kind={note.kind}>
      <span className="quiet">{axialText(note)}</span>
      {canShow && (
        <button type="button" data-cy="find-l3-show-axial" onClick={() => run('showAxialSlice')}>
          {say('axial.show')}
        </button>
      )}
    </div>
  );
}
