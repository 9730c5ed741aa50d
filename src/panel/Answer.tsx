import React, { useCallback, useState } from 'react';
import { isCounted } from '../finder/counted';
import { levelsOf } from '../finder/levelsOf';
import type { Alternative, Answered } from '../finder/types';
import { say } from '../text/say';
import { numberings } from '../viewer/mark/numberings';
import {
  type Answer as AnswerState,
  type FindL3State,
  type MarkingState,
  type Shown,
} from '../viewer/state';
import { percent } from '../reasons/percent';
import { sliceNumberOf } from '../viewer/screen/sliceNumber';
import { Corrected, FoundHead } from './AnswerHead';
import { Enlarged } from './Enlarged';
import { AxialLine } from './ChoiceLines';
import { Definition, HandButtons, MarkControls } from './MarkControls';
import { OtherParts, ReasonNotice, Warnings } from './Notices';
import { NotInView } from './NotInView';
import { ProposalNotice } from './ProposalNotice';
import { ThisSlice } from './ThisSlice';
import { candidateLabel, pictureLines } from './pictureLines';
import { ProjectionPicture } from './ProjectionPicture';
import { Section } from './Section';
import { heightText, placeText, sliceText, whyText } from './text';

type Run = (command: string, options?: Readonly<Record<string, unknown>>) => void;

/** What an arrow key moves the mark by at least, mm. */
const MIN_STEP_MM = 0.5;

/** What was found, or why not, with everything a person needs to judge it. */
export function Answer({
  answer,
  state,
  run,
}: {
  answer: AnswerState;
  state: FindL3State;
  run: Run;
}): React.ReactElement {
  const { finding, series } = answer;
  const { marking, shown } = state;
  const isQuiet = answer.isQuiet ?? false;
  const parts = { sliceCount: series.sliceCount, shown, marking, run, isQuiet };
  if (finding.status === 'refused') {
    return (
      <>
        <h2 tabIndex={-1}>{say('answer.refused')}</h2>
        <ReasonNotice reason={finding.reason} />
        <Warnings warnings={finding.warnings} />
        <ThisSlice shown={shown} marking={marking} finding={null} run={run} />
        <HandButtons marking={marking} run={run} />
      </>
    );
  }
  const controls = (
    <Section title={say('mark.correct')} name="correct" isOpen>
      <MarkControls finding={finding} marking={marking} run={run} />
    </Section>
  );
  const rest = (
    <Section title={say('more')} name="more">
      <Definition marking={marking} run={run} />
      <NotInView absence={marking.absence} isLocked={marking.mark?.isLocked ?? false} run={run} />
    </Section>
  );
  if (isQuiet) {
    return (
      <>
        <Corrected marking={marking} sliceCount={series.sliceCount} isAlways />
        <Picture {...parts} finding={finding} />
        <ThisSlice shown={shown} marking={marking} finding={finding} run={run} />
        <AxialLine note={state.axial} run={run} />
        {controls}
        {rest}
      </>
    );
  }
  return (
    <>
      <Corrected marking={marking} sliceCount={series.sliceCount} />
      <ProposalNotice marking={marking} run={run} />
      {finding.status === 'found' ? (
        <FoundHead finding={finding} sliceCount={series.sliceCount} marking={marking} />
      ) : (
        <>
          <h2 tabIndex={-1}>{say('answer.undetermined')}</h2>
          <ReasonNotice reason={finding.reason} />
        </>
      )}
      <Picture {...parts} finding={finding} />
      <ThisSlice shown={shown} marking={marking} finding={finding} run={run} />
      <AxialLine note={state.axial} run={run} />
      <Warnings warnings={finding.warnings} />
      <OtherParts
        series={finding.series}
        displaySetInstanceUID={series.displaySetInstanceUID}
        run={run}
      />
      {controls}
      <Alternatives {...parts} finding={finding} />
      {rest}
    </>
  );
}

interface PartProps {
  readonly sliceCount: number;
  readonly shown: Shown | null;
  readonly marking: MarkingState;
  readonly finding: Answered;
  readonly isQuiet: boolean;
  readonly run: Run;
}

function Picture({ shown, marking, finding, run, isQuiet }: PartProps): React.ReactElement {
  const { mark } = marking;
  const isUndecided = finding.status === 'undetermined' && numberings(finding).length > 0;
  const [wish, setWish] = useState<{ readonly of: Answered; readonly isOpen: boolean } | null>(
    null,
  );
  const opensItself = isUndecided && !isQuiet;
  const isEnlarged = wish?.of === finding ? wish.isOpen : opensItself;
  const close = useCallback(() => setWish({ of: finding, isOpen: false }), [finding]);
  const lines = pictureLines({ finding, shown, marking, run });
  const isNamed = finding.status === 'found' || mark !== null;
  const levels = isNamed ? levelsOf(finding) : finding.alternatives;
  const places = levels.length > 0 || !mark ? levels : [mark];
  const heightsMm = places.map(({ zMm }) => zMm);
  const names = lines.flatMap(({ label }) => label ?? []).join(say('list.comma'));
  const key = isNamed ? 'picture.levels' : 'picture.candidates';
  const description = names ? say(key, { names }) : say('picture.plain');
  const enlarged = isEnlarged && (
    <Enlarged finding={finding} marking={marking} run={run} onClose={close} />
  );
  const picture = (
    <ProjectionPicture
      projection={finding.projection}
      lines={lines}
      heightsMm={heightsMm}
      heat={finding.heat}
      description={description}
      onEnlarge={() => setWish({ of: finding, isOpen: true })}
      mark={
        mark && {
          zMm: mark.zMm,
          stepMm: Math.max(MIN_STEP_MM, finding.series.spacingMm),
          name: say('picture.levelLine', { label: mark.label }),
          valueText: placeText(mark),
          isLocked: mark.isLocked,
          onMove: (zMm, isLive) => run('moveLevelMark', { zMm, isLive }),
        }
      }
    />
  );
  return (
    <>
      {picture}
      {enlarged}
    </>
  );
}

function Alternatives({ sliceCount, shown, finding, run }: PartProps): React.ReactElement | null {
  if (finding.alternatives.length === 0) return null;
  const isCandidates = finding.status === 'undetermined';
  return (
    <Section
      title={say(isCandidates ? 'answer.candidates' : 'answer.alternatives')}
      name="alternatives"
      isOpen
    >
      <ul className="choices">
        {finding.alternatives.map((alternative, index) => (
          <li key={alternative.zMm}>
            <AlternativeButton
              alternative={alternative}
              label={isCandidates ? candidateLabel(index) : null}
              showsProbability={isCounted(finding)}
              series={finding.series}
              sliceCount={sliceCount}
              isShown={shown?.alternative === index}
              onChoose={() => run('showAlternative', { index })}
              index={index}
            />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function AlternativeButton(props: {
  readonly alternative: Alternative;
  readonly label: string | null;
  readonly showsProbability: boolean;
  readonly series: Answered['series'];
  readonly sliceCount: number;
  readonly isShown: boolean;
  readonly index: number;
  readonly onChoose: () => void;
}): React.ReactElement {
  const { alternative, label, showsProbability, series, sliceCount, isShown, index, onChoose } =
    props;
  const { zMm, probability, sliceIndex } = alternative;
  const slice = sliceText(sliceNumberOf(series, sliceIndex), sliceCount);
  const place = slice ?? heightText(zMm);
  return (
    <button
      type="button"
      aria-pressed={isShown}
      data-cy={`find-l3-alternative-${index}`}
      data-z-mm={zMm}
      onClick={onChoose}
    >
      <span className="numbers">
        <span>
          {label ? say('series.described', { series: label, description: place }) : place}
        </span>
        {showsProbability && <span>{percent(probability)}</span>}
      </span>
      <span className="quiet">
        {whyText(alternative)}
        {slice ? say('list.comma') + heightText(zMm) : ''}
      </span>
    </button>
  );
}
