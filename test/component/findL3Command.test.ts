import type { LevelName } from '../../src/levels/types';
import { reason } from '../../src/reasons/reasons';
import { explain } from '../../src/viewer/host/problem';
import type { SeriesDescription } from '../../src/series/types';
import { axialDescription, foundIn, SLICES, undeterminedIn } from './fixtures';
import {
  answered,
  finder,
  host,
  installModel,
  measurements,
  resetFinder,
  run,
  settled,
  startHost,
  startWithStack,
  state,
} from './start';

jest.mock('../../src/pluginUrl', () => ({ PLUGIN_URL: 'https://pacs.test/ohif/plugins/find-l3/' }));
jest.mock('../../src/worker/finderClient', () => jest.requireActual('./start'));

beforeEach(resetFinder);

describe('findL3', () => {
  test('without options: shows and marks L3 of the active viewport’s series', async () => {
    const stack = await startWithStack();
    const finding = await run('findL3');
    expect(finding?.status).toBe('found');
    // z -50 on a stack that starts at 100 and steps down by 5.
    expect(stack.index).toBe(30);
    const [mark, ...more] = measurements();
    expect(more).toEqual([]);
    expect(mark.label).toBe('L3');
    expect(mark.points).toEqual([[4, 10, -50]]);
    expect(answered().mark).toMatchObject({ zMm: -50, sliceNumber: 31, by: 'answer' });
  });

  test('hands every slice to the finder with the values of the host', async () => {
    await startWithStack();
    const values: unknown[] = [];
    finder.answer = async ({ series, source }) => {
      values.push(await source.readSlice(0), await source.readSlice(SLICES - 1));
      return foundIn(series);
    };
    await run('findL3');
    expect(values).toEqual([
      { pixels: new Int16Array(200 * 200), slope: 1, intercept: 0 },
      { pixels: new Int16Array(200 * 200), slope: 1, intercept: 0 },
    ]);
    // The series ascends along its normal, the stack goes from head to feet.
    expect(host.loaded).toEqual([`fake:ds-1/${SLICES - 1}`, 'fake:ds-1/0']);
  });

  test('takes runtime and model from the plugin’s own folder', async () => {
    await startWithStack();
    await run('findL3');
    expect(finder.made).toEqual([
      {
        pluginUrl: 'https://pacs.test/ohif/plugins/find-l3/runtime-1/',
        modelUrl: 'https://pacs.test/ohif/plugins/find-l3/models/net/',
        runtime: 'auto',
        verbose: false,
      },
    ]);
  });

  test('takes the model that an admin names', async () => {
    await startWithStack();
    host.all.customizationService.setCustomizations(
      { 'findL3.modelUrl': '/models/ours/', 'findL3.runtime': 'wasm' },
      'global',
    );
    await run('findL3');
    expect(finder.made[0]).toMatchObject({
      modelUrl: 'http://localhost/models/ours/',
      runtime: 'wasm',
    });
  });

  test('ignores what toolbar and hotkeys add to the options', async () => {
    const stack = await startWithStack();
    host.all.toolbarService.recordInteraction('FindL3', {
      refreshProps: { viewportId: 'default' },
    });
    await settled();
    await settled();
    expect(stack.index).toBe(30);
  });

  test('searches the viewport or the display set that is named', async () => {
    await startWithStack();
    host.addDisplaySet('ds-2', axialDescription('1.2.3.2'));
    const other = host.addStack('second', 'ds-2');
    await run('findL3', { viewportId: 'second' });
    expect([host.viewports.get('default')!.index, other.index]).toEqual([0, 30]);
    await run('findL3', { displaySetInstanceUID: 'ds-1' });
    expect(host.viewports.get('default')!.index).toBe(30);
    expect(measurements()).toHaveLength(2);
  });

  test('running again moves the program’s own mark, no one else’s, and undo brings the earlier one back', async () => {
    await startWithStack();
    host.drawLength('mine');
    await run('findL3');
    finder.answer = async ({ series }) => {
      const finding = foundIn(series);
      const [l2] = finding.levels;
      return { ...finding, l3: { ...finding.l3, ...l2 } };
    };
    await run('findL3');
    const marks = () => measurements().map(({ uid, points }) => [uid === 'mine', points?.[0][2]]);
    expect(marks()).toEqual([
      [true, undefined],
      [false, -15],
    ]);
    expect(answered()).toMatchObject({ mark: { zMm: -15, by: 'answer' } });
    host.tools.undo();
    expect(marks()[1]).toEqual([false, -50]);
    expect(finder.made).toHaveLength(1);
  });

  test('two calls are one search', async () => {
    await startWithStack();
    const [a, b] = await Promise.all([run('findL3'), run('findL3')]);
    expect(a).toBe(b);
    expect(finder.requests).toHaveLength(1);
  });

  test('undetermined: at the likeliest candidate, no mark, the earlier mark is gone', async () => {
    const stack = await startWithStack();
    await run('findL3');
    await stack.setImageIdIndex(3);
    finder.answer = async ({ series }) => undeterminedIn(series);
    await run('findL3');
    expect(stack.index).toBe(30);
    expect(measurements()).toEqual([]);
    expect(answered()).toMatchObject({
      finding: { status: 'undetermined' },
      shown: { isMark: false, level: null, alternative: 0 },
    });
  });

  type Undetermined = ReturnType<typeof undeterminedIn>;
  const seen =
    (...names: LevelName[]) =>
    (finding: Undetermined) => ({
      ...finding,
      reason: reason('l3-not-in-view', { detail: '' }),
      alternatives: [],
      levels: foundIn(finding.series).levels.map((level, i) => ({ ...level, name: names[i] })),
    });
  const none = (finding: Undetermined) => ({ ...finding, reason: reason('no-lumbar-spine') });
  test.each([
    ['without candidates, at the lumbar vertebra nearest to L3', seen('T12', 'L1', 'L2'), 37],
    ['no lumbar vertebra is seen: nothing moves', seen('T9', 'T10', 'T11'), 3],
    ['no lumbar spine was recognised: nothing moves', none, 3],
  ])('undetermined: %s', async (_, change, index) => {
    const stack = await startWithStack();
    await stack.setImageIdIndex(3);
    finder.answer = async ({ series }) => change(undeterminedIn(series));
    await run('findL3');
    expect(answered().finding.status).toBe('undetermined');
    expect([stack.index, measurements()]).toEqual([index, []]);
  });

  test('undetermined: the series that no viewport shows comes up at its candidate', async () => {
    await startWithStack();
    const elsewhere = { ...axialDescription('1.2.3.5'), frameOfReferenceUID: '1.2.3.5.9' };
    host.addDisplaySet('elsewhere', elsewhere);
    finder.answer = async ({ series }) => undeterminedIn(series);
    await run('findL3', { displaySetInstanceUID: 'elsewhere' });
    expect(host.shownIn.get('default')).toEqual(['elsewhere']);
    expect(host.viewports.get('default')!.index).toBe(30);
  });

  test('undetermined: a mark that a person placed is not left for a candidate', async () => {
    const stack = await startWithStack();
    await stack.setImageIdIndex(10);
    await run('setLevelFromCurrentSlice');
    finder.answer = async ({ series }) => undeterminedIn(series);
    await run('findL3');
    expect(stack.index).toBe(10);
  });

  test('refused: the reason of the series’ check, without asking the finder', async () => {
    await startHost();
    const axial = axialDescription();
    const localizer: SeriesDescription = {
      ...axial,
      slices: axial.slices.map((s) => ({ ...s, imageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] })),
    };
    host.addDisplaySet('ds-1', localizer);
    const stack = host.addStack('default', 'ds-1');
    host.enterMode();
    await run('findL3');
    expect(answered().finding).toEqual({
      status: 'refused',
      reason: reason('localizer'),
      warnings: [],
    });
    expect([finder.requests.length, stack.index, measurements().length]).toEqual([0, 0, 0]);
  });

  test('of two scans in one series searches one, and the other when it is asked for', async () => {
    await startHost();
    const axial = axialDescription();
    const scan = (acquisitionNumber: number) =>
      axial.slices.map((slice) => ({
        ...slice,
        sopInstanceUID: `${slice.sopInstanceUID}.${acquisitionNumber}`,
        acquisitionNumber,
      }));
    host.addDisplaySet('ds-1', { ...axial, slices: [...scan(1), ...scan(2)] });
    const stack = host.addStack('default', 'ds-1');
    host.enterMode();
    const searched = () => {
      const [{ series }] = finder.requests.slice(-1);
      return [series.slices.length, series.sourceIndex[0], series.warnings[0].code];
    };
    await run('findL3');
    expect(searched()).toEqual([SLICES, SLICES - 1, 'several-parts']);
    expect(stack.index).toBe(30);
    await run('findL3', { part: 'acquisition 2' });
    expect(searched()).toEqual([SLICES, 2 * SLICES - 1, 'several-parts']);
  });

  test('cancel stops the search and says so', async () => {
    const stack = await startWithStack();
    finder.answer = ({ signal }) =>
      new Promise((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason)));
    const outcome = run('findL3');
    await settled();
    await run('cancelFindL3');
    expect(await outcome).toBeNull();
    expect(state().search).toEqual({ phase: 'idle', note: 'search.cancelled' });
    expect([stack.index, measurements().length]).toEqual([0, 0]);
  });

  test('a slice that cannot be read is named, with what to do, and the next search works', async () => {
    const stack = await startWithStack();
    host.failing.add('fake:ds-1/0');
    finder.answer = async ({ series, source }) => {
      await source.readSlice(SLICES - 1);
      return foundIn(series);
    };
    expect(await run('findL3')).toBeNull();
    const { search } = state();
    expect(search).toMatchObject({ phase: 'failed' });
    if (search.phase !== 'failed') throw new Error();
    const { message, advice } = explain(search.error);
    expect(message).toContain('Slice 60 of 60 (SOP Instance UID 1.2.3.1.1)');
    expect(message).toContain('404 Not Found');
    expect(advice).toMatch(/try again/);
    host.failing.clear();
    await run('findL3');
    expect(stack.index).toBe(30);
  });

  test('without an installed model it says whom to ask, and asks again the next time', async () => {
    await startWithStack();
    installModel(null);
    await run('findL3');
    const { search } = state();
    if (search.phase !== 'failed') throw new Error();
    const { message, advice } = explain(search.error);
    expect(message).toBe('No model is installed.');
    expect(advice).toContain('https://pacs.test/ohif/plugins/find-l3/models/ ');
    installModel('net');
    await run('findL3');
    expect(state().search.phase).toBe('answered');
  });

  test('reports progress', async () => {
    await startWithStack();
    const seen: unknown[] = [];
    finder.answer = async ({ series, onProgress }) => {
      onProgress?.({ stage: 'reading', done: 60, of: 60 });
      const { search } = state();
      if (search.phase === 'running') seen.push(search.progress, search.series.number);
      return foundIn(series);
    };
    await run('findL3');
    expect(seen).toEqual([{ stage: 'reading', done: 60, of: 60 }, '3']);
  });
});
