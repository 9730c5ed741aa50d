import React, { useSyncExternalStore } from 'react';
import { language, say, sayMessage } from '../text/say';
import { explain } from '../viewer/search/problem';
import {
  answerOf,
  type FindL3State,
  type Search,
  type SeriesLabel,
  type Target,
  type Watched,
} from '../viewer/state';
import { Answer } from './Answer';
import { SubstitutionLine } from './ChoiceLines';
import { Keep } from './Keep';
import { ROOT_CLASS, STYLE } from './style';
import { LargeSeries } from './LargeSeries';
import { ModelCard, ModelSourceLine } from './ModelCard';
import { announcement, seriesKind, seriesText, stageName, stageText } from './text';

/** What the panel reads; it changes nothing but through commands. */
export interface PanelProps {
  readonly state: Watched<FindL3State>;
  /** Runs a command of the viewer. */
  readonly run: (command: string, options?: Readonly<Record<string, unknown>>) => void;
}

export function FindL3Panel({ state: watched, run }: PanelProps): React.ReactElement {
  const state = useSyncExternalStore(watched.subscribe, watched.get);
  const { target, search, marking, model, modelCard, keep } = state;
  const lang = useSyncExternalStore(language.subscribe, language.get);
  const isCardOpen = modelCard.phase !== 'closed';
  const answer = answerOf(state);
  const definition = (answer && marking.mark?.definition) ?? marking.definition;
  return (
    <section
      className={ROOT_CLASS}
      aria-label={say('title')}
      lang={lang}
      data-cy="find-l3-panel"
      onKeyDown={keepButtonKeys}
      onKeyUp={keepButtonKeys}
    >
      <style>{STYLE}</style>
      <div className="middle">
        {isCardOpen && <ModelCard card={modelCard} model={model} run={run} />}
        <div className={isCardOpen ? 'content hidden' : 'content'}>
          <SeriesLine target={target} search={search} />
          <SubstitutionOf target={target} search={search} />
          <MainButton target={target} search={search} run={run} />
          <Work search={search} />
          <p className="spoken" role="status" aria-live="polite" data-cy="find-l3-announcement">
            {spoken(search)}
          </p>
          <div
            data-cy="find-l3-outcome"
            data-phase={search.phase}
            data-status={answer?.finding.status}
          >
            <Outcome state={state} run={run} />
          </div>
          <Keep keep={keep} run={run} />
        </div>
      </div>
      <p className="foot quiet">
        <strong>{say('disclaimer')}</strong>
        <span>{say(`definition.says.${definition}`)}</span>
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

/** The series that runs or would run; the outcome names its own if that is another one. */
function SeriesLine({ target, search }: { target: Target; search: Search }): React.ReactElement {
  const series = search.phase === 'running' ? search.series : target.ready ? target.series : null;
  return (
    <p className="series" data-cy="find-l3-series">
      {series ? (
        <>
          <strong>{seriesText(series)}</strong>
          <br />
          <span className="quiet">{seriesKind(series)}</span>
        </>
      ) : (
        <span className="quiet" data-cy="find-l3-why-not">
          {target.ready ? '' : sayMessage(target.why)}
        </span>
      )}
    </p>
  );
}

/** Why the series that runs or would run is not the active one. */
function SubstitutionOf({ target, search }: { target: Target; search: Search }) {
  const of = search.phase === 'running' ? search.series : target.ready ? target.series : null;
  return of && <SubstitutionLine series={of} />;
}

function MainButton({
  target,
  search,
  run,
}: Pick<PanelProps, 'run'> & { target: Target; search: Search }): React.ReactElement {
  if (search.phase === 'running') {
    return (
      <button
        type="button"
        className="main"
        data-cy="find-l3-cancel"
        onClick={() => run('cancelFindL3')}
      >
        {say('search.cancel')}
      </button>
    );
  }
  return (
    <button
      type="button"
      className="main start"
      data-cy="find-l3-run"
      disabled={!target.ready}
      title={target.ready ? undefined : sayMessage(target.why)}
      onClick={() => run('findL3')}
    >
      {say('search.start')}
    </button>
  );
}

/** Takes the same room whether something runs or not. */
function Work({ search }: { search: Search }): React.ReactElement {
  const progress = search.phase === 'running' ? search.progress : null;
  const known = progress !== null && progress.of > 0;
  const share = known ? Math.round((100 * progress.done) / progress.of) : 0;
  const note = search.phase === 'idle' && search.note ? say(search.note) : null;
  const isRunning = search.phase === 'running';
  return (
    <div className="work">
      <span className={isRunning ? '' : 'quiet'} data-cy="find-l3-stage">
        {isRunning ? stageText(progress) : (note ?? '\u00a0')}
      </span>
      <div
        className={isRunning ? 'bar' : 'bar hidden'}
        role="progressbar"
        aria-label={stageName(progress)}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={known ? share : undefined}
        aria-hidden={!isRunning}
      >
        <div className={known ? '' : 'unknown'} style={known ? { width: `${share}%` } : {}} />
      </div>
    </div>
  );
}

function spoken(search: Search): string {
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
      return <p className="quiet">{say('search.intro')}</p>;
    case 'asking':
      return (
        <>
          <OtherSeries of={search.series} target={target} />
          <LargeSeries series={search.series} size={search.size} run={run} />
        </>
      );
    case 'running':
      return search.progress?.stage === 'model' ? <ModelSourceLine model={state.model} /> : null;
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
          <h2>{say('search.failed')}</h2>
          <Failure error={search.error} />
          <div className="shown">
            <span />
            <button
              type="button"
              data-cy="find-l3-retry"
              onClick={() =>
                run('findL3', { displaySetInstanceUID: search.series.displaySetInstanceUID })
              }
            >
              {say('search.again')}
            </button>
          </div>
        </>
      );
  }
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
