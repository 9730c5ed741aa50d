import React from 'react';
import { isCounted } from '../finder/counted';
import type { Alternative, Answered, Found, Undetermined } from '../finder/types';
import type { Reason } from '../reasons/reasons';
import { say, sayReason } from '../text/say';
import { levelsOf, shiftedLevels } from '../viewer/mark/spine';
import {
  isCorrected,
  type Answer as AnswerState,
  type FindL3State,
  type MarkingState,
  type Shown,
} from '../viewer/state';
import { percent } from '../reasons/percent';
import { sliceNumberOf } from '../viewer/screen/sliceNumber';
import { AxialLine } from './ChoiceLines';
import { HandButtons, MarkControls } from './MarkControls';
import { NotInView } from './NotInView';
import { ProposalNotice } from './ProposalNotice';
import { ThisSlice } from './ThisSlice';
import { ProjectionPicture, type PictureLine } from './ProjectionPicture';
import {
  confidence,
  foundText,
  millimetres,
  placeText,
  runtimeDetail,
  runtimeText,
  sliceText,
  timingText,
  whyText,
} from './text';

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
  const parts = { sliceCount: series.sliceCount, shown, marking, run };
  if (finding.status === 'refused') {
    return (
      <>
        <h2>{say('answer.refused')}</h2>
        <ReasonNotice reason={finding.reason} />
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
        <FoundHead
          finding={finding}
          sliceCount={series.sliceCount}
          isCorrected={isCorrected(marking)}
        />
      ) : (
        <>
          <h2>{say('answer.undetermined')}</h2>
          <ReasonNotice reason={finding.reason} />
        </>
      )}
      {finding.warnings.map((warning) => (
        <ReasonNotice key={warning.code} reason={warning} />
      ))}
      <Picture {...parts} finding={finding} />
      <ThisSlice shown={shown} marking={marking} finding={finding} run={run} />
      <AxialLine note={state.axial} run={run} />
      <MarkControls finding={finding} marking={marking} run={run} />
      <NotInView absence={marking.absence} isLocked={marking.mark?.isLocked ?? false} run={run} />
      <Alternatives {...parts} finding={finding} />
      <Details finding={finding} />
    </>
  );
}

function ReasonNotice({ reason }: { reason: Reason }): React.ReactElement {
  const { message, advice } = sayReason(reason);
  return (
    <div className="notice" data-cy="find-l3-reason" data-code={reason.code}>
      <p>{message}</p>
      <p className="quiet">{advice}</p>
    </div>
  );
}

/** What a person says, above what was found: the last word is theirs. */
function Corrected(props: {
  readonly marking: MarkingState;
  readonly sliceCount: number;
}): React.ReactElement | null {
  const { mark, absence } = props.marking;
  if (!isCorrected(props.marking)) return null;
  const { label = '', sliceNumber = null, zMm = 0 } = mark ?? {};
  const values = { label, number: sliceNumber ?? '', count: props.sliceCount };
  const heading = sliceNumber === null ? label : say('mark.label', values);
  return (
    <div className="corrected" data-cy="find-l3-corrected" data-z-mm={mark?.zMm}>
      <h2 className="level">{absence ? say('absent.is') : heading}</h2>
      <p className="numbers">
        <span>{absence ? say(`absent.says.${absence}`) : heightText(zMm)}</span>
        <span className="tag">{tagOf(props.marking)}</span>
      </p>
    </div>
  );
}

function tagOf({ mark, absence }: MarkingState): string {
  if (absence) return say('absent.statement');
  return say(mark?.by === 'report' ? 'mark.saved' : 'mark.byHand');
}

function FoundHead(props: {
  readonly finding: Found;
  readonly sliceCount: number;
  readonly isCorrected: boolean;
}): React.ReactElement {
  const { l3, series } = props.finding;
  const number = sliceNumberOf(series, l3.sliceIndex);
  const data = { 'data-z-mm': l3.zMm, 'data-slice-number': number ?? undefined };
  if (props.isCorrected) {
    return (
      <p className="numbers quiet" data-cy="find-l3-found" {...data}>
        <span>{foundText(number, l3.zMm)}</span>
        <span>{percent(l3.probability)}</span>
      </p>
    );
  }
  return (
    <div data-cy="find-l3-found" {...data}>
      <h2 className="level">{sliceText(number, props.sliceCount, 'answer.head') ?? 'L3'}</h2>
      <p className="numbers">
        <span>{heightText(l3.zMm)}</span>
        <span className="quiet">± {millimetres(l3.sdMm)}</span>
      </p>
      <p>
        {confidence(l3.probability)} <strong>({percent(l3.probability)})</strong>
      </p>
    </div>
  );
}

function heightText(zMm: number): string {
  return say('answer.height', { mm: millimetres(zMm) });
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
  return shiftedLevels(finding, shift).map(({ name, zMm, probability }) => {
    // What was found keeps its own name as a command, whatever a person calls it now.
    const level = found.find((other) => other.zMm === zMm)?.name ?? name;
    const key = level === name ? 'picture.show' : 'picture.showFoundAs';
    const isProposed = level === 'L3' && proposal !== null;
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
    <>
      <h3>{say(isCandidates ? 'answer.candidates' : 'answer.alternatives')}</h3>
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
    </>
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

function Details({ finding }: { finding: Answered }): React.ReactElement {
  const { model, runtime, timing } = finding;
  const detail = runtimeDetail(runtime);
  return (
    <dl data-cy="find-l3-details">
      <dt>{say('answer.ranOn')}</dt>
      <dd data-cy="find-l3-runtime" data-runtime={runtime.runtime}>
        {runtimeText(runtime)}
        {detail && <span lang="en"> ({detail})</span>}
      </dd>
      <dt>{say('answer.took')}</dt>
      <dd>{timingText(timing)}</dd>
      <dt>{say('answer.model')}</dt>
      <dd data-cy="find-l3-model" title={`SHA-256 ${model.sha256}`}>
        {model.name} {model.version}
      </dd>
    </dl>
  );
}
