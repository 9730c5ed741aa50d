import { act, cleanup, fireEvent, screen, within } from '@testing-library/react';
import { phrase } from '../../src/reasons/phrases';
import { reason } from '../../src/reasons/reasons';
import type { FindL3State, Search } from '../../src/viewer/state';
import { axialSeries, foundIn, undeterminedIn } from './fixtures';
import { answered, IDLE, KEEP, MARK, SERIES, show } from './shownPanel';

beforeAll(() => {
  HTMLCanvasElement.prototype.getContext = () => null;
});
afterEach(cleanup);

const found = foundIn(axialSeries());
const shown = { isMark: true, level: 'L3', alternative: null, slice: null } as const;
const running: Search = { phase: 'running', series: SERIES, progress: null };
const failed: Search = { phase: 'failed', series: SERIES, error: new Error('out of memory') };

const levels = () =>
  within(screen.getByRole('group', { name: 'Choose a line to show' })).getAllByRole('button');
const focused = () => document.activeElement?.textContent;

describe('the levels of the picture', () => {
  test('are one stop of the tab key: the one that is shown', () => {
    show(answered(found, { shown: { ...shown, isMark: false, level: 'L4' }, mark: MARK }));
    const stops = levels().filter(({ tabIndex }) => tabIndex === 0);
    expect(stops.map(({ textContent }) => textContent)).toEqual(['L4']);
  });

  test('are walked with the arrow keys, which then do not scroll the images, and chosen by a press', () => {
    const { run } = show(answered(found, { shown, mark: MARK }));
    const host = jest.fn();
    document.addEventListener('keydown', host);
    act(() =>
      levels()
        .find(({ textContent }) => textContent === 'L3')!
        .focus(),
    );
    fireEvent.keyDown(document.activeElement!, { key: 'ArrowUp' });
    expect(focused()).toBe('L2');
    expect(levels().filter(({ tabIndex }) => tabIndex === 0)).toEqual([document.activeElement]);
    fireEvent.keyDown(document.activeElement!, { key: 'ArrowUp' });
    expect(focused()).toBe('L2');
    fireEvent.keyDown(document.activeElement!, { key: 'End' });
    expect(focused()).toBe('L4');
    expect(host).not.toHaveBeenCalled();
    document.removeEventListener('keydown', host);
    fireEvent.click(document.activeElement!);
    expect(run.mock.calls).toEqual([['jumpToLevel', { level: 'L4' }]]);
  });

  test('candidates are walked from the head down, in whatever order they are listed', () => {
    show(answered(undeterminedIn(axialSeries())));
    const heights = levels().map(({ style }) => Number.parseFloat(style.top));
    const first = levels()[heights.indexOf(Math.min(...heights))];
    act(() => first.focus());
    fireEvent.keyDown(first, { key: 'Home' });
    expect(document.activeElement).toBe(first);
  });
});

describe('Escape', () => {
  test('goes from the footer to the heading of the answer, and from there to the viewer', () => {
    show({ ...answered(found, { shown, mark: MARK }), keep: KEEP });
    const confirm = screen.getByRole('button', { name: 'Confirm & save' });
    act(() => confirm.focus());
    fireEvent.keyDown(confirm, { key: 'Escape' });
    expect(document.activeElement).toBe(screen.getByRole('heading', { name: /^L3: slice/ }));
    fireEvent.keyDown(document.activeElement!, { key: 'Escape' });
    expect(document.activeElement).toBe(document.body);
  });
});

describe('the focus is never lost with a button', () => {
  const change = (state: ReturnType<typeof show>['state'], search: Search) =>
    act(() => state.set({ ...state.get(), search }));

  test('a search that is cancelled gives it to the button that starts one', () => {
    const { state, run } = show(running);
    const cancel = screen.getByRole('button', { name: 'Cancel' });
    act(() => cancel.focus());
    fireEvent.click(cancel);
    expect(run.mock.calls).toEqual([['cancelFindL3']]);
    change(state, IDLE);
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Find L3' }));
  });

  test('a search that fails gives it to its heading', () => {
    const { state } = show(running);
    act(() => screen.getByRole('button', { name: 'Searching …' }).focus());
    change(state, failed);
    expect(document.activeElement).toBe(
      screen.getByRole('heading', { name: 'The search did not finish' }),
    );
  });

  test('one that fails while a person is elsewhere takes nothing away', () => {
    const other = document.body.appendChild(document.createElement('button'));
    const { state } = show(running);
    other.focus();
    change(state, failed);
    expect(document.activeElement).toBe(other);
    other.remove();
  });
});

const refused = reason('unknown-orientation', { detail: phrase('no-orientation') });
const STATES: Readonly<Record<string, Search | Partial<FindL3State>>> = {
  idle: IDLE,
  running,
  failed,
  asking: { phase: 'asking', series: SERIES, size: { images: 3000, bytes: 1.6e9 } },
  found: { ...answered(found, { shown, mark: MARK }), keep: KEEP },
  undetermined: answered(undeterminedIn(axialSeries())),
  refused: answered({ status: 'refused', reason: refused, warnings: [] }),
};
const ROLES = [
  'button',
  'slider',
  'combobox',
  'checkbox',
  'spinbutton',
  'group',
  'region',
] as const;

test.each(Object.keys(STATES))('%s: every control has a name', (name) => {
  show(STATES[name]);
  for (const details of document.querySelectorAll('details')) details.open = true;
  const controls = ROLES.flatMap((role) => screen.queryAllByRole(role));
  const named = ROLES.flatMap((role) => screen.queryAllByRole(role, { name: /\S/ }));
  const isFold = (element: Element) => element.tagName === 'DETAILS';
  const nameless = controls.filter((element) => !named.includes(element) && !isFold(element));
  expect(nameless.map(({ outerHTML }) => outerHTML)).toEqual([]);
  expect(named.length).toBeGreaterThan(1);
});
