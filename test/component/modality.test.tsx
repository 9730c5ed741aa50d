import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import type { Finding } from '../../src/finder/types';
import type { DisplaySet } from '../../src/viewer/host/ohif';
import { AssumedModalities } from '../../src/viewer/study/assumedModality';
import { axialDescription, foundIn } from './fixtures';
import { SERIES, show } from './shownPanel';
import { finder, host, measurements, resetFinder, run, settled, startHost, state } from './start';

jest.mock('../../src/pluginUrl', () => ({ PLUGIN_URL: 'https://pacs.test/ohif/plugins/find-l3/' }));
jest.mock('../../src/worker/finderClient', () => jest.requireActual('./start'));

beforeAll(() => {
  HTMLCanvasElement.prototype.getContext = () => null;
});
beforeEach(resetFinder);
afterEach(cleanup);

const UID = axialDescription().uid;

/** A viewer on a file that was opened as MR because of its values. */
async function startAssumed({ isNoted = true } = {}) {
  await startHost();
  const instances: Record<string, unknown>[] = [];
  const description = { ...axialDescription(), modality: 'MR' };
  host.addDisplaySet('ds-1', description, { instances }, (instance) => {
    instances.push(instance);
    return Object.assign(instance, { Modality: 'MR' });
  });
  host.addStack('default', 'ds-1');
  if (isNoted) {
    AssumedModalities.of(host.services).note(UID, { modality: 'MR', source: 'values' });
  }
  host.enterMode();
  return { instances, displaySet: host.displaySets.get('ds-1') as DisplaySet };
}

describe('a series whose file does not say whether it is CT or MR', () => {
  test('is searched as a person says, under the same UIDs, in the same study', async () => {
    const { instances, displaySet } = await startAssumed();
    expect(state().target).toMatchObject({ series: { modality: 'MR', assumed: 'values' } });
    const before = instances.map(({ SOPInstanceUID }) => SOPInstanceUID);
    const toldHost = jest.fn();
    const { displaySetService } = host.all;
    displaySetService.subscribe(displaySetService.EVENTS.DISPLAY_SETS_CHANGED, toldHost);
    await run('chooseModality', { modality: 'CT' });
    expect(toldHost).toHaveBeenCalled();
    expect(state().target).toMatchObject({ series: { modality: 'CT', assumed: 'person' } });
    await run('findL3');
    expect(finder.requests[0].series).toMatchObject({ uid: UID, modality: 'CT' });
    expect(displaySet).toMatchObject({ SeriesInstanceUID: UID, StudyInstanceUID: '1.2.7' });
    expect(instances.map(({ SOPInstanceUID }) => SOPInstanceUID)).toEqual(before);
    expect(new Set(instances.map(({ Modality }) => Modality))).toEqual(new Set(['CT']));
  });

  test('what was found as the other is taken back, with its mark', async () => {
    await startAssumed();
    await run('findL3');
    expect(measurements()).toHaveLength(1);
    await run('chooseModality', { modality: 'CT' });
    expect(measurements()).toHaveLength(0);
    expect(state()).toMatchObject({
      search: { phase: 'idle', note: 'modality.changed' },
      marking: { mark: null },
    });
  });

  test('a mark that a person moved stays where it is', async () => {
    await startAssumed();
    await run('findL3');
    await run('moveLevelMark', { zMm: -20 });
    await run('chooseModality', { modality: 'CT' });
    expect(state().marking.mark).toMatchObject({ by: 'person', zMm: -20 });
    expect(state().search).toMatchObject({ phase: 'idle' });
  });

  test('the one that it has already is agreed to, and nothing is taken back', async () => {
    await startAssumed();
    await run('findL3');
    await run('chooseModality', { modality: 'MR' });
    expect(state().search.phase).toBe('answered');
    expect(state().target).toMatchObject({ series: { modality: 'MR', assumed: 'person' } });
    expect(measurements()).toHaveLength(1);
  });

  test('a search that runs is cancelled, and what it finds counts for nothing', async () => {
    await startAssumed();
    let answer: (finding: Finding) => void = () => {};
    finder.answer = () => new Promise((resolve) => (answer = resolve));
    const searched = run('findL3');
    await settled();
    await run('chooseModality', { modality: 'CT' });
    answer(foundIn(finder.requests[0].series));
    await searched;
    expect(state().search).toMatchObject({ phase: 'idle' });
    expect(measurements()).toHaveLength(0);
  });

  test('the choice outlives closing the file and opening it again, also by an address that says otherwise', () => {
    const assumed = AssumedModalities.of(host.services);
    const displaySet = { displaySetInstanceUID: 'ds-9', SeriesInstanceUID: '9', Modality: 'MR' };
    assumed.note('9', { modality: 'MR', source: 'values' });
    expect(assumed.chosen('9')).toBeUndefined();
    assumed.choose(displaySet, 'CT');
    assumed.note('9', { modality: 'MR', source: 'address' });
    expect(assumed.chosen('9')).toBe('CT');
    expect(assumed.sourceOf(displaySet)).toBe('person');
  });
});

test('the header of a DICOM series is not overruled', async () => {
  const { displaySet } = await startAssumed({ isNoted: false });
  await run('findL3');
  await run('chooseModality', { modality: 'CT' });
  expect(displaySet.Modality).toBe('MR');
  expect(state().search.phase).toBe('answered');
  expect(state().target).not.toHaveProperty('series.assumed');
});

describe('the switch in the panel', () => {
  test.each([
    ['CT', 'values', /some values are as low as air/],
    ['MR', 'values', /no value is as low as air/],
    ['MR', 'address', /address of the page/],
    ['CT', 'person', /As you chose/],
  ] as const)('%s by %s: says so, and offers the other', (modality, assumed, why) => {
    const series = { ...SERIES, modality, assumed };
    const { run: ran } = show({ phase: 'idle', note: null }, { ready: true, series });
    const group = within(screen.getByRole('group', { name: 'Modality of this file' }));
    expect(group.getByRole('button', { pressed: true }).textContent).toBe(modality);
    expect(screen.getByText(why)).toBeTruthy();
    const other = modality === 'CT' ? 'MR' : 'CT';
    fireEvent.click(group.getByRole('button', { name: other }));
    expect(ran.mock.calls).toEqual([
      ['chooseModality', { modality: other, displaySetInstanceUID: 'ds-1' }],
    ]);
  });

  test('is not there for DICOM', () => {
    show({ phase: 'idle', note: null });
    expect(screen.queryByRole('group', { name: 'Modality of this file' })).toBeNull();
  });
});
