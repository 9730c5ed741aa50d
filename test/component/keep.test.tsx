import { fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { Keep } from '../../src/panel/Keep';
import type { KeepState } from '../../src/viewer/keep/types';
import { Problem } from '../../src/viewer/search/problem';

const POSSIBLE = { possible: true } as const;
const STATE: KeepState = {
  save: POSSIBLE,
  table: POSSIBLE,
  picture: POSSIBLE,
  correction: { possible: false, why: { key: 'keep.notAllowed' } },
  withdraws: false,
  isSaving: false,
  note: null,
  conflict: null,
  unsaved: [],
  isUnsaved: false,
  visitStudies: 1,
};

function show(change: Partial<KeepState> = {}) {
  const run = jest.fn();
  render(<Keep keep={{ ...STATE, ...change }} run={run} />);
  return { run };
}

const button = (name: string) => screen.getByRole('button', { name });

test('each button runs its command', () => {
  const { run } = show({ correction: POSSIBLE });
  for (const name of ['Save to PACS', 'Correction', 'CSV', 'JSON', 'PNG']) {
    fireEvent.click(button(name));
  }
  expect(run.mock.calls).toEqual([
    ['saveLevels'],
    ['exportCorrection'],
    ['exportLevels', { format: 'csv', scope: 'study' }],
    ['exportLevels', { format: 'json', scope: 'study' }],
    ['exportLevels', { format: 'png', scope: 'study' }],
  ]);
});

test('one that can do nothing says why, to the eye and to a screen reader, and does nothing', () => {
  const { run } = show();
  const correction = button('Correction');
  expect(correction.getAttribute('aria-disabled')).toBe('true');
  expect(correction.title).toBe('Your administrator has not allowed the export of corrections.');
  const description = document.getElementById(correction.getAttribute('aria-describedby')!);
  expect(description?.textContent).toBe(
    'Your administrator has not allowed the export of corrections.',
  );
  fireEvent.click(correction);
  expect(run).not.toHaveBeenCalled();
});

test('while it saves, it says so', () => {
  show({ isSaving: true, save: { possible: false, why: { key: 'keep.saving' } } });
  expect(button('Saving …').getAttribute('aria-busy')).toBe('true');
});

test('with marks in several studies, the tables can hold them all', () => {
  const { run } = show({ visitStudies: 3 });
  fireEvent.click(screen.getByRole('checkbox', { name: /all 3 studies of this visit/ }));
  fireEvent.click(button('CSV'));
  expect(run).toHaveBeenLastCalledWith('exportLevels', { format: 'csv', scope: 'visit' });
});

test('a mark that came back can be shown', () => {
  const marks = [{ annotationUID: 'mark-1', label: 'L3 <i>old</i>' }];
  const note = { kind: 'restored', marks } as const;
  const { run } = show({ note });
  fireEvent.click(button('Show L3 <i>old</i>'));
  expect(run.mock.calls).toEqual([['showLevelMark', { annotationUID: 'mark-1' }]]);
});

test('saving says before that it takes the last level away', () => {
  const { run } = show({ withdraws: true });
  const save = button('Save to PACS: no level');
  expect(save.title).toMatch(/All marks of this study were deleted/);
  fireEvent.click(save);
  expect(run.mock.calls).toEqual([['saveLevels']]);
});

test('what went wrong stays to be read, as text', () => {
  const message = 'The PACS <b>refused</b> the report (HTTP 409).';
  show({ note: { kind: 'failed', error: new Problem(message, 'Your mark stays.') } });
  const note = screen.getByText(/refused/);
  expect(note.textContent).toBe(`${message} Your mark stays.`);
  expect(note.className).toBe('notice');
});
