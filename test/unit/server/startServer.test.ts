import { createServer, type IncomingMessage, type Server } from 'node:http';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import {
  startServer,
  type RunningServer,
  type ServerOptions,
} from '../../../src/server/startServer';
import { ctSlice } from './dicomBytes';
import { ask } from './http';

const PAGE =
  '<html><head><script>alert(1)</script><script defer src="/app.js"></script></head></html>';
/** Of `alert(1)`: printf 'alert(1)' | openssl dgst -sha256 -binary | base64 */
const ALERT_HASH = "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='";

let folder: string;
let defaults: ServerOptions;
const running: { close: () => unknown }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'find-l3-server-'));
  const files: Record<string, string | Buffer> = {
    'viewer/index.html': PAGE,
    'viewer/app-config.js': 'stock',
    'viewer/app.bundle.0123456789abcdef.js': 'bundle',
    'viewer/decoder.wasm': 'wasm',
    'plugin/index.js': 'export default {}',
    'plugin/models/m/model.onnx': 'onnx',
    'plugin/models/m/manifest.json': '{}',
    'plugin/ort.wasm': 'wasm',
    'secret.txt': 'secret',
    'dicom/deep/1.dcm': ctSlice(),
    'text/readme.txt': 'no image',
    'broken/1.dcm': ctSlice().subarray(0, -3),
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  await mkdir(join(folder, 'empty'));
  defaults = {
    port: 0,
    viewerDir: join(folder, 'viewer'),
    pluginDir: join(folder, 'plugin'),
    storeDir: join(folder, 'stow'),
    folders: [join(folder, 'dicom')],
  };
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.close();
});
afterAll(() => rm(folder, { recursive: true }));

async function start(options: ServerOptions = {}): Promise<RunningServer> {
  const server = await startServer({ ...defaults, ...options });
  running.push(server);
  return server;
}

const portOf = ({ url }: { url: string }) => Number(new URL(url).port);

describe('what is served', () => {
  test('the viewer, at its own addresses and at those its page routes itself', async () => {
    const { url } = await start();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    for (const path of ['/', '/viewer?StudyInstanceUIDs=1.2', '/some/mode/dicomweb']) {
      const answer = await fetch(url + path, { headers: { Accept: 'text/html,*/*' } });
      expect([answer.status, await answer.text()]).toEqual([200, PAGE]);
      expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
      expect(answer.headers.get('cache-control')).toBe('no-cache');
    }
  });

  test.each([
    ['/app.bundle.0123456789abcdef.js', 'application/javascript', /immutable/],
    ['/decoder.wasm', 'application/wasm', /no-cache/],
    ['/plugins/find-l3/index.js', 'application/javascript', /no-cache/],
    ['/plugins/find-l3/ort.wasm', 'application/wasm', /no-cache/],
    ['/plugins/find-l3/models/m/model.onnx', 'application/octet-stream', /no-cache/],
    ['/plugins/find-l3/models/m/manifest.json', 'application/json', /no-cache/],
    ['/app-config.js', 'text/javascript', /no-cache/],
  ])('%s as %s', async (path, type, cache) => {
    const { url } = await start();
    const answer = await fetch(url + path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')!.split(';')[0]).toBe(type);
    expect(answer.headers.get('cache-control')).toMatch(cache);
  });

  test.each([
    '/missing.js',
    '/plugins/find-l3/missing.js',
    '/plugins/find-l3/',
    '/dicomweb/missing',
    '/../secret.txt',
    '/plugins/find-l3/../secret.txt',
    '/plugins/find-l3/..%2f..%2fsecret.txt',
    '/%2e%2e/secret.txt',
  ])('nothing at %s', async (url) => {
    const port = portOf(await start());
    const answer = await ask(port, { url, headers: { host: `localhost:${port}` } });
    expect([403, 404]).toContain(answer.statusCode);
    expect(answer.body).not.toBe('secret');
  });

  test('an app config that loads the extension and knows this server alone', async () => {
    const window: { config?: Record<string, unknown> } = {};
    const { url } = await start();
    runInNewContext(await (await fetch(`${url}/app-config.js`)).text(), { window, console });
    expect(window.config).toMatchObject({
      extensions: ['/plugins/find-l3/index.js'],
      showStudyList: true,
      defaultDataSourceName: 'dicomweb',
      httpErrorHandler: expect.any(Function),
      dataSources: [
        {
          namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
          sourceName: 'dicomweb',
          configuration: { qidoRoot: '/dicomweb', wadoRoot: '/dicomweb' },
        },
      ],
    });
  });

  test('no extension where there is none', async () => {
    const { url } = await start({ pluginDir: null });
    expect(await (await fetch(`${url}/app-config.js`)).text()).toContain('"extensions": []');
    expect((await fetch(`${url}/plugins/find-l3/index.js`)).status).toBe(404);
  });

  test('the folders, and what was stored earlier', async () => {
    const storeDir = join(folder, 'stow-earlier');
    await mkdir(join(storeDir, '.incoming'), { recursive: true });
    await writeFile(join(storeDir, 'sr.dcm'), ctSlice({ study: '5.5', series: '5.6', sop: '5.7' }));
    await writeFile(join(storeDir, '.incoming', 'half'), ctSlice({ sop: '8.8' }).subarray(0, 400));
    const { url, index, scans } = await start({ storeDir });
    expect(scans).toEqual([
      { folder: join(folder, 'dicom'), report: expect.objectContaining({ added: 1 }) },
    ]);
    expect([...index!.studies.keys()]).toEqual(['1.2.3', '5.5']);
    expect(await (await fetch(`${url}/dicomweb/studies`)).json()).toHaveLength(2);
  });
});

describe('who is let in', () => {
  test('every answer isolates the page and allows scripts of this server only', async () => {
    const { url } = await start();
    for (const path of ['/', '/app-config.js', '/plugins/find-l3/index.js', '/dicomweb/studies']) {
      const { headers } = await fetch(url + path);
      const policy = headers.get('content-security-policy')!;
      expect(policy).toContain(`script-src 'self' 'wasm-unsafe-eval' ${ALERT_HASH};`);
      expect(policy).toContain("default-src 'self'");
      expect(policy).not.toMatch(/'unsafe-eval'|script-src[^;]*unsafe-inline|https?:|\*/);
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
    const worker = await fetch(`${url}/app.bundle.0123456789abcdef.js`);
    expect(worker.headers.get('content-security-policy')).toContain("'unsafe-eval'");
  });

  test.each([
    ['localhost:PORT', 200],
    ['127.0.0.1:PORT', 200],
    ['[::1]:PORT', 200],
    ['LOCALHOST', 200],
    ['evil.example:PORT', 403],
    ['localhost.evil.example', 403],
    ['192.168.0.7:PORT', 403],
  ])('under the name %s: %i', async (name, status) => {
    const port = portOf(await start());
    const headers = { host: name.replace('PORT', String(port)) };
    expect((await ask(port, { url: '/dicomweb/studies', headers })).statusCode).toBe(status);
  });

  test('pages of other sites may not store', async () => {
    const port = portOf(await start());
    const headers = {
      host: `localhost:${port}`,
      'sec-fetch-site': 'cross-site',
      'content-type': 'text/plain',
    };
    const question = { method: 'POST', url: '/dicomweb/studies', headers, payload: 'x' };
    expect((await ask(port, question)).statusCode).toBe(403);
    headers['sec-fetch-site'] = 'same-origin';
    expect((await ask(port, { ...question, headers })).statusCode).toBe(415);
  });
});

describe('what cannot start says so in one line', () => {
  async function failure(options: ServerOptions): Promise<string> {
    const error: unknown = await start(options).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    const { name, message } = error as Error;
    expect([name, message.includes('\n')]).toEqual(['StartError', false]);
    return message;
  }

  test('a port that is taken', async () => {
    const port = portOf(await start());
    expect(await failure({ port })).toBe(
      `Port ${port} is taken on 127.0.0.1: stop the program that uses it, or choose another with --port ${port + 1}`,
    );
  });

  test('an address of another machine', async () => {
    expect(await failure({ port: 3999, host: '192.0.2.1' })).toMatch(
      /^192\.0\.2\.1 is not an addr/,
    );
  });

  test.each([
    ['nowhere', 'The folder FOLDER/nowhere does not exist'],
    ['empty', 'There is no DICOM in FOLDER/empty (other files: 0)'],
    ['text', 'There is no DICOM in FOLDER/text (other files: 1)'],
    [
      'broken',
      'There is no DICOM in FOLDER/broken (other files: 0, 1 damaged: FOLDER/broken/1.dcm: the DICOM file is damaged or cut off: its pixel data are incomplete)',
    ],
  ])('a folder without images: %s', async (name, message) => {
    const expected = message.replaceAll('FOLDER', folder);
    expect(await failure({ folders: [join(folder, name)] })).toBe(expected);
  });

  test('a viewer or an extension that is not there', async () => {
    expect(await failure({ viewerDir: join(folder, 'empty') })).toMatch(/^There is no viewer in/);
    expect(await failure({ pluginDir: join(folder, 'empty') })).toMatch(/npm run build$/);
  });

  test('a PACS that cannot be reached, or is none', async () => {
    expect(await failure({ dicomweb: 'orthanc' })).toMatch(/^--dicomweb orthanc is not an address/);
    const { url } = await start();
    await running.pop()!.close();
    expect(await failure({ dicomweb: `${url}/dicom-web` })).toBe(
      `The PACS at ${url}/dicom-web cannot be reached (ECONNREFUSED): is it running?`,
    );
    const other = await upstream((_request, body) => ({ status: 200, type: 'text/html', body }));
    expect(await failure({ dicomweb: other })).toMatch(/does not answer as a DICOMweb service/);
    const closed = await upstream(() => ({ status: 401, type: 'text/plain', body: '' }));
    expect(await failure({ dicomweb: closed })).toMatch(/asks for a user \(401\)/);
  });
});

type Reply = (
  request: IncomingMessage,
  body: string,
) => { status: number; type: string; body: string; headers?: Record<string, string> };

async function upstream(reply: Reply): Promise<string> {
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { status, type, body, headers } = reply(request, Buffer.concat(chunks).toString());
      response
        .writeHead(status, { 'Content-Type': type, 'Set-Cookie': 'a=b', ...headers })
        .end(body);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  running.push({ close: () => new Promise((done) => server.close(done)) });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/dicom-web`;
}

describe('a PACS behind the server', () => {
  async function startWithPacs() {
    const seen: {
      method?: string;
      url?: string;
      headers: IncomingMessage['headers'];
      body: string;
    }[] = [];
    const address = await upstream((request, body) => {
      const { method, url, headers } = request;
      seen.push({ method, url, headers, body });
      return { status: 200, type: 'application/dicom+json', body: '[]' };
    });
    const withUser = address.replace('http://', 'http://jane:p%40ss@');
    const server = await start({ dicomweb: `${withUser}/` });
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
    ['another address', { status: 302, type: 'application/json', body: '' }, 502],
    ['a refusal', { status: 401, type: 'application/json', body: '{}' }, 401],
  ])('that gives %s: the page does not get it', async (_, given, status) => {
    let isAsked = false;
    const address = await upstream(() =>
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
    const address = await upstream(() => ({
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
    await running.shift()!.close();
    expect((await fetch(`${server.url}/dicomweb/studies`)).status).toBe(502);
  });
});
