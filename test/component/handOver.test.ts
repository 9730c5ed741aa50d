import { unzipSync } from 'fflate';
import { TextDecoder, TextEncoder } from 'node:util';
import type { SeriesDescription } from '../../src/series/types';
import { dicomBytes } from '../unit/io/writeDicom';
import { axialDescription } from './fixtures';
import { host, resetFinder, run, startHost, state } from './start';

jest.mock('../../src/pluginUrl', () => ({ PLUGIN_URL: 'https://pacs.test/ohif/plugins/find-l3/' }));
jest.mock('../../src/worker/finderClient', () => jest.requireActual('./start'));

// jsdom has none.
Object.assign(globalThis, { TextDecoder, TextEncoder });
const downloads: { name: string; blob: Blob }[] = [];
const FETCH = globalThis.fetch;

/** The venous series begins 3 mm higher and has slices of 3 mm. */
function venous(): SeriesDescription {
  const native = axialDescription('1.2.3.2');
  const slices = Array.from({ length: 100 }, (_, i) => ({
    ...native.slices[0],
    sopInstanceUID: `1.2.3.2.${i + 1}`,
    imagePositionPatient: [-200, -200, 103 - 3 * i],
  }));
  return { ...native, slices };
}

/** As a server without WADO-RS gives them. */
const filesOf = (uid: string, count: number) =>
  Array.from({ length: count }, (_, i) => `wadouri:https://pacs.test/${uid}/${i}`);

const bytesOf = (uid: string) =>
  new Uint8Array(
    dicomBytes({
      elements: { '00080016 UI': '1.2.840.10008.5.1.4.1.1.2', '00080018 UI': uid },
    }),
  );
const contentOf = (blob: Blob) =>
  new Promise<Uint8Array>((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(new Uint8Array(reader.result as ArrayBuffer));
    reader.readAsArrayBuffer(blob);
  });

beforeEach(async () => {
  resetFinder();
  downloads.length = 0;
  const blobs = new Map<string, Blob>();
  Object.assign(URL, {
    createObjectURL: (blob: Blob) => {
      blobs.set(`blob:${blobs.size}`, blob);
      return `blob:${blobs.size - 1}`;
    },
    revokeObjectURL: () => {},
  });
  jest.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    downloads.push({ name: this.download, blob: blobs.get(this.href)! });
  });
  await startHost();
  host.addDisplaySet('ds-1', axialDescription(), {
    SeriesDescription: 'native',
    imageIds: filesOf('ds-1', 60),
  });
  host.addDisplaySet('ds-2', venous(), { SeriesDescription: 'venous', SeriesNumber: 5 });
  host.addStack('default', 'ds-1');
  host.addStack('beside', 'ds-2');
  host.enterMode();
  await run('findL3');
});
afterEach(() => {
  jest.restoreAllMocks();
  Object.assign(globalThis, { fetch: FETCH });
});

const slice = () => state().handOver.slice;

describe('the slice is that of the series that the reader looks at', () => {
  test('switching the viewport names the other series, and back', () => {
    expect(slice()).toMatchObject({ number: 31, count: 60, zMm: -50, isOwn: true });
    host.activate('beside');
    expect(slice()).toMatchObject({
      series: { number: '5', description: 'venous' },
      sopInstanceUID: '1.2.3.2.52',
      number: 52,
      count: 100,
      zMm: -50,
      isOwn: false,
    });
    host.activate('default');
    expect(slice()).toMatchObject({ sopInstanceUID: '1.2.3.1.31', isOwn: true });
  });

  test('it follows the mark, and a series that does not reach there is passed over', async () => {
    host.activate('beside');
    await run('moveLevelMark', { zMm: -60 });
    expect(slice()).toMatchObject({ number: 55, zMm: -59 });
    const short = venous();
    host.addDisplaySet('ds-3', { ...short, slices: short.slices.slice(0, 20) });
    host.addStack('short', 'ds-3');
    host.activate('short');
    expect(slice()).toMatchObject({ displaySetInstanceUID: 'ds-1', number: 33 });
  });

  test('without a mark there is none, and the commands say why', async () => {
    await run('setL3Absent', { absence: 'ends-above-l3' });
    expect(state().handOver).toMatchObject({
      slice: null,
      possible: { possible: false, why: { key: 'keep.markFirst' } },
    });
    await run('handOverSlices');
    expect(host.notifications.at(-1)!.message).toBe('Mark a level first.');
    expect(downloads).toEqual([]);
  });
});

describe('files', () => {
  const asked: string[] = [];
  /** The host's image ids stand for addresses. */
  function serve(answer: (uid: string) => Uint8Array | number): void {
    asked.length = 0;
    const fetchIt = async (address: string) => {
      asked.push(address);
      const [, series, index] = /(ds-\d)\/(\d+)$/.exec(address)!;
      const given = answer(`${series === 'ds-1' ? '1.2.3.1' : '1.2.3.2'}.${Number(index) + 1}`);
      const status = typeof given === 'number' ? given : 200;
      const body = typeof given === 'number' ? new Uint8Array() : given;
      return {
        ok: status === 200,
        status,
        headers: new Headers({ 'Content-Type': 'application/dicom' }),
        arrayBuffer: async () => body.buffer.slice(body.byteOffset, body.byteOffset + body.length),
      };
    };
    class Headers extends Map<string, string> {
      constructor(of: Record<string, string>) {
        super(Object.entries(of));
      }
    }
    Object.assign(globalThis, { fetch: fetchIt });
  }

  test('one slice is the file as it is stored, under a name that says study, series and slice', async () => {
    serve(bytesOf);
    await run('handOverSlices');
    const [{ name, blob }] = downloads;
    expect(name).toBe('find-l3_1.2.7_series-3_L3_slice-31.dcm');
    expect(await contentOf(blob)).toEqual(bytesOf('1.2.3.1.31'));
    expect(state().handOver.note).toEqual({ kind: 'downloaded', count: 1 });
  });

  test('with neighbours it is a zip file of files as they are stored; at an end there are fewer', async () => {
    serve(bytesOf);
    await run('handOverSlices', { around: 2 });
    expect(downloads[0].name).toBe('find-l3_1.2.7_series-3_L3_5-slices.zip');
    const files = unzipSync(await contentOf(downloads[0].blob));
    expect(Object.keys(files).map((name) => /slice-(\d+)\.dcm$/.exec(name)?.[1])).toEqual([
      ...['29', '30', '31', '32', '33'],
    ]);
    expect(Object.values(files)[2]).toEqual(bytesOf('1.2.3.1.31'));
    await run('moveLevelMark', { zMm: 100 });
    await run('handOverSlices', { around: 3 });
    expect(Object.keys(unzipSync(await contentOf(downloads[1].blob)))).toHaveLength(4);
  });

  test('nothing is downloaded where one of them cannot be had; it says why', async () => {
    serve((uid) => (uid === '1.2.3.1.32' ? 403 : bytesOf(uid)));
    await run('handOverSlices', { around: 1 });
    expect(downloads).toEqual([]);
    expect(state().handOver).toMatchObject({ isReading: false, note: { kind: 'failed' } });
    expect(host.notifications.at(-1)!.message).toContain('HTTP 403');
  });
});

describe('the name of the slice', () => {
  const clipboard = (value: object | undefined) =>
    Object.defineProperty(navigator, 'clipboard', { value, configurable: true });
  afterEach(() => clipboard(undefined));

  test('goes to the clipboard as two cells', async () => {
    const writeText = jest.fn();
    clipboard({ writeText });
    await run('copySliceName');
    expect(writeText).toHaveBeenCalledWith('1.2.3.1.31\t-50.00');
    expect(state().handOver.note).toEqual({ kind: 'copied' });
  });

  test.each([
    ['without HTTPS there is none', undefined],
    ['refused', { writeText: () => Promise.reject(new Error('not allowed')) }],
  ])('%s: it is shown, to be copied by hand', async (_, value) => {
    clipboard(value);
    await run('copySliceName');
    expect(state().handOver.note).toEqual({ kind: 'no-clipboard', text: '1.2.3.1.31\t-50.00' });
  });
});
