import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';

/** Bytes of a known number, as they are read. */
export interface ByteStream {
  length: number;
  chunks: Readable;
}

/** One part of a multipart/related answer. */
export interface Part {
  contentType: string;
  contentLocation?: string;
  bytes: Buffer | ByteStream;
}

/** A multipart/related body (RFC 2387) that is made while it is sent. */
export interface MultipartRelated {
  contentType: string;
  body: Readable;
}

/** @param type the media type of the root part, without parameters */
export function multipartRelated(type: string, parts: AsyncIterable<Part>): MultipartRelated {
  const boundary = randomUUID();
  async function* body(): AsyncGenerator<Buffer> {
    for await (const { contentType, contentLocation, bytes } of parts) {
      const location = contentLocation ? `Content-Location: ${contentLocation}\r\n` : '';
      yield Buffer.from(
        `--${boundary}\r\nContent-Type: ${contentType}\r\n${location}` +
          `Content-Length: ${bytes.length}\r\nMIME-Version: 1.0\r\n\r\n`,
      );
      if (Buffer.isBuffer(bytes)) yield bytes;
      else yield* bytes.chunks;
      yield Buffer.from('\r\n');
    }
    yield Buffer.from(`--${boundary}--\r\n`);
  }
  return {
    contentType: `multipart/related; type="${type}"; boundary=${boundary}`,
    body: Readable.from(body(), { objectMode: false }),
  };
}

/** The media type and parameters of a Content-Type or of one range of an Accept header. */
export interface MediaType {
  type: string;
  parameters: Record<string, string>;
}

/** Splits an Accept header into its media ranges; commas and semicolons in quotes are kept. */
export function mediaTypes(header: string): MediaType[] {
  const ranges = header.match(/(?:"[^"]*"|[^,"])+/g) ?? [];
  return ranges.map((range) => {
    const [type = '', ...rest] = range.match(/(?:"[^"]*"|[^;"])+/g) ?? [];
    const parameters = rest.map((parameter) => {
      const [name = '', value = ''] = parameter.split(/=(.*)/s);
      return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/s, '$1')];
    });
    return { type: type.trim().toLowerCase(), parameters: Object.fromEntries(parameters) };
  });
}
