import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ctSlice, JPEG_LS } from './dicomBytes';
import { FILES, FRAGMENTS, NATIVE, parts, TestService } from './service';
import { Serving } from './serving';

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
afterAll(() => service.stop());

describe('WADO-RS', () => {
  const instance = (uid: string) => {
    const series = uid.split('.').slice(0, -1).join('.');
    const study = series.split('.').slice(0, -1).join('.');
    return `/studies/${study}/series/${series}/instances/${uid}`;
  };

  test('gives the metadata of a study, a series and an instance', async () => {
    const uids = (path: string) => service.values(path, '00080018');
    expect(await uids('/studies/1.2.3/metadata')).toHaveLength(3);
    expect(await uids('/studies/1.2.3/series/1.2.3.2/metadata')).toEqual(['1.2.3.2.1']);
    const [dataset] = await service.found(`${instance('2.5.1.1')}/metadata`);
    expect(dataset!['00083002']!.Value).toEqual(['1.2.840.10008.1.2.1']);
    expect(dataset!['00100010']!.Value).toEqual([{ Alphabetic: 'Müller^Renée' }]);
    const address = `http://localhost:80/dicomweb${instance('2.5.1.1')}/bulkdata`;
    expect(dataset!['7FE00010']).toEqual({ vr: 'OW', BulkDataURI: `${address}/7FE00010` });
    expect(dataset!['00091002']!.BulkDataURI).toBe(`${address}/00091002`);
  });

  test.each([
    ['1.2.3.1.1', 1, '1.2.840.10008.1.2.1', NATIVE],
    ['2.5.1.1', 1, '1.2.840.10008.1.2.1', NATIVE],
    ['2.5.2.1', 1, '1.2.840.10008.1.2.1', NATIVE],
    ['2.5.2.1', 2, '1.2.840.10008.1.2.1', Buffer.from('06060707080809090a0a0b0b', 'hex')],
    ['2.5.2.2', 1, '1.2.840.10008.1.2.1', NATIVE],
    ['3.1.1.1', 1, JPEG_LS, Buffer.concat(FRAGMENTS)],
    ['3.1.1.2', 2, JPEG_LS, FRAGMENTS[1]!],
    ['3.1.1.3', 1, JPEG_LS, Buffer.concat(FRAGMENTS.slice(0, 2))],
    ['3.1.1.3', 2, JPEG_LS, FRAGMENTS[2]!],
  ])('gives frames of %s: number %i', async (uid, number, syntax, bytes) => {
    const type = `application/octet-stream; transfer-syntax=${syntax}`;
    const accept = 'multipart/related; type=application/octet-stream; transfer-syntax=*';
    const answer = await service.get(`${instance(uid)}/frames/${number}`, accept);
    expect(answer.headers['content-type']).toMatch(/^multipart\/related; type="application\/octet/);
    expect(parts(answer)).toEqual([{ type, bytes }]);
    const single = await service.get(
      `${instance(uid)}/frames/${number}`,
      'application/octet-stream',
    );
    expect(single.headers['content-type']).toBe(type);
    expect(single.rawPayload).toEqual(bytes);
  });

  test('gives several frames, and compressed ones under their own media type', async () => {
    const accept = `multipart/related; type="image/jls"; transfer-syntax=${JPEG_LS}`;
    const type = `image/jls; transfer-syntax=${JPEG_LS}`;
    expect(parts(await service.get(`${instance('3.1.1.2')}/frames/3,1`, accept))).toEqual([
      { type, bytes: FRAGMENTS[2] },
      { type, bytes: FRAGMENTS[0] },
    ]);
  });

  test.each([
    ['1.2.3.1.1', 'frames/2', 404],
    ['1.2.3.1.1', 'frames/0', 400],
    ['1.2.3.1.1', 'frames/one', 400],
    ['1.2.3.1.1', 'frames/1,', 400],
    ['3.1.1.4', 'frames/1', 500],
    ['1.2.3.1.7', 'metadata', 404],
    ['1.2.3.1.1', 'bulkdata/00091002', 404],
    ['1.2.3.1.1', 'bulkdata/__proto__', 404],
    ['1.2.3.1.1', 'rendered', 404],
  ])('answers %s %s with %i', async (uid, what, status) => {
    const answer = await service.get(`${instance(uid)}/${what}`);
    expect(answer.statusCode).toBe(status);
    expect(answer.json().message).toMatch(/\w/);
  });

  test('serves nothing but what is asked for', async () => {
    const frame = `${instance('3.1.1.1')}/frames/1`;
    const one = 'multipart/related; type="application/octet-stream"; transfer-syntax=';
    expect((await service.get(frame, `${one}1.2.840.10008.1.2.1`)).statusCode).toBe(406);
    expect((await service.get(frame, 'image/png')).statusCode).toBe(406);
    expect((await service.get(frame, `image/png, ${one}*`)).statusCode).toBe(200);
    const metadata = '/studies/1.2.3/metadata';
    expect((await service.get(metadata, 'application/dicom+xml')).statusCode).toBe(406);
    expect(
      (await service.get(metadata, 'multipart/related; type="application/dicom+xml"')).statusCode,
    ).toBe(406);
  });

  test('gives whole instances as they are stored', async () => {
    const syntax = '1.2.840.10008.1.2.1';
    const type = `application/dicom; transfer-syntax=${syntax}`;
    const one = { type, bytes: FILES['a/1.dcm'] };
    const two = { type, bytes: FILES['a/2'] };
    const accept = 'multipart/related; type="application/dicom"';
    expect(parts(await service.get(instance('1.2.3.1.1'), accept))).toEqual([one]);
    expect(parts(await service.get('/studies/1.2.3/series/1.2.3.1'))).toEqual([one, two]);
    expect(parts(await service.get('/studies/1.2.3'))).toHaveLength(3);
    const single = await service.get(instance('1.2.3.1.1'), 'application/dicom');
    expect(single.headers['content-type']).toBe(type);
    expect(single.rawPayload).toEqual(FILES['a/1.dcm']);
    expect((await service.get(instance('1.2.3.1.1'), 'application/zip')).statusCode).toBe(406);
  });

  test('gives bulk data, pixel data included', async () => {
    const bulk = `${instance('2.5.1.1')}/bulkdata`;
    const bytes = Buffer.alloc(600, 5);
    expect((await service.get(`${bulk}/00091002`)).rawPayload).toEqual(bytes);
    const accept = 'multipart/related; type="application/octet-stream"';
    const octets = 'application/octet-stream';
    expect(parts(await service.get(`${bulk}/00091002`, accept))).toEqual([{ type: octets, bytes }]);
    expect((await service.get(`${bulk}/7FE00010`, octets)).rawPayload).toEqual(NATIVE);
    expect(parts(await service.get(`${instance('3.1.1.2')}/bulkdata/7FE00010`))).toHaveLength(3);
  });

  test.each([
    '/studies/..%2f..%2fetc/metadata',
    '/studies/1.2.3/series/..%2f1.2.3.1/metadata',
    '/studies/1.2.3/series/1.2.3.1/instances/..%2f1.dcm',
    '/studies/%2e%2e/series/%2e%2e/instances/passwd',
    '/../package.json',
    '/studies/1.2.3/series/1.2.3.1/instances/1.2.3.1.1/bulkdata/../../../../../a/1.dcm',
  ])('has no way to a file but through a UID: %s', async (path) => {
    const answer = await service.get(path);
    expect(answer.statusCode).toBe(404);
  });
});

test('an instance larger than a buffer may be is sent as it is read', async () => {
  const serving = await Serving.begin();
  try {
    const slice = ctSlice({ study: '4.1', series: '4.1.1', sop: '4.1.1.1' });
    const pixels = 2_200_000_000;
    const head = slice.subarray(0, -12);
    head.writeUInt32LE(pixels, head.length - 4);
    const path = join(serving.folder, 'large', '1.dcm');
    await mkdir(join(path, '..'));
    await writeFile(path, head);
    await truncate(path, head.length + pixels);
    const { url } = await serving.start({ folders: [join(path, '..')], storeDir: undefined });
    const instance = `${url}/dicomweb/studies/4.1/series/4.1.1/instances/4.1.1.1`;
    const answer = await fetch(instance, { headers: { Accept: 'application/dicom' } });
    expect(answer.headers.get('content-length')).toBe(String(head.length + pixels));
    const reader = answer.body!.getReader();
    expect(Buffer.from((await reader.read()).value!).subarray(0, head.length)).toEqual(head);
    await reader.cancel();
  } finally {
    await serving.end();
  }
});
