import type { SeriesDescription } from '../../src/series/types';
import { discsMr, foundSagittal, sagittalMr } from './mrFixtures';
import { answered, finder, host, resetFinder, run, startHost, state } from './start';

jest.mock('../../src/pluginUrl', () => ({ PLUGIN_URL: 'https://pacs.test/ohif/plugins/find-l3/' }));
jest.mock('../../src/worker/finderClient', () => jest.requireActual('./start'));

/** A study of the sagittal series and axial ones, shown in one stack each as named. */
async function startStudy(
  axial: Readonly<Record<string, SeriesDescription>>,
  shown: readonly string[],
  sagittal = sagittalMr(),
) {
  await startHost();
  host.addDisplaySet('sagittal', sagittal, { SeriesNumber: 4, SeriesDescription: 'T2 sag' });
  Object.entries(axial).forEach(([name, description], i) =>
    host.addDisplaySet(name, description, { SeriesNumber: 5 + i, SeriesDescription: name }),
  );
  const views = shown.map((name) =>
    host.addStack(name, name, name === 'sagittal' ? [1, 0, 0] : [0, 0, -1]),
  );
  host.enterMode();
  return views;
}

beforeEach(() => {
  resetFinder();
  finder.answer = async ({ series }) => foundSagittal(series);
});

test('from an axial series, the sagittal one is searched and the axial one goes to mid-L3', async () => {
  const [axial] = await startStudy({ discs: discsMr(-30) }, ['discs']);
  expect(state().target).toMatchObject({
    series: {
      displaySetInstanceUID: 'sagittal',
      instead: {
        because: { code: 'too-short' },
        active: { number: '5', description: 'discs', modality: 'MR' },
      },
    },
  });
  await run('findL3');
  expect(finder.requests[0].series.plane).toBe('sagittal');
  // -30 - 4 * 5 = -50
  expect(axial.index).toBe(5);
  expect(answered().axial).toMatchObject({ kind: 'cut', sliceNumber: 6, isShown: true });
});

test('the sagittal and the axial view go there side by side', async () => {
  const [sagittal, axial] = await startStudy({ discs: discsMr(-30) }, ['sagittal', 'discs']);
  await run('findL3');
  // x 4 lies on slice 8 of the sagittal stack
  expect([sagittal.index, axial.index]).toEqual([8, 5]);
  expect(state().target).toMatchObject({ series: expect.not.objectContaining({ instead: {} }) });
});

test('an axial stack that does not reach L3 stays where it is, and the panel says so', async () => {
  const [, axial] = await startStudy({ low: discsMr(-120) }, ['sagittal', 'low']);
  axial.index = 3;
  await run('findL3');
  expect(axial.index).toBe(3);
  expect(answered().axial).toEqual({
    kind: 'none-cuts',
    series: { number: '5', description: 'low' },
    distanceMm: 70,
  });
});

test('of several axial stacks, the one that cuts L3 is offered and shown on demand', async () => {
  const [sagittal, low] = await startStudy({ low: discsMr(-120), upper: discsMr(-38) }, [
    'sagittal',
    'low',
  ]);
  host.activate('sagittal');
  await run('findL3');
  expect(answered().axial).toMatchObject({
    kind: 'cut',
    displaySetInstanceUID: 'upper',
    isShown: false,
  });
  expect(low.index).toBe(0);
  await run('showAxialSlice');
  expect(host.shownIn.get('low')).toEqual(['upper']);
  expect(host.shownIn.get('sagittal')).toEqual(['sagittal']);
  expect(host.viewports.get('low')!.getCurrentImageId()).toBe('fake:upper/3');
  expect(host.viewports.get('sagittal')).toBe(sagittal);
  expect(answered().axial).toMatchObject({ kind: 'cut', isShown: true, distanceMm: 0 });
});

test('no shared frame of reference: says so, and shows the sagittal', async () => {
  await startStudy({ other: discsMr(-30, '9.9') }, ['other']);
  await run('findL3');
  expect(answered().axial).toEqual({ kind: 'other-frame' });
  expect(host.shownIn.get('other')).toEqual(['sagittal']);
  expect(host.viewports.get('other')!.index).toBe(8);
  expect(answered().shown).toMatchObject({ isMark: true, level: 'L3', slice: null });
});

test('a study without axial series says so', async () => {
  await startStudy({}, ['sagittal']);
  await run('findL3');
  expect(answered().axial).toEqual({ kind: 'no-axial' });
  await run('showAxialSlice');
  expect(host.shownIn.get('sagittal')).toEqual(['sagittal']);
});

test('from a report, the axial slice is shown in its place', async () => {
  await startStudy({ discs: discsMr(-30) }, []);
  host.addDisplaySet('report', discsMr(0), { Modality: 'SR' });
  host.addStack('default', 'report');
  await run('findL3');
  expect(host.shownIn.get('default')).toEqual(['discs']);
  expect(host.viewports.get('default')!.index).toBe(5);
});

test('another study is never searched in its place', async () => {
  await startStudy({ discs: discsMr(-30) }, []);
  host.addDisplaySet('foreign', discsMr(-30), { StudyInstanceUID: '1.2.8' });
  host.addStack('default', 'foreign');
  await run('findL3');
  expect(finder.requests[0].series.plane).toBe('axial');
});

test('a series named in the options is searched as it is', async () => {
  await startStudy({ discs: discsMr(-30) }, ['sagittal']);
  await run('findL3', { displaySetInstanceUID: 'discs' });
  expect(finder.requests[0].series.plane).toBe('axial');
});
