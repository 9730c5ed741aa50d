import type { Types } from '@cornerstonejs/core';
import type { CornerstoneLibraries } from './ohif';

/** How long the host's image loader is waited for, and how often it is asked. */
export interface LoadLimits {
  /** A request without an answer for so long is made again, ms. */
  readonly answersWithinMs: number;
  /** Requests for one image, the first included. */
  readonly attempts: number;
  /** Pause before a request that failed is made again, ms; it doubles each time. */
  readonly pauseMs: number;
}

const USUAL_LIMITS: LoadLimits = { answersWithinMs: 30_000, attempts: 3, pauseMs: 1_000 };

/** A question about an address is not worth waiting longer for, ms. */
const INQUIRY_MS = 10_000;
/** What a server says that may say otherwise in a moment; 0: no answer at all. */
const PASSING = [0, 408, 425, 429, 500, 502, 503, 504];
/** Of an image that comes from a server, absolute or relative to the page. */
const ADDRESS = /^(?:wadors|wadouri|dicomweb):(.+)$/;

/** A server took every request for an image and answered none. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';

  constructor(
    readonly seconds: number,
    readonly attempts: number,
  ) {
    super(`no answer within ${seconds} s, asked ${attempts} times`);
  }
}

/** A server asks for a login where it gave images before. */
export class SessionEnded extends Error {
  override readonly name = 'SessionEnded';

  constructor(cause: unknown) {
    super('the server asks for a login', { cause });
  }
}

/** Loads images with the host's own loader, with patience and an end to it. */
export class ImageLoads {
  /**
   * @param keepInCache whether the host keeps what was loaded
   * @param headers what a request must carry, authorisation above all
   */
  constructor(
    private readonly libraries: CornerstoneLibraries,
    private readonly keepInCache: boolean,
    private readonly headers: () => Readonly<Record<string, string>> = () => ({}),
    private readonly limits: LoadLimits = USUAL_LIMITS,
  ) {}

  /**
   * Loads an image, with the patience of `ask`. What the host keeps of an earlier answer and is not
   * whole, such as what it made of a login page, is asked for anew.
   *
   * @throws as `ask`; the host's cache is rid of a request that was never answered
   */
  async load(
    imageId: string,
    signal?: AbortSignal,
    isWhole: (image: Types.IImage) => boolean = () => true,
  ): Promise<Types.IImage> {
    const { cache } = this.libraries.cornerstone;
    const isKept = Boolean(cache.getImageLoadObject(imageId));
    try {
      const image = await this.ask((isAgain) => this.start(imageId, isAgain), signal);
      if (!isKept || isWhole(image)) return image;
      this.forget(imageId);
      return await this.ask((isAgain) => this.start(imageId, isAgain), signal);
    } catch (error) {
      if (error instanceof NoAnswer) this.forget(imageId);
      throw error;
    }
  }

  /**
   * Makes a request. One that is not answered in time is left waiting beside a new one, and the first
   * that is answered counts; one that failed for a passing reason is made again after a pause.
   *
   * @param request told whether an earlier one is still not answered
   * @throws NoAnswer when none was answered; the request's error when the last one failed, or one
   *   failed for good; the signal's reason as soon as it aborts
   */
  async ask<T>(request: (isAgain: boolean) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { answersWithinMs, attempts, pauseMs } = this.limits;
    const unanswered: Promise<T>[] = [];
    for (let attempt = 1; attempt <= attempts; attempt++) {
      try {
        const latest = request(unanswered.length > 0);
        const first = await firstOf(latest, unanswered, answersWithinMs, signal);
        if (first) return first.answer;
        unanswered.push(latest);
      } catch (error) {
        signal?.throwIfAborted();
        if (attempt === attempts || !PASSING.includes(statusOf(error) ?? -1)) throw error;
        await pause(pauseMs * 2 ** (attempt - 1), signal);
      }
    }
    throw new NoAnswer((answersWithinMs * attempts) / 1000, attempts);
  }

  /**
   * Why an image could not be had: `SessionEnded` where its address now asks for a login, else the
   * error as it is. What the host made of a login page is forgotten, so that the image is asked for
   * again.
   */
  async explained(error: unknown, imageId: string): Promise<unknown> {
    if (error instanceof NoAnswer) return error;
    const status = statusOf(error);
    const isUnsaid = status === null || status === 0;
    const isRefused = isUnsaid ? await this.asksForLogin(imageId) : isLoginStatus(status);
    if (!isRefused) return error;
    this.forget(imageId);
    return new SessionEnded(error);
  }

  private start(imageId: string, isAgain: boolean): Promise<Types.IImage> {
    const { imageLoader } = this.libraries.cornerstone;
    // The host's cache has the request that is not answered.
    if (isAgain) this.forget(imageId);
    return this.keepInCache
      ? imageLoader.loadAndCacheImage(imageId)
      : imageLoader.loadImage(imageId);
  }

  private forget(imageId: string): void {
    const { cache } = this.libraries.cornerstone;
    if (cache.getImageLoadObject(imageId)) cache.removeImageLoadObject(imageId, { force: true });
  }

  /** A login page comes with status 200, and what the loader makes of it says nothing. */
  private async asksForLogin(imageId: string): Promise<boolean> {
    const address = ADDRESS.exec(imageId)?.[1];
    if (!address) return false;
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), INQUIRY_MS);
    try {
      const response = await fetch(address, { headers: this.headers(), signal: stop.signal });
      stop.abort();
      const isPage = /^text\/html\b/i.test(response.headers.get('Content-Type') ?? '');
      return isPage || isLoginStatus(response.status);
    } catch {
      return false;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Whichever request is answered first; null when none was in time. */
function firstOf<T>(
  latest: Promise<T>,
  earlier: readonly Promise<T>[],
  withinMs: number,
  signal?: AbortSignal,
): Promise<{ readonly answer: T } | null> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    };
    const answered = (answer: T) => {
      end();
      resolve({ answer });
    };
    const failed = (error: unknown) => {
      end();
      reject(error);
    };
    const stop = () => failed(signal?.reason);
    const timer = setTimeout(() => {
      end();
      resolve(null);
    }, withinMs);
    signal?.addEventListener('abort', stop, { once: true });
    latest.then(answered, failed);
    for (const one of earlier) one.then(answered, () => undefined);
  });
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

function isLoginStatus(status: number): boolean {
  return status === 401 || status === 403;
}

/** HTTP status of what the host's loaders reject with (a request, or what holds one); null: unknown. */
function statusOf(error: unknown): number | null {
  if (error === null || typeof error !== 'object') return null;
  const { status, request, error: inner } = error as Readonly<Record<string, unknown>>;
  if (typeof status === 'number') return status;
  return statusOf(request) ?? statusOf(inner);
}
