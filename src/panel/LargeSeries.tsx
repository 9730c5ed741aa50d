import React from 'react';
import { say } from '../text/say';
import type { SeriesSize } from '../viewer/search/largeSeries';
import type { SeriesLabel } from '../viewer/state';

/** Announces a series that takes long to read, before anything of it is read. */
export function LargeSeries(props: {
  readonly series: SeriesLabel;
  readonly size: SeriesSize;
  readonly run: (command: string, options?: Readonly<Record<string, unknown>>) => void;
}): React.ReactElement {
  const { series, size, run } = props;
  const { displaySetInstanceUID } = series;
  const megabytes = Math.round(size.bytes / 1e6);
  return (
    <>
      <h2 tabIndex={-1}>{say('large.title')}</h2>
      <div className="notice" data-cy="find-l3-large">
        <p>{say('large.what', { count: size.images, megabytes })}</p>
        <p className="quiet">{say('large.advice')}</p>
      </div>
      <div className="row decision">
        <button
          type="button"
          className="main start"
          data-cy="find-l3-read-large"
          onClick={() => run('findL3', { displaySetInstanceUID, readLarge: true })}
        >
          {say('large.read')}
        </button>
        <button
          type="button"
          className="ghost"
          data-cy="find-l3-cancel-large"
          onClick={() => run('cancelFindL3')}
        >
          {say('search.cancel')}
        </button>
      </div>
    </>
  );
}
