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
