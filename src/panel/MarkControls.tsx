import React from 'react';
import { levelsOf } from '../finder/levelsOf';
import type { Answered } from '../finder/types';
import type { MarkingState, MarkState } from '../viewer/state';
import { say } from '../text/say';
import { shiftedLevels } from '../viewer/mark/spine';
import type { LevelDefinition } from '../viewer/mark/types';
import { DEFINITIONS, markText } from './text';

type Run = (command: string, options?: Readonly<Record<string, unknown>>) => void;

/** Corrects the mark: by hand or by vertebrae. */
export function MarkControls(props: {
  readonly finding: Answered;
  readonly marking: MarkingState;
  readonly run: Run;
}): React.ReactElement {
  const { finding, marking, run } = props;
  const { mark } = marking;
  const answerZMm = finding.status === 'found' ? finding.l3.zMm : null;
  const isMoved = mark?.by === 'person' && !mark.isFromReport;
  const hasLevels = finding.status === 'found' || (mark && levelsOf(finding).length > 0);
  return (
    <div className="marking" role="group" aria-label={say('mark.correct')}>
      <p
        className={isMoved ? undefined : 'quiet'}
        data-cy={isMoved ? 'find-l3-moved' : 'find-l3-mark-hint'}
      >
        {isMoved ? markText(mark, answerZMm) : mark ? say('mark.dragHint') : say('mark.none')}
      </p>
      {hasLevels && <Numbering finding={finding} mark={mark} run={run} />}
      <HandButtons marking={marking} hasLevels={finding.status === 'found'} run={run} />
    </div>
  );
}

/** Marks without an answer, by a press in a view. */
export function HandButtons({
  marking,
  hasLevels = false,
  run,
}: {
  readonly marking: MarkingState;
  /** Levels were found that can be shown beside the spine. */
  readonly hasLevels?: boolean;
  readonly run: Run;
}): React.ReactElement {
  return (
    <div className="row">
      <button
        type="button"
        className="ghost"
        aria-pressed={marking.inHand}
        aria-live="polite"
        data-cy="find-l3-take-tool"
        title={say('mark.takeToolTitle')}
        onClick={() => run('takeLevelTool')}
      >
        {say(marking.inHand ? 'mark.inHand' : 'mark.takeTool')}
      </button>
      {hasLevels && (
        <button
          type="button"
          className="ghost"
          aria-pressed={marking.ruler}
          data-cy="find-l3-ruler"
          title={say('mark.rulerTitle')}
          onClick={() => run('toggleLevelRuler')}
        >
          {say('mark.ruler')}
        </button>
      )}
    </div>
  );
}

function Numbering(props: {
  readonly finding: Answered;
  readonly mark: MarkState | null;
  readonly run: Run;
}): React.ReactElement {
  const { finding, mark, run } = props;
  return (
    <>
      <div className="row joined">
        {([1, -1] as const).map((by) => {
          const why = obstacleToShift(finding, mark, by);
          return (
            <button
              key={by}
              type="button"
              data-cy={by > 0 ? 'find-l3-shift-up' : 'find-l3-shift-down'}
              disabled={why !== null}
              title={why ?? say(by > 0 ? 'mark.shiftUpTitle' : 'mark.shiftDownTitle')}
              onClick={() => run('shiftNumbering', { by })}
            >
              {say(by > 0 ? 'mark.shiftUp' : 'mark.shiftDown')}
            </button>
          );
        })}
      </div>
    </>
  );
}

function obstacleToShift(finding: Answered, mark: MarkState | null, by: number): string | null {
  if (!mark) return say('mark.none');
  if (mark.isLocked) return say('mark.locked');
  const isThere = shiftedLevels(finding, mark.shift + by).some(({ name }) => name === 'L3');
  return isThere ? null : say('mark.noVertebra');
}

/** What of the vertebra the line marks. */
export function Definition(props: {
  readonly marking: MarkingState;
  readonly run: Run;
}): React.ReactElement {
  const { marking, run } = props;
  const { mark } = marking;
  const definition = mark?.definition ?? marking.definition;
  return (
    <>
      <label className="row">
        <span className="quiet">{say('mark.lineMarks')}</span>
        <select
          value={definition}
          data-cy="find-l3-definition"
          disabled={mark?.isLocked}
          title={mark?.isLocked ? say('mark.locked') : undefined}
          onChange={({ target }) =>
            run('setLevelDefinition', { definition: target.value as LevelDefinition })
          }
        >
          {DEFINITIONS.map((name) => (
            <option key={name} value={name}>
              {say(`definition.${name}`)}
            </option>
          ))}
        </select>
      </label>
      <p className="quiet small" hidden={definition === 'mid-body'}>
        {say('definition.estimated')}
      </p>
    </>
  );
}
