import type { Readable } from 'node:stream';

/** Why a request's body is not read on; `statusCode` is that of the answer. */
export class BodyError extends Error {
  constructor(
    readonly statusCode: 400 | 408 | 413,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'BodyError';
  }
}

/**
 * A request's body as it comes. It stays open where it is not read to its end, so that the request can
 * still be answered.
 * @param limits bytes of the whole body, and how long it may pause, ms
 * @throws BodyError 413 where it is longer, 408 where it pauses for longer, 400 where it breaks off
 */
export async function* bounded(
  body: Readable,
  limits: { readonly bytes: number; readonly silentMs: number },
): AsyncGenerator<Buffer> {
  const chunks = body.iterator({ destroyOnReturn: false });
  let bytes = 0;
  for (;;) {
    const { value, done } = await nextOf(chunks, limits.silentMs);
    if (done) return;
    bytes += value.length;
    if (bytes > limits.bytes) throw tooLong(limits.bytes);
    yield value;
  }
}

/** What is answered to a body that is, or says it is, longer than `bytes`. */
export function tooLong(bytes: number): BodyError {
  const largest = bytes >= 1024 ** 2 ? `${Math.floor(bytes / 1024 ** 2)} MiB` : `${bytes} bytes`;
  return new BodyError(413, `one request may hold up to ${largest}: send less at once`);
}

async function nextOf(
  chunks: AsyncIterator<Buffer>,
  silentMs: number,
): Promise<IteratorResult<Buffer>> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new BodyError(408, `nothing more has come for ${silentMs / 1000} s: send it again`));
    }, silentMs);
  });
  try {
    return await Promise.race([chunks.next(), silence]);
  } catch (failure) {
    if (failure instanceof BodyError) throw failure;
    throw new BodyError(400, 'the body breaks off', { cause: failure });
  } finally {
    clearTimeout(timer);
  }
}
