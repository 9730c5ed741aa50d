import { once } from 'node:events';
import { connect } from 'node:net';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import type { ServerOptions } from '../../../src/server/startServer';
import { ctSlice } from './dicomBytes';
import { ask } from './http';
import { PAGE, portOf, Serving } from './serving';

/** Of `alert(1)`: printf 'alert(1)' | openssl dgst -sha256 -binary | base64 */
const ALERT_HASH = "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='";

let serving: Serving;
beforeAll(async () => {
  serving = await Serving.begin();
});
afterEach(() => serving.closeAll());
afterAll(() => serving.end());

const start = (options: ServerOptions = {}) => serving.start(options);

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
    const storeDir = join(serving.folder, 'data-earlier');
    const files: Record<string, Buffer> = {
      'stored/sr.dcm': ctSlice({ study: '5.5', series: '5.6', sop: '5.7' }),
      'incoming/half': ctSlice({ sop: '8.8' }),
    };
    for (const [name, bytes] of Object.entries(files)) {
      await mkdir(join(storeDir, name, '..'), { recursive: true });
      await writeFile(join(storeDir, name), bytes);
    }
    const { url, index, scans } = await start({ storeDir });
    expect(scans).toEqual([
      { folder: join(serving.folder, 'dicom'), report: expect.objectContaining({ added: 1 }) },
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

  const OWN = 'http://localhost:PORT';
  test.each([
    ['POST', { 'sec-fetch-site': 'same-origin', origin: OWN }, 415],
    ['POST', { origin: OWN }, 415],
    ['POST', {}, 415],
    ['POST', { 'sec-fetch-site': 'none' }, 415],
    ['POST', { 'sec-fetch-site': 'cross-site' }, 403],
    ['POST', { 'sec-fetch-site': 'same-site', origin: 'http://localhost:1' }, 403],
    // Browsers that do not send Sec-Fetch-Site yet.
    ['POST', { origin: 'http://localhost:1' }, 403],
    ['POST', { origin: 'https://evil.example' }, 403],
    ['POST', { origin: 'null' }, 403],
    ['POST', { 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' }, 403],
    ['POST', { 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'cross-site' }, 403],
    ['GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 403],
    ['GET', { origin: 'https://evil.example' }, 403],
    ['GET', { 'sec-fetch-site': 'same-origin' }, 200],
    // A link in a report or a mail may open the viewer.
    ['GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 200],
  ])('%s from a page with %j: %i', async (method, sent, status) => {
    const port = portOf(await start());
    const headers: Record<string, string> = {
      host: `localhost:${port}`,
      ...(method === 'POST' ? { 'content-type': 'text/plain' } : {}),
    };
    for (const [name, value] of Object.entries(sent)) {
      headers[name] = value.replace('PORT', String(port));
    }
    const payload = method === 'POST' ? 'x' : undefined;
    const question = { method, url: '/dicomweb/studies', headers, payload };
    expect((await ask(port, question)).statusCode).toBe(status);
  });
});

test('a request that is dripped for longer than one may take is cut off', async () => {
  const port = portOf(await start({ limits: { requestMs: 400 } }));
  const socket = connect(port, '127.0.0.1');
  const head = [
    'POST /dicomweb/studies HTTP/1.1',
    `Host: localhost:${port}`,
    'Content-Type: multipart/related; type="application/dicom"; boundary=b',
    'Content-Length: 1000000',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n--b\r\n\r\n`);
  const drip = setInterval(() => socket.write('x'), 50);
  try {
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 408 /);
  } finally {
    clearInterval(drip);
    socket.destroy();
  }
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
    const expected = message.replaceAll('FOLDER', serving.folder);
    expect(await failure({ folders: [join(serving.folder, name)] })).toBe(expected);
  });

  test('a viewer or an extension that is not there', async () => {
    expect(await failure({ viewerDir: join(serving.folder, 'empty') })).toMatch(
      /^There is no viewer in/,
    );
    expect(await failure({ pluginDir: join(serving.folder, 'empty') })).toMatch(/npm run build$/);
  });

  test('a PACS that cannot be reached, or is none', async () => {
    expect(await failure({ dicomweb: 'orthanc' })).toMatch(/^--dicomweb orthanc is not an address/);
    const { url } = await start();
    await serving.closeAll();
    expect(await failure({ dicomweb: `${url}/dicom-web` })).toBe(
      `The PACS at ${url}/dicom-web cannot be reached (ECONNREFUSED): is it running?`,
    );
    const other = await serving.upstream((_request, body) => ({
      status: 200,
      type: 'text/html',
      body,
    }));
    expect(await failure({ dicomweb: other })).toMatch(/does not answer as a DICOMweb service/);
    const closed = await serving.upstream(() => ({ status: 401, type: 'text/plain', body: '' }));
    expect(await failure({ dicomweb: closed })).toMatch(/asks for a user \(401\)/);
  });
});
