import React from 'react';
import type { Finding } from '../finder/types';
import type { MarkingState, MarkState } from '../viewer/state';
import { shiftedLevels } from '../viewer/mark/spine';
import type { LevelDefinition } from '../viewer/mark/types';
import { DEFINITIONS, markText, numberingText, TEXT } from './text';

type Run = (command: string, options?: Readonly<Record<string, unknown>>) => void;
type Answered = Exclude<Finding, { status: 'refused' }>;

/** Corrects the mark: by the slice on screen, by hand, by vertebrae, by what of the body is meant. */
export function MarkControls(props: {
  readonly finding: Answered;
  readonly mark: MarkState | null;
  readonly marking: MarkingState;
  readonly run: Run;
}): React.ReactElement {
  const { finding, mark, marking, run } = props;
  const answerZMm = finding.status === 'found' ? finding.l3.zMm : null;
  const isMoved = mark?.by === 'person';
  return (
    <div className="marking" role="group" aria-label={TEXT.correct}>
      <p
        className={isMoved ? undefined : 'quiet'}
        data-cy={isMoved ? 'find-l3-moved' : 'find-l3-mark-hint'}
      >
        {isMoved ? markText(mark, answerZMm) : mark ? TEXT.dragHint : TEXT.noMark}
      </p>
      <HandButtons marking={marking} run={run} />
      {finding.status === 'found' && (
        <Numbering finding={finding} mark={mark} marking={marking} run={run} />
      )}
      <Definition mark={mark} marking={marking} run={run} />
    </div>
  );
}

/** Marks without an answer: on the slice that is shown, or by a press in a view. */
export function HandButtons({
  marking,
  run,
}: {
  readonly marking: MarkingState;
  readonly run: Run;
}): React.ReactElement {
  return (
    <div className="row">
      <button
        type="button"
        aria-pressed={marking.inHand}
        aria-live="polite"
        data-cy="find-l3-take-tool"
        title={TEXT.takeToolTitle}
        onClick={() => run('takeLevelTool')}
      >
        {marking.inHand ? TEXT.inHand : TEXT.takeTool}
      </button>
      <button
        type="button"
        data-cy="find-l3-from-slice"
        title={TEXT.fromSliceTitle}
        onClick={() => run('setLevelFromCurrentSlice')}
      >
        {TEXT.fromSlice}
      </button>
    </div>
  );
}

function Numbering(props: {
  readonly finding: Extract<Finding, { status: 'found' }>;
  readonly mark: MarkState | null;
  readonly marking: MarkingState;
  readonly run: Run;
}): React.ReactElement {
  const { finding, mark, marking, run } = props;
  return (
    <>
      <p className="numbering" data-cy="find-l3-numbering">
        {numberingText(finding.countedFrom, mark?.shift ?? 0)}
      </p>
      <div className="row">
        {([1, -1] as const).map((by) => {
          const why = obstacleToShift(finding, mark, by);
          return (
            <button
              key={by}
              type="button"
              data-cy={by > 0 ? 'find-l3-shift-up' : 'find-l3-shift-down'}
              disabled={why !== null}
              title={why ?? (by > 0 ? TEXT.shiftUpTitle : TEXT.shiftDownTitle)}
              onClick={() => run('shiftNumbering', { by })}
            >
              {by > 0 ? TEXT.shiftUp : TEXT.shiftDown}
            </button>
          );
        })}
        <button
          type="button"
          aria-pressed={marking.ruler}
          data-cy="find-l3-ruler"
          title={TEXT.rulerTitle}
          onClick={() => run('toggleLevelRuler')}
        >
          {TEXT.ruler}
        </button>
      </div>
    </>
  );
}

function obstacleToShift(
  finding: Extract<Finding, { status: 'found' }>,
  mark: MarkState | null,
  by: number,
): string | null {
  if (!mark) return TEXT.noMark;
  if (mark.isLocked) return TEXT.locked;
  const isThere = shiftedLevels(finding, mark.shift + by).some(({ name }) => name === 'L3');
  return isThere ? null : TEXT.noVertebra;
}

function Definition(props: {
  readonly mark: MarkState | null;
  readonly marking: MarkingState;
  readonly run: Run;
}): React.ReactElement {
  const { mark, marking, run } = props;
  const definition = mark?.definition ?? marking.definition;
  return (
    <>
      <label className="row">
        <span className="quiet">{TEXT.marks}</span>
        <select
          value={definition}
          data-cy="find-l3-definition"
          disabled={mark?.isLocked}
          title={mark?.isLocked ? TEXT.locked : undefined}
          onChange={({ target }) =>
            run('setLevelDefinition', { definition: target.value as LevelDefinition })
          }
        >
          {Object.entries(DEFINITIONS).map(([name, text]) => (
            <option key={name} value={name}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <p className="quiet small" hidden={definition === 'mid-body'}>
        {TEXT.endplateEstimated}
      </p>
    </>
  );
}
