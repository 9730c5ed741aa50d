import { gzipSync } from 'node:zlib';
import type { Types } from '@cornerstonejs/core';
import type { ExtensionManager } from '../../../../src/viewer/host/ohif';
import { createNiftiDataSource } from '../../../../src/viewer/nifti/niftiDataSource';
import { registerNiftiLoader } from '../../../../src/viewer/nifti/niftiImageLoader';
import type { NiftiOpener } from '../../../../src/viewer/nifti/niftiOpener';
import { NiftiStore } from '../../../../src/viewer/nifti/niftiStore';
import { niftiStudy } from '../../../../src/viewer/nifti/niftiStudy';
import { niftiBytes, type NiftiSpec } from '../../io/writeNifti';

const PAGE = 'https://pacs.test/ohif/viewer/find-l3-nifti?url=a';
const [NI, NJ, NK] = [6, 5, 4];
/** RAS: i to the left, j to the front, k upwards; 2 x 3 x 4 mm; the first voxel at (10, -20, 30). */
const SFORM = {
  code: 1,
  rows: [
    [-2, 0, 0, 10],
    [0, 3, 0, -20],
    [0, 0, 4, 30],
  ],
};

/** Values of air, one voxel of 1000 at (1, 3, 2). */
function spec(change: Partial<NiftiSpec> = {}): NiftiSpec {
  const values = new Float64Array(NI * NJ * NK).fill(-1000);
  values[(2 * NJ + 3) * NI + 1] = 1000;
  return { size: [NI, NJ, NK], datatype: 'int16', values, sform: SFORM, ...change };
}

/** LPS mm of that voxel: RAS is (10 - 2, -20 + 9, 30 + 8). */
const BRIGHT = [-8, 11, 38];

const served = new Map<string, { status: number; body: Uint8Array }>();
const requests: { url: string; headers: unknown }[] = [];
const serve = (path: string, body: Uint8Array, status = 200) =>
  served.set(`https://pacs.test${path}`, { status, body });

beforeEach(() => {
  served.clear();
  requests.length = 0;
  const realFetch = async (input: URL | string, init?: { headers?: unknown }) => {
    const url = String(input);
    requests.push({ url, headers: init?.headers });
    const found = served.get(url);
    if (!found) throw new TypeError('Failed to fetch');
    return new Response(new Uint8Array(found.body), { status: found.status });
  };
  Object.assign(globalThis, {
    window: { location: new URL(PAGE), fetch: realFetch },
    fetch: realFetch,
  });
});
afterEach(() => {
  delete (globalThis as { window?: unknown }).window;
});

async function openUrl(path: string, modality?: 'CT' | 'MR') {
  const store = new NiftiStore();
  const files = await store.open([{ kind: 'url', url: path }], { modality });
  return { store, files, study: niftiStudy(files) };
}

interface Metadata {
  readonly Rows: number;
  readonly Columns: number;
  readonly PixelSpacing: readonly number[];
  readonly ImageOrientationPatient: readonly number[];
  readonly ImagePositionPatient: readonly number[];
}

/** The images that the loader makes for the instances of a study's first series. */
async function images(store: NiftiStore, study: ReturnType<typeof niftiStudy>) {
  let load: (imageId: string) => { promise: Promise<Types.IImage> } = () => {
    throw new Error('no loader was registered');
  };
  const libraries = {
    cornerstone: {
      imageLoader: {
        registerImageLoader: (scheme: string, loader: typeof load) => {
          expect(scheme).toBe('find-l3-nifti');
          load = loader;
        },
      },
      metaData: { get: () => undefined },
      utilities: {
        VoxelManager: {
          createImageVoxelManager: ({ scalarData }: { scalarData: ArrayLike<number> }) => ({
            getScalarData: () => scalarData,
          }),
        },
      },
    },
  };
  registerNiftiLoader(libraries as never, store.volumeOf);
  return Promise.all(
    study.series[0].instances.map(async ({ url, metadata }) => ({
      image: await load(url).promise,
      metadata: metadata as Metadata,
    })),
  );
}

/** LPS mm of the brightest pixel, by the metadata of its instance (PS3.3 C.7.6.2.1.1). */
function brightest(all: Awaited<ReturnType<typeof images>>) {
  let best = { value: -Infinity, point: [0, 0, 0] };
  for (const { image, metadata } of all) {
    const { Columns, PixelSpacing, ImageOrientationPatient: o, ImagePositionPatient: p } = metadata;
    Array.from(image.getPixelData()).forEach((value, at) => {
      if (value <= best.value) return;
      const [down, along] = [Math.floor(at / Columns), at % Columns];
      const point = [0, 1, 2].map(
        (i) => p[i] + o[i] * PixelSpacing[1] * along + o[i + 3] * PixelSpacing[0] * down,
      );
      best = { value, point };
    });
  }
  return best;
}

describe('a file becomes images of a study', () => {
  test.each([
    ['plain', 'a.nii', (bytes: Buffer) => bytes],
    ['gzip', 'a.nii.gz', (bytes: Buffer) => gzipSync(bytes)],
  ])('with its values where the affine puts them (%s)', async (_, name, pack) => {
    serve(`/files/${name}`, pack(niftiBytes(spec())));
    const { store, study } = await openUrl(`/files/${name}`);
    const all = await images(store, study);
    expect(all).toHaveLength(NK);
    const { value, point } = brightest(all);
    expect(value).toBe(1000);
    point.forEach((v, i) => expect(v).toBeCloseTo(BRIGHT[i], 5));
    // From the head down, as a scanner lists them.
    const heights = all.map(({ metadata }) => metadata.ImagePositionPatient[2]);
    expect(heights).toEqual([42, 38, 34, 30]);
    expect(all[0].image).toMatchObject({ dataType: 'Int16Array', preScale: { scaled: true } });
  });

  test('scaled values are in modality units, fractions as floats', async () => {
    serve('/a.nii', niftiBytes(spec({ slope: 0.5, intercept: 100 })));
    const { store, study } = await openUrl('/a.nii');
    const all = await images(store, study);
    expect(brightest(all).value).toBe(600);
    expect(all[0].image.getPixelData()[0]).toBe(-400);
    expect(all[0].image).toMatchObject({
      dataType: 'Float32Array',
      voiLUTFunction: 'LINEAR_EXACT',
    });
    expect(study.series[0].instances[0].metadata).toMatchObject({ BitsAllocated: 32 });
  });

  test('what is no number is air', async () => {
    const values = Float32Array.from(spec().values as Float64Array);
    values[0] = NaN;
    serve('/a.nii', niftiBytes(spec({ values, datatype: 'float32' })));
    const { store, study } = await openUrl('/a.nii');
    const all = await images(store, study);
    const lowest = Math.min(...all.flatMap(({ image }) => Array.from(image.getPixelData())));
    expect(lowest).toBe(-1024);
  });

  test('the modality comes from the values and is said to, or from the person', async () => {
    serve('/a.nii', niftiBytes(spec()));
    const guessed = (await openUrl('/a.nii')).study;
    expect(guessed).toMatchObject({ Modalities: 'CT' });
    expect(guessed.series[0].SeriesDescription).toBe('a.nii');
    const stated = (await openUrl('/a.nii', 'MR')).study;
    expect(stated).toMatchObject({ Modalities: 'MR' });
    expect(stated.series[0].SeriesDescription).toBe('a.nii');
  });

  test('the same bytes have the same UIDs, others have others', async () => {
    serve('/a.nii', niftiBytes(spec()));
    serve('/b.nii.gz', gzipSync(niftiBytes(spec())));
    serve('/c.nii', niftiBytes(spec({ intercept: 1 })));
    const uids = await Promise.all(
      ['/a.nii', '/b.nii.gz', '/c.nii'].map(async (path) => (await openUrl(path)).study),
    );
    const [a, b, c] = uids.map(({ series }) => series[0].SeriesInstanceUID);
    expect(a).toBe(b);
    expect(a).not.toBe(c);
    expect(a).toMatch(/^2\.25\.\d{30,39}$/);
    for (const { metadata } of uids[0].series[0].instances) {
      expect(metadata.SOPInstanceUID.length).toBeLessThanOrEqual(64);
    }
  });

  test('slices acquired sagittally are shown so', async () => {
    const thick = [
      [0, 0, -8, 10],
      [-1, 0, 0, 0],
      [0, -1, 0, 0],
    ];
    const sagittal = spec({ size: [30, 40, 4], values: new Float64Array(4800).fill(5) });
    serve('/mr.nii', niftiBytes({ ...sagittal, sform: { code: 1, rows: thick } }));
    const { study } = await openUrl('/mr.nii');
    expect(study.series[0]).toMatchObject({ Modality: 'MR', SliceThickness: 8 });
    expect(study.series[0].instances).toHaveLength(4);
    const { ImageOrientationPatient } = study.series[0].instances[0].metadata;
    expect(ImageOrientationPatient.map((v) => v + 0)).toEqual([0, 1, 0, 0, 0, -1]);
  });
});

describe('what cannot be shown says why', () => {
  test.each([
    ['no orientation', spec({ sform: undefined }), /orientation/, /sform or qform/],
    ['several volumes', spec({ size: [NI, NJ, 2, 2] }), /2 volumes/, /file of its own/],
  ])('%s', async (_, file, message, advice) => {
    serve('/x.nii', niftiBytes(file));
    await expect(openUrl('/x.nii')).rejects.toMatchObject({
      message: expect.stringMatching(/^x\.nii: /),
      advice: expect.stringMatching(advice),
    });
    await expect(openUrl('/x.nii')).rejects.toThrow(message);
  });

  test.each([
    ['another server', 'https://evil.test/a.nii', /another server/],
    ['a missing file', '/gone.nii', /gone\.nii cannot be fetched \(HTTP 404\)/],
    ['no connection', '/offline.nii', /offline\.nii cannot be fetched \(Failed to fetch\)/],
    ['a page in its place', '/page.nii', /page\.nii is not a NIfTI file/],
    ['a damaged gzip', '/damaged.nii.gz', /gzip compression is damaged/],
    ['a file that ends early', '/short.nii', /short\.nii ends after/],
  ])('%s', async (_, path, message) => {
    const bytes = niftiBytes(spec());
    serve('/gone.nii', Buffer.from('gone'), 404);
    serve('/page.nii', Buffer.from('<!doctype html>'.repeat(100)));
    serve('/damaged.nii.gz', gzipSync(bytes).fill(7, 40, 60));
    serve('/short.nii', bytes.subarray(0, bytes.length - 10));
    await expect(openUrl(path)).rejects.toThrow(message);
    expect(requests.map(({ url }) => url)).not.toContain('https://evil.test/a.nii');
  });

  test('a dropped file after the page was loaded anew, and no file at all', async () => {
    const store = new NiftiStore();
    await expect(store.open([{ kind: 'dropped', id: '1' }])).rejects.toThrow(/loaded anew/);
    await expect(store.open([])).rejects.toThrow(/names no NIfTI file/);
  });
});

test('a dropped file can be opened again after it was closed', async () => {
  const store = new NiftiStore();
  const id = store.keep(new File([new Uint8Array(niftiBytes(spec()))], 'mine.nii'));
  const [{ uid }] = await store.open([{ kind: 'dropped', id }]);
  expect(store.volumeOf(uid)).toBeDefined();
  store.close();
  expect(store.volumeOf(uid)).toBeUndefined();
  await store.open([{ kind: 'dropped', id }]);
  expect(store.volumeOf(uid)).toBeDefined();
});

describe('the data source', () => {
  const reported: { message: string }[] = [];
  let active: string | null = null;
  const opened: (string | undefined)[] = [];
  let given: { url: string; document: unknown } | null = null;

  function source() {
    reported.length = opened.length = 0;
    [active, given] = [null, null];
    const store = new NiftiStore();
    const opener = {
      store,
      open: (sources: never, modality?: 'CT' | 'MR') => {
        opened.push(modality);
        return store.open(sources, { modality });
      },
      report: (problem: { message: string }) => reported.push(problem),
    } as unknown as NiftiOpener;
    const inner = {
      initialize: async ({ url }: { url: string }) => {
        const response = await window.fetch(url);
        given = { url, document: await response.json() };
        serve('/other', Buffer.from('passed on'));
        const other = await window.fetch('https://pacs.test/other');
        expect(await other.text()).toBe('passed on');
      },
      getStudyInstanceUIDs: () => ['not asked'],
      query: 'the host’s own',
      store: {},
    };
    const manager = {
      defaultDataSourceName: 'pacs',
      setActiveDataSource: (name: string) => (active = name),
      getModuleEntry: (id: string) =>
        id.includes('dicomjson')
          ? { createDataSource: () => inner }
          : {
              exports: {
                getCornerstoneLibraries: () => ({
                  cornerstone: { imageLoader: { registerImageLoader: () => {} } },
                }),
              },
            },
    };
    return createNiftiDataSource({}, null, manager as unknown as ExtensionManager, opener);
  }

  test('hands the study to the host’s own, and leaves the page’s requests as they were', async () => {
    serve('/a.nii', niftiBytes(spec()));
    const before = window.fetch;
    const dataSource = source();
    const query = new URLSearchParams('url=/a.nii&modality=mr');
    await dataSource.initialize({ query });
    expect(reported).toEqual([]);
    expect(opened).toEqual(['MR']);
    expect(window.fetch).toBe(before);
    const { studies } = given!.document as { studies: { StudyInstanceUID: string }[] };
    expect(dataSource.getStudyInstanceUIDs({ query })).toEqual([studies[0].StudyInstanceUID]);
    expect(new URL(given!.url).origin).toBe('https://pacs.test');
    expect(dataSource).toMatchObject({ query: 'the host’s own' });
  });

  test('reports a file that cannot be shown, and shows none', async () => {
    serve('/x.nii', niftiBytes(spec({ sform: undefined })));
    const dataSource = source();
    const query = new URLSearchParams('url=/x.nii');
    await dataSource.initialize({ query });
    expect(reported).toEqual([
      { message: expect.stringMatching(/^x\.nii: /), advice: expect.anything() },
    ]);
    expect(dataSource.getStudyInstanceUIDs({ query })).toEqual([]);
    expect(given).toBeNull();
  });

  test('on the list of studies it gives way to the default one', async () => {
    const dataSource = source();
    Object.assign(window, { location: new URL('https://pacs.test/ohif/') });
    await dataSource.initialize({ query: new URLSearchParams() });
    expect(active).toBe('pacs');
    expect(reported).toEqual([]);
  });

  test('storing fails with a reason', async () => {
    const { store } = source() as unknown as { store: { dicom(): Promise<void> } };
    await expect(store.dicom()).rejects.toThrow(/no PACS/);
  });
});
