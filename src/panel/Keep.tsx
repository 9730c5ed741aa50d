import React, { useId, useState } from 'react';
import { say, sayMessage } from '../text/say';
import { OtherReports } from './OtherReports';
import { noteText } from '../viewer/keep/noteText';
import type { KeepState, Possible } from '../viewer/keep/types';

/** What was marked, for later: the PACS, files, training. */
export function Keep(props: {
  readonly keep: KeepState;
  readonly run: (command: string, options?: Readonly<Record<string, unknown>>) => void;
}): React.ReactElement {
  const { keep, run } = props;
  const note = keep.note && noteText(keep.note);
  const restored = keep.note && 'marks' in keep.note ? keep.note.marks : [];
  const [wholeVisit, setWholeVisit] = useState(false);
  const scope = wholeVisit && keep.visitStudies > 1 ? 'visit' : 'study';
  const exportAs = (format: string) => () => run('exportLevels', { format, scope });
  return (
    <div className="keep" data-cy="find-l3-keep">
      <h3>{say('keep')}</h3>
      <OtherReports conflict={keep.conflict} run={run} />
      <div className="row">
        <KeepButton
          name="save"
          can={keep.save}
          isBusy={keep.isSaving}
          label={say(
            keep.isSaving ? 'keep.saving' : keep.withdraws ? 'keep.saveNone' : 'keep.save',
          )}
          title={keep.withdraws ? say('keep.saveNoneTitle') : undefined}
          onClick={() => run('saveLevels')}
        />
        <KeepButton
          name="correction"
          can={keep.correction}
          label={say('keep.correction')}
          title={say('keep.correctionHint')}
          onClick={() => run('exportCorrection')}
        />
      </div>
      <div className="row" role="group" aria-label={say('keep.export')}>
        <KeepButton name="csv" can={keep.table} label="CSV" onClick={exportAs('csv')} />
        <KeepButton name="json" can={keep.table} label="JSON" onClick={exportAs('json')} />
        <KeepButton name="png" can={keep.picture} label="PNG" onClick={exportAs('png')} />
      </div>
      {keep.visitStudies > 1 && (
        <label>
          <input
            type="checkbox"
            checked={wholeVisit}
            onChange={(event) => setWholeVisit(event.target.checked)}
          />{' '}
          {say('keep.visit', { count: keep.visitStudies })}
        </label>
      )}
      <p
        className={keep.note?.kind === 'failed' ? 'notice' : 'quiet'}
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
      {restored.length > 0 && (
        <div className="row">
          {restored.map(({ annotationUID, label }) => (
            <button
              key={annotationUID}
              type="button"
              data-cy="find-l3-show-mark"
              onClick={() => run('showLevelMark', { annotationUID })}
            >
              {say('keep.show', { label })}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

/** Stays in the order of the keyboard when it can do nothing, so that its reason can be read. */
function KeepButton(props: {
  readonly name: string;
  readonly can: Possible;
  readonly label: string;
  readonly title?: string;
  readonly isBusy?: boolean;
  readonly onClick: () => void;
}): React.ReactElement {
  const { can, label, onClick, isBusy = false } = props;
  const why = useId();
  return (
    <>
      <button
        type="button"
        data-cy={`find-l3-keep-${props.name}`}
        aria-disabled={!can.possible}
        aria-busy={isBusy}
        aria-describedby={can.possible ? undefined : why}
        title={can.possible ? props.title : sayMessage(can.why)}
        onClick={() => can.possible && onClick()}
      >
        {label}
      </button>
      {!can.possible && (
        <span id={why} className="spoken">
          {sayMessage(can.why)}
        </span>
      )}
    </>
  );
}
