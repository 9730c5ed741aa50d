/** Bytes before a part's content: its headers, or what stands before the first part. */
const LARGEST_HEAD = 64 * 1024;
const HEAD_END = Buffer.from('\r\n\r\n');

/** A body that is no multipart message, or not to its end. */
export class MultipartError extends Error {
  override readonly name = 'MultipartError';
  /** Of a server's answer to it. */
  readonly statusCode = 400;
}

/**
 * The contents of the parts of a multipart message (RFC 2046 5.1), without their headers, as they come. A part
 * that is not read to its end is passed over.
 * @throws MultipartError where the message does not end with its closing delimiter
 */
export async function* partsOf(
  message: AsyncIterable<Buffer>,
  boundary: string,
): AsyncGenerator<AsyncIterable<Buffer>> {
  const stream = new Stretches(message);
  // The delimiter's line break belongs to it; the first one may stand at the very beginning.
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  await stream.skip(delimiter);
  while ((await stream.peek(2)) !== '--') {
    await stream.skip(HEAD_END);
    const part = stream.until(delimiter);
    yield part;
    await stream.finish(delimiter);
  }
  await stream.drain();
}

/** A stream of bytes, taken in stretches that end with a mark. */
class Stretches {
  private readonly chunks: AsyncIterator<Buffer>;
  private rest = Buffer.from('\r\n');
  private isOpen = false;

  constructor(message: AsyncIterable<Buffer>) {
    this.chunks = message[Symbol.asyncIterator]();
  }

  /** What comes before a mark; the mark itself is passed over. */
  async *until(mark: Buffer): AsyncGenerator<Buffer> {
    this.isOpen = true;
    for (;;) {
      const at = this.rest.indexOf(mark);
      // The mark may be cut by the end of what has come.
      const sure = at >= 0 ? at : Math.max(0, this.rest.length - mark.length + 1);
      const bytes = this.rest.subarray(0, sure);
      this.rest = this.rest.subarray(at >= 0 ? at + mark.length : sure);
      if (at >= 0) this.isOpen = false;
      if (bytes.length > 0) yield bytes;
      if (at >= 0) return;
      await this.more();
    }
  }

  /** Passes over the rest of a stretch that was not read to its end. */
  async finish(mark: Buffer): Promise<void> {
    if (!this.isOpen) return;
    const rest = this.until(mark);
    while (!(await rest.next()).done);
  }

  async skip(mark: Buffer): Promise<void> {
    let bytes = 0;
    for await (const passed of this.until(mark)) {
      bytes += passed.length;
      if (bytes > LARGEST_HEAD) throw noMessage('it has no parts where they should be');
    }
  }

  async peek(length: number): Promise<string> {
    while (this.rest.length < length) await this.more();
    return this.rest.toString('latin1', 0, length);
  }

  async drain(): Promise<void> {
    while (!(await this.chunks.next()).done);
  }

  private async more(): Promise<void> {
    const { value, done } = await this.chunks.next();
    if (done) throw noMessage('its closing delimiter is missing');
    this.rest = Buffer.concat([this.rest, value]);
  }
}

const noMessage = (why: string) => new MultipartError(`the body is no multipart message: ${why}`);
