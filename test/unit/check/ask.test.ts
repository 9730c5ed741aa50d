import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { ask } from '../../../src/check/ask';

test.each([
  ['before the answer', ''],
  ['in the middle of it', 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf'],
])('a connection that is cut %s is tried once more, and then told', async (_, sent) => {
  let cuts = 1;
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    if (cuts-- > 0) request.socket.end(sent);
    else response.end('there');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  try {
    expect(await ask(url)).toMatchObject({ status: 200, text: 'there', failure: '' });
    [cuts, asked] = [9, 0];
    const answer = await ask(url);
    expect(answer.status).toBe(0);
    expect(answer.failure).not.toBe('');
    expect(asked).toBe(2);
  } finally {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
});
