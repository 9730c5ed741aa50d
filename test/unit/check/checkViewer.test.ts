import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import { pagePolicy } from '../../../deploy/csp.mjs';
import { checkViewer } from '../../../src/check/checkViewer';
import type { DataSourceOptions } from '../../../src/check/dataSources';
import type { Check } from '../../../src/check/types';
import { RELEASE } from '../../../src/release/release';

/** What a server answers to a path: body, type, and headers beside those of all. */
interface Served {
  readonly body?: string;
  readonly type?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

const PAGE = '<!doctype html><script>window.PUBLIC_URL="/"</script><script src="/app.js"></script>';
const FOLDER = `/plugins/find-l3/${RELEASE.version}/`;
const FILES: Readonly<Record<string, string>> = {
  'index.js': 'export default {};',
  'runtime-01234567/worker.js': 'worker',
  'runtime-01234567/ort/ort.wasm': 'wasm',
  'models/net/model.onnx': 'onnx',
};
const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  wasm: 'application/wasm',
  onnx: 'application/octet-stream',
  json: 'application/json',
};
const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};
const manifest = {
  ...{ name: 'find-l3', version: RELEASE.version, commit: 'abc' },
  files: Object.entries(FILES).map(([name, text]) => ({
    name,
    bytes: text.length,
    sha256: createHash('sha256').update(text).digest('hex'),
  })),
};
const config = (extension = `${FOLDER}index.js`, root = '/dicom-web') => `
  // A comment with an address: '/plugins/old/index.js'
  window.config = { extensions: ['${extension}'], dataSources: [{ qidoRoot: "${root}", wadoRoot: '${root}' }] };`;

/** A deployment as `deploy/` makes it. */
function sound(): Map<string, Served> {
  const common = { ...ISOLATED, 'Content-Security-Policy': pagePolicy(PAGE) };
  const headers = { ...common, 'Cache-Control': 'no-cache' };
  const kept = { ...common, 'Cache-Control': 'public, max-age=31536000, immutable' };
  const page = { body: PAGE, type: 'text/html', headers };
  return new Map<string, Served>([
    ['/', page],
    ['/viewer', page],
    ['/app-config.js', { body: config(), type: TYPES.js, headers }],
    [`${FOLDER}manifest.json`, { body: JSON.stringify(manifest), type: TYPES.json, headers }],
    ...Object.entries(FILES).map(([name, body]): [string, Served] => {
      const type = TYPES[name.split('.').at(-1)!];
      const encoded = name.endsWith('.wasm') ? { 'Content-Encoding': 'identity' } : {};
      const own = name.startsWith('runtime') ? { ...kept, ...encoded } : headers;
      return [FOLDER + name, { body, type, headers: own }];
    }),
    ['/dicom-web/studies', { body: '[]', type: 'application/dicom+json' }],
  ]);
}

let app: FastifyInstance | undefined;
afterEach(() => app?.close());

const ASKED: DataSourceOptions = {
  ...{ credentials: async () => null, store: false },
  signal: new AbortController().signal,
};

async function checked(
  served: ReadonlyMap<string, Served>,
  fallback?: Served,
  options: Partial<DataSourceOptions> = {},
): Promise<Check[]> {
  app = Fastify();
  app.get('/*', (request, reply) => {
    const found = served.get(request.url.split('?')[0]!) ?? fallback ?? { status: 404 };
    const { body = '', type = 'text/plain', status = 200, headers = {} } = found;
    for (const [name, value] of Object.entries(headers)) if (value) reply.header(name, value);
    return reply.code(status).type(type).send(Buffer.from(body));
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const checks: Check[] = [];
  for await (const check of checkViewer(url, { ...ASKED, ...options })) checks.push(check);
  return checks;
}

const judgement = (checks: readonly Check[], id: string) => checks.find((one) => one.id === id);

test('a sound deployment: everything was asked, and all is well', async () => {
  const checks = await checked(sound());
  expect(checks.filter(({ status }) => status !== 'ok')).toEqual([]);
  expect(checks.map(({ id }) => id)).toEqual([
    ...['viewer', 'links', 'app-config', 'version', 'files', 'types', 'missing-files'],
    ...['compression', 'caching-app-config', 'caching-runtime', 'secure-context', 'threads'],
    ...['csp', 'data-source'],
  ]);
});

describe('a planted fault is named', () => {
  const page = { body: PAGE, type: 'text/html' };
  const INDEX = `${FOLDER}index.js`;
  const WORKER = `${FOLDER}runtime-01234567/worker.js`;
  const WASM = `${FOLDER}runtime-01234567/ort/ort.wasm`;
  const headersOf = (path: string) => sound().get(path)!.headers!;
  const faults: readonly (readonly [string, string, Check['status'], string, Served, RegExp])[] = [
    ['no viewer', 'viewer', 'failed', '/', { status: 502 }, /502/],
    ['no fallback for links', 'links', 'failed', '/viewer', { status: 404 }, /404/],
    ['app-config.js is the page', 'app-config', 'failed', '/app-config.js', page, /a page/],
    [
      'no list of extensions',
      'app-config',
      'failed',
      '/app-config.js',
      { body: config().replace('extensions:', '// extensions:'), type: TYPES.js },
      /no list of extensions/,
    ],
    [
      'no extension named',
      'version',
      'failed',
      '/app-config.js',
      { body: config('/x.js'), type: TYPES.js },
      /names no script/,
    ],
    [
      'named, not there',
      'version',
      'failed',
      '/app-config.js',
      { body: config('/plugins/find-l3/1.0.0/index.js'), type: TYPES.js },
      /no manifest\.json of Find L3 lies beside/,
    ],
    [
      'a changed file',
      'files',
      'failed',
      INDEX,
      { body: 'other', type: TYPES.js },
      /index\.js: 5 bytes, another content/,
    ],
    ['a missing file', 'files', 'failed', WORKER, { status: 404 }, /worker\.js: 404/],
    [
      'wasm as bytes',
      'types',
      'failed',
      WASM,
      { body: 'wasm', type: 'application/octet-stream' },
      /ort\.wasm is application\/octet-stream, not application\/wasm/,
    ],
    ['no compression', 'compression', 'warning', WASM, { body: 'wasm', type: TYPES.wasm }, /27 MB/],
    [
      'a cached app-config.js',
      'caching-app-config',
      'failed',
      '/app-config.js',
      { body: config(), type: TYPES.js, headers: { 'Cache-Control': 'max-age=3600' } },
      /3600 s/,
    ],
    [
      'nothing said of caching',
      'caching-app-config',
      'warning',
      '/app-config.js',
      {
        body: config(),
        type: TYPES.js,
        headers: { 'Last-Modified': 'Mon, 01 Jan 2024 00:00:00 GMT' },
      },
      /a tenth of its age/,
    ],
    [
      'a runtime that is not kept',
      'caching-runtime',
      'warning',
      WORKER,
      { body: 'worker', type: TYPES.js, headers: { ...headersOf(INDEX) } },
      /again and again/,
    ],
    [
      'no isolation of the worker',
      'threads',
      'warning',
      WORKER,
      { body: 'worker', type: TYPES.js, headers: { 'Cache-Control': 'immutable' } },
      /the worker has no Cross-Origin-Embedder/,
    ],
    [
      'no policy',
      'csp',
      'warning',
      '/',
      { ...page, headers: ISOLATED },
      /no Content-Security-Policy/,
    ],
    [
      'a policy of another viewer',
      'csp',
      'failed',
      '/',
      { ...page, headers: { 'Content-Security-Policy': pagePolicy('') } },
      /lacks 'sha256-/,
    ],
    [
      'no WebAssembly',
      'csp',
      'failed',
      '/',
      {
        ...page,
        headers: { 'Content-Security-Policy': pagePolicy(PAGE).replace("'wasm-unsafe-eval' ", '') },
      },
      /lacks 'wasm-unsafe-eval'/,
    ],
    [
      'a PACS of another origin',
      'csp',
      'failed',
      '/app-config.js',
      { body: config(INDEX, 'http://127.0.0.1:1/dicom-web'), type: TYPES.js },
      /connect-src lacks http:\/\/127\.0\.0\.1:1/,
    ],
    [
      'a PACS that is not there',
      'data-source',
      'failed',
      '/app-config.js',
      { body: config(INDEX, 'http://127.0.0.1:1/dicom-web'), type: TYPES.js },
      /nobody listens|fetch failed|bad port/,
    ],
    [
      'a PACS that wants a login',
      'data-source',
      'skipped',
      '/dicom-web/studies',
      { status: 401 },
      /asks for a login/,
    ],
    ['a page for a PACS', 'data-source', 'failed', '/dicom-web/studies', page, /a page/],
    [
      'the demonstration’s cloud',
      'data-source',
      'failed',
      '/app-config.js',
      { body: config(INDEX, 'https://d14fa38qiwhyfd.cloudfront.net/dicomweb'), type: TYPES.js },
      /public cloud/,
    ],
  ];

  test.each(faults)('%s: %s %s', async (_, id, status, path, served, text) => {
    const check = judgement(await checked(new Map([...sound(), [path, served]])), id);
    expect(check).toMatchObject({ status });
    expect(check!.text).toMatch(text);
    if (status !== 'skipped') expect(check!.advice).not.toBe('');
  });

  test('a page for what is not there', async () => {
    const checks = await checked(sound(), page);
    expect(judgement(checks, 'missing-files')).toMatchObject({ status: 'failed' });
  });

  test('a folder without its version in the address', async () => {
    const moved = new Map(
      [...sound()].map(([at, served]) => [at.replace(FOLDER, '/find-l3/'), served] as const),
    );
    moved.set('/app-config.js', { body: config('/find-l3/index.js'), type: TYPES.js });
    const checks = await checked(moved);
    expect(judgement(checks, 'version-folder')).toMatchObject({ status: 'warning' });
    expect(judgement(checks, 'files')).toMatchObject({ status: 'ok' });
  });
});

test('nothing is stored into a PACS that could not be read', async () => {
  const closed = new Map([...sound(), ['/dicom-web/studies', { status: 401 }] as const]);
  const checks = await checked(closed, undefined, { store: true });
  expect(judgement(checks, 'data-source')).toMatchObject({ status: 'skipped' });
  expect(judgement(checks, 'store')).toMatchObject({ status: 'skipped' });
});

test('with --store, the PACS that app-config.js names for retrieving is asked to take a report', async () => {
  const checks = await checked(sound(), undefined, { store: true });
  expect(judgement(checks, 'store')).toMatchObject({ status: 'failed' });
  expect(judgement(checks, 'store')!.text).toMatch(/\/dicom-web\/studies\/2\.25\.\d+/);
});
