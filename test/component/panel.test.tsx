import { act, cleanup, fireEvent, screen, within } from '@testing-library/react';
import { phrase } from '../../src/reasons/phrases';
import { reason } from '../../src/reasons/reasons';
import { Problem } from '../../src/viewer/host/problem';
import type { Search } from '../../src/viewer/state';
import { assembleSeries } from '../../src/series/assembleSeries';
import { axialDescription, axialSeries, foundIn, undeterminedIn } from './fixtures';
import { answered, IDLE, MARK, SERIES, show } from './shownPanel';

beforeAll(() => {
  // jsdom has no canvas; the panel draws where there is one.
  HTMLCanvasElement.prototype.getContext = () => null;
});
afterEach(cleanup);

describe('idle', () => {
  test('names the series it would use and starts a search by command', () => {
    const { run } = show(IDLE);
    expect(screen.getByText('Series 3: Abdomen 5 mm')).toBeTruthy();
    expect(screen.getByText('CT, 60 images')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Find L3' }));
    expect(run.mock.calls).toEqual([['findL3', { takesFocus: true }]]);
  });

  test('is disabled and says why where there is no series to search', () => {
    const { run } = show(IDLE, { ready: false, why: { key: 'target.empty' } });
    const button = screen.getByRole<HTMLButtonElement>('button', { name: 'Find L3' });
    expect(button.disabled).toBe(true);
    expect(screen.getByText(/^The active viewport shows no series\./)).toBeTruthy();
    fireEvent.click(button);
    expect(run).not.toHaveBeenCalled();
  });

  test('always says that it is not for diagnostic use and what mid-L3 means', () => {
    show(IDLE);
    expect(screen.getByText('Not for diagnostic use.')).toBeTruthy();
    expect(screen.getByText(/centre of the L3 vertebral body/)).toBeTruthy();
  });

  test('shows what a series calls itself as text, never as markup', () => {
    const description = '<img src=x onerror="window.hacked=1">';
    const { view } = show(IDLE, { ready: true, series: { ...SERIES, description } });
    expect(view.container.querySelector('img')).toBeNull();
    expect(screen.getByText(`Series 3: ${description}`)).toBeTruthy();
  });
});

test('keys that press a button do not reach the host’s hotkeys, others do', () => {
  show(IDLE);
  const host = jest.fn();
  document.addEventListener('keydown', host);
  const button = screen.getByRole('button', { name: 'Find L3' });
  fireEvent.keyDown(button, { key: 'Enter' });
  fireEvent.keyDown(button, { key: ' ' });
  expect(host).not.toHaveBeenCalled();
  fireEvent.keyDown(button, { key: 'ArrowDown' });
  expect(host).toHaveBeenCalledTimes(1);
  document.removeEventListener('keydown', host);
});

describe('running', () => {
  test('counts the slices, moves the bar, and cancels by command', () => {
    const progress = { stage: 'reading', done: 120, of: 300 } as const;
    const { run } = show({ phase: 'running', series: SERIES, progress });
    expect(screen.getByText('Reading slices 120/300')).toBeTruthy();
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('40');
    fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    expect(run.mock.calls).toEqual([['cancelFindL3']]);
    expect(screen.queryByRole('button', { name: 'Find L3' })).toBeNull();
  });

  test('the button that started it stays and keeps the focus, but starts no second one', () => {
    const { run, state } = show(IDLE);
    const start = screen.getByRole('button', { name: 'Find L3' });
    start.focus();
    act(() =>
      state.set({ ...state.get(), search: { phase: 'running', series: SERIES, progress: null } }),
    );
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Searching …' }));
    fireEvent.click(document.activeElement!);
    expect(run).not.toHaveBeenCalled();
  });

  test('a stage of unknown length has no value to announce', () => {
    show({ phase: 'running', series: SERIES, progress: { stage: 'inference', done: 0, of: 0 } });
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBeNull();
    expect(screen.getAllByText('Running the model').length).toBeGreaterThan(0);
  });

  test('the model’s download is counted in megabytes', () => {
    show({
      phase: 'running',
      series: SERIES,
      progress: { stage: 'model', done: 1_500_000, of: 3_000_000 },
    });
    expect(screen.getByText('Loading the model 1.5 of 3.0 MB')).toBeTruthy();
  });

  test('a screen reader hears the stages, not every slice', () => {
    const reading = (done: number): Search => ({
      phase: 'running',
      series: SERIES,
      progress: { stage: 'reading', done, of: 300 },
    });
    const { state, view } = show(reading(1));
    const spoken = view.container.querySelector('[data-cy=find-l3-announcement]')!;
    const before = spoken.textContent;
    act(() => state.set({ ...state.get(), search: reading(150) }));
    expect(spoken.textContent).toBe(before);
    act(() => state.set({ ...state.get(), search: { ...reading(150), progress: null } as Search }));
    expect(spoken.textContent).not.toBe(before);
  });

  test('says which series is searched although another viewport was made active', () => {
    const other = { ...SERIES, displaySetInstanceUID: 'ds-2', number: '9', description: 'Other' };
    show({ phase: 'running', series: SERIES, progress: null }, { ready: true, series: other });
    expect(screen.getByText('Series 3: Abdomen 5 mm')).toBeTruthy();
    expect(screen.queryByText('Series 9: Other')).toBeNull();
  });
});

describe('found', () => {
  const finding = foundIn(axialSeries());
  const shown = {
    isMark: true,
    level: 'L3',
    alternative: null,
    slice: { number: 31, count: 60 },
  } as const;

  test('gives slice, z, spread and probability in words and per cent', () => {
    show(answered(finding, { shown }));
    expect(screen.getByRole('heading', { name: 'L3: slice 31 of 60' })).toBeTruthy();
    expect(screen.getByText('z −50.0 mm')).toBeTruthy();
    expect(screen.getByText('± 1.4 mm')).toBeTruthy();
    expect(screen.getByText(/High confidence/).textContent).toContain('94 %');
  });

  test('gives what it was counted from; what ran, how long and the model behind the card', () => {
    const { state } = show(answered(finding));
    expect(screen.getByText('Counted up from the sacrum')).toBeTruthy();
    expect(screen.queryByText(/wasm/)).toBeNull();
    act(() => state.set({ ...state.get(), modelCard: { phase: 'open', text: 'Card' } }));
    expect(screen.getByText('Processor (wasm, 1 thread): this browser has no WebGPU')).toBeTruthy();
    expect(screen.getByText(/^1\.9 s/)).toBeTruthy();
    expect(screen.getByText('test-net 1.2.3')).toBeTruthy();
  });

  test('shows a level of the picture by command, and which one is shown', () => {
    const { run } = show(answered(finding, { shown }));
    const picture = screen.getByRole('img', { name: /levels L2, L3, L4/ }).parentElement!;
    fireEvent.click(within(picture).getByRole('button', { name: /Show L4/ }));
    expect(run.mock.calls).toEqual([['jumpToLevel', { level: 'L4' }]]);
    const pressed = within(picture)
      .getAllByRole('button')
      .filter((button) => button.getAttribute('aria-pressed') === 'true');
    expect(pressed.map(({ textContent }) => textContent)).toEqual(['L3']);
  });

  test('puts each level’s line at its own height of the picture', () => {
    const { view } = show(answered(finding));
    const tops = ['L2', 'L3', 'L4'].map((name) =>
      parseFloat(
        view.container.querySelector<HTMLElement>(`[data-cy=find-l3-level-${name}]`)!.style.top,
      ),
    );
    // 35 mm apart on a grid of 2 mm, over the rows that the canvas shows.
    const rows = view.container.querySelector('canvas')!.height;
    expect(tops[1] - tops[0]).toBeCloseTo((17.5 / rows) * 100, 3);
    expect(tops[2] - tops[1]).toBeCloseTo((17.5 / rows) * 100, 3);
  });

  test('offers the alternatives with what speaks for them', () => {
    const { run } = show(answered(finding, { shown }));
    const button = screen.getByRole('button', { name: /Slice 24 of 60/ });
    expect(button.textContent).toContain('one vertebra higher');
    expect(button.textContent).toContain('5 %');
    fireEvent.click(button);
    expect(run.mock.calls).toEqual([['showAlternative', { index: 0 }]]);
  });

  test.each([
    ['another level', { level: 'L4' }, 'Shown: L4'],
    ['an alternative', { alternative: 0 }, 'Shown: slice 24 of 60'],
    ['a slice between the levels', {}, 'Shown: slice 24 of 60'],
  ] as const)('says what is on screen, and makes it L3: %s', (_, here, text) => {
    const slice = { number: 24, count: 60 };
    const elsewhere = { isMark: false, level: null, alternative: null, slice, ...here };
    const { run } = show(answered(finding, { shown: elsewhere, mark: MARK }));
    expect(screen.getByText(text)).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Make this slice L3' }));
    expect(run.mock.calls).toEqual([['setLevelFromCurrentSlice']]);
  });

  test('names a level as the numbering is now, and no second L3', () => {
    const at = (level: 'L3' | 'L4') => ({ ...shown, isMark: false, level });
    const moved = { ...MARK, by: 'person', zMm: -70 } as const;
    const { state } = show(answered(finding, { shown: at('L4'), mark: { ...moved, shift: 1 } }));
    expect(screen.getByText('Shown: L5')).toBeTruthy();
    act(() =>
      state.set({ ...state.get(), ...answered(finding, { shown: at('L3'), mark: moved }) }),
    );
    expect(screen.getByText('Shown: slice 31 of 60')).toBeTruthy();
  });

  test.each([
    ['the slice is L3 already', shown, MARK, 'This slice is L3.'],
    ['the mark is locked', { ...shown, isMark: false }, { ...MARK, isLocked: true }, /locked/],
    ['no view shows the series', null, MARK, /No viewport shows this series/],
    [
      'nothing of it is on screen',
      { ...shown, isMark: false, level: null, slice: null },
      MARK,
      /^Open an axial view/,
    ],
  ] as const)('where %s, it cannot be made L3, and says why', (_, here, mark, why) => {
    show(answered(finding, { shown: here, mark }));
    const button = screen.getByRole<HTMLButtonElement>('button', { name: 'Make this slice L3' });
    expect([button.disabled, button.title]).toEqual([
      true,
      typeof why === 'string' ? why : expect.stringMatching(why),
    ]);
  });

  test('says where a person has moved the mark', () => {
    const mark = { ...MARK, zMm: -60, sliceNumber: 33, by: 'person' } as const;
    show(answered(finding, { shown, mark }));
    expect(
      screen.getByText('Your mark: slice 33, z −60.0 mm (10.0 mm below the answer)'),
    ).toBeTruthy();
  });

  test('says when no viewport shows the series', () => {
    show(answered(finding, { shown: null }));
    expect(screen.getByText(/No viewport shows this series/)).toBeTruthy();
  });

  test('shows warnings with their advice', () => {
    const warning = reason('missing-slices', { gapMm: 10, spacingMm: 5 });
    show(answered({ ...finding, warnings: [warning] }));
    expect(screen.getByText(warning.message)).toBeTruthy();
    expect(screen.getByText(warning.advice)).toBeTruthy();
  });

  test('names its series where the active viewport shows another one', () => {
    const other = { ...SERIES, displaySetInstanceUID: 'ds-2', number: '9', description: 'Other' };
    show(answered(finding), { ready: true, series: other });
    expect(screen.getByText('Series 9: Other')).toBeTruthy();
    expect(screen.getByText('Series 3: Abdomen 5 mm')).toBeTruthy();
  });

  test('low probability is said in words', () => {
    show(answered({ ...finding, l3: { ...finding.l3, probability: 0.55 } }));
    expect(screen.getByText(/Low confidence, compare the neighbours/).textContent).toContain(
      '55 %',
    );
  });

  test('tells a screen reader', () => {
    show(answered(finding));
    const said = document.querySelector('[data-cy=find-l3-announcement]')!;
    expect([said.textContent, said.getAttribute('role')]).toEqual([
      'L3 found at z −50.0 mm, 94 %.',
      'status',
    ]);
  });
});

describe('undetermined', () => {
  const finding = undeterminedIn(axialSeries());

  test('gives the reason, its advice and the candidates, and names no slice as L3', () => {
    const { run } = show(answered(finding));
    expect(screen.getByRole('heading', { name: 'L3 could not be determined' })).toBeTruthy();
    expect(screen.getByText(finding.reason.message)).toBeTruthy();
    expect(screen.getByText(finding.reason.advice)).toBeTruthy();
    expect(screen.queryByRole('heading', { name: /L3: slice/ })).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: /^2: Slice 24 of 60/ }));
    expect(run.mock.calls).toEqual([['showAlternative', { index: 1 }]]);
  });

  test('the picture names no level where none can be named', () => {
    const levels = foundIn(axialSeries()).levels;
    show(answered({ ...finding, levels }));
    const picture = screen.getByRole('img', { name: /candidates 1, 2$/ }).parentElement!;
    const labels = [...picture.querySelectorAll('.line + button')];
    expect(labels.map(({ textContent }) => textContent)).toEqual(['1', '2']);
  });

  test('the candidates are in the picture too', () => {
    const { run } = show(answered(finding));
    fireEvent.click(
      screen.getByRole('button', { name: 'Show candidate 1: counted from the sacrum' }),
    );
    expect(run.mock.calls).toEqual([['showAlternative', { index: 0 }]]);
  });

  test.each([
    [
      'with nothing to count from, no percentage',
      reason('cannot-count', { detail: phrase('no-anchor') }),
      false,
    ],
    [
      'counted, but not surely, its percentage',
      reason('not-sure-enough', { percent: '48 %', least: '75 %' }),
      true,
    ],
  ])('a candidate shows, %s', (_, why, shows) => {
    show(answered({ ...finding, reason: why }));
    const candidate = screen.getByRole('button', { name: /^1: Slice 31 of 60/ });
    expect(candidate.textContent!.includes('48 %')).toBe(shows);
  });

  test('a mark that a person set is given without a distance to an answer', () => {
    show(answered(finding, { mark: { ...MARK, zMm: -15, sliceNumber: 24, by: 'person' } }));
    expect(screen.getByText('Your mark: slice 24, z −15.0 mm')).toBeTruthy();
  });
});

test('refused: the reason and its advice, no picture', () => {
  const why = reason('localizer');
  show(answered({ status: 'refused', reason: why, warnings: [] }));
  expect(screen.getByRole('heading', { name: 'This series cannot be used' })).toBeTruthy();
  expect(screen.getByText(why.message)).toBeTruthy();
  expect(screen.getByText(why.advice)).toBeTruthy();
  expect(screen.queryByRole('img')).toBeNull();
});

describe('a series that is not one scan', () => {
  const description = axialDescription();
  const scan = (acquisitionNumber: number) =>
    description.slices.map((slice, i) => ({
      ...slice,
      sopInstanceUID: `${acquisitionNumber}.${i}`,
      acquisitionNumber,
    }));
  const odd = { ...scan(1)[0], sopInstanceUID: '3', samplesPerPixel: 3 };
  const check = assembleSeries({ ...description, slices: [...scan(1), ...scan(2), odd] });
  const series = check.ok ? check.series : axialSeries();

  test('found: says which part was searched, what was set aside, and offers the other part', () => {
    const { run } = show(answered(foundIn(series)));
    const text = document.querySelector('[data-cy="find-l3-outcome"]')!.textContent!;
    expect(text).toContain('Searched: acquisition 1. Others: acquisition 2 (60 images).');
    expect(text).toContain('1 of 121: 3 samples per pixel (1).');
    fireEvent.click(screen.getByRole('button', { name: /acquisition 2/ }));
    expect(run.mock.calls).toEqual([
      ['findL3', { displaySetInstanceUID: 'ds-1', part: 'acquisition 2', readLarge: true }],
    ]);
  });

  test('refused: the warnings too', () => {
    const why = reason('coronal');
    show(answered({ status: 'refused', reason: why, warnings: series.warnings }));
    const notices = document.querySelectorAll<HTMLElement>('[data-cy="find-l3-reason"]');
    const codes = Array.from(notices, ({ dataset }) => dataset.code);
    expect(codes).toEqual(['coronal', 'several-parts', 'images-set-aside']);
  });
});

test('failed: what happened, what to do, and the same series again', () => {
  const { run } = show({
    phase: 'failed',
    series: SERIES,
    error: new Problem('Slice 7 of 60 could not be read.', 'Load the series again.'),
  });
  expect(screen.getByText('Slice 7 of 60 could not be read.')).toBeTruthy();
  expect(screen.getByText('Load the series again.')).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(run.mock.calls).toEqual([['findL3', { displaySetInstanceUID: 'ds-1' }]]);
});

test('cancelled: says so where the progress was', () => {
  show({ phase: 'idle', note: 'search.cancelled' });
  expect(screen.getAllByText('The search was cancelled.').length).toBeGreaterThan(0);
  expect(screen.getByRole('button', { name: 'Find L3' })).toBeTruthy();
});
