import { cleanup, fireEvent, screen } from '@testing-library/react';
import type { LayoutState } from '../../src/viewer/layout/types';
import { axialSeries, foundIn } from './fixtures';
import { answered, IDLE, show } from './shownPanel';

beforeAll(() => {
  HTMLCanvasElement.prototype.getContext = () => null;
});
afterEach(cleanup);

describe('the layout Review L3', () => {
  const button = () =>
    screen.queryByRole<HTMLButtonElement>('button', { name: /^(Review L3|Former layout)$/ });
  const offered = (layout: Partial<LayoutState>) =>
    show({
      ...answered(foundIn(axialSeries())),
      layout: { offer: null, isOpen: false, ...layout },
    });

  test('is offered beside what there is to review, and not before', () => {
    show(IDLE);
    expect(button()).toBeNull();
    cleanup();
    const { run } = offered({ offer: { possible: true } });
    fireEvent.click(button()!);
    expect(run.mock.calls).toEqual([['toggleReviewLayout']]);
  });

  test('says why it cannot be had', () => {
    offered({ offer: { possible: false, why: { key: 'layout.noAxial' } } });
    expect(button()!.disabled).toBe(true);
    expect(button()!.title).toMatch(/^No axial series of this study cuts L3/);
  });

  test('is left for the former one, even where it could not be opened again', () => {
    const { run } = offered({ isOpen: true });
    expect(button()!.textContent).toBe('Former layout');
    fireEvent.click(button()!);
    expect(run.mock.calls).toEqual([['toggleReviewLayout']]);
  });
});
