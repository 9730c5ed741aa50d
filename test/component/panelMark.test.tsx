import { act, cleanup, fireEvent, screen } from '@testing-library/react';
import { reason } from '../../src/reasons/reasons';
import { axialSeries, foundIn, undeterminedIn } from './fixtures';
import { answered, MARK, show } from './shownPanel';

beforeAll(() => {
  // jsdom has no pointers and no canvas; the panel draws where there is one.
  Object.assign(window, { PointerEvent: MouseEvent });
  Object.assign(HTMLElement.prototype, { setPointerCapture: () => {} });
  HTMLCanvasElement.prototype.getContext = () => null;
});
afterEach(cleanup);

describe('correcting', () => {
  const finding = foundIn(axialSeries());
  const slider = () => screen.getByRole('slider', { name: 'L3, level line' });

  test('the line says where it is and moves by keys: a slice, a page, not beyond the picture', () => {
    const { run } = show(answered(finding, { mark: MARK }));
    expect(slider().getAttribute('aria-valuenow')).toBe('-50');
    expect(slider().getAttribute('aria-valuetext')).toBe('slice 31, z −50.0 mm');
    const host = jest.fn();
    document.addEventListener('keydown', host);
    for (const key of ['ArrowUp', 'ArrowDown', 'PageDown', 'a']) {
      fireEvent.keyDown(slider(), { key });
    }
    document.removeEventListener('keydown', host);
    expect(run.mock.calls).toEqual([
      ['moveLevelMark', { zMm: -45, isLive: false }],
      ['moveLevelMark', { zMm: -55, isLive: false }],
      ['moveLevelMark', { zMm: -75, isLive: false }],
    ]);
    // The host's own keys stay the host's.
    expect(host.mock.calls.map(([{ key }]) => key)).toEqual(['a']);
  });

  test('dragged, it moves live and ends once; a press alone moves nothing', () => {
    const { run, view } = show(answered(finding, { mark: MARK }));
    const rows = view.container.querySelector('canvas')!.height;
    slider().parentElement!.getBoundingClientRect = () => ({ top: 100, height: rows }) as DOMRect;
    const at = (clientY: number) => ({ clientY, button: 0, pointerId: 1 });
    const top = Number(slider().getAttribute('aria-valuemax'));
    fireEvent.pointerDown(slider(), at(150));
    fireEvent.pointerUp(slider(), at(150));
    expect(run).not.toHaveBeenCalled();
    fireEvent.pointerDown(slider(), at(150));
    fireEvent.pointerMove(slider(), at(160));
    fireEvent.pointerMove(slider(), at(20));
    fireEvent.pointerUp(slider(), at(20));
    fireEvent.pointerMove(slider(), at(170));
    const moves = run.mock.calls.map(([, options]) => options);
    // One pixel of the picture is one row of 2 mm.
    expect(moves.map(({ zMm }) => Math.round(top - zMm))).toEqual([120, 0, 0]);
    expect(moves.map(({ isLive }) => isLive)).toEqual([true, true, false]);
  });

  test('a locked mark cannot be moved', () => {
    const { run } = show(answered(finding, { mark: { ...MARK, isLocked: true } }));
    fireEvent.keyDown(slider(), { key: 'ArrowUp' });
    fireEvent.pointerDown(slider(), { clientY: 10, button: 0 });
    fireEvent.pointerMove(slider(), { clientY: 50 });
    expect(run).not.toHaveBeenCalled();
    expect(slider().getAttribute('aria-disabled')).toBe('true');
  });

  test('the picture keeps its size wherever the mark goes', () => {
    const { state, view } = show(answered(finding, { mark: MARK }));
    const rows = () => view.container.querySelector('canvas')!.height;
    const before = rows();
    act(() =>
      state.set({
        ...state.get(),
        ...answered(finding, { mark: { ...MARK, zMm: -180, by: 'person' } }),
      }),
    );
    expect(rows()).toBe(before);
  });

  test('the heat map lies over the picture when it is asked for', () => {
    const colours: number[][] = [];
    const context = {
      createImageData: (width: number, height: number) => ({
        data: new Uint8ClampedArray(4 * width * height),
      }),
      putImageData: ({ data }: ImageData) =>
        colours.push([
          ...new Set(Array.from(data, (_, i) => (i % 4 === 0 ? data[i] - data[i + 2] : 0))),
        ]),
    };
    const getContext = jest
      .spyOn(HTMLCanvasElement.prototype, 'getContext')
      .mockReturnValue(context as unknown as CanvasRenderingContext2D as never);
    const values = new Float32Array(75 * 30).fill(0.5);
    show(answered({ ...finding, heat: { values, height: 75, width: 30, stride: 2 } }));
    const button = screen.getByRole('button', { name: 'Heat map' });
    fireEvent.click(button);
    getContext.mockRestore();
    expect(button.getAttribute('aria-pressed')).toBe('true');
    // Grey has as much red as blue.
    expect(colours[0]).toEqual([0]);
    expect(Math.max(...colours[1])).toBeGreaterThan(80);
  });

  test('one vertebra up or down by command, with what the numbering rests on', () => {
    const { run } = show(answered(finding, { mark: { ...MARK, shift: 1, zMm: -15 } }));
    expect(
      screen.getByText('Counted up from the sacrum, then moved one vertebra up by hand'),
    ).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'One down' }));
    expect(run.mock.calls).toEqual([['shiftNumbering', { by: -1 }]]);
    const up = screen.getByRole<HTMLButtonElement>('button', { name: 'One up' });
    expect([up.disabled, up.title]).toEqual([true, 'No further vertebra was found there.']);
  });

  test.each([
    ['offset', [{ code: 'higher-1' }], 'Counted up from the sacrum and down from the last rib'],
    [
      'count',
      [{ code: 'higher-1' }, { code: 'counted-last-rib' }],
      'Counted up from the sacrum and down from the last rib; they do not quite agree',
    ],
  ] as const)(
    'what is said of both counts beside another place, offered by its %s',
    (_, because, text) => {
      const alternatives = [{ ...finding.alternatives[0], because: [...because] }];
      show(answered({ ...finding, countedFrom: 'both', alternatives }));
      expect(screen.getByText(text)).toBeTruthy();
    },
  );

  test('a name that changes on the picture is a new element: WebKit goes on showing the old name of one that stays', () => {
    const { state, view } = show(answered(finding, { mark: MARK }));
    const label = view.container.querySelector('[data-cy=find-l3-level-L4]')!;
    const before = label.firstElementChild!;
    act(() =>
      state.set({
        ...state.get(),
        ...answered(finding, { mark: { ...MARK, shift: 1, zMm: -15 } }),
      }),
    );
    expect(label.isConnected).toBe(true);
    expect([before.textContent, label.textContent]).toEqual(['L4', 'L5']);
    expect(label.firstElementChild).not.toBe(before);
  });

  test('after a shift the picture names the vertebrae anew, and still shows the ones that were found', () => {
    const { run } = show(answered(finding, { mark: { ...MARK, shift: 1, zMm: -15 } }));
    const l3 = screen.getByRole('button', { name: 'Show L3 (93 %, found as L2)' });
    fireEvent.click(l3);
    expect(run.mock.calls).toEqual([['jumpToLevel', { level: 'L2' }]]);
    expect(screen.queryByRole('button', { name: /^Show L2/ })).toBeNull();
  });

  test('without a mark the numbering cannot be moved, and says why', () => {
    show(answered(finding));
    const up = screen.getByRole<HTMLButtonElement>('button', { name: 'One up' });
    expect([up.disabled, up.title]).toEqual([true, 'Nothing is marked yet.']);
  });

  test('ruler, slice, tool and definition go through commands', () => {
    const { run } = show(answered(finding, { mark: MARK }));
    fireEvent.click(screen.getByRole('button', { name: 'All levels' }));
    fireEvent.click(screen.getByRole('button', { name: 'Mark it yourself' }));
    fireEvent.change(screen.getByRole('combobox', { name: 'Line marks' }), {
      target: { value: 'inferior-endplate' },
    });
    expect(run.mock.calls).toEqual([
      ['toggleLevelRuler'],
      ['takeLevelTool'],
      ['setLevelDefinition', { definition: 'inferior-endplate' }],
    ]);
  });

  test('the headline says what a person has made of it, and below what was found', () => {
    const { state } = show(answered(finding, { mark: MARK }));
    const heading = () => screen.getAllByRole('heading', { level: 2 }).map((h) => h.textContent);
    expect(heading()).toEqual(['L3: slice 31 of 60']);
    const moved = { ...MARK, zMm: -80, sliceNumber: 37, by: 'person' } as const;
    act(() => state.set({ ...state.get(), ...answered(finding, { mark: moved }) }));
    expect(heading()).toEqual(['L3: slice 37 of 60']);
    expect(screen.getByText('by hand')).toBeTruthy();
    expect(screen.getByText('Found: slice 31, z −50.0 mm')).toBeTruthy();
  });

  test('in the picture only one line is named L3, wherever a person has it', () => {
    const names = () =>
      [...document.querySelectorAll('.picture .line + button')].map((b) => b.textContent).sort();
    const { run, state } = show(answered(finding, { mark: MARK }));
    expect(names()).toEqual(['L2', 'L3', 'L4']);
    const moved = { ...MARK, zMm: -65, by: 'person' } as const;
    act(() => state.set({ ...state.get(), ...answered(finding, { mark: moved }) }));
    expect(names()).toEqual(['L2', 'L3', 'L4']);
    fireEvent.click(screen.getByRole('button', { name: 'Show L3' }));
    expect(run.mock.calls).toEqual([['showLevelMark', { annotationUID: 'mark-1' }]]);
  });

  test('where nothing was found, what a person marked stands above it', () => {
    const moved = { ...MARK, zMm: -80, sliceNumber: 37, by: 'person' } as const;
    show(answered(undeterminedIn(axialSeries()), { mark: moved }));
    expect(screen.getAllByRole('heading', { level: 2 }).map((h) => h.textContent)).toEqual([
      'L3: slice 37 of 60',
      'L3 could not be determined',
    ]);
  });

  test('an answer beside a person’s mark is a dashed line, with the difference and the choice', () => {
    const mark = { ...MARK, zMm: -15, by: 'report', sliceNumber: 24 } as const;
    const proposal = {
      pointLpsMm: [4, 10, -50],
      probability: 0.94,
      differenceMm: -35,
      vertebrae: -1,
    } as const;
    const { run, view } = show(answered(finding, { mark, proposal }));
    expect(screen.getByRole('heading', { level: 2 }).textContent).toBe('L3: slice 24 of 60');
    expect(screen.getByText('not confirmed yet')).toBeTruthy();
    expect(screen.getByText('35.0 mm below the mark, one vertebra lower')).toBeTruthy();
    expect(view.container.querySelectorAll('.picture .line.candidate')).toHaveLength(1);
    // One line is named L3: the mark's.
    const named = [...view.container.querySelectorAll('.picture button.l3')];
    expect(named.map(({ textContent }) => textContent)).toEqual(['L3']);
    fireEvent.click(screen.getByRole('button', { name: 'Use it' }));
    fireEvent.click(screen.getByRole('button', { name: 'Keep mine' }));
    expect(run.mock.calls).toEqual([['useProposal'], ['keepMark']]);
  });

  test('L3 can be said not to be in the scan, and why; and to be there after all', () => {
    const { run, state } = show(answered(finding, { mark: MARK }));
    fireEvent.click(screen.getByRole('button', { name: 'L3 is not in this scan' }));
    fireEvent.click(screen.getByRole('button', { name: 'It begins below L3 (pelvis)' }));
    expect(run.mock.calls).toEqual([['setL3Absent', { absence: 'begins-below-l3' }]]);
    act(() => state.set({ ...state.get(), ...answered(finding, { absence: 'begins-below-l3' }) }));
    expect(screen.getByRole('heading', { level: 2 }).textContent).toBe('L3 is not in this scan');
    expect(screen.getByText('The scan begins below L3.')).toBeTruthy();
    expect(screen.getByText('your statement')).toBeTruthy();
    expect(screen.getByText(/^Found: slice 31/)).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'It is in this scan after all' }));
    expect(run.mock.calls[1]).toEqual(['setL3Absent']);
  });

  test('a locked mark keeps it from being said', () => {
    show(answered(finding, { mark: { ...MARK, isLocked: true } }));
    const button = screen.getByRole<HTMLButtonElement>('button', {
      name: 'L3 is not in this scan',
    });
    expect([button.disabled, button.title]).toEqual([true, expect.stringContaining('locked')]);
  });

  test('an endplate is said to be estimated, and how', () => {
    show(answered(finding, { mark: { ...MARK, definition: 'superior-endplate' } }));
    expect(screen.getByText(/Marked: the superior endplate of L3/)).toBeTruthy();
    expect(screen.getByText(/estimated .*37 %/).hidden).toBe(false);
  });

  test.each([
    ['undetermined', answered(undeterminedIn(axialSeries()))],
    ['refused', answered({ status: 'refused', reason: reason('localizer'), warnings: [] })],
  ])('%s: it can be marked by hand', (_name, search) => {
    const { run } = show(search);
    fireEvent.click(screen.getByRole('button', { name: 'Mark it yourself' }));
    expect(run.mock.calls).toEqual([['takeLevelTool']]);
  });
});
