import Fastify from 'fastify';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveNiftiFiles } from '../../../src/server/niftiFiles';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'find-l3-served-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content = 'bytes') => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

test('each file has an address of its own, which gives its bytes as they are', async () => {
  const app = Fastify({ forceCloseConnections: true });
  const files = [file('a scan & more.nii.gz', 'first'), file('b.nii', 'second')];
  const served = await serveNiftiFiles(app, files);
  expect(served.map((entry) => entry.file)).toEqual(files);
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  const answers = served.map(({ viewerPath }) => {
    const { pathname, searchParams } = new URL(viewerPath, 'http://localhost');
    expect(pathname).toBe('/viewer/find-l3-nifti');
    return fetch(new URL(searchParams.get('url')!, address));
  });
  const [first, second] = await Promise.all(answers);
  expect([await first.text(), await second.text()]).toEqual(['first', 'second']);
  expect(first.headers.get('content-type')).toBe('application/octet-stream');
  // A .nii.gz is a compressed file, not a compressed answer: the page decompresses it.
  expect(first.headers.get('content-encoding')).toBeNull();
  await app.close();
});

test.each([
  ['that is not there', 'gone.nii', /gone\.nii does not exist/],
  ['of another kind', 'scan.dcm', /no NIfTI file: its name ends/],
])('a file %s stops the start with a reason', async (_, name, message) => {
  await expect(serveNiftiFiles(Fastify(), [join(folder, name)])).rejects.toThrow(message);
});

test('so does a folder with such a name', async () => {
  mkdirSync(join(folder, 'folder.nii'));
  await expect(serveNiftiFiles(Fastify(), [join(folder, 'folder.nii')])).rejects.toThrow(
    /is a folder/,
  );
});
