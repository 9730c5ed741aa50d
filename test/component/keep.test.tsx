import { fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { Keep } from '../../src/panel/Keep';
import type { KeepState } from '../../src/viewer/keep/types';
import { KEEP, POSSIBLE } from './shownPanel';

function show(change: Partial<KeepState> = {}) {
  const run = jest.fn();
  render(<Keep keep={{ ...KEEP, ...change }} run={run} />);
  return { run };
}

const button = (name: string) => screen.getByRole('button', { name });

test('each button runs its command', () => {
  const { run } = show({ correction: POSSIBLE });
  for (const name of ['CSV', 'JSON', 'PNG sagittal', 'PNG axial', 'Correction']) {
    fireEvent.click(button(name));
  }
  expect(run.mock.calls).toEqual([
    ['exportLevels', { format: 'csv', scope: 'study' }],
    ['exportLevels', { format: 'json', scope: 'study' }],
    ['exportLevels', { format: 'png', view: 'sagittal' }],
    ['exportLevels', { format: 'png', view: 'axial' }],
    ['exportCorrection'],
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

test('with marks in several studies, the tables can hold them all', () => {
  const { run } = show({ visitStudies: 3 });
  fireEvent.click(screen.getByRole('checkbox', { name: /all 3 studies of this visit/ }));
  fireEvent.click(button('CSV'));
  expect(run).toHaveBeenLastCalledWith('exportLevels', { format: 'csv', scope: 'visit' });
});
