import React from 'react';
import { isCounted } from '../finder/counted';
import type { Alternative, Answered, Found, Undetermined } from '../finder/types';
import { say } from '../text/say';
import { levelsOf, shiftedLevels } from '../viewer/mark/spine';
import {
  type Answer as AnswerState,
  type FindL3State,
  type MarkingState,
  type Shown,
} from '../viewer/state';
import { percent } from '../reasons/percent';
import { sliceNumberOf } from '../viewer/screen/sliceNumber';
import { Corrected, FoundHead } from './AnswerHead';
import { AxialLine } from './ChoiceLines';
import { Definition, HandButtons, MarkControls } from './MarkControls';
import { OtherParts, ReasonNotice, Warnings } from './Notices';
import { NotInView } from './NotInView';
import { ProposalNotice } from './ProposalNotice';
import { ThisSlice } from './ThisSlice';
import { ProjectionPicture, type PictureLine } from './ProjectionPicture';
import { Section } from './Section';
import { heightText, placeText, sliceText, whyText } from './text';

type Run = (command: string, options?: Readonly<Record<string, unknown>>) => void;

/** A mark and a level of the answer that lie closer are one line, mm. */
const SAME_LINE_MM = 2;
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
  const parts = { sliceCount: series.sliceCount, shown, marking, run };
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
      <Section title={say('mark.correct')} name="correct" isOpen>
        <MarkControls finding={finding} marking={marking} run={run} />
      </Section>
      <Alternatives {...parts} finding={finding} />
      <Section title={say('more')} name="more">
        <Definition marking={marking} run={run} />
        <NotInView absence={marking.absence} isLocked={marking.mark?.isLocked ?? false} run={run} />
      </Section>
    </>
  );
}

function candidateLabel(index: number): string {
  return String(index + 1);
}

interface PartProps {
  readonly sliceCount: number;
  readonly shown: Shown | null;
  readonly marking: MarkingState;
  readonly finding: Answered;
  readonly run: Run;
}

function Picture({ shown, marking, finding, run }: PartProps): React.ReactElement {
  const { mark } = marking;
  const lines =
    finding.status === 'found'
      ? levelLines(finding, shown, marking, run)
      : candidateLines(finding, shown, run);
  const places = finding.status === 'found' ? levelsOf(finding) : finding.alternatives;
  const heightsMm = places.map(({ zMm }) => zMm);
  const names = lines.flatMap(({ label }) => label ?? []).join(say('list.comma'));
  const key = finding.status === 'found' ? 'picture.levels' : 'picture.candidates';
  const description = names ? say(key, { names }) : say('picture.plain');
  return (
    <ProjectionPicture
      projection={finding.projection}
      lines={lines}
      heightsMm={heightsMm}
      heat={finding.heat}
      description={description}
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
}

function levelLines(
  finding: Found,
  shown: Shown | null,
  { mark, proposal }: MarkingState,
  run: Run,
): PictureLine[] {
  const shift = mark?.shift ?? 0;
  const found = levelsOf(finding);
  const l3 = shiftedLevels(finding, shift).find(({ name }) => name === 'L3');
  const isElsewhere = mark !== null && Math.abs(mark.zMm - (l3?.zMm ?? Infinity)) > SAME_LINE_MM;
  const ownLine: PictureLine[] =
    mark && isElsewhere
      ? [
          {
            key: 'mark',
            zMm: mark.zMm,
            kind: 'l3',
            label: mark.label,
            title: say('keep.show', { label: mark.label }),
            isShown: shown?.isMark,
            onChoose: () => run('showLevelMark', { annotationUID: mark.annotationUID }),
          },
        ]
      : [];
  const levels = shiftedLevels(finding, shift).map(({ name, zMm, probability }): PictureLine => {
    // What was found keeps its own name as a command, whatever a person calls it now.
    const level = found.find((other) => other.zMm === zMm)?.name ?? name;
    const key = level === name ? 'picture.show' : 'picture.showFoundAs';
    const isProposed = level === 'L3' && proposal !== null;
    const isL3 = name === 'L3' && !isProposed;
    // Only one line is named L3: the mark's, wherever a person has it.
    if (isL3 && isElsewhere) return { key: level, zMm, kind: 'level' };
    return {
      key: level,
      zMm,
      kind: isProposed ? 'candidate' : name === 'L3' ? 'l3' : 'level',
      label: isProposed ? 'L3?' : name,
      title: say(key, { name, percent: percent(probability), level }),
      isShown: shown?.level === level,
      onChoose: () => run('jumpToLevel', { level }),
    };
  });
  return [...levels, ...ownLine];
}

/** Where the level cannot be named, the picture names none: only the candidates are drawn. */
function candidateLines(
  { alternatives }: Undetermined,
  shown: Shown | null,
  run: Run,
): PictureLine[] {
  return alternatives.map((alternative, index) => ({
    key: `candidate-${index}`,
    zMm: alternative.zMm,
    kind: 'candidate',
    label: candidateLabel(index),
    title: say('picture.showCandidate', {
      name: candidateLabel(index),
      why: whyText(alternative),
    }),
    isShown: shown?.alternative === index,
    onChoose: () => run('showAlternative', { index }),
  }));
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
