import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import * as ort from 'onnxruntime-web';
import { chromium, type Browser, type Page } from 'playwright-core';
import { evidenceOf, networkInput } from '../../src/model/evidence';
import { knownAnswerOf } from '../../src/model/knownAnswer';
import { knownProjection } from '../../src/model/knownSeries';
import type { ModelManifest } from '../../src/model/types';
import { TINY_MANIFEST, tinyProjection } from '../unit/model/tinyManifest';
import { skipOnnx } from '../unit/model/tinyModel';
import { browserPath, QUICK_WASM } from './browser';
import type { RuntimePage } from './runtime/page';

const FLAGS = ['--headless=new', '--no-sandbox', '--disable-background-networking', QUICK_WASM];
/** A WebGPU adapter in software; without these flags there is none. */
const WEBGPU_FLAGS = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-unsafe-swiftshader',
];
/** Not the root: nothing may depend on where the plugin folder lies. */
const BASE = '/some/where/';
const [HEIGHT, WIDTH] = [96, 48];
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};
const onnx = skipOnnx(2, 3);

let folder: string;
let server: Server;
let origin: string;
/** Whether the server isolates the page (COOP and COEP), which allows wasm threads. */
let isolated = false;
/** The network's answer on Node's wasm. */
let truth: Float32Array;

async function onNode(data: Float32Array, height: number, width: number): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(onnx, { executionProviders: ['wasm'] });
  const projection = new ort.Tensor('float32', data, [1, 2, height, width]);
  return (await session.run({ projection })).evidence.data as Float32Array;
}

async function writePackage(name: string, bytes: Uint8Array, changes: Partial<ModelManifest> = {}) {
  const { knownAnswer } = TINY_MANIFEST;
  const projection = knownProjection(TINY_MANIFEST.input, knownAnswer.seed);
  const { data, height, width } = networkInput(projection, TINY_MANIFEST);
  const maps = await onNode(data, height, width);
  const evidence = evidenceOf(
    { data: maps, height: height / 2, width: width / 2 },
    projection,
    TINY_MANIFEST,
  );
  const manifest: ModelManifest = {
    ...TINY_MANIFEST,
    bytes: onnx.length,
    sha256: createHash('sha256').update(onnx).digest('hex'),
    knownAnswer: knownAnswerOf(TINY_MANIFEST, evidence, projection, knownAnswer),
    ...changes,
  };
  await mkdir(path.join(folder, name));
  await writeFile(path.join(folder, name, 'manifest.json'), JSON.stringify(manifest));
  await writeFile(path.join(folder, name, 'model.onnx'), bytes);
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'find-l3-runtime-'));
  await promisify(execFile)(process.execPath, ['test/e2e/runtime/bundle.mjs', folder]);
  await writeFile(
    path.join(folder, 'index.html'),
    '<!doctype html><link rel="icon" href="data:,"><script type="module" src="page.js"></script>',
  );
  truth = await onNode(tinyProjection(HEIGHT, WIDTH).data, HEIGHT, WIDTH);
  await writePackage('model', onnx);
  await writePackage(
    'damaged',
    onnx.map((byte, i) => (i === 1000 ? byte ^ 1 : byte)),
  );
  server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://host');
    const file = path.join(folder, pathname.slice(BASE.length) || 'index.html');
    if (!pathname.startsWith(BASE) || !existsSync(file)) return response.writeHead(404).end();
    response.setHeader('Content-Type', TYPES[path.extname(file)] ?? 'application/octet-stream');
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    }
    response.end(await readFile(file));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}, 120_000);

afterAll(async () => {
  server?.close();
  await rm(folder, { recursive: true, force: true });
});

interface OpenPage {
  readonly page: Page;
  readonly log: string[];
  readonly requests: string[];
}

async function launch(flags: readonly string[]): Promise<Browser> {
  return chromium.launch({
    executablePath: await browserPath(),
    headless: false,
    args: [...FLAGS, ...flags],
  });
}

/** @param before runs in the page before its own script */
async function open(browser: Browser, before?: () => void): Promise<OpenPage> {
  const page = await browser.newPage();
  if (before) await page.addInitScript(before);
  const log: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => log.push(message.text()));
  page.context().on('request', (request) => requests.push(request.url()));
  await page.goto(origin + BASE);
  await page.waitForFunction(() => 'runtimePage' in globalThis);
  return { page, log, requests };
}

/** Calls one of the page's functions in the page. */
function call<Name extends keyof RuntimePage>(
  { page }: OpenPage,
  name: Name,
  ...args: Parameters<RuntimePage[Name]>
): Promise<Awaited<ReturnType<RuntimePage[Name]>>> {
  const called = page.evaluate(
    ([key, values]) =>
      (
        globalThis as unknown as {
          runtimePage: Record<string, (...values: readonly unknown[]) => unknown>;
        }
      ).runtimePage[key](...values),
    [name, args] as const,
  );
  return called as Promise<Awaited<ReturnType<RuntimePage[Name]>>>;
}

/** Which runtime got the network's nodes, session by session, from the runtime's own log. */
function placements(log: readonly string[]): string[] {
  return log.flatMap((line) => {
    const match = /(?:All nodes placed on|nodes? placed on) \[(\w+)\]/i.exec(line);
    return match ? [`${line.includes('All nodes') ? 'all' : 'some'} on ${match[1]}`] : [];
  });
}

const SIZE = { height: HEIGHT, width: WIDTH };

describe('a browser without a GPU', () => {
  let browser: Browser;
  let opened: OpenPage;
  beforeAll(async () => {
    browser = await launch([]);
    opened = await open(browser);
  }, 60_000);
  afterAll(() => browser?.close());

  test('runs on wasm, says why, and answers as Node does to the last bit', async () => {
    const { maps, ...report } = await call(opened, 'evidence', 'model', {
      runtime: 'auto',
      ...SIZE,
    });
    expect(report).toEqual({
      runtime: 'wasm',
      fallbackReason: 'this browser offers no GPU adapter',
      fallbackCode: 'no-adapter',
      threads: 1,
    });
    expect(maps).toEqual(Array.from(truth));
  }, 60_000);

  test('searches in the worker, and fetches everything from the plugin folder', async () => {
    expect(await call(opened, 'search', 'model', 'auto')).toMatchObject({ runtime: 'wasm' });
    const elsewhere = opened.requests.filter((url) => !url.startsWith(origin + BASE));
    expect(elsewhere).toEqual([]);
    const names = opened.requests.map((url) => new URL(url).pathname.slice(BASE.length));
    expect(names).toEqual(
      expect.arrayContaining([
        'worker.js',
        'model/manifest.json',
        'ort/ort-wasm-simd-threaded.asyncify.js',
        'ort/ort-wasm-simd-threaded.asyncify.wasm',
      ]),
    );
  }, 60_000);

  test('refuses a damaged model and one that is not there', async () => {
    expect(await call(opened, 'failure', 'damaged')).toMatchObject({
      name: 'ModelError',
      message: expect.stringMatching(/^model\.onnx has the SHA-256 \w{64}, its manifest expects/),
    });
    expect(await call(opened, 'failure', 'nowhere')).toMatchObject({
      name: 'ModelError',
      message: expect.stringMatching(/nowhere\/manifest\.json answers 404/),
    });
  }, 60_000);

  test('uses threads where the page is isolated and has shared memory, with the same answer', async () => {
    isolated = true;
    try {
      const page = await open(browser);
      const cores = await page.page.evaluate(() => navigator.hardwareConcurrency);
      const { maps, threads } = await call(page, 'evidence', 'model', { runtime: 'auto', ...SIZE });
      expect(threads).toBe(Math.min(4, cores));
      maps.forEach((value, i) => expect(value).toBeCloseTo(truth[i], 5));
      expect(await call(page, 'search', 'model', 'auto')).toMatchObject({ threads });

      const without = await open(
        browser,
        () => delete (globalThis as { SharedArrayBuffer?: unknown }).SharedArrayBuffer,
      );
      const answer = await call(without, 'evidence', 'model', { runtime: 'auto', ...SIZE });
      expect(answer.threads).toBe(1);
      answer.maps.forEach((value, i) => expect(value).toBeCloseTo(truth[i], 5));
    } finally {
      isolated = false;
    }
  }, 60_000);
});

describe('a browser with WebGPU (in software)', () => {
  let browser: Browser;
  let opened: OpenPage;
  beforeAll(async () => {
    browser = await launch(WEBGPU_FLAGS);
    opened = await open(browser);
  }, 60_000);
  afterAll(() => browser?.close());

  test('runs every node on the GPU, and makes a new session when the GPU is lost', async () => {
    const { maps, ...report } = await call(opened, 'evidence', 'model', {
      runtime: 'auto',
      ...SIZE,
      loseDevice: true,
    });
    expect(report).toEqual({ runtime: 'webgpu', fallbackReason: null, threads: 1 });
    maps.forEach((value, i) => expect(value).toBeCloseTo(truth[i], 5));
    expect(placements(opened.log)).toEqual([
      'all on WebGpuExecutionProvider',
      'all on WebGpuExecutionProvider',
    ]);
  }, 90_000);

  test('searches on the GPU in the worker, with one session for all searches', async () => {
    opened.log.length = 0;
    expect(await call(opened, 'search', 'model', 'auto')).toMatchObject({ runtime: 'webgpu' });
    expect(placements(opened.log)).toEqual(['all on WebGpuExecutionProvider']);
  }, 90_000);

  test('stays on wasm where that was asked for', async () => {
    const { runtime, fallbackReason } = await call(opened, 'evidence', 'model', {
      runtime: 'wasm',
      ...SIZE,
    });
    expect([runtime, fallbackReason]).toEqual(['wasm', 'wasm was asked for']);
  }, 60_000);
});
