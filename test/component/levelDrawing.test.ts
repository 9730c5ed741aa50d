import { FindL3Viewer } from '../../src/viewer/findL3Viewer';
import { axialDescription, undeterminedIn } from './fixtures';
import { finder, host, resetFinder, run, startWithMpr } from './start';

jest.mock('../../src/pluginUrl', () => ({ PLUGIN_URL: 'https://pacs.test/ohif/plugins/find-l3/' }));
jest.mock('../../src/worker/finderClient', () => jest.requireActual('./start'));

beforeEach(resetFinder);

const mark = () =>
  FindL3Viewer.existing(host.servicesManager as never)!.session.marking!.store.list()[0];

describe('what is drawn', () => {
  const texts = (id: string) =>
    host
      .render(id)
      .filter(({ kind }) => kind === 'text')
      .map(({ what }) => (what as string[])[0]);

  test('a line across sagittal and coronal views at the level’s height', async () => {
    await startWithMpr();
    for (const id of ['mpr-sagittal', 'mpr-coronal']) {
      const line = host.render(id).find(({ id: part }) => part === 'level')!;
      const [[ax, ay], [bx, by]] = line.what as [number, number][];
      expect([ay, by]).toEqual([256 + 50, 256 + 50]);
      expect(bx - ax).toBeCloseTo(80);
      expect(texts(id)).toEqual(['L3 · 94 %']);
    }
    await run('moveLevelMark', { zMm: -62 });
    expect(texts('mpr-sagittal')).toEqual(['L3 · moved · not saved']);
  });

  test('in axial views corners about the body, or how far it is and which way', async () => {
    const { axial } = await startWithMpr();
    expect(host.render('mpr-axial').filter(({ kind }) => kind === 'polyline')).toHaveLength(4);
    expect(texts('mpr-axial')).toEqual(['L3 · 94 %']);
    axial.jumpToWorld([0, 0, -80]);
    expect(texts('mpr-axial')).toEqual(['L3 ▲ 30.0 mm']);
    axial.jumpToWorld([0, 0, 10]);
    expect(texts('mpr-axial')).toEqual(['L3 ▼ 60.0 mm']);
  });

  test('the line can be gripped, other places cannot', async () => {
    const { sagittal } = await startWithMpr();
    const annotation = host.tools.get(mark().annotationUID)!;
    const near = (x: number, y: number) =>
      host.levelTool().isPointNearTool(sagittal.element, annotation, [x, y], 6);
    expect([near(256 + 10, 306), near(256 + 45, 310), near(256 + 10, 330)]).toEqual([
      true,
      true,
      false,
    ]);
    const { element } = host.viewports.get('mpr-axial')!;
    expect(host.levelTool().isPointNearTool(element, annotation, [260, 266], 6)).toBe(false);
  });

  test('nothing of a hidden mark', async () => {
    await startWithMpr();
    host.tools.hidden.add(mark().annotationUID);
    expect(host.render('mpr-sagittal')).toEqual([]);
  });

  test('the ruler names every level with the doubts beside it, and follows a shift', async () => {
    await startWithMpr();
    await run('toggleLevelRuler');
    expect(texts('mpr-sagittal').filter((text) => text !== '')).toEqual([
      'L2 · L3? 5 %',
      'L4',
      'L3 · 94 %',
    ]);
    await run('shiftNumbering', { by: 1 });
    expect(texts('mpr-sagittal').filter((text) => text !== '')).toEqual([
      'L4',
      'L5',
      'L3 · moved · not saved',
    ]);
    await run('toggleLevelRuler');
    expect(texts('mpr-sagittal')).toEqual(['L3 · moved · not saved']);
  });

  test('candidates of an undetermined answer, until one is marked', async () => {
    finder.answer = async ({ series }) => undeterminedIn(series);
    await startWithMpr();
    expect(texts('mpr-sagittal')).toEqual(['L3? (1)', 'L3? (2)']);
    await run('showAlternative', { index: 0 });
    await run('setLevelFromCurrentSlice');
    expect(texts('mpr-sagittal')).toEqual(['L3 · moved · not saved']);
  });

  test('series of the same frame of reference are told apart', async () => {
    await startWithMpr();
    host.addDisplaySet('ds-2', axialDescription('1.2.3.2'), { SeriesNumber: 8 });
    await run('findL3', { displaySetInstanceUID: 'ds-2' });
    expect(texts('mpr-sagittal')).toEqual(['L3 (series 3) · 94 %', 'L3 (series 8) · 94 %']);
  });
});
