import { linkSync } from 'node:fs';
import files, {
  mkdir,
  open,
  readdir,
  readFile,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import type { DicomJsonDataset } from '../../../src/server/dicomweb/dicomJson';
import { ctSlice } from './dicomBytes';
import { halfOf, storeRequest } from './http';
import { TestService } from './service';

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
afterAll(() => service.stop());

describe('STOW-RS', () => {
  const TYPE = 'multipart/related; type="application/dicom"; boundary=XyZ';
  const post = (payload: Buffer, path = '/studies', type = TYPE) =>
    service.post(payload, path, type);
  const store = (bodies: Buffer[], path = '/studies', type = TYPE) =>
    post(storeRequest(bodies).body, path, type);
  const stored = ctSlice({ study: '7.1', series: '7.1.1', sop: '7.1.1.1' });
  const references = (sops: string[]) =>
    sops.map((sop) => ({
      '00081150': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.2'] },
      '00081155': { vr: 'UI', Value: [sop] },
      '00081190': { vr: 'UR', Value: [expect.stringMatching(new RegExp(`/instances/${sop}$`))] },
    }));
  const reason = (code: number, why: unknown = expect.any(String)) => ({
    '00081197': { vr: 'US', Value: [code] },
    '00000902': { vr: 'LO', Value: [why] },
  });

  test('keeps an instance, which can be found and read at once', async () => {
    const answer = await store([stored]);
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      {
        '00081190': { vr: 'UR', Value: ['http://localhost:80/dicomweb/studies/7.1'] },
        '00081199': { vr: 'SQ', Value: references(['7.1.1.1']) },
      },
    ]);
    expect(await service.values('/studies?StudyInstanceUID=7.1', '00201208')).toEqual([1]);
    const again = await service.get(
      '/studies/7.1/series/7.1.1/instances/7.1.1.1',
      'application/dicom',
    );
    expect(again.rawPayload).toEqual(stored);
    expect(await readdir(join(service.folder, 'stow'), { recursive: true })).toEqual(
      expect.arrayContaining(['stored/7.1/7.1.1/7.1.1.1.dcm']),
    );
  });

  test('takes the same instance twice, but not another under its UID', async () => {
    expect((await store([stored])).statusCode).toBe(200);
    const same = { study: '7.1', series: '7.1.1', sop: '7.1.1.1' };
    const other = ctSlice({ ...same, name: 'Else' });
    expect((await store([ctSlice({ ...same, name: 'Doe^Jone' })])).statusCode).toBe(409);
    const answer = await store([other]);
    const why = 'Its SOP Instance UID is here already with other content';
    expect([answer.statusCode, answer.json()['00081198'].Value]).toEqual([
      409,
      [expect.objectContaining(reason(0x0110, why))],
    ]);
    const kept = await service.get(
      '/studies/7.1/series/7.1.1/instances/7.1.1.1',
      'application/dicom',
    );
    expect(kept.rawPayload).toEqual(stored);
  });

  test('keeps what it can of a mixed request', async () => {
    const big = ctSlice({
      study: '7.2',
      series: '7.2.1',
      sop: '7.2.1.1',
      more: [['00091002', 'OB', Buffer.alloc(3_000_000, 'x')]],
    });
    const answer = await store([Buffer.from('not DICOM at all'), big, stored.subarray(0, 300)]);
    expect([answer.statusCode, answer.json()]).toEqual([
      202,
      {
        '00081190': { vr: 'UR', Value: ['http://localhost:80/dicomweb/studies/7.2'] },
        '00081198': { vr: 'SQ', Value: [reason(0xc000), reason(0xc000)] },
        '00081199': { vr: 'SQ', Value: references(['7.2.1.1']) },
      },
    ]);
  });

  test('leaves nothing behind of what it refuses', async () => {
    const before = (await readdir(join(service.folder, 'stow'), { recursive: true })).sort();
    const hostile = ctSlice({ study: '..', series: '../..', sop: '../../a/1' });
    const answer = await store([hostile, ctSlice({ study: '7.3', series: 'x/y', sop: '1' })]);
    expect([answer.statusCode, answer.json()]).toEqual([
      409,
      { '00081198': { vr: 'SQ', Value: [reason(0xc000), reason(0xc000)] } },
    ]);
    expect((await readdir(join(service.folder, 'stow'), { recursive: true })).sort()).toEqual(
      before,
    );
  });

  test('takes only instances of the study it is addressed to', async () => {
    const other = ctSlice({ study: '7.5', series: '7.5.1', sop: '7.5.1.1' });
    const answer = await store([other], '/studies/7.4');
    expect(answer.statusCode).toBe(409);
    expect(answer.json()['00081198'].Value[0]).toMatchObject(reason(0xa900));
    expect((await store([other], '/studies/7.5')).statusCode).toBe(200);
  });

  test.each([
    ['application/json', 415],
    ['multipart/form-data; boundary=XyZ', 415],
    ['multipart/related; type="application/dicom+json"; boundary=XyZ', 415],
    ['multipart/related; type="application/dicom"', 400],
    ['multipart/related; type="application/dicom"; boundary=Other', 400],
  ])('refuses a body of %s', async (type, status) => {
    expect((await store([stored], '/studies', type)).statusCode).toBe(status);
  });

  test('refuses a message that is cut short, and an empty one', async () => {
    expect((await post(Buffer.from('--XyZ--\r\n'))).statusCode).toBe(400);
    const head = Buffer.from('--XyZ\r\nContent-Type: application/dicom\r\n\r\n');
    const cut = ctSlice({ study: '7.6', series: '7.6.1', sop: '7.6.1.1' });
    expect((await post(Buffer.concat([head, cut.subarray(0, 200)]))).statusCode).toBe(400);
    expect(await service.found('/studies?StudyInstanceUID=7.6')).toEqual([]);
  });

  const refusals = async (...bodies: Buffer[]) => {
    const answer = await store(bodies);
    const sequence = (answer.json()['00081198']?.Value ?? []) as DicomJsonDataset[];
    return [answer.statusCode, ...sequence.map((item) => item['00000902']!.Value![0])];
  };

  test('refuses a SOP Instance UID that is here in another study or series', async () => {
    expect(await refusals(ctSlice({ study: '8.1', series: '8.1.1', sop: '8.1.1.1' }))).toEqual([
      200,
    ]);
    const inStudy = ctSlice({ study: '8.2', series: '8.2.1', sop: '8.1.1.1' });
    const inSeries = ctSlice({ study: '8.1', series: '8.1.2', sop: '8.1.1.1' });
    // Of the folders, not of the store.
    const inFolder = ctSlice({ study: '8.2', series: '8.2.1', sop: '3.1.1.2' });
    expect(await refusals(inStudy, inSeries, inFolder)).toEqual([
      409,
      'Its SOP Instance UID is here already in another study',
      'Its SOP Instance UID is here already in another series',
      'Its SOP Instance UID is here already in another study',
    ]);
    expect(await service.found('/studies?StudyInstanceUID=8.2')).toEqual([]);
  });

  test.each([
    ['another ID', { id: 'P2' }, false],
    ['another ID under the same name', { id: 'P2', name: 'Doe^Jane' }, false],
    ['the same ID under a new name', { id: 'P1', name: 'Roe^Jane' }, true],
    ['another name without an ID', { id: '', name: 'Roe^Jane' }, false],
    ['another birth date without an ID', { id: '', birthDate: '19560708' }, false],
    ['the same name without an ID, written otherwise', { id: '', name: 'DOE^JANE^^' }, true],
    ['neither ID nor name', { id: '', name: '' }, true],
  ])('a study of a patient takes instances of %s: %#', async (_, patient, isTaken) => {
    const study = `8.3.${Math.random().toString().slice(2)}`;
    const slice = (sop: string, { id = 'P1', name = 'Doe^Jane', birthDate = '19500203' } = {}) =>
      ctSlice({ study, series: `${study}.1`, sop: `${study}.1.${sop}`, name, id, birthDate });
    expect(await refusals(slice('1'))).toEqual([200]);
    expect(await refusals(slice('2', patient))).toEqual(
      isTaken ? [200] : [409, 'Its study is here already, of another patient'],
    );
    expect(await service.values(`/studies?StudyInstanceUID=${study}`, '00201208')).toEqual([
      isTaken ? 2 : 1,
    ]);
  });

  test('never writes over a file, whoever put it there', async () => {
    const place = join(service.folder, 'stow', 'stored', '8.4', '8.4.1', '8.4.1.1.dcm');
    await mkdir(join(place, '..'), { recursive: true });
    await writeFile(place, 'of another program');
    const slice = ctSlice({ study: '8.4', series: '8.4.1', sop: '8.4.1.1' });
    expect(await refusals(slice)).toEqual([409, 'Its place is taken by another file']);
    expect(await readFile(place, 'utf8')).toBe('of another program');
    await writeFile(place, slice);
    expect(await refusals(slice)).toEqual([200]);
  });

  test('answers only when file and folder are on the disk', async () => {
    const done: string[] = [];
    const probe = await open(service.folder, 'r');
    const handles = Object.getPrototypeOf(probe) as FileHandle;
    await probe.close();
    const { sync } = handles;
    const spies = [
      jest.spyOn(handles, 'sync').mockImplementation(async function (this: FileHandle) {
        const isFolder = (await this.stat()).isDirectory();
        await sync.call(this);
        done.push(isFolder ? 'folder' : 'file');
      }),
      jest.spyOn(files, 'link').mockImplementation(async (from, to) => {
        linkSync(from, to);
        done.push('link');
      }),
    ];
    try {
      expect(await refusals(ctSlice({ study: '8.5', series: '8.5.1', sop: '8.5.1.1' }))).toEqual([
        200,
      ]);
      // The last three folders hold the study, the series and the file.
      expect(done).toEqual(['file', 'folder', 'folder', 'link', 'folder']);
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  });

  test('stores nothing of a message that breaks off after whole parts', async () => {
    const { body } = storeRequest([ctSlice({ study: '8.6', series: '8.6.1', sop: '8.6.1.1' })]);
    expect((await post(body.subarray(0, -8))).statusCode).toBe(400);
    const question = request({
      ...{ host: '127.0.0.1', port: service.port, path: '/dicomweb/studies', method: 'POST' },
      headers: { host: 'localhost', 'content-type': TYPE, 'content-length': '1000000' },
    });
    question.on('error', () => {});
    question.write(body.subarray(0, -8));
    const incoming = join(service.folder, 'stow', 'incoming');
    while ((await readdir(incoming)).length === 0) await new Promise(setImmediate);
    question.destroy();
    while ((await readdir(incoming)).length > 0) await new Promise(setImmediate);
    expect(await service.found('/studies?StudyInstanceUID=8.6')).toEqual([]);
  });
});

describe('the limits of a store request', () => {
  let bounded: TestService;
  beforeAll(async () => {
    bounded = await TestService.start({ uploadBytes: 5000, uploadParts: 3, clientSilentMs: 300 });
  });
  afterAll(() => bounded.stop());
  const slice = (sop: string) => ctSlice({ study: '8.7', series: '8.7.1', sop });
  const send = async (bodies: Buffer[], headers: Record<string, string> = {}) => {
    const { type, body } = storeRequest(bodies);
    return bounded.post(body, '/studies', type, headers);
  };

  test.each([
    ['says its length', {}],
    ['does not', { 'transfer-encoding': 'chunked' }],
  ])('one that is too long and %s is refused in words', async (_, headers) => {
    const answer = await send([Buffer.alloc(6000)], headers as Record<string, string>);
    expect([answer.statusCode, answer.json()]).toEqual([
      413,
      { message: 'one request may hold up to 5000 bytes: send less at once' },
    ]);
  });

  test('one that says it will be too long is not waited for', async () => {
    const question = { port: bounded.port, path: '/dicomweb/studies', body: '--XyZ', length: 6000 };
    expect(await halfOf(question)).toMatchObject({ status: 413 });
  });

  test('one of too many files is refused, and nothing of it is kept', async () => {
    const answer = await send(['1', '2', '3', '4'].map((sop) => slice(`8.7.1.${sop}`)));
    expect([answer.statusCode, answer.json()]).toEqual([
      413,
      { message: 'send up to 3 files at once' },
    ]);
    expect(await bounded.found('/studies?StudyInstanceUID=8.7')).toEqual([]);
    expect((await send([slice('8.7.1.1')])).statusCode).toBe(200);
  });

  test('one that stops in the middle is no longer waited for', async () => {
    const body = storeRequest([slice('8.7.1.2')])
      .body.toString('latin1')
      .slice(0, 200);
    const answer = await halfOf({ port: bounded.port, path: '/dicomweb/studies', body });
    expect(answer).toEqual({ status: 408, body: expect.stringContaining('for 0.3 s') });
    expect(await readdir(join(bounded.folder, 'stow', 'incoming'))).toEqual([]);
  });
});
