import { createServer, type IncomingMessage } from 'node:http';
import type { ServerOptions } from '../../../src/server/startServer';
import { ask, halfOf } from './http';
import { portOf, Serving } from './serving';

let serving: Serving;
beforeAll(async () => {
  serving = await Serving.begin();
});
afterEach(() => serving.closeAll());
afterAll(() => serving.end());

const start = (options: ServerOptions = {}) => serving.start(options);

describe('a PACS behind the server', () => {
  async function startWithPacs(limits: ServerOptions['limits'] = {}) {
    const seen: {
      method?: string;
      url?: string;
      headers: IncomingMessage['headers'];
      body: string;
    }[] = [];
    const address = await serving.upstream((request, body) => {
      const { method, url, headers } = request;
      seen.push({ method, url, headers, body });
      return { status: 200, type: 'application/dicom+json', body: '[]' };
    });
    const withUser = address.replace('http://', 'http://jane:p%40ss@');
    const server = await start({ dicomweb: `${withUser}/`, limits });
    seen.length = 0;
    return { server, seen, address };
  }

  test('is asked as its user, without what the browser holds for this server', async () => {
    const { server, seen, address } = await startWithPacs();
    const headers = { Accept: 'application/dicom+json', Cookie: 'session=1', Origin: server.url };
    const answer = await fetch(`${server.url}/dicomweb/studies?PatientName=*a*`, { headers });
    expect([answer.status, await answer.json()]).toEqual([200, []]);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(seen).toEqual([
      {
        method: 'GET',
        url: '/dicom-web/studies?PatientName=*a*',
        headers: expect.objectContaining({
          host: new URL(address).host,
          accept: 'application/dicom+json',
          authorization: `Basic ${Buffer.from('jane:p@ss').toString('base64')}`,
        }),
        body: '',
      },
    ]);
    expect(seen[0]!.headers).not.toHaveProperty('cookie');
    expect(seen[0]!.headers).not.toHaveProperty('origin');
    expect(server.index).toBeNull();
  });

  test('gets what is stored, byte by byte', async () => {
    const { server, seen } = await startWithPacs();
    const type = 'multipart/related; type="application/dicom"; boundary=b';
    const body = `--b\r\n\r\n${'\u0001'.repeat(2_000_000)}\r\n--b--`;
    const answer = await fetch(`${server.url}/dicomweb/studies`, {
      method: 'POST',
      headers: { 'Content-Type': type },
      body,
    });
    expect(answer.status).toBe(200);
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/dicom-web/studies' });
    expect(seen[0]!.headers['content-type']).toBe(type);
    expect(seen[0]!.body === body).toBe(true);
  });

  test.each([
    '/dicomweb/../system',
    '/dicomweb/servers',
    '/dicomweb/studiesx',
    '/dicomweb/%2e%2e/tools',
    '/dicomweb/studies/x\\..\\..\\..\\system',
    '/dicomweb/studies/%2e%2e/%2e%2e/system',
    '/dicomweb/studies/..%2f..%2fsystem',
    '/dicomweb/studies/%5c..%5c..%5csystem',
    '/dicomweb/studies/1.2/..;/..;/system',
    '/dicomweb/studies//example.org/system',
    '/dicomweb/studies/1%00',
    '/dicomweb/studies/%',
  ])('cannot be asked for %s', async (url) => {
    const { server, seen } = await startWithPacs();
    const port = portOf(server);
    const answer = await ask(port, { url, headers: { host: `localhost:${port}` } });
    expect([400, 404]).toContain(answer.statusCode);
    expect(seen).toEqual([]);
  });

  test.each([
    '/dicomweb/studies/1.2/reject/113001%5EDCM',
    '/dicomweb/studies/1.2/series/1.3/instances',
    '/dicomweb/instances',
    '/dicomweb/studies/1.2/export/DESTINATION',
  ])('is sent nothing at %s', async (url) => {
    const { server, seen } = await startWithPacs();
    const headers = { host: `localhost:${portOf(server)}`, 'content-type': 'application/dicom' };
    const question = { method: 'POST', url, headers, payload: 'x' };
    expect([404, 405]).toContain((await ask(portOf(server), question)).statusCode);
    for (const method of ['PUT', 'DELETE', 'PATCH']) {
      const headers = { host: `localhost:${portOf(server)}` };
      const answer = await ask(portOf(server), { method, url: '/dicomweb/studies/1.2', headers });
      expect(answer.statusCode).toBe(404);
    }
    expect(seen).toEqual([]);
  });

  test('may be asked lawfully with whatever a value holds', async () => {
    const { server, seen } = await startWithPacs();
    const query = 'StudyDescription=a/../b&PatientName=M%C3%BC*&00080061=CT%5CMR';
    const path = '/dicomweb/studies/1.2.3/series/4.5/instances/6.7/frames/1,2';
    for (const url of [`/dicomweb/studies?${query}`, path]) await fetch(`${server.url}${url}`);
    expect(seen.map(({ url }) => url)).toEqual([
      `/dicom-web/studies?${query}`,
      path.replace('/dicomweb', '/dicom-web'),
    ]);
  });

  test.each([
    ['a login page', { status: 200, type: 'text/html', body: '<form>' }, 502],
    ['a drawing with scripts', { status: 200, type: 'image/svg+xml', body: '<form>' }, 502],
    ['a page of XML', { status: 200, type: 'application/xhtml+xml', body: '<form>' }, 502],
    ['a script', { status: 200, type: 'text/javascript', body: '<form>' }, 502],
    ['another address', { status: 302, type: 'application/json', body: '' }, 502],
    ['a refusal', { status: 401, type: 'application/json', body: '{}' }, 401],
    ['a refusal as a page', { status: 401, type: 'text/html', body: '<form>' }, 401],
    ['a page that says it is too large', { status: 413, type: 'text/html', body: '<form>' }, 413],
  ])('that gives %s: the page does not get it', async (_, given, status) => {
    let isAsked = false;
    const address = await serving.upstream(() =>
      isAsked ? given : { status: 200, type: 'application/dicom+json', body: '[]' },
    );
    const server = await start({ dicomweb: address });
    isAsked = true;
    const answer = await fetch(`${server.url}/dicomweb/studies`, { redirect: 'manual' });
    expect(answer.status).toBe(status);
    expect(await answer.text()).not.toContain('<form>');
    expect(answer.headers.get('content-type')).toContain('application/json');
  });

  test('cannot set cookies or rules of its own for the page', async () => {
    const address = await serving.upstream(() => ({
      ...{ status: 200, type: 'application/dicom+json', body: '[]' },
      headers: { 'Set-Cookie': 'a=b', 'Content-Security-Policy': 'script-src *', ETag: '"1"' },
    }));
    const server = await start({ dicomweb: address });
    const { headers } = await fetch(`${server.url}/dicomweb/studies`);
    expect(headers.get('set-cookie')).toBeNull();
    expect(headers.get('content-security-policy')).not.toContain('script-src *');
    expect(headers.get('etag')).toBe('"1"');
  });

  test('is named by the app config, so that its own addresses are asked for here', async () => {
    const { server, address } = await startWithPacs();
    const config = await (await fetch(`${server.url}/app-config.js`)).text();
    expect(config).toContain(`"startsWith": "${address}"`);
    expect(config).not.toMatch(/jane|p%40ss|p@ss/);
  });

  test('answers 502 here when it has gone away', async () => {
    const { server } = await startWithPacs();
    await serving.closeFirst();
    expect((await fetch(`${server.url}/dicomweb/studies`)).status).toBe(502);
  });

  test.each([
    ['says nothing', () => undefined, 504],
    ['hangs up', (request: IncomingMessage) => request.socket.destroy(), 502],
  ])('that %s is not waited for', async (_, act, status) => {
    let isAsked = false;
    const root = await serving.listen(
      createServer((request, response) => {
        if (isAsked) act(request);
        else response.setHeader('Content-Type', 'application/dicom+json').end('[]');
      }),
    );
    const server = await start({ dicomweb: root, limits: { pacsSilentMs: 300 } });
    isAsked = true;
    const answer = await fetch(`${server.url}/dicomweb/studies`);
    expect([answer.status, (await answer.json()) as unknown]).toEqual([
      status,
      { message: expect.stringMatching(/^the PACS at http\S+ (has not answered for 0.3 s|does)/) },
    ]);
  });

  test('that breaks off or stops in the middle: the page learns that the answer is not whole', async () => {
    let isAsked = false;
    const root = await serving.listen(
      createServer((request, response) => {
        response.setHeader('Content-Type', 'application/dicom+json');
        if (!isAsked) return void response.end('[]');
        response.setHeader('Content-Length', '1000');
        response.write('abc');
        if (request.url!.includes('off')) setTimeout(() => request.socket.destroy(), 50);
        return undefined;
      }),
    );
    const server = await start({ dicomweb: root, limits: { pacsSilentMs: 300 } });
    isAsked = true;
    for (const name of ['off', 'stops']) {
      const answer = await fetch(`${server.url}/dicomweb/studies?PatientName=${name}`);
      await expect(answer.text()).rejects.toThrow();
    }
  });

  test('is sent no store request that stops in the middle', async () => {
    const { server, seen } = await startWithPacs({ clientSilentMs: 300 });
    const answer = await halfOf({
      port: portOf(server),
      path: '/dicomweb/studies',
      body: '--b\r\n',
    });
    expect(answer).toEqual({ status: 408, body: expect.stringContaining('for 0.3 s') });
    expect(seen).toEqual([]);
  });
});
