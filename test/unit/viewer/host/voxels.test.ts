import { assembleSeries } from '../../../../src/series/assembleSeries';
import type { Series } from '../../../../src/series/types';
import type { CornerstoneLibraries } from '../../../../src/viewer/host/ohif';
import { Problem } from '../../../../src/viewer/host/problem';
import { CornerstoneVoxelSource } from '../../../../src/viewer/host/voxels';

const COUNT = 12;
/** Slices as listed by the host: from foot to head, which is the order of the normal here. */
const IMAGE_IDS = Array.from({ length: COUNT }, (_, i) => `wadors:image-${i}`);

function series(): Series {
  const check = assembleSeries({
    uid: '1.2.3',
    modality: 'CT',
    frameOfReferenceUID: '1.2.9',
    slices: IMAGE_IDS.map((_, i) => ({
      sopInstanceUID: `1.2.3.${i + 1}`,
      imagePositionPatient: [0, 0, i * 5],
      imageOrientationPatient: [1, 0, 0, 0, 1, 0],
      pixelSpacing: [1, 1],
      rows: 2,
      columns: 3,
    })),
  });
  if (!check.ok) throw new Error(check.reason.message);
  return check.series;
}

interface Image {
  preScale?: { scaled?: boolean };
  getPixelData: () => ArrayLike<number>;
}

class FakeLoader {
  readonly loading: {
    imageId: string;
    finish: (image: Image) => void;
    fail: (e: unknown) => void;
  }[] = [];
  cached = 0;
  uncached = 0;
  bytesAvailable = 1e9;
  lut: unknown = { rescaleSlope: 2, rescaleIntercept: -1024 };
  instance: unknown;

  libraries(): CornerstoneLibraries {
    const load = (imageId: string) =>
      new Promise<Image>((finish, fail) => this.loading.push({ imageId, finish, fail }));
    const libraries = {
      cornerstone: {
        cache: {
          getBytesAvailable: () => this.bytesAvailable,
          getImageLoadObject: () => undefined,
        },
        imageLoader: {
          loadAndCacheImage: (id: string) => ((this.cached += 1), load(id)),
          loadImage: (id: string) => ((this.uncached += 1), load(id)),
        },
        metaData: {
          get: (type: string) => ({ modalityLutModule: this.lut, instance: this.instance })[type],
        },
      },
    };
    return libraries as unknown as CornerstoneLibraries;
  }
}

const image = (change: Partial<Image> = {}): Image => ({
  getPixelData: () => new Int16Array([1, 2, 3, 4, 5, 6]),
  ...change,
});
const settled = () => new Promise((resolve) => setTimeout(resolve));
/** Asks for a slice that nobody waits for: the patience of the loader ends with the test. */
let left: AbortController;
beforeEach(() => void (left = new AbortController()));
afterEach(() => left.abort());
const begin = (voxels: CornerstoneVoxelSource, index: number) =>
  void voxels.readSlice(index, left.signal).catch(() => undefined);
const source = (loader: FakeLoader, imageIds: readonly string[] = IMAGE_IDS) =>
  new CornerstoneVoxelSource(loader.libraries(), series(), imageIds);

test('scaled pixels are in modality units: slope and intercept are not applied twice', async () => {
  const loader = new FakeLoader();
  const read = source(loader).readSlice(0);
  await settled();
  loader.loading[0].finish(image({ preScale: { scaled: true } }));
  expect(await read).toEqual({
    pixels: new Int16Array([1, 2, 3, 4, 5, 6]),
    slope: 1,
    intercept: 0,
  });
});

test('unscaled pixels come with slope and intercept, 1 and 0 where the image has none', async () => {
  const loader = new FakeLoader();
  const voxels = source(loader);
  const read = async () => {
    const slice = voxels.readSlice(0);
    await settled();
    loader.loading.at(-1)!.finish(image({ preScale: { scaled: false } }));
    const { slope, intercept } = await slice;
    return [slope, intercept];
  };
  expect(await read()).toEqual([2, -1024]);
  loader.lut = { rescaleSlope: undefined, rescaleIntercept: undefined };
  expect(await read()).toEqual([1, 0]);
  loader.lut = undefined;
  expect(await read()).toEqual([1, 0]);
});

test('slices are those of the ordered series, whatever order the host lists them in', async () => {
  const loader = new FakeLoader();
  const reversed = series();
  const voxels = new CornerstoneVoxelSource(
    loader.libraries(),
    { ...reversed, sourceIndex: IMAGE_IDS.map((_, i) => COUNT - 1 - i) },
    IMAGE_IDS,
  );
  begin(voxels, 0);
  begin(voxels, COUNT - 1);
  await settled();
  expect(loader.loading.map(({ imageId }) => imageId)).toEqual([
    IMAGE_IDS[COUNT - 1],
    IMAGE_IDS[0],
  ]);
});

test('few slices load at once, in the order they were asked for', async () => {
  const loader = new FakeLoader();
  const voxels = source(loader);
  const reads = IMAGE_IDS.map((_, i) => voxels.readSlice(i));
  await settled();
  expect(loader.loading.length).toBeLessThanOrEqual(6);
  for (let done = 0; done < COUNT; done++) {
    loader.loading[done].finish(image());
    await settled();
    expect(loader.loading.length - done - 1).toBeLessThanOrEqual(6);
  }
  expect(await Promise.all(reads)).toHaveLength(COUNT);
  expect(loader.loading.map(({ imageId }) => imageId)).toEqual(IMAGE_IDS);
});

test('aborting ends what waits and what loads, and starts nothing more', async () => {
  const loader = new FakeLoader();
  const voxels = source(loader);
  const controller = new AbortController();
  const reads = IMAGE_IDS.map((_, i) => voxels.readSlice(i, controller.signal));
  const outcomes = Promise.allSettled(reads);
  await settled();
  const started = loader.loading.length;
  controller.abort();
  for (const { finish } of loader.loading) finish(image());
  const reasons = (await outcomes).map((o) => (o.status === 'rejected' ? o.reason.name : o.status));
  expect(new Set(reasons)).toEqual(new Set(['AbortError']));
  expect(loader.loading).toHaveLength(started);
});

test('a failure names the slice and its instance, and the next read works', async () => {
  const loader = new FakeLoader();
  const voxels = source(loader);
  const read = voxels.readSlice(6);
  await settled();
  loader.loading[0].fail({ error: new Error('HTTP 503') });
  await expect(read).rejects.toThrow(Problem);
  await expect(read).rejects.toThrow(
    'Slice 7 of 12 (SOP Instance UID 1.2.3.7) could not be read: HTTP 503.',
  );
  const again = voxels.readSlice(6);
  await settled();
  loader.loading[1].finish(image());
  expect((await again).pixels).toHaveLength(6);
});

test('an image of another size than the metadata says is an error, not a shifted picture', async () => {
  const loader = new FakeLoader();
  const read = source(loader).readSlice(0);
  await settled();
  loader.loading[0].finish(image({ getPixelData: () => new Int16Array(4) }));
  await expect(read).rejects.toThrow('decoded 4 values where 2 x 3 are expected');
});

test('a series that does not fit the host’s cache is read past it', async () => {
  const roomy = new FakeLoader();
  begin(source(roomy), 0);
  const full = new FakeLoader();
  full.bytesAvailable = 100;
  begin(source(full), 0);
  await settled();
  expect([roomy.cached, roomy.uncached]).toEqual([1, 0]);
  expect([full.cached, full.uncached]).toEqual([0, 1]);
});

test.each([
  ['asks for a login', { status: 401 }, /slice 4 of 12 .*1\.2\.3\.4.*session may have ended/i],
  ['is not there', { status: 404 }, /slice 4 of 12 .*1\.2\.3\.4.*status 404/i],
])('a server that %s: the slice is named, and what to do', async (_, error, text) => {
  const loader = new FakeLoader();
  const read = source(loader).readSlice(3);
  await settled();
  loader.loading[0].fail(error);
  const problem = await read.catch((e: unknown) => e);
  expect(problem).toBeInstanceOf(Problem);
  expect((problem as Problem).explanation.message).toMatch(text);
});

test('a server that does not answer: the slice is named, and how long it was waited for', async () => {
  jest.useFakeTimers();
  const loader = new FakeLoader();
  const limits = { answersWithinMs: 5_000, attempts: 2, pauseMs: 1 };
  const slow = new CornerstoneVoxelSource(
    loader.libraries(),
    series(),
    IMAGE_IDS,
    undefined,
    limits,
  );
  const read = slow.readSlice(3).catch((e: unknown) => e);
  await jest.advanceTimersByTimeAsync(10_000);
  const { message, advice } = ((await read) as Problem).explanation;
  jest.useRealTimers();
  expect(message).toMatch(/slice 4 of 12 .*1\.2\.3\.4.*within 10 s, asked 2 times/i);
  expect(advice).toMatch(/slices that were read are kept/);
  expect(loader.loading).toHaveLength(2);
});

describe('a frame that the host’s loader cannot tell', () => {
  const SIGNED_AT_THE_TOP = {
    BitsAllocated: 16,
    BitsStored: 12,
    HighBit: 15,
    PixelRepresentation: 1,
  };
  const realFetch = globalThis.fetch;
  afterEach(() => (globalThis.fetch = realFetch));

  const readAfter = async (body: Uint8Array, type: string) => {
    globalThis.fetch = async () =>
      new Response(Uint8Array.from(body), { headers: { 'Content-Type': type } });
    const loader = new FakeLoader();
    loader.lut = { rescaleSlope: 1, rescaleIntercept: 0 };
    loader.instance = SIGNED_AT_THE_TOP;
    const read = source(loader).readSlice(0);
    await settled();
    loader.loading[0].finish(image({ getPixelData: () => new Int16Array([7, 7, 7, 7, 7, 7]) }));
    return read;
  };

  test('is read past it, and set right', async () => {
    const words = Int16Array.from([-1024, 40, 0, 1, 2, 2047], (hu) => hu * 16 + 7);
    const { pixels, slope, intercept } = await readAfter(
      new Uint8Array(words.buffer),
      'application/octet-stream',
    );
    expect([Array.from(pixels), slope, intercept]).toEqual([[-1024, 40, 0, 1, 2, 2047], 1, 0]);
  });

  test('is the host’s where it is compressed: decoders know where bits lie', async () => {
    const type = 'application/octet-stream; transfer-syntax=1.2.840.10008.1.2.4.90';
    const { pixels } = await readAfter(new Uint8Array(12), type);
    expect(Array.from(pixels)).toEqual([7, 7, 7, 7, 7, 7]);
  });
});

test('values that neither the host nor the server can tell are an error that says so', async () => {
  const loader = new FakeLoader();
  loader.lut = { rescaleSlope: 0.25, rescaleIntercept: -1024 };
  loader.instance = { BitsAllocated: 16, BitsStored: 16, HighBit: 15, PixelPaddingValue: 65535 };
  const local = IMAGE_IDS.map((_, i) => `dicomfile:${i}`);
  const read = source(loader, local).readSlice(0);
  await settled();
  loader.loading[0].finish(image({ preScale: { scaled: true } }));
  await expect(read).rejects.toThrow(/the viewer changed its values/);
});
