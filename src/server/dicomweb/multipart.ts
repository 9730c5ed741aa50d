import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';

/** One part of a multipart/related answer. */
export interface Part {
  contentType: string;
  contentLocation?: string;
  bytes: Buffer;
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
      yield bytes;
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

/**
 * The contents of the parts of a multipart message (RFC 2046 5.1), without their headers.
 * @throws Error where the message does not end with its closing delimiter
 */
export function partsOf(message: Buffer, boundary: string): Buffer[] {
  // The delimiter's line break belongs to it; the first one may stand at the very beginning.
  const text = Buffer.concat([Buffer.from('\r\n'), message]);
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const parts: Buffer[] = [];
  for (let at = text.indexOf(delimiter); at >= 0;) {
    const head = at + delimiter.length;
    if (text.toString('latin1', head, head + 2) === '--') return parts;
    const content = text.indexOf('\r\n\r\n', head) + 4;
    at = text.indexOf(delimiter, head);
    if (content > 3 && at >= 0) parts.push(text.subarray(content, Math.max(content, at)));
  }
  throw new Error('its closing delimiter is missing');
}
