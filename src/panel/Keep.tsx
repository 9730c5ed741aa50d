import React, { useId, useState } from 'react';
import { say, sayMessage } from '../text/say';
import { Section } from './Section';
import type { KeepState, Possible } from '../viewer/keep/types';

/** What was marked, as files: for tables, for slides, for training. */
export function Keep(props: {
  readonly keep: KeepState;
  readonly run: (command: string, options?: Readonly<Record<string, unknown>>) => void;
}): React.ReactElement {
  const { keep, run } = props;
  const [wholeVisit, setWholeVisit] = useState(false);
  const scope = wholeVisit && keep.visitStudies > 1 ? 'visit' : 'study';
  const exportAs = (format: string) => () => run('exportLevels', { format, scope });
  return (
    <Section title={say('keep.export')} name="export">
      <div className="row" role="group" aria-label={say('keep.export')}>
        <KeepButton name="csv" can={keep.table} label="CSV" onClick={exportAs('csv')} />
        <KeepButton name="json" can={keep.table} label="JSON" onClick={exportAs('json')} />
      </div>
      <div className="row" role="group" aria-label={say('keep.pictures')}>
        <KeepButton
          name="png"
          can={keep.picture}
          label={say('keep.sagittal')}
          title={say('keep.sagittalHint')}
          onClick={() => run('exportLevels', { format: 'png', view: 'sagittal' })}
        />
        <KeepButton
          name="png-axial"
          can={keep.axialPicture}
          label={say('keep.axial')}
          title={say('keep.axialHint')}
          onClick={() => run('exportLevels', { format: 'png', view: 'axial' })}
        />
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
      <div className="row">
        <KeepButton
          name="correction"
          can={keep.correction}
          label={say('keep.correction')}
          title={say('keep.correctionHint')}
          onClick={() => run('exportCorrection')}
        />
      </div>
    </Section>
  );
}

/** Stays in the order of the keyboard when it can do nothing, so that its reason can be read. */
function KeepButton(props: {
  readonly name: string;
  readonly can: Possible;
  readonly label: string;
  readonly title?: string;
  readonly onClick: () => void;
}): React.ReactElement {
  const { can, label, onClick } = props;
  const why = useId();
  return (
    <>
      <button
        type="button"
        className="ghost"
        data-cy={`find-l3-keep-${props.name}`}
        aria-disabled={!can.possible}
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
