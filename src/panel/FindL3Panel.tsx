import React, { useEffect, useRef, useSyncExternalStore } from 'react';
import { language, say, sayMessage } from '../text/say';
import { explain } from '../viewer/host/problem';
import {
  answerOf,
  findingOf,
  type FindL3State,
  type Search,
  type SeriesLabel,
  type Statement,
  type Target,
  type Watched,
} from '../viewer/state';
import { Answer } from './Answer';
import { Corrected } from './AnswerHead';
import { SubstitutionLine } from './ChoiceLines';
import { Footer } from './Footer';
import { HandOver, SliceHere } from './HandOver';
import { Keep } from './Keep';
import { listDrop, QueueBar, QueueStart } from './ReviewQueue';
import { ReviewLayout } from './ReviewLayout';
import { ROOT_CLASS, STYLE } from './style';
import { LargeSeries } from './LargeSeries';
import { HandButtons } from './MarkControls';
import { ModalitySwitch } from './ModalitySwitch';
import { ModelCard, ModelSourceLine } from './ModelCard';
import { OtherReports } from './OtherReports';
import { NotInView } from './NotInView';
import { MainButton, PictureToCome, Work } from './Searching';
import { Section } from './Section';
import { byText } from './stateText';
import { ThisSlice } from './ThisSlice';
import { announcement, seriesKind, seriesText, stageName, stageText } from './text';

/** What the panel reads; it changes nothing but through commands. */
export interface PanelProps {
  readonly state: Watched<FindL3State>;
  /** Runs a command of the viewer. */
  readonly run: (command: string, options?: Readonly<Record<string, unknown>>) => void;
}

export function FindL3Panel({ state: watched, run }: PanelProps): React.ReactElement {
  const state = useSyncExternalStore(watched.subscribe, watched.get);
  const { target, search, marking, model, modelCard, installed, keep, handOver, layout, review } =
    state;
  const lang = useSyncExternalStore(language.subscribe, language.get);
  const answer = answerOf(state);
  const isThere = marking.mark !== null || marking.absence !== null;
  const isQuiet = 'isQuiet' in search && search.isQuiet === true;
  const isReopened = (search.phase === 'idle' || isQuiet) && isThere;
  const isDone = isReopened || search.phase === 'answered' || search.phase === 'failed';
  const hasExports = keep.table.possible || keep.picture.possible || keep.visitStudies > 0;
  const content = useRef<HTMLDivElement>(null);
  const takesFocus = answer?.takesFocus === true && answer.finding.status !== 'found';
  useEffect(() => {
    if (takesFocus) content.current?.querySelector('h2')?.focus();
    if (content.current) content.current.scrollTop = 0;
  }, [answer?.finding, takesFocus, keep.conflict]);
  const hasFailed = search.phase === 'failed';
  useEffect(() => {
    // The button that had the focus is gone.
    if (!hasFailed || document.activeElement !== document.body) return;
    content.current?.querySelector('h2')?.focus();
  }, [hasFailed]);
  const isCardOpen = modelCard.phase !== 'closed';
  const definition = (answer && marking.mark?.definition) ?? marking.definition;
  return (
    <section
      className={ROOT_CLASS}
      aria-label={say('title')}
      lang={lang}
      data-cy="find-l3-panel"
      {...listDrop(run)}
      onKeyDown={(event) => {
        keepButtonKeys(event);
        if (event.key === 'Escape' && !isCardOpen) leaveFor(content.current?.querySelector('h2'));
      }}
      onKeyUp={keepButtonKeys}
    >
      <style>{STYLE}</style>
      <div className="middle">
        {isCardOpen && (
          <ModelCard
            card={modelCard}
            model={model}
            installed={installed}
            finding={findingOf(state)}
            run={run}
          />
        )}
        <div ref={content} className={isCardOpen ? 'content hidden' : 'content'}>
          <QueueBar review={review} keep={keep} run={run} />
          <div className="head">
            <SeriesLine target={target} search={search} />
            <div className="links">
              {isDone && <AgainButton target={target} isFirst={isReopened} run={run} />}
              <ReviewLayout layout={layout} run={run} />
            </div>
          </div>
          <SubstitutionOf target={target} search={search} />
          <ModalitySwitch series={seriesAtHand(target, search)} run={run} />
          {!isDone && search.phase !== 'asking' && (
            <MainButton target={target} search={search} run={run} />
          )}
          {!isDone && <Work search={search} run={run} />}
          <p className="spoken" role="status" aria-live="polite" data-cy="find-l3-announcement">
            {spoken(search)}
          </p>
          <div
            data-cy="find-l3-outcome"
            data-phase={search.phase}
            data-status={answer?.finding.status}
          >
            <OtherReports conflict={keep.conflict} run={run} />
            {!marking.absence && keep.statement && <SavedWord statement={keep.statement} />}
            <Outcome state={state} run={run} />
          </div>
          <SliceHere state={handOver} />
          {marking.mark && <HandOver state={handOver} run={run} />}
          {hasExports && <Keep keep={keep} run={run} />}
          {review.phase === 'none' && <QueueStart run={run} />}
          <p className="quiet small">{say(`definition.says.${definition}`)}</p>
        </div>
      </div>
      <Footer state={state} run={run} />
      <p className="foot quiet">
        <strong>{say('disclaimer')}</strong>
        <button
          type="button"
          className="link"
          aria-expanded={isCardOpen}
          data-cy="find-l3-model-card"
          onClick={() => run(isCardOpen ? 'hideModelCard' : 'showModelCard')}
        >
          {say('model.card')}
        </button>
      </p>
    </section>
  );
}

/** The host has hotkeys on Enter and Space, which would keep them from pressing our buttons. */
function keepButtonKeys(event: React.KeyboardEvent): void {
  const isButton = event.target instanceof HTMLButtonElement;
  if (isButton && (event.key === 'Enter' || event.key === ' ')) event.stopPropagation();
}

/** Escape goes to the heading of the answer, and from there back to the viewer. */
function leaveFor(heading: HTMLElement | null | undefined): void {
  if (heading && document.activeElement !== heading) heading.focus();
  else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}

/** The series that runs or would run; the outcome names its own if that is another one. */
function SeriesLine({ target, search }: { target: Target; search: Search }): React.ReactElement {
  const series = seriesAtHand(target, search);
  return (
    <p className="series" data-cy="find-l3-series">
      {series ? (
        <>
          <strong title={seriesText(series)}>{seriesText(series)}</strong>
          <span className="quiet">{seriesKind(series)}</span>
        </>
      ) : (
        <span className="quiet why" data-cy="find-l3-why-not">
          {target.ready ? '' : sayMessage(target.why)}
        </span>
      )}
    </p>
  );
}

/** The series that runs or would run. */
function seriesAtHand(target: Target, search: Search): SeriesLabel | null {
  if (search.phase === 'running' && !search.isQuiet) return search.series;
  return target.ready ? target.series : null;
}

/** Why the series that runs or would run is not the active one. */
function SubstitutionOf({ target, search }: { target: Target; search: Search }) {
  const of = seriesAtHand(target, search);
  return of && <SubstitutionLine series={of} />;
}

/** After an answer, or where a saved level is back, to search is the smaller thing. */
function AgainButton({
  target,
  isFirst,
  run,
}: Pick<PanelProps, 'run'> & {
  target: Target;
  /** Nothing was searched in this visit yet. */
  isFirst: boolean;
}) {
  return (
    <button
      type="button"
      className="link"
      data-cy="find-l3-run"
      disabled={!target.ready}
      title={target.ready ? say('search.againTitle') : sayMessage(target.why)}
      onClick={() => run('findL3', { takesFocus: true })}
    >
      {say(isFirst ? 'search.start' : 'search.once')}
    </button>
  );
}

function spoken(search: Search): string {
  if ('isQuiet' in search && search.isQuiet) return '';
  switch (search.phase) {
    case 'idle':
      return search.note ? say(search.note) : '';
    case 'asking':
      return say('large.title');
    case 'running':
      return stageName(search.progress);
    case 'answered':
      return announcement(search.finding);
    case 'failed':
      return say('answer.spokenNot', {
        what: say('search.failed'),
        why: explain(search.error).message,
      });
  }
}

function Outcome({
  state,
  run,
}: Pick<PanelProps, 'run'> & { state: FindL3State }): React.ReactElement | null {
  const { search, target } = state;
  switch (search.phase) {
    case 'idle':
      return state.marking.mark || state.marking.absence ? (
        <Reopened state={state} run={run} />
      ) : (
        <p className="quiet">{say('search.intro')}</p>
      );
    case 'asking':
      return (
        <>
          <OtherSeries of={search.series} target={target} />
          <LargeSeries series={search.series} size={search.size} run={run} />
        </>
      );
    case 'running':
      if (search.isQuiet) return <Reopened state={state} run={run} />;
      return (
        <>
          <PictureToCome />
          {search.progress?.stage === 'model' && <ModelSourceLine model={state.model} />}
        </>
      );
    case 'answered':
      return (
        <>
          <OtherSeries of={search.series} target={target} />
          <Answer answer={search} state={state} run={run} />
        </>
      );
    case 'failed':
      return (
        <>
          <OtherSeries of={search.series} target={target} />
          <h2 tabIndex={-1}>{say('search.failed')}</h2>
          <Failure error={search.error} />
          <button
            type="button"
            className="main start"
            data-cy="find-l3-retry"
            onClick={() =>
              run('findL3', { displaySetInstanceUID: search.series.displaySetInstanceUID })
            }
          >
            {say('search.again')}
          </button>
        </>
      );
  }
}

/** What a report says that counts in the PACS: L3 is not in the scan. */
function SavedWord({ statement }: { statement: Statement }): React.ReactElement {
  return (
    <div className="notice" data-cy="find-l3-saved-absence" data-reason={statement.reason}>
      <p>
        <strong>{say('absent.is')}</strong>
      </p>
      <p>{say(`absent.says.${statement.reason}`)}</p>
      <p className="quiet">{byText(say('absent.reported'), statement)}</p>
    </div>
  );
}

/** What a person said before, there without a search: a level, or that L3 is not in the scan. */
function Reopened({ state, run }: Pick<PanelProps, 'run'> & { state: FindL3State }) {
  const { marking, shown, target, search } = state;
  const sliceCount = target.ready ? target.series.sliceCount : null;
  return (
    <>
      <Corrected marking={marking} sliceCount={sliceCount} isAlways />
      {search.phase === 'running' && (
        <PictureToCome>
          <span className="quiet">{stageText(search.progress)}</span>
        </PictureToCome>
      )}
      <ThisSlice shown={shown} marking={marking} finding={null} run={run} />
      <Section title={say('mark.correct')} name="correct" isOpen>
        {marking.mark && <p className="quiet">{say('mark.dragViews')}</p>}
        {marking.absence && <NotInView absence={marking.absence} isLocked={false} run={run} />}
        <HandButtons marking={marking} run={run} />
      </Section>
    </>
  );
}

function Failure({ error }: { error: unknown }): React.ReactElement {
  const { message, advice, detail } = explain(error);
  return (
    <div className="notice" data-cy="find-l3-problem">
      <p>{message}</p>
      {detail && (
        <p className="quiet small" lang="en">
          {detail}
        </p>
      )}
      <p className="quiet">{advice}</p>
    </div>
  );
}

/** Says which series an outcome is about when the active viewport shows another one. */
function OtherSeries({ of, target }: { of: SeriesLabel; target: Target }) {
  const isActive = target.ready && target.series.displaySetInstanceUID === of.displaySetInstanceUID;
  if (isActive) return null;
  return (
    <p className="quiet" data-cy="find-l3-outcome-series">
      {seriesText(of)}
    </p>
  );
}
