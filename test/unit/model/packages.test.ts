import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fetchModelPackage } from '../../../src/model/fetchModelPackage';
import { openModelPackage, readModelPackage } from '../../../src/model/node';
import { tinyProjection } from './tinyManifest';
import { tinyPackage } from './tinyPackage';

const good = tinyPackage();

describe('a package in a folder', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'find-l3-model-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('is read, verified, opened and run', async () => {
    const text = JSON.stringify(good.manifest);
    await writeFile(path.join(folder, 'manifest.json'), text);
    await writeFile(path.join(folder, 'model.onnx'), good.modelBytes);
    const model = await openModelPackage(folder);
    const manifestSha256 = createHash('sha256').update(text).digest('hex');
    expect(model.manifest).toEqual({ ...good.manifest, manifestSha256 });
    expect((await model.run(tinyProjection(8, 8))).maps).toHaveLength(3 * 4 * 4);
    await model.dispose();
  });

  test('is refused when the model file is another one', async () => {
    await writeFile(path.join(folder, 'model.onnx'), new Uint8Array(good.modelBytes.length));
    await expect(openModelPackage(folder)).rejects.toMatchObject({ code: 'checksum' });
  });

  test('names the file that is missing or wrong', async () => {
    await rm(path.join(folder, 'model.onnx'));
    await expect(readModelPackage(folder)).rejects.toThrow(
      path.join(folder, 'model.onnx') + ' cannot be read',
    );
    await writeFile(path.join(folder, 'manifest.json'), '{"format": ');
    await expect(readModelPackage(folder)).rejects.toThrow(
      /manifest\.json holds something that is no JSON/,
    );
    await expect(readModelPackage(path.join(folder, 'nowhere'))).rejects.toMatchObject({
      code: 'download',
      message: expect.stringMatching(/nowhere.manifest\.json cannot be read .*ENOENT/),
    });
  });
});

describe('a package on a server', () => {
  let server: Server;
  let base: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '', 'http://host');
      if (pathname === '/web/manifest.json') return response.end('<!doctype html><html></html>');
      if (pathname === '/old/manifest.json') return response.end('{"format": "find-l3-model/0"}');
      if (pathname.endsWith('/manifest.json')) return response.end(JSON.stringify(good.manifest));
      if (pathname === '/good/model.onnx') return response.end(good.modelBytes);
      if (pathname === '/cut/model.onnx') {
        response.writeHead(200, { 'Content-Length': good.modelBytes.length });
        response.write(good.modelBytes.subarray(0, 20));
        return setTimeout(() => response.destroy(), 20);
      }
      if (pathname === '/slow/model.onnx') return response.write(good.modelBytes.subarray(0, 20));
      response.writeHead(404, 'Not Found').end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test.each(['/good', '/good/'])('is downloaded with progress from %s', async (folder) => {
    const seen: [number, number][] = [];
    const files = await fetchModelPackage(base + folder, {
      onProgress: (loaded, total) => seen.push([loaded, total]),
    });
    expect(files.manifest).toMatchObject(good.manifest);
    expect(files.manifest.manifestSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(Buffer.from(files.modelBytes).equals(Buffer.from(good.modelBytes))).toBe(true);
    expect(seen[0]).toEqual([0, good.manifest.bytes]);
    expect(seen.at(-1)).toEqual([good.manifest.bytes, good.manifest.bytes]);
  });

  test.each([
    ['/web', 'manifest', /\/web\/manifest\.json holds a web page instead of a model manifest/],
    ['/old', 'manifest', /\/old\/manifest\.json: format must be "find-l3-model\/2"/],
    ['/none', 'download', /\/none\/model\.onnx\?sha256=\w+ answers 404 Not Found/],
    ['/cut', 'download', /\/cut\/model\.onnx\S* could not be downloaded/],
  ])('is refused from %s', async (folder, code, message) => {
    await expect(fetchModelPackage(base + folder)).rejects.toMatchObject({
      name: 'ModelError',
      code,
      message: expect.stringMatching(message),
    });
  });

  test('is given up when aborted in mid-download', async () => {
    const controller = new AbortController();
    const download = fetchModelPackage(`${base}/slow`, {
      signal: controller.signal,
      onProgress: (loaded) => loaded > 0 && controller.abort(),
    });
    await expect(download).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('is refused when nobody answers', async () => {
    await expect(fetchModelPackage('http://127.0.0.1:9/x')).rejects.toMatchObject({
      code: 'download',
      message: expect.stringMatching(/127\.0\.0\.1:9\/x\/manifest\.json could not be downloaded/),
    });
  });
});
