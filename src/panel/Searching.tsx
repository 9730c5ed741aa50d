import React from 'react';
import { say, sayMessage } from '../text/say';
import type { Search, Target } from '../viewer/state';
import { stageName, stageText } from './text';

type Run = (command: string, options?: Readonly<Record<string, unknown>>) => void;

/** Starts the search; while it runs the button stays, so that neither focus nor layout is lost. */
export function MainButton({
  target,
  search,
  run,
}: {
  readonly target: Target;
  readonly search: Search;
  readonly run: Run;
}): React.ReactElement {
  const isRunning = search.phase === 'running';
  return (
    <button
      type="button"
      className="main start"
      data-cy="find-l3-run"
      disabled={!isRunning && !target.ready}
      aria-disabled={isRunning || undefined}
      aria-busy={isRunning || undefined}
      title={target.ready ? undefined : sayMessage(target.why)}
      onClick={() => !isRunning && run('findL3', { takesFocus: true })}
    >
      {say(isRunning ? 'search.busy' : 'search.start')}
    </button>
  );
}

/** How far the search is, with the way to end it, or how it ended. */
export function Work({
  search,
  run,
}: {
  readonly search: Search;
  readonly run: Run;
}): React.ReactElement | null {
  const progress = search.phase === 'running' ? search.progress : null;
  const known = progress !== null && progress.of > 0;
  const share = known ? Math.round((100 * progress.done) / progress.of) : 0;
  const note = search.phase === 'idle' && search.note ? say(search.note) : null;
  const isRunning = search.phase === 'running';
  if (!isRunning && !note) return null;
  return (
    <div className={isRunning ? 'work running' : 'work'}>
      <span className={isRunning ? '' : 'quiet'} data-cy="find-l3-stage">
        {isRunning ? stageText(progress) : note}
      </span>
      {isRunning && (
        <>
          <button
            type="button"
            data-cy="find-l3-cancel"
            onClick={({ currentTarget }) => {
              const panel = currentTarget.closest('section');
              panel?.querySelector<HTMLElement>('[data-cy=find-l3-run]')?.focus();
              run('cancelFindL3');
            }}
          >
            {say('search.cancel')}
          </button>
          <div
            className="bar"
            role="progressbar"
            aria-label={stageName(progress)}
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={known ? share : undefined}
          >
            <div className={known ? '' : 'unknown'} style={known ? { width: `${share}%` } : {}} />
          </div>
        </>
      )}
    </div>
  );
}

/** Where the picture will be. */
export function PictureToCome({ children }: { readonly children?: React.ReactNode }) {
  return (
    <div className="picture making" data-cy="find-l3-picture-making">
      <span className="quiet">{say('picture.making')}</span>
      {children}
    </div>
  );
}
