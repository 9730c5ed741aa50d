import { act, cleanup, fireEvent, screen } from '@testing-library/react';
import { reason } from '../../src/reasons/reasons';
import { Problem } from '../../src/viewer/host/problem';
import type { KeepState } from '../../src/viewer/keep/types';
import type { FindL3State } from '../../src/viewer/state';
import { axialSeries, foundIn, undeterminedIn } from './fixtures';
import { answered, IDLE, KEEP, MARK, show } from './shownPanel';

beforeAll(() => {
  HTMLCanvasElement.prototype.getContext = () => null;
});
afterEach(cleanup);

const finding = foundIn(axialSeries());
const ON_SCREEN = {
  isMark: true,
  level: 'L3',
  alternative: null,
  slice: { number: 31, count: 60 },
} as const;
const REVIEW = { by: 'Dr. A', at: '2026-11-29T12:05:00.000Z' } as const;
const why = (key: 'keep.nothingNew' | 'conflict.first' | 'keep.noPacs' | 'keep.markOrSay') =>
  ({ possible: false, why: { key } }) as const;

const found = (
  change: Parameters<typeof answered>[1] = {},
  keep: Partial<KeepState> = {},
  of: Parameters<typeof answered>[0] = finding,
): Partial<FindL3State> => ({
  ...answered(of, { mark: MARK, shown: ON_SCREEN, ...change }),
  keep: { ...KEEP, ...keep },
});
const button = () => screen.getByRole<HTMLButtonElement>('button', { name: /^Confirm|^Save/ });
const stateLine = () => document.querySelector('[data-cy=find-l3-state]')!.textContent;
const savedTag = () => document.querySelector('[data-cy=find-l3-saved]')?.textContent ?? null;

describe('Enter', () => {
  const press = (options: object = {}) => fireEvent.keyDown(button(), { key: 'Enter', ...options });

  test('confirms what was found and is on screen, while the button has the focus', () => {
    const { run } = show(found());
    press();
    expect(run.mock.calls).toEqual([['confirmLevel']]);
  });

  test.each<[string, Partial<FindL3State>, object]>([
    ['a key that is held down', found(), { repeat: true }],
    ['L3 is not on screen', found({ shown: { ...ON_SCREEN, isMark: false } }), {}],
    ['no view shows the series', found({ shown: null }), {}],
    [
      'an undetermined answer, though a person marked L3',
      found({}, {}, undeterminedIn(axialSeries())),
      {},
    ],
    [
      'nothing was searched',
      { search: IDLE, shown: ON_SCREEN, marking: found().marking!, keep: KEEP },
      {},
    ],
    ['it cannot be confirmed', found({}, { confirm: why('conflict.first') }), {}],
  ])('confirms nothing: %s', (_, state, options) => {
    const { run } = show(state);
    press(options);
    expect(run).not.toHaveBeenCalled();
  });

  test('elsewhere in the panel is no confirmation, and never reaches the button as a click', () => {
    const { run } = show(found());
    fireEvent.keyDown(screen.getByRole('slider'), { key: 'Enter' });
    expect(run).not.toHaveBeenCalled();
    // The browser's own click on Enter would not look whether the key is held.
    expect(press()).toBe(false);
  });
});

test('a click confirms; where it cannot, it says why and does nothing', () => {
  const { run, state } = show(found());
  fireEvent.click(button());
  expect(run.mock.calls).toEqual([['confirmLevel']]);
  act(() => state.set({ ...state.get(), keep: { ...KEEP, confirm: why('keep.markOrSay') } }));
  expect(button().getAttribute('aria-disabled')).toBe('true');
  expect(document.getElementById(button().getAttribute('aria-describedby')!)?.textContent).toBe(
    'Mark L3 first, or say that it is not in this scan.',
  );
  fireEvent.click(button());
  expect(run).toHaveBeenCalledTimes(1);
});

test('undo is the viewer’s', () => {
  const { run } = show(found());
  fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
  expect(run.mock.calls).toEqual([['undo']]);
});

test.each<[string, Partial<FindL3State>, string | RegExp, string | null]>([
  ['found', found(), 'Found, not confirmed yet', 'Not saved'],
  [
    'confirmed and saved',
    found({ mark: { ...MARK, review: { act: 'confirmed', ...REVIEW } } }, { saved: ['mark-1'] }),
    /^Confirmed: Dr\. A, /,
    'Saved',
  ],
  [
    'moved by somebody whom the viewer does not know',
    found({ mark: { ...MARK, by: 'person', review: { act: 'moved', ...REVIEW, by: null } } }),
    /^Moved by hand, (Nov 29, 2026|\d+:\d\d)/,
    'Not saved',
  ],
  [
    'renumbered',
    found({ mark: { ...MARK, by: 'person', review: { act: 'renumbered', ...REVIEW } } }),
    /^Renumbered by hand: Dr\. A/,
    'Not saved',
  ],
  [
    'placed',
    found({ mark: { ...MARK, by: 'person', review: { act: 'placed', ...REVIEW } } }),
    /^Placed by hand: Dr\. A/,
    'Not saved',
  ],
  [
    'a machine’s report, not looked at',
    found({ mark: { ...MARK, by: 'report', isFromReport: true } }, { saved: ['mark-1'] }),
    'Saved, not confirmed yet',
    'Saved',
  ],
  [
    'proposed',
    found({
      proposal: { pointLpsMm: [4, 10, -85], probability: 0.9, differenceMm: -35, vertebrae: -1 },
    }),
    'Two places: choose one',
    'Not saved',
  ],
  [
    'not in the scan',
    found({ mark: null, absence: 'ends-above-l3' }),
    'L3 is not in this scan',
    'Not saved',
  ],
  [
    'not in the scan, saved',
    found(
      { mark: null },
      {
        statement: {
          reason: 'ends-above-l3',
          studyInstanceUID: '1',
          seriesInstanceUID: '2',
          ...REVIEW,
        },
      },
      undeterminedIn(axialSeries()),
    ),
    /^L3 is not in this scan: Dr\. A/,
    'Saved',
  ],
  [
    'nothing marked',
    found({ mark: null }, {}, undeterminedIn(axialSeries())),
    'Nothing is marked.',
    null,
  ],
  ['being saved', found({}, { isSaving: true }), 'Found, not confirmed yet', 'Saving'],
])('it says how L3 stands: %s', (_, state, text, saved) => {
  show(state);
  if (typeof text === 'string') expect(stateLine()).toBe(text);
  else expect(stateLine()).toMatch(text);
  expect(savedTag()).toBe(saved);
});

test('how L3 stands is announced when it changes', () => {
  show(found());
  const line = document.querySelector('[data-cy=find-l3-state]')!.parentElement!;
  expect(line.getAttribute('role')).toBe('status');
});

test('before anything is found or marked there is no footer', () => {
  show(IDLE);
  expect(document.querySelector('[data-cy=find-l3-footer]')).toBeNull();
});

test('where nothing can be stored, it only confirms', () => {
  show(found({}, { save: why('keep.noPacs') }));
  expect(button().textContent).toBe('Confirm');
});

test('saving says before that it takes the last level away', () => {
  show(found({ mark: null }, { withdraws: true }));
  expect([button().textContent, button().title]).toEqual([
    'Save to PACS: no level',
    expect.stringMatching(/All marks of this study were deleted/),
  ]);
});

test('what went wrong stays to be read, as text; what went well is only heard', () => {
  const message = 'The PACS <b>refused</b> the report (HTTP 409).';
  const note = { kind: 'failed', error: new Problem(message, 'Your mark stays.') } as const;
  const { state } = show(found({}, { note }));
  const line = () => document.querySelector('[data-cy=find-l3-keep-note]')!;
  expect([line().textContent, line().className]).toEqual([`${message} Your mark stays.`, 'notice']);
  act(() => state.set({ ...state.get(), keep: { ...KEEP, note: { kind: 'saved', count: 1 } } }));
  expect([line().textContent!.trim(), line().className]).toEqual([
    'The level was saved to the PACS.',
    'spoken',
  ]);
});

describe('after a search by key', () => {
  const after = (of: Parameters<typeof answered>[0], takesFocus: boolean) => {
    const { state } = show({ phase: 'running', series: axialLabel(), progress: null });
    const done = answered(of, { mark: MARK });
    act(() =>
      state.set({ ...state.get(), ...done, keep: KEEP, search: { ...done.search, takesFocus } }),
    );
  };
  const axialLabel = () => answered(finding).search.series;

  test('the focus is where Enter confirms', () => {
    after(finding, true);
    expect(document.activeElement).toBe(button());
  });

  test('without an answer it is where the reason is', () => {
    after({ status: 'refused', reason: reason('localizer'), warnings: [] }, true);
    expect(document.activeElement?.textContent).toBe('This series cannot be used');
  });

  test('after one that nobody asked for by key, the focus stays', () => {
    after(finding, false);
    expect(document.activeElement).toBe(document.body);
  });
});

test('that the level was taken back is to be read, although nothing is marked any more', () => {
  show({ search: IDLE, keep: { ...KEEP, note: { kind: 'withdrawn' } } });
  const line = document.querySelector('[data-cy=find-l3-keep-note]')!;
  expect([line.textContent!.trim(), line.className]).toEqual([
    'Saved to the PACS: this study has no level any more.',
    'quiet',
  ]);
});

describe('the button stands back once there is nothing left to do', () => {
  const confirmed = { ...MARK, review: { act: 'confirmed', ...REVIEW } } as const;
  const saved = [MARK.annotationUID];

  test.each<[string, Partial<FindL3State>, string]>([
    ['found, not looked at', found(), 'main'],
    ['confirmed, not saved', found({ mark: confirmed }), 'main'],
    ['saved, not looked at', found({}, { saved }), 'main'],
    ['confirmed and saved', found({ mark: confirmed }, { saved }), 'main done'],
    ['being saved', found({ mark: confirmed }, { saved, isSaving: true }), 'main'],
  ])('%s', (_, state, className) => {
    show(state);
    const one = document.querySelector('[data-cy=find-l3-confirm]')!;
    expect(one.className).toBe(className);
    // The state comes first.
    const line = document.querySelector('[data-cy=find-l3-state]')!;
    expect(line.compareDocumentPosition(one)).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
  });
});
