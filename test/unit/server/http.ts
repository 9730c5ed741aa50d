import { request, type IncomingHttpHeaders } from 'node:http';

export interface Answer {
  statusCode: number;
  headers: IncomingHttpHeaders;
  rawPayload: Buffer;
  body: string;
}

export interface Question {
  method?: string;
  /** Sent as it is: no dots or percent signs are resolved. */
  url: string;
  headers?: Record<string, string>;
  payload?: string | Buffer;
}

/** Asks a server on this machine; nothing is followed, decoded or added. */
export function ask(
  port: number,
  { method = 'GET', url, headers = {}, payload }: Question,
): Promise<Answer> {
  return new Promise((done, fail) => {
    const options = { host: '127.0.0.1', port, path: url, method, headers, agent: false };
    const question = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        const rawPayload = Buffer.concat(chunks);
        done({
          statusCode: response.statusCode!,
          headers: response.headers,
          rawPayload,
          body: rawPayload.toString(),
        });
      });
    });
    question.on('error', fail);
    question.end(payload);
  });
}

/** Sends the beginning of a store request that says to be longer, and waits for what is answered. */
export function halfOf(given: { port: number; path: string; body: string; length?: number }) {
  const { port, path, body, length = 4000 } = given;
  return new Promise<{ status: number; body: string }>((done, fail) => {
    const headers = {
      host: `localhost:${port}`,
      'content-type': 'multipart/related; type="application/dicom"; boundary=b',
      'content-length': String(length),
    };
    const options = { host: '127.0.0.1', port, path, method: 'POST', headers, agent: false };
    const question = request(options, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => {
        question.destroy();
        done({ status: response.statusCode!, body: text });
      });
    });
    question.on('error', fail);
    question.write(body);
  });
}

/** A store request of these files (PS3.18 10.5). */
export function storeRequest(files: readonly Buffer[]): { type: string; body: Buffer } {
  const body = Buffer.concat([
    ...files.flatMap((file) => [
      Buffer.from('--XyZ\r\nContent-Type: application/dicom\r\n\r\n'),
      file,
      Buffer.from('\r\n'),
    ]),
    Buffer.from('--XyZ--\r\n'),
  ]);
  return { type: 'multipart/related; type="application/dicom"; boundary=XyZ', body };
}
