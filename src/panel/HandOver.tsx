import React, { useEffect, useId, useRef, useState } from 'react';
import { say, sayMessage } from '../text/say';
import { explain } from '../viewer/host/problem';
import type { LevelSlice } from '../viewer/handover/readersSlice';
import { MOST_AROUND, type HandOverNote, type HandOverState } from '../viewer/handover/types';
import { Section } from './Section';
import { millimetres } from './text';

type Run = (command: string, options?: Readonly<Record<string, unknown>>) => void;

/** The slice at L3 for other programs: its DICOM file as it is stored, and its name. */
export function HandOver({ state, run }: { readonly state: HandOverState; readonly run: Run }) {
  const [around, setAround] = useState(0);
  const { slice, possible, isReading, note } = state;
  const id = useId();
  const why = possible.possible ? undefined : sayMessage(possible.why);
  const can = possible.possible && !isReading;
  return (
    <Section title={say('hand.title')} name="hand-over">
      <p className="quiet" data-cy="find-l3-hand-slice">
        {slice ? sliceText(slice) : why}
      </p>
      <div className="row">
        <label htmlFor={id} className="quiet">
          {say('hand.around')}
        </label>
        <input
          id={id}
          type="number"
          min={0}
          max={MOST_AROUND}
          value={around}
          data-cy="find-l3-hand-around"
          onChange={({ target }) => setAround(clamped(target.valueAsNumber))}
        />
        <button
          type="button"
          className="ghost"
          data-cy="find-l3-hand-dicom"
          aria-disabled={!can}
          aria-busy={isReading}
          title={why ?? say('hand.dicomTitle')}
          onClick={() => can && run('handOverSlices', { around })}
        >
          {say(isReading ? 'hand.reading' : 'hand.dicom')}
        </button>
        <button
          type="button"
          className="ghost"
          data-cy="find-l3-hand-copy"
          aria-disabled={!possible.possible}
          title={why ?? say('hand.copyTitle')}
          onClick={() => possible.possible && run('copySliceName')}
        >
          {say('hand.copy')}
        </button>
      </div>
      <div role="status" data-cy="find-l3-hand-note">
        {note && <Note note={note} />}
      </div>
    </Section>
  );
}

/** Where the level lies in another series than its own, while the reader looks at that. */
export function SliceHere({ state: { slice } }: { readonly state: HandOverState }) {
  if (!slice || slice.isOwn) return null;
  return (
    <p className="quiet" data-cy="find-l3-slice-here">
      {say('hand.here', { where: sliceText(slice) })}
    </p>
  );
}

function Note({ note }: { readonly note: HandOverNote }) {
  switch (note.kind) {
    case 'downloaded':
      return <p>{say('hand.downloaded', { count: note.count })}</p>;
    case 'copied':
      return <p>{say('hand.copied')}</p>;
    case 'no-clipboard':
      return <Selectable text={note.text} />;
    case 'failed': {
      const { message, advice } = explain(note.error);
      return (
        <div className="notice">
          <p>{message}</p>
          <p className="quiet">{advice}</p>
        </div>
      );
    }
  }
}

/** Selected as it appears, so that the keys for copying work at once. */
function Selectable({ text }: { readonly text: string }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), [text]);
  return (
    <div className="notice">
      <p>{say('hand.noClipboard')}</p>
      <input
        ref={field}
        className="wide"
        readOnly
        value={text}
        aria-label={say('hand.copyTitle')}
        data-cy="find-l3-hand-text"
        onKeyDown={(event) => event.stopPropagation()}
      />
    </div>
  );
}

function sliceText({ series, number, count, zMm }: LevelSlice): string {
  const name = [series.number, series.description].filter((part) => part !== '').join(', ');
  return say('hand.slice', { series: name, number, count, mm: millimetres(zMm) });
}

function clamped(value: number): number {
  return Number.isFinite(value) ? Math.min(MOST_AROUND, Math.max(0, Math.round(value))) : 0;
}
