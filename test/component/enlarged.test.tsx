import { fireEvent, screen } from '@testing-library/react';
import { phrase } from '../../src/reasons/phrases';
import { reason } from '../../src/reasons/reasons';
import { numberings } from '../../src/viewer/mark/numberings';
import { axialSeries, foundIn, undeterminedIn } from './fixtures';
import { answered, MARK, show } from './shownPanel';

const found = foundIn(axialSeries());
/** Both counts disagree: named from the sacrum, L3 lies at -50, from the last rib at -15. */
const disagreeing = {
  ...undeterminedIn(axialSeries()),
  bodies: found.levels,
  reason: reason('ambiguous', { detail: phrase('counts-differ', { offset: phrase('lower-1') }) }),
  alternatives: undeterminedIn(axialSeries()).alternatives.map((one, i) => ({
    ...one,
    because: [phrase(i === 0 ? 'counted-sacrum' : 'counted-last-rib')],
  })),
};
const dialog = () => screen.queryByRole('dialog');
const names = (of: Element) =>
  [...of.querySelectorAll('.picture .name')].map(({ textContent }) => textContent);

beforeEach(() => {
  HTMLCanvasElement.prototype.getContext = () => null;
});

test('a press on the picture shows it over the viewports, Escape puts it away', () => {
  show(answered(found, { mark: MARK }));
  expect(dialog()).toBeNull();
  fireEvent.click(screen.getByRole('img'));
  expect(dialog()!.querySelectorAll('.picture .body').length).toBeGreaterThanOrEqual(3);
  fireEvent.keyDown(document, { key: 'Escape' });
  expect(dialog()).toBeNull();
});

test('where two counts disagree, both numberings come by themselves, and one press chooses', () => {
  const { run } = show(answered(disagreeing));
  const [up, down] = [0, 1].map((index) =>
    document.querySelector(`[data-cy=find-l3-numbering-${index}]`)!,
  );
  expect(up.textContent).toContain('Counted up from the sacrum');
  expect(down.textContent).toContain('Counted down from the last rib');
  expect([names(up), names(down)]).toEqual([
    ['L2', 'L3', 'L4'],
    ['L3', 'L4', 'L5'],
  ]);
  fireEvent.click(document.querySelector('[data-cy=find-l3-choose-1]')!);
  expect(run.mock.calls).toEqual([['chooseNumbering', { index: 1 }]]);
  expect(dialog()).toBeNull();
});

test('a found level with another numbering offers both; without doubt there is nothing to choose', () => {
  expect(numberings(found).map(({ zMm, alternative }) => [zMm, alternative])).toEqual([
    [-50, null],
    [-15, 0],
  ]);
  expect(numberings({ ...found, alternatives: [] })).toEqual([]);
  expect(numberings({ ...disagreeing, reason: reason('l3-not-in-view') })).toEqual([]);
});
