import React, { useSyncExternalStore } from 'react';
import type { Finding } from '../finder/types';
import type { FindL3State, MarkingState, Search, SeriesLabel, Target } from '../viewer/state';
import type { KeepState } from '../viewer/report/types';
import { Answer } from './Answer';
import { SubstitutionLine } from './ChoiceLines';
import { Keep } from './Keep';
import { ROOT_CLASS, STYLE } from './style';
import {
  announcement,
  DEFINITION_TEXT,
  seriesKind,
  seriesText,
  stageName,
  stageText,
  TEXT,
} from './text';

/** What the panel reads; it changes nothing but through commands. */
export interface PanelProps {
  readonly state: {
    readonly get: () => FindL3State;
    readonly subscribe: (listener: () => void) => () => void;
  };
  /** What of the marks can be saved and exported. */
  readonly keep: {
    readonly get: () => KeepState;
    readonly subscribe: (listener: () => void) => () => void;
  };
  /** Runs a command of the viewer. */
  readonly run: (command: string, options?: Readonly<Record<string, unknown>>) => void;
}

export function FindL3Panel({ state, keep, run }: PanelProps): React.ReactElement {
  const { target, search, marking } = useSyncExternalStore(state.subscribe, state.get);
  const mark = search.phase === 'answered' ? search.mark : null;
  const definition = mark?.definition ?? marking.definition;
  return (
    <section
      className={ROOT_CLASS}
      aria-label={TEXT.title}
      data-cy="find-l3-panel"
      onKeyDown={keepButtonKeys}
      onKeyUp={keepButtonKeys}
    >
      <style>{STYLE}</style>
      <div className="content">
        <SeriesLine target={target} search={search} />
        <SubstitutionOf target={target} search={search} />
        <MainButton target={target} search={search} run={run} />
        <Work search={search} />
        <p className="spoken" role="status" aria-live="polite" data-cy="find-l3-announcement">
          {spoken(search)}
        </p>
        <div data-cy="find-l3-outcome" data-phase={search.phase} data-status={statusOf(search)}>
          <Outcome search={search} target={target} marking={marking} run={run} />
        </div>
        <Keep state={keep} run={run} />
      </div>
      <p className="foot quiet">
        <strong>{TEXT.disclaimer}.</strong> {DEFINITION_TEXT[definition]}
      </p>
    </section>
  );
}

/** The host has hotkeys on Enter and Space, which would keep them from pressing our buttons. */
function keepButtonKeys(event: React.KeyboardEvent): void {
  const isButton = event.target instanceof HTMLButtonElement;
  if (isButton && (event.key === 'Enter' || event.key === ' ')) event.stopPropagation();
}

function statusOf(search: Search): Finding['status'] | undefined {
  return search.phase === 'answered' ? search.finding.status : undefined;
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
          {target.ready ? '' : target.why}
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
        {TEXT.cancel}
      </button>
    );
  }
  return (
    <button
      type="button"
      className="main start"
      data-cy="find-l3-run"
      disabled={!target.ready}
      title={target.ready ? undefined : target.why}
      onClick={() => run('findL3')}
    >
      {TEXT.find}
    </button>
  );
}

/** Takes the same room whether something runs or not. */
function Work({ search }: { search: Search }): React.ReactElement {
  const progress = search.phase === 'running' ? search.progress : null;
  const known = progress !== null && progress.of > 0;
  const share = known ? Math.round((100 * progress.done) / progress.of) : 0;
  const note = search.phase === 'idle' ? search.note : null;
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
      return search.note ?? '';
    case 'running':
      return stageName(search.progress);
    case 'answered':
      return announcement(search.finding);
    case 'failed':
      return `${TEXT.failed}. ${search.message}`;
  }
}

function Outcome({
  search,
  target,
  marking,
  run,
}: Pick<PanelProps, 'run'> & {
  target: Target;
  search: Search;
  marking: MarkingState;
}): React.ReactElement | null {
  switch (search.phase) {
    case 'idle':
      return <p className="quiet">{TEXT.intro}</p>;
    case 'running':
      return null;
    case 'answered':
      return (
        <>
          <OtherSeries of={search.series} target={target} />
          <Answer answer={search} marking={marking} run={run} />
        </>
      );
    case 'failed':
      return (
        <>
          <OtherSeries of={search.series} target={target} />
          <h2>{TEXT.failed}</h2>
          <div className="notice" data-cy="find-l3-problem">
            <p>{search.message}</p>
            <p className="quiet">{search.advice}</p>
          </div>
          <div className="shown">
            <span />
            <button
              type="button"
              data-cy="find-l3-retry"
              onClick={() =>
                run('findL3', { displaySetInstanceUID: search.series.displaySetInstanceUID })
              }
            >
              {TEXT.again}
            </button>
          </div>
        </>
      );
  }
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
