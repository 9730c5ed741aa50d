import type { Types } from '@cornerstonejs/core';
import {
  ImageLoads,
  NoAnswer,
  SessionEnded,
  type LoadLimits,
} from '../../../../src/viewer/host/imageLoads';
import type { CornerstoneLibraries } from '../../../../src/viewer/host/ohif';

const LIMITS: LoadLimits = { answersWithinMs: 30_000, attempts: 3, pauseMs: 1_000 };
const ID = 'wadors:https://pacs.test/dicomweb/studies/1/series/2/instances/3/frames/1';
const IMAGE = {} as Types.IImage;

beforeEach(() => void jest.useFakeTimers());
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

interface Request {
  answer(image: Types.IImage): void;
  fail(error: unknown): void;
}

/** The host's loader and cache: a request that is under way is not made twice. */
function host() {
  const requests: Request[] = [];
  const cached = new Map<string, Promise<Types.IImage>>();
  const request = () =>
    new Promise<Types.IImage>((answer, fail) => void requests.push({ answer, fail }));
  const libraries = {
    cornerstone: {
      cache: {
        getImageLoadObject: (id: string) => cached.get(id),
        removeImageLoadObject: (id: string) => void cached.delete(id),
      },
      imageLoader: {
        loadAndCacheImage: (id: string) => {
          const image = cached.get(id) ?? request();
          cached.set(id, image);
          image.catch(() => cached.delete(id));
          return image;
        },
        loadImage: request,
      },
    },
  } as unknown as CornerstoneLibraries;
  return { requests, cached, libraries };
}

function begin(signal?: AbortSignal) {
  const { requests, cached, libraries } = host();
  const loads = new ImageLoads(libraries, true, () => ({ Authorization: 'Bearer 7' }), LIMITS);
  const outcome = loads.load(ID, signal).then(
    (image) => ({ image }),
    (error: unknown) => ({ error }),
  );
  return { requests, cached, loads, outcome };
}

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

describe('a server that does not answer', () => {
  test('is asked again, and whichever request is answered counts', async () => {
    const { requests, outcome } = begin();
    await pass(29_999);
    expect(requests).toHaveLength(1);
    await pass(1);
    expect(requests).toHaveLength(2);
    requests[0].answer(IMAGE);
    expect(await outcome).toEqual({ image: IMAGE });
  });

  test('is given up after the last attempt, and its request is forgotten', async () => {
    const { requests, cached, outcome } = begin();
    await pass(90_000);
    const { error } = (await outcome) as { error: NoAnswer };
    expect(error).toBeInstanceOf(NoAnswer);
    expect(error).toMatchObject({ seconds: 90, attempts: 3 });
    expect(requests).toHaveLength(3);
    expect(cached.size).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('is not waited for when the search is cancelled', async () => {
    const controller = new AbortController();
    const { outcome } = begin(controller.signal);
    await pass(10);
    controller.abort(new Error('cancelled'));
    expect(await outcome).toEqual({ error: new Error('cancelled') });
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('a server that fails', () => {
  test.each([0, 429, 503])('with %d for a moment is asked again after a pause', async (status) => {
    const { requests, outcome } = begin();
    requests[0].fail({ error: { status } });
    await pass(999);
    expect(requests).toHaveLength(1);
    await pass(1);
    requests[1].fail({ status });
    await pass(2_000);
    requests[2].answer(IMAGE);
    expect(await outcome).toEqual({ image: IMAGE });
  });

  test('without end gives its last error', async () => {
    const { requests, outcome } = begin();
    for (const at of [0, 1, 2]) {
      requests[at].fail({ status: 503, at });
      await pass(2_000);
    }
    expect(await outcome).toEqual({ error: { status: 503, at: 2 } });
  });

  test.each([{ status: 404 }, { status: 401 }, new Error('damaged')])(
    'for good is not asked again (%p)',
    async (error) => {
      const { requests, outcome } = begin();
      requests[0].fail(error);
      await pass(60_000);
      expect(await outcome).toEqual({ error });
      expect(requests).toHaveLength(1);
    },
  );
});

describe('what the host keeps of an earlier answer', () => {
  const PAGE = { isLoginPage: true } as unknown as Types.IImage;
  const isWhole = (image: Types.IImage) => image !== PAGE;
  const kept = (image: Types.IImage) => {
    const { requests, cached, libraries } = host();
    cached.set(ID, Promise.resolve(image));
    return { requests, image: new ImageLoads(libraries, true).load(ID, undefined, isWhole) };
  };

  test('and is an image is taken', async () => {
    const { requests, image } = kept(IMAGE);
    expect(await image).toBe(IMAGE);
    expect(requests).toHaveLength(0);
  });

  test.each([
    ['gives an image', IMAGE],
    ['is a login page still', PAGE],
  ])('and is a login page is asked for anew, once: now it %s', async (_, answer) => {
    const { requests, image } = kept(PAGE);
    await pass(0);
    expect(requests).toHaveLength(1);
    requests[0].answer(answer);
    expect(await image).toBe(answer);
    expect(requests).toHaveLength(1);
  });
});

describe('why an image could not be had', () => {
  const says = (status: number, type: string) => {
    const asked = jest.fn(async () => ({ status, headers: new Headers({ 'Content-Type': type }) }));
    Object.assign(globalThis, { fetch: asked });
    return asked;
  };
  const explained = (error: unknown, id = ID) => {
    const { loads } = begin();
    return loads.explained(error, id);
  };

  test.each([401, 403])('%d in its place: the session may have ended', async (status) => {
    const asked = says(200, 'multipart/related');
    const error = await explained({ error: { request: { status } } });
    expect(error).toBeInstanceOf(SessionEnded);
    expect(asked).not.toHaveBeenCalled();
  });

  test.each([ID.slice('wadors:'.length), '/dicomweb/studies/1/series/2/instances/3/frames/1'])(
    'a login page in its place, which the loader took for pixels (%s)',
    async (address) => {
      const asked = says(200, 'text/html; charset=utf-8');
      const error = await explained(new Error('decoded 41 values'), `wadors:${address}`);
      expect(error).toBeInstanceOf(SessionEnded);
      expect(asked).toHaveBeenCalledWith(
        address,
        expect.objectContaining({ headers: { Authorization: 'Bearer 7' } }),
      );
    },
  );

  test('pixels that are damaged, and a missing image, are what they are', async () => {
    says(200, 'multipart/related; type="application/octet-stream"');
    const damaged = new Error('decoded 41 values');
    expect(await explained(damaged)).toBe(damaged);
    const missing = { status: 404 };
    expect(await explained(missing)).toBe(missing);
  });

  test('an address that cannot be asked leaves the error as it is', async () => {
    Object.assign(globalThis, { fetch: () => Promise.reject(new TypeError('Failed to fetch')) });
    const damaged = new Error('damaged');
    expect(await explained(damaged)).toBe(damaged);
    expect(await explained(damaged, 'nifti:7/3')).toBe(damaged);
  });
});
