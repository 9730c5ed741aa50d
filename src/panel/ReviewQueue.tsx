import React, { useRef } from 'react';
import { percent } from '../reasons/percent';
import { say, sayMessage } from '../text/say';
import { explain } from '../viewer/host/problem';
import type { ReviewState } from '../viewer/review/types';
import type { KeepState } from '../viewer/keep/types';
import { Section } from './Section';

type Run = (command: string, options?: Readonly<Record<string, unknown>>) => void;

const LIST_NAME = /\.(jsonl|csv)$/i;

/** Takes a batch's list that is dropped on the panel. */
export function listDrop(
  run: Run,
): Pick<React.HTMLAttributes<HTMLElement>, 'onDragOver' | 'onDrop'> {
  return {
    onDragOver: (event) => {
      if (event.dataTransfer.types.includes('Files')) event.preventDefault();
    },
    onDrop: (event) => {
      const file = [...event.dataTransfer.files].find(({ name }) => LIST_NAME.test(name));
      if (!file) return;
      event.preventDefault();
      event.stopPropagation();
      run('openReviewList', { file });
    },
  };
}

/** How far the list is, and the way to the next study; nothing while there is no list. */
export function QueueBar(props: {
  readonly review: ReviewState;
  readonly keep: KeepState;
  readonly run: Run;
}): React.ReactElement | null {
  const { review, keep, run } = props;
  if (review.phase === 'loading') {
    return (
      <p className="queue" role="status" data-cy="find-l3-queue">
        {say('review.loading')}
      </p>
    );
  }
  if (review.phase === 'failed') {
    const { message, advice } = explain(review.error);
    return (
      <div className="notice" data-cy="find-l3-queue" data-phase="failed">
        <p>{message}</p>
        <p className="quiet">{advice}</p>
        <button type="button" className="link" onClick={() => run('closeReview')}>
          {say('notice.close')}
        </button>
      </div>
    );
  }
  if (review.phase !== 'open') return null;
  const { total, done, position, isCurrentDone, hasNext, current } = review;
  const canConfirm = current !== null && (isCurrentDone || keep.confirm.possible);
  const why = keep.confirm.possible ? null : sayMessage(keep.confirm.why);
  return (
    <div
      className="queue"
      data-cy="find-l3-queue"
      data-phase="open"
      data-done={done}
      data-position={position ?? undefined}
    >
      <p role="status">
        <strong>{say('review.left', { count: total - done })}</strong>{' '}
        <span className="quiet">{say('review.done', { done, total })}</span>
      </p>
      {position !== null && <p className="quiet small">{currentText(review)}</p>}
      <div className="row">
        {current && (
          <button
            type="button"
            className="ghost"
            data-cy="find-l3-queue-confirm"
            aria-disabled={!canConfirm}
            title={canConfirm ? say('review.confirmTitle') : (why ?? undefined)}
            onClick={() => canConfirm && run('confirmInReview')}
          >
            {say('review.confirm')}
          </button>
        )}
        <button
          type="button"
          className="ghost"
          data-cy="find-l3-queue-next"
          disabled={!hasNext}
          onClick={() => run('nextInReview')}
        >
          {say('review.next')}
        </button>
        <button
          type="button"
          className="link"
          data-cy="find-l3-queue-close"
          onClick={() => run('closeReview')}
        >
          {say('review.close')}
        </button>
      </div>
    </div>
  );
}

/** Where a list comes from. */
export function QueueStart({ run }: { readonly run: Run }): React.ReactElement {
  const input = useRef<HTMLInputElement>(null);
  return (
    <Section title={say('review.title')} name="review">
      <p className="quiet">{say('review.intro')}</p>
      <div className="row">
        <button
          type="button"
          className="ghost"
          data-cy="find-l3-queue-open"
          onClick={() => input.current?.click()}
        >
          {say('review.open')}
        </button>
        <button
          type="button"
          className="ghost"
          data-cy="find-l3-queue-pacs"
          title={say('review.pacsTitle')}
          onClick={() => run('openReviewList', { pacs: true })}
        >
          {say('review.pacs')}
        </button>
      </div>
      <input
        ref={input}
        type="file"
        accept=".jsonl,.csv"
        className="spoken"
        tabIndex={-1}
        aria-hidden
        data-cy="find-l3-queue-file"
        onChange={({ target }) => {
          const [file] = target.files ?? [];
          if (file) run('openReviewList', { file });
          target.value = '';
        }}
      />
    </Section>
  );
}

function currentText({ position, total, current, isCurrentDone }: ReviewState): string {
  const place = say('review.place', { number: position ?? 0, total });
  if (isCurrentDone) return say('review.placeIs', { place, what: say('review.isDone') });
  if (!current || current.probability === null) {
    return current
      ? say('review.placeIs', { place, what: say(`review.${current.status}`) })
      : place;
  }
  const what = say('review.sure', { percent: percent(current.probability) });
  return say('review.placeIs', { place, what });
}
