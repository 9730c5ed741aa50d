import { fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { HandOver, SliceHere } from '../../src/panel/HandOver';
import { listDrop, QueueBar, QueueStart } from '../../src/panel/ReviewQueue';
import type { HandOverState } from '../../src/viewer/handover/types';
import { NO_REVIEW, type ReviewState } from '../../src/viewer/review/types';
import { KEEP, POSSIBLE } from './shownPanel';

const SLICE = {
  displaySetInstanceUID: 'ds-2',
  series: { number: '5', description: 'venous' },
  sopInstanceUID: '1.2.3.2.52',
  imageId: 'wadors:52',
  number: 52,
  count: 100,
  zMm: -50,
  isOwn: false,
};
const HAND: HandOverState = { slice: SLICE, possible: POSSIBLE, isReading: false, note: null };

describe('hand over', () => {
  test('says the slice of the series on screen, and takes so many around it', () => {
    const run = jest.fn();
    render(<HandOver state={HAND} run={run} />);
    expect(screen.getByText('Series 5, venous: slice 52 of 100, z −50.0 mm')).toBeTruthy();
    fireEvent.change(screen.getByLabelText('Slices above and below'), { target: { value: '99' } });
    fireEvent.click(screen.getByText('DICOM'));
    fireEvent.click(screen.getByText('Copy UID and z'));
    expect(run.mock.calls).toEqual([['handOverSlices', { around: 10 }], ['copySliceName']]);
  });

  test('without HTTPS the text is there, selected', () => {
    const note = { kind: 'no-clipboard', text: '1.2.3\t-50.00' } as const;
    render(<HandOver state={{ ...HAND, note }} run={jest.fn()} />);
    const field = screen.getByLabelText<HTMLInputElement>(/Copy SOP Instance UID/);
    expect([field.value, field.selectionEnd]).toEqual(['1.2.3\t-50.00', 12]);
    expect(screen.getByText(/only over HTTPS/)).toBeTruthy();
  });

  test('beside the answer only where another series is on screen', () => {
    const { container, rerender } = render(<SliceHere state={HAND} />);
    expect(container.textContent).toContain('Series 5, venous: slice 52 of 100');
    rerender(<SliceHere state={{ ...HAND, slice: { ...SLICE, isOwn: true } }} />);
    expect(container.textContent).toBe('');
  });

  test('where nothing can be handed over, why', () => {
    const run = jest.fn();
    const possible = { possible: false, why: { key: 'hand.noSlice' } } as const;
    render(<HandOver state={{ ...HAND, slice: null, possible }} run={run} />);
    fireEvent.click(screen.getByText('DICOM'));
    expect(run).not.toHaveBeenCalled();
    expect(screen.getByText('No axial slice of this study shows the level.')).toBeTruthy();
  });
});

describe('the queue', () => {
  const item = { studyInstanceUID: '1', seriesInstanceUID: '2', reason: null };
  const OPEN: ReviewState = {
    ...NO_REVIEW,
    phase: 'open',
    total: 20,
    done: 17,
    position: 18,
    current: { ...item, status: 'found', probability: 0.72 },
    hasNext: true,
  };
  const show = (review: ReviewState, confirm = KEEP.confirm) => {
    const run = jest.fn();
    render(<QueueBar review={review} keep={{ ...KEEP, confirm }} run={run} />);
    return run;
  };

  test('says how many are left, where one is, and goes on', () => {
    const run = show(OPEN, POSSIBLE);
    expect(screen.getByText('3 studies to review')).toBeTruthy();
    expect(screen.getByText('17 of 20 done')).toBeTruthy();
    expect(screen.getByText('Study 18 of 20: found, 72 %')).toBeTruthy();
    for (const name of ['Confirm & next', 'Next', 'End']) fireEvent.click(screen.getByText(name));
    expect(run.mock.calls).toEqual([['confirmInReview'], ['nextInReview'], ['closeReview']]);
  });

  test('what cannot be confirmed yet is not, and says why', () => {
    const run = show(OPEN, { possible: false, why: { key: 'search.running' } });
    fireEvent.click(screen.getByText('Confirm & next'));
    expect(run).not.toHaveBeenCalled();
    expect(screen.getByText('Confirm & next').title).not.toBe('');
  });

  test('a list is taken by drop, by file and from the PACS; other files are left to the host', () => {
    const run = jest.fn();
    const list = new File(['x'], 'results.CSV');
    render(
      <section {...listDrop(run)} data-testid="panel">
        <QueueStart run={run} />
      </section>,
    );
    const drop = (file: File) =>
      fireEvent.drop(screen.getByTestId('panel'), {
        dataTransfer: { files: [file], types: ['Files'] },
      });
    drop(new File(['x'], 'brain.nii.gz'));
    expect(run).not.toHaveBeenCalled();
    drop(list);
    fireEvent.click(screen.getByText('From the PACS'));
    expect(run.mock.calls).toEqual([
      ['openReviewList', { file: list }],
      ['openReviewList', { pacs: true }],
    ]);
  });
});
